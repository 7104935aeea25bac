//! Ends calls whose callers do not take their answers, which hold memory until they are taken.
//!
//! An answer does not notice that: whoever sends it asks for the next part when there is somewhere
//! to put it. So each part notes when it was handed out, and the task that a call runs as looks at
//! the note.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use http_body::Body as _;
use tokio::time::{Instant, sleep_until};
use tonic::body::Body;

use crate::layers::frames::poll_frames;

tokio::task_local! {
    /// The note of the call that the task runs.
    static NOTE: Note;
}

/// Since when the caller has had something to take.
#[derive(Clone, Debug, Default)]
struct Note(Arc<Mutex<Option<Instant>>>);

impl Note {
    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn since(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when the caller has not taken something for so long.
    async fn untaken(&self, patience: Duration) {
        let mut next = Instant::now() + patience;
        loop {
            sleep_until(next).await;
            let now = Instant::now();
            next = self.since().unwrap_or(now) + patience;
            if next <= now {
                return;
            }
        }
    }
}

/// Runs each call of a connection as a task, for as long as the caller takes the answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calls {
    patience: Duration,
}

impl Calls {
    /// Gives callers so long to take each part of an answer.
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience }
    }
}

impl<F> hyper::rt::Executor<F> for Calls
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, call: F) {
        let patience = self.patience;
        let note = Note::default();
        // Boxed, since it is large and moved from here to there.
        let call = NOTE.scope(note.clone(), Box::pin(call));
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = call => {}
                () = note.untaken(patience) => {
                    tracing::warn!(?patience, "an answer was not taken in time, and its call is ended");
                }
            }
        });
    }
}

/// The answer of the call that this task runs, which notes when its parts are handed out.
pub(super) fn noted(body: Body) -> Body {
    let Ok(note) = NOTE.try_with(Note::clone) else {
        return body;
    };
    // The headers are the first part.
    note.set(Some(Instant::now()));
    poll_frames(body, move |body, context| {
        // From here on it is the service that the caller waits for.
        note.set(None);
        let frame = ready!(body.poll_frame(context));
        note.set(Some(Instant::now()));
        Poll::Ready(frame)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::frames::in_parts;
    use http_body_util::BodyExt as _;
    use hyper::rt::Executor as _;
    use tokio::sync::oneshot;
    use tokio::time::sleep;

    const PATIENCE: Duration = Duration::from_secs(30);
    const PARTS: u16 = 4;

    /// Runs a call that needs so long for each part of its answer, and whose caller needs so long
    /// to take it; when the call ended, and whether it came to its own end.
    async fn run(makes: Duration, takes: Duration) -> (Duration, bool) {
        let start = Instant::now();
        let (done, ended) = oneshot::channel();
        Calls::new(PATIENCE).execute(async move {
            let mut body = noted(in_parts(PARTS.into(), makes));
            while body.frame().await.is_some() {
                sleep(takes).await;
            }
            let _ = done.send(());
        });
        let ended = ended.await;
        (start.elapsed(), ended.is_ok())
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_takes_nothing_is_not_waited_for() {
        let never = Duration::from_hours(1);
        let (after, ended) = run(Duration::from_secs(7), never).await;
        assert!(!ended);
        assert_eq!(after, Duration::from_secs(7) + PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_caller_has_its_time_for_each_part() {
        let slow = Duration::from_secs(29);
        let (after, ended) = run(Duration::ZERO, slow).await;
        assert!(ended);
        assert_eq!(after, slow * PARTS.into());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_answer_is_not_the_callers_fault() {
        let slow = PATIENCE * 5;
        let (after, ended) = run(slow, Duration::ZERO).await;
        assert!(ended);
        assert_eq!(after, slow * PARTS.into());
    }
}
