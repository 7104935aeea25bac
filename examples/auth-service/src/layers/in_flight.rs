//! Knows how many calls or requests are under way, so that a stop can wait for them.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::middleware::{CallService, Middleware, Request, Response, ask};
use super::operation_id::is_standard;
use super::outcome::Watcher;

/// How long the other side of a connection with nothing under way may take to say goodbye.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);

/// What was still under way when the time for it was over.
#[derive(Debug)]
pub struct CutOff {
    what: &'static str,
    count: usize,
    grace: Duration,
}

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, count, grace } = self;
        write!(
            f,
            "{what} under way and not answered within {grace:?} of the stop, and cut off: {count}"
        )
    }
}

impl std::error::Error for CutOff {}

/// The middleware, and the count.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    calls: watch::Sender<usize>,
}

impl InFlight {
    /// One more is under way, until what is returned is dropped.
    pub(crate) fn enter(&self) -> UnderWay {
        self.calls.send_modify(|calls| *calls += 1);
        UnderWay(self.calls.clone())
    }

    /// How many are under way.
    #[must_use]
    pub fn calls(&self) -> usize {
        *self.calls.borrow()
    }

    /// Waits after a stop until all is answered: until every connection has said goodbye, or nothing is
    /// under way on those that do not. `what` are the calls or requests, for a person.
    ///
    /// # Errors
    ///
    /// When that takes longer than `grace`.
    pub(crate) async fn finished(
        &self,
        what: &'static str,
        goodbyes: impl Future<Output = ()>,
        grace: Duration,
    ) -> Result<(), CutOff> {
        tokio::select! {
            () = goodbyes => {}
            () = self.quiet(GOODBYE) => {}
            () = sleep(grace) => {}
        }
        match self.calls() {
            0 => Ok(()),
            count => Err(CutOff { what, count, grace }),
        }
    }

    /// Ready once none has been under way for so long.
    pub async fn quiet(&self, silence: Duration) {
        let mut calls = self.calls.subscribe();
        loop {
            // Errors would mean that nobody counts, and this one counts.
            let _ = calls.wait_for(|calls| *calls == 0).await;
            let next = calls.wait_for(|calls| *calls > 0);
            if timeout(silence, next).await.is_err() {
                return;
            }
        }
    }
}

/// A call or a request that is under way.
#[derive(Debug)]
pub(crate) struct UnderWay(watch::Sender<usize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|calls| *calls -= 1);
    }
}

impl Middleware for InFlight {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        // Who watches the health of a service does so for ever. Of these services a stop cuts off
        // whatever is under way: tools ask again.
        if is_standard(request.uri().path()) {
            return ask(inner, request).await;
        }
        let under_way = self.enter();
        let watcher = Watcher::new(move |_, _| drop(under_way));
        watcher.watch(ask(inner, request).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use http_body_util::BodyExt as _;
    use std::convert::Infallible;
    use tokio::time::{Instant, sleep};
    use tonic::body::Body;
    use tower::{Layer as _, ServiceExt as _};

    #[tokio::test(start_paused = true)]
    async fn quiet_is_when_nothing_has_happened_for_a_while() {
        let silence = Duration::from_secs(1);
        let in_flight = InFlight::default();
        let calls = in_flight.calls.clone();
        tokio::spawn(async move {
            // A call of two seconds, a pause that is too short, and a call of one.
            for (number, seconds) in [(1, 2.0), (0, 0.5), (1, 1.0), (0, 0.0)] {
                calls.send_replace(number);
                sleep(Duration::from_secs_f32(seconds)).await;
            }
        });
        let start = Instant::now();
        // The first call is under way.
        sleep(Duration::from_secs(1)).await;
        assert_eq!(in_flight.calls(), 1);
        in_flight.quiet(silence).await;
        assert_eq!(start.elapsed(), Duration::from_millis(4500));
    }

    #[tokio::test]
    async fn a_call_is_under_way_until_its_answer_has_gone() {
        let in_flight = InFlight::default();
        let counted = in_flight.clone();
        let service = tower::service_fn(move |_: Request| {
            let counted = counted.calls();
            let body = Body::new(http_body_util::Full::from(counted.to_string()));
            std::future::ready(Ok::<_, Infallible>(Response::new(body)))
        });
        let service = Wrap(in_flight.clone()).layer(service);
        for (path, meanwhile) in [("/s/Echo", "1"), ("/grpc.health.v1.Health/Watch", "0")] {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = http::Uri::from_static(path);
            let Ok(answer) = service.clone().oneshot(request).await;
            assert_eq!(in_flight.calls().to_string(), meanwhile, "{path}");
            let body = answer.into_body().collect().await.expect("a body");
            assert_eq!(body.to_bytes(), meanwhile);
            assert_eq!(in_flight.calls(), 0);
        }
    }
}
