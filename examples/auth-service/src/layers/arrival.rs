//! Gives each request so long to arrive as a whole. A caller that begins and does not go on would
//! hold memory for ever.
//!
//! This is for methods whose callers send one message. A caller that streams may rightly pause for
//! as long as it likes: a service with such a method lets its path pass, as that of reflection is.

use std::task::{Poll, ready};
use std::time::Duration;

use http_body::Body as _;
use tokio::time::sleep;
use tonic::Status;
use tonic::body::Body;

use super::frames::poll_frames;
use super::middleware::{CallService, Middleware, Request, Response, ask};

/// Whoever uses reflection keeps the call open between questions.
const REFLECTION: &str = "/grpc.reflection.";

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    limit: Duration,
}

impl Arrival {
    /// One that gives requests so long.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { limit }
    }
}

impl Middleware for Arrival {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        if request.uri().path().starts_with(REFLECTION) {
            return ask(inner, request).await;
        }
        ask(inner, request.map(|body| self.arriving(body))).await
    }
}

impl Arrival {
    fn arriving(self, body: Body) -> Body {
        let limit = self.limit;
        let mut late = Box::pin(sleep(limit));
        poll_frames(body, move |body, context| {
            let frame = body.poll_frame(context);
            if frame.is_ready() {
                return frame;
            }
            ready!(late.as_mut().poll(context));
            let message = format!("the request did not arrive within {limit:?}");
            Poll::Ready(Some(Err(Status::deadline_exceeded(message))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::frames::in_parts;
    use crate::layers::middleware::Wrap;
    use http_body_util::BodyExt as _;
    use std::convert::Infallible;
    use tokio::time::{Instant, timeout};
    use tower::{Layer as _, ServiceExt as _};

    const LIMIT: Duration = Duration::from_secs(30);

    /// What a service makes of a body whose parts come so many seconds apart, and when.
    async fn call(path: &'static str, parts: usize, seconds: u64) -> (Response, Duration) {
        let service = tower::service_fn(|request: Request| async {
            Ok::<_, Infallible>(match request.into_body().collect().await {
                Ok(_) => Response::default(),
                Err(refusal) => refusal.into_http(),
            })
        });
        let mut request = Request::new(in_parts(parts, Duration::from_secs(seconds)));
        *request.uri_mut() = http::Uri::from_static(path);
        let start = Instant::now();
        let Ok(response) = Wrap(Arrival::new(LIMIT))
            .layer(service)
            .oneshot(request)
            .await;
        (response, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_time_is_left_alone() {
        let (response, after) = call("/s/m", 4, 7).await;
        assert_eq!(
            Status::from_header_map(response.headers()).map(|_| ()),
            None
        );
        assert_eq!(after.as_secs(), 28);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_comes_drop_by_drop_is_ended() {
        for path in ["/s/m", "/grpc.health.v1.Health/Check"] {
            let (response, after) = call(path, 100, 7).await;
            let status = Status::from_header_map(response.headers()).expect("a status");
            assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
            assert_eq!(status.message(), "the request did not arrive within 30s");
            assert_eq!(after, LIMIT);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn questions_of_tools_may_take_longer() {
        let call = call("/grpc.reflection.v1.ServerReflection/X", 100, 7);
        let answered = timeout(LIMIT * 100, call).await.expect("an answer");
        assert_eq!(answered.1.as_secs(), 700);
    }
}
