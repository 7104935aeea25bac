//! Says what goes wrong without saying it all the time.

use std::time::Duration;

use tokio::time::Instant;

/// Says a reason at once, and again only after a while or when it is another one.
#[derive(Debug)]
pub(crate) struct Complaint {
    reminder: Duration,
    last: Option<(Instant, String)>,
}

impl Complaint {
    /// One that is repeated after so long.
    pub(crate) fn new(reminder: Duration) -> Self {
        Self {
            reminder,
            last: None,
        }
    }

    /// Whether the reason is to be said now.
    pub(crate) fn is_due(&mut self, reason: &str) -> bool {
        let now = Instant::now();
        if let Some((when, last)) = &self.last
            && last == reason
            && now.duration_since(*when) < self.reminder
        {
            return false;
        }
        self.last = Some((now, reason.to_owned()));
        true
    }

    /// Says that nothing goes wrong any more; whether anything was said before.
    pub(crate) fn settle(&mut self) -> bool {
        self.last.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reason_is_repeated_after_a_while_only() {
        let reminder = Duration::from_secs(30);
        let mut complaint = Complaint::new(reminder);
        assert!(complaint.is_due("one"));
        // The same again, too soon.
        tokio::time::advance(reminder / 2).await;
        assert!(!complaint.is_due("one"));
        // Another reason is news.
        assert!(complaint.is_due("another"));
        // The same after a while.
        tokio::time::advance(reminder).await;
        assert!(complaint.is_due("another"));
        // What begins anew is news.
        assert!(complaint.settle());
        assert!(!complaint.settle());
        assert!(complaint.is_due("another"));
    }
}
