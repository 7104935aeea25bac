//! Accepts connections, not more at a time than there may be.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::complaint::Complaint;
use crate::descriptors;

/// How often to say again that connections cannot be accepted.
const REMINDER: Duration = Duration::from_secs(30);
/// How long to wait after one that could not be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a caller may take to take each part of an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How many connections of a kind there may be; more wait to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What they are for, as a person reads it.
    pub kind: &'static str,
    /// How many at most.
    pub most: usize,
    /// Of how many files that the process may have open one may be such a connection.
    pub files: usize,
}

impl Limit {
    /// How many the system permits as well.
    #[must_use]
    pub fn places(&self) -> usize {
        self.most.min(descriptors::limit() / self.files)
    }
}

/// Why a connection ended.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Accepts connections for ever, and serves each as a task of its own.
pub(crate) async fn accept<F>(listener: &TcpListener, limit: Limit, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(limit.places()));
    let full = format!(
        "there are as many {} connections as there may be",
        limit.kind
    );
    let mut complaint = Complaint::new(REMINDER);
    loop {
        if places.available_permits() == 0 && complaint.is_due(&full) {
            tracing::warn!("{full}; the next is accepted when one ends");
        }
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let connection = serve(accepted(listener, &mut complaint).await);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
            drop(place);
        });
    }
}

/// The next connection. What can go wrong here passes, such as too many open files.
async fn accepted(listener: &TcpListener, complaint: &mut Complaint) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                if complaint.is_due(&error.to_string()) {
                    tracing::warn!(%error, "a connection cannot be accepted; trying again");
                }
                sleep(PAUSE).await;
            }
        }
    }
}
