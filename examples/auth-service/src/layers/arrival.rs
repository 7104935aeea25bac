//! Gives each request so long to arrive as a whole. A caller that begins and does not go on would
//! hold memory for ever.
//!
//! This is for methods whose callers send one message. A caller that streams may rightly pause for
//! as long as it likes: a service with such a method lets its path pass, as the standard ones are.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;
use tonic::body::Body;

use super::middleware::{CallService, Middleware, Request, Response, ask};
use super::operation_id::is_standard;

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
        // Who uses reflection keeps the call open between questions.
        if is_standard(request.uri().path()) {
            return ask(inner, request).await;
        }
        let request = request.map(|body| {
            Body::new(Arriving {
                body,
                limit: self.limit,
                late: Box::pin(sleep(self.limit)),
            })
        });
        ask(inner, request).await
    }
}

struct Arriving {
    body: Body,
    limit: Duration,
    late: Pin<Box<Sleep>>,
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_ready() {
            return frame;
        }
        ready!(self.late.as_mut().poll(context));
        let message = format!("the request did not arrive within {:?}", self.limit);
        Poll::Ready(Some(Err(Status::deadline_exceeded(message))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use futures_util::StreamExt as _;
    use futures_util::stream;
    use http_body_util::{BodyExt as _, StreamBody};
    use std::convert::Infallible;
    use tokio::time::{Instant, timeout};
    use tower::{Layer as _, ServiceExt as _};

    const LIMIT: Duration = Duration::from_secs(30);

    /// What a service makes of a body whose parts come so many seconds apart, and when.
    async fn call(path: &'static str, parts: usize, seconds: u64) -> (Response, Duration) {
        let frames = stream::iter(0..parts).then(move |_| async move {
            sleep(Duration::from_secs(seconds)).await;
            Ok::<_, Status>(Frame::data(Bytes::from_static(b"part")))
        });
        let service = tower::service_fn(|request: Request| async {
            Ok::<_, Infallible>(match request.into_body().collect().await {
                Ok(_) => Response::default(),
                Err(refusal) => refusal.into_http(),
            })
        });
        let mut request = Request::new(Body::new(StreamBody::new(frames)));
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
        let (response, after) = call("/s/m", 100, 7).await;
        let status = Status::from_header_map(response.headers()).expect("a status");
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
        assert_eq!(status.message(), "the request did not arrive within 30s");
        assert_eq!(after, LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn questions_of_tools_may_take_longer() {
        let call = call("/grpc.reflection.v1.ServerReflection/X", 100, 7);
        let answered = timeout(LIMIT * 100, call).await.expect("an answer");
        assert_eq!(answered.1.as_secs(), 700);
    }
}
