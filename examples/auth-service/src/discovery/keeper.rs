//! Keeps a record in etcd: stores it, gives signs of life, and begins again when that fails.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Record;
use super::etcd::{Client, Failure, LeaseId, SignsOfLife};
use crate::config::Etcd;

/// How long everything may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// One call to etcd.
    pub call: Duration,
    /// The pause before trying again.
    pub pause: Duration,
    /// The pause between two signs of life.
    pub heartbeat: Duration,
    /// How often to say again that it still does not work.
    pub reminder: Duration,
    /// All of the removal at the end.
    pub removal: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(5),
            pause: Duration::from_secs(1),
            // A third of the shorter lease, so that two may be lost.
            heartbeat: Duration::from_secs(10),
            reminder: Duration::from_secs(30),
            removal: Duration::from_secs(3),
        }
    }
}

/// What keeps one record.
pub(super) struct Keeper {
    etcd: Etcd,
    record: Record,
    timing: Timing,
}

/// What is needed to remove a record.
struct Registration {
    client: Client,
    lease: LeaseId,
}

impl Keeper {
    pub(super) fn new(etcd: Etcd, record: Record, timing: Timing) -> Self {
        Self {
            etcd,
            record,
            timing,
        }
    }

    /// Keeps the record until told to stop, and then removes it.
    pub(super) async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut registration = None;
        tokio::select! {
            () = self.keep(&mut registration) => {}
            // An error means that nobody is left who could say so.
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        self.remove(registration).await;
    }

    async fn keep(&self, current: &mut Option<Registration>) {
        let mut complaint = Complaint::new(self.timing.reminder);
        loop {
            let failure = match self.register(current).await {
                Ok(signs) => {
                    let Record { key, lease, .. } = &self.record;
                    tracing::info!(key, ?lease, "registered in etcd");
                    complaint = Complaint::new(self.timing.reminder);
                    self.watch(signs).await
                }
                Err(failure) => failure,
            };
            if complaint.is_due(&failure) {
                let key = &self.record.key;
                tracing::warn!(key, reason = %failure, "not registered in etcd; trying again until it is");
            }
            sleep(self.timing.pause).await;
        }
    }

    async fn register(&self, current: &mut Option<Registration>) -> Result<SignsOfLife, Failure> {
        let client = Client::connect(&self.etcd, self.timing.call).await?;
        let lease = client.grant(self.record.lease).await?;
        // Before the key is there: a stop may come at any time, and has to remove it.
        let Registration { client, lease } = current.insert(Registration { client, lease });
        client
            .put(&self.record.key, &self.record.value, *lease)
            .await?;
        client.keep_alive(*lease).await
    }

    /// Gives signs of life until one is not confirmed.
    async fn watch(&self, mut signs: SignsOfLife) -> Failure {
        loop {
            sleep(self.timing.heartbeat).await;
            if let Err(failure) = signs.give().await {
                return failure;
            }
        }
    }

    /// Removes the key, and with it the lease. If that fails, the lease's end does it.
    async fn remove(&self, registration: Option<Registration>) {
        let Some(Registration { client, lease }) = registration else {
            return;
        };
        let key = &self.record.key;
        let removal = async {
            client.delete(key).await?;
            client.revoke(lease).await
        };
        match tokio::time::timeout(self.timing.removal, removal).await {
            Ok(Ok(())) => tracing::info!(key, "removed from etcd"),
            Ok(Err(failure)) => {
                tracing::warn!(key, reason = %failure, "not removed from etcd; it goes when its lease ends");
            }
            Err(_) => {
                let reason = format!("etcd took longer than {:?}", self.timing.removal);
                tracing::warn!(
                    key,
                    reason,
                    "not removed from etcd; it goes when its lease ends"
                );
            }
        }
    }
}

/// Says a reason at once, and again only after a while or when it is another one.
struct Complaint {
    reminder: Duration,
    last: Option<(Instant, String)>,
}

impl Complaint {
    fn new(reminder: Duration) -> Self {
        Self {
            reminder,
            last: None,
        }
    }

    fn is_due(&mut self, failure: &Failure) -> bool {
        let reason = failure.to_string();
        let now = Instant::now();
        if let Some((when, last)) = &self.last
            && *last == reason
            && now.duration_since(*when) < self.reminder
        {
            return false;
        }
        self.last = Some((now, reason));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reason_is_repeated_after_a_while_only() {
        let reminder = Duration::from_secs(30);
        let mut complaint = Complaint::new(reminder);
        assert!(complaint.is_due(&Failure::LeaseLost));
        // The same again, too soon.
        tokio::time::advance(reminder / 2).await;
        assert!(!complaint.is_due(&Failure::LeaseLost));
        // Another reason is news.
        let username = "root".to_owned();
        assert!(complaint.is_due(&Failure::Credentials { username }));
        // The same after a while.
        let username = "root".to_owned();
        tokio::time::advance(reminder).await;
        assert!(complaint.is_due(&Failure::Credentials { username }));
    }
}
