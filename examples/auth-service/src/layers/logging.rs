//! One line for each call, and the call's operation ID on every line that is written meanwhile.

use std::time::Instant;

use http::HeaderMap;
use tonic::Status;
use tracing::Instrument as _;

use super::middleware::{CallService, Middleware, Request, Response, ask};
use super::operation_id;
use super::outcome::Watcher;
use crate::wire::{self, code};

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct Logging;

impl Middleware for Logging {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        let start = Instant::now();
        // Filters weigh spans as they do lines: below this level, a log of errors alone would lose
        // the operation ID with the span.
        let span = tracing::error_span!(
            "call",
            method = request.uri().path(),
            operationID = operation_id::first(request.headers()),
        );
        let on_end = span.clone();
        let watcher = Watcher::new(move |code, headers| {
            on_end.in_scope(|| log(code, headers, start));
        });
        let answer = span.in_scope(|| ask(inner, request));
        watcher.watch(answer.instrument(span).await)
    }
}

/// The line. Messages are not in it: they belong to the callers.
fn log(code: u32, headers: &HeaderMap, start: Instant) {
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = Status::from_header_map(headers);
    let error = status.as_ref().map_or("", Status::message);
    let cause = status.as_ref().and_then(wire::Error::of_status);
    let cause = cause.map(|error| error.cause).unwrap_or_default();
    match Ending::of(code) {
        Ending::Answered => tracing::info!(code, micros, "call answered"),
        Ending::Refused => tracing::warn!(code, micros, error, cause, "call refused"),
        Ending::Early => tracing::warn!(code, micros, error, cause, "call ended early"),
        Ending::Failed => tracing::error!(code, micros, error, cause, "call failed"),
    }
}

/// What a code says to whoever runs the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// As the caller wanted it.
    Answered,
    /// The caller made a mistake. The library's code for what is no message at all, 13, is one of
    /// these: for what goes wrong in a handler there are OpenIM's numbers.
    Refused,
    /// Nobody waited for the answer any more, or nobody could give one.
    Early,
    /// The service made a mistake.
    Failed,
}

impl Ending {
    fn of(code: u32) -> Self {
        match code {
            code::OK => Self::Answered,
            code::CANCELLED | code::DEADLINE_EXCEEDED | code::UNAVAILABLE => Self::Early,
            code::UNKNOWN | code::DATA_LOSS | code::SERVER => Self::Failed,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use std::convert::Infallible;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tonic::body::Body;
    use tower::{Layer as _, ServiceExt as _};

    /// What is written in a test.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that a call leaves which is answered like this.
    async fn lines(answer: Result<Response, Status>) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let answer = Arc::new(Mutex::new(Some(answer)));
        let service = tower::service_fn(move |_: Request| {
            tracing::info!("in a handler");
            let answer = answer.lock().expect("no panic").take().expect("one call");
            std::future::ready(Ok::<_, Infallible>(
                answer.unwrap_or_else(Status::into_http),
            ))
        });
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = http::Uri::from_static("/s/Echo");
        let id = http::HeaderValue::from_static("t1");
        request.headers_mut().insert("operationid", id);
        let Ok(response) = Wrap(Logging).layer(service).oneshot(request).await;
        drop(response);
        let bytes = lines.0.lock().expect("no panic").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[tokio::test]
    async fn each_call_is_one_line_behind_those_of_its_handler() {
        let refusal = crate::wire::Error::args("message required").to_status();
        let text = lines(Err(refusal)).await;
        let (first, second) = text.split_once('\n').expect("two lines");
        let call = r#"call{method="/s/Echo" operationID="t1"}: "#;
        assert!(
            first.contains(call) && first.ends_with("in a handler"),
            "{first}"
        );
        assert!(second.contains(call), "{second}");
        // The status still has the library's number here: the layer that writes OpenIM's is inside.
        assert!(second.contains("code=2"), "{second}");
        assert!(
            second.ends_with("error=\"ArgsError\" cause=\"message required\"\n"),
            "{second}"
        );
        assert_eq!(second.lines().count(), 1, "{second}");
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_is_no_refusal() {
        let text = lines(Ok(Response::new(Body::new(http_body_util::Full::from(
            "x",
        )))))
        .await;
        assert!(
            text.contains("WARN") && text.contains("call ended early code=1"),
            "{text}"
        );
    }

    #[test]
    fn whose_mistake_a_code_tells_of() {
        let endings = [
            (0, Ending::Answered),
            (1001, Ending::Refused),
            (3, Ending::Refused),
            (8, Ending::Refused),
            (12, Ending::Refused),
            (13, Ending::Refused),
            (1, Ending::Early),
            (4, Ending::Early),
            (14, Ending::Early),
            (2, Ending::Failed),
            (15, Ending::Failed),
            (500, Ending::Failed),
        ];
        for (code, ending) in endings {
            assert_eq!(Ending::of(code), ending, "{code}");
        }
    }
}
