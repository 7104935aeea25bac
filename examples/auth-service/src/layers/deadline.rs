//! Ends a call whose caller no longer waits.
//!
//! This guards a handler until it has given its answer, which is all of the work where the answer is
//! one message. The body of an answer that is a stream runs later and past the deadline, until the
//! caller, who knows the deadline as well, goes away. A call without a deadline may take as long as
//! its handler does.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Status;

use super::middleware::{CallService, Middleware, Request, Response, ask};

/// The header that says how long a caller waits: up to eight digits and a unit.
const TIMEOUT: &str = "grpc-timeout";

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct Deadline;

impl Middleware for Deadline {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        let Some(header) = request.headers().get(TIMEOUT) else {
            return ask(inner, request).await;
        };
        let Some(limit) = header.to_str().ok().and_then(parse) else {
            let message = format!("malformed {TIMEOUT}: {header:?}");
            return Status::internal(message).into_http();
        };
        let start = Instant::now();
        match tokio::time::timeout(limit, ask(inner, request)).await {
            // The timer counts milliseconds, and looks at the clock only when the answer is not ready.
            Ok(response) if start.elapsed() < limit => response,
            _ => Status::deadline_exceeded("context deadline exceeded").into_http(),
        }
    }
}

fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 60 * 60)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use std::convert::Infallible;
    use tonic::body::Body;
    use tower::{Layer as _, ServiceExt as _};

    /// The status of a call that takes 50 milliseconds, and when it came.
    async fn call(timeout: &'static str) -> (Option<&'static str>, Duration) {
        let slow = tower::service_fn(|_: Request| async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        let mut request = Request::new(Body::empty());
        let header = http::HeaderValue::from_static(timeout);
        request.headers_mut().insert(TIMEOUT, header);
        let start = Instant::now();
        let Ok(response) = Wrap(Deadline).layer(slow).oneshot(request).await;
        let status = tonic::Status::from_header_map(response.headers());
        (
            status.map(|status| status.code().description()),
            start.elapsed(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_at_its_deadline() {
        let (status, after) = call("49m").await;
        assert_eq!(status, Some(tonic::Code::DeadlineExceeded.description()));
        assert_eq!(after.as_millis(), 49);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_in_time_is_left_alone() {
        let (status, after) = call("51m").await;
        assert_eq!(status, None);
        assert_eq!(after.as_millis(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_is_none_is_refused() {
        let (status, after) = call("soon").await;
        assert_eq!(status, Some(tonic::Code::Internal.description()));
        assert_eq!(after.as_millis(), 0);
    }

    #[test]
    fn units() {
        assert_eq!(parse("99999999H"), Some(Duration::from_hours(99_999_999)));
        assert_eq!(parse("2M"), Some(Duration::from_mins(2)));
        assert_eq!(parse("3S"), Some(Duration::from_secs(3)));
        assert_eq!(parse("5u"), Some(Duration::from_micros(5)));
        assert_eq!(parse("7n"), Some(Duration::from_nanos(7)));
        for wrong in ["", "S", "1", "123456789S", "+1S", "-1S", "1x", "1é", "1 S"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
