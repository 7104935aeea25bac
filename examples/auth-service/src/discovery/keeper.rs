//! Keeps a record in etcd: stores it, gives signs of life, and begins again when that fails.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Record;
use super::etcd::{Failure, LeaseId, Members, SignsOfLife};
use crate::complaint::Complaint;
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
            removal: Duration::from_secs(5),
        }
    }
}

/// What keeps one record.
pub(super) struct Keeper {
    members: Members,
    record: Record,
    timing: Timing,
    /// The lease that the record goes with, from before it may be there.
    lease: Option<LeaseId>,
}

impl Keeper {
    pub(super) fn new(etcd: Etcd, record: Record, timing: Timing) -> Self {
        Self {
            members: Members::new(etcd, timing.call),
            record,
            timing,
            lease: None,
        }
    }

    /// Keeps the record until told to stop, and then removes it.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            () = self.keep() => {}
            // An error means that nobody is left who could say so.
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        self.remove().await;
    }

    async fn keep(&mut self) {
        let mut complaint = Complaint::new(self.timing.reminder);
        loop {
            let failure = match self.register().await {
                Ok(signs) => {
                    let Record { key, lease, .. } = &self.record;
                    // As loud as the complaint was: who has read that is to read this.
                    if complaint.settle() {
                        tracing::warn!(key, ?lease, "registered in etcd");
                    } else {
                        tracing::info!(key, ?lease, "registered in etcd");
                    }
                    self.watch(signs).await
                }
                Err(failure) => failure,
            };
            if complaint.is_due(&failure.to_string()) {
                let key = &self.record.key;
                tracing::warn!(key, reason = %failure, "not registered in etcd; trying again until it is");
            }
            self.members.pass_over();
            sleep(self.timing.pause).await;
        }
    }

    // ANCHOR: register
    async fn register(&mut self) -> Result<SignsOfLife, Failure> {
        let Record { key, value, .. } = &self.record;
        let client = self.members.connect().await?;
        let lease = client.grant(self.record.lease).await?;
        // A stop may come at any time, and has to remove the key.
        self.lease = Some(lease);
        if let Err(failure) = client.put(key, value, lease).await {
            if let Failure::NotAllowed { .. } = failure {
                // Each attempt would leave a lease behind. If it stays, it ends by itself.
                let _ = client.revoke(lease).await;
                self.lease = None;
            }
            return Err(failure);
        }
        client.keep_alive(lease).await
    }
    // ANCHOR_END: register

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
    async fn remove(&self) {
        let Some(lease) = self.lease else { return };
        let key = &self.record.key;
        let removal = async {
            // Anew: the connection may be old, and what logging in was good for be over.
            let client = self.members.connect().await?;
            client.delete(key).await?;
            client.revoke(lease).await
        };
        let limit = self.timing.removal;
        let doing = "remove the key";
        let slow = Err(Failure::Slow { doing, limit });
        match timeout(limit, removal).await.unwrap_or(slow) {
            Ok(()) => tracing::info!(key, "removed from etcd"),
            Err(failure) => {
                tracing::warn!(key, reason = %failure, "not removed from etcd; it goes when its lease ends");
            }
        }
    }
}
