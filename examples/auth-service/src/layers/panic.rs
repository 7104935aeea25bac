//! A panic in a handler is that call's error. The process lives on, and all other calls with it.
//!
//! This guards a handler until it has given its answer, which is all of the work where the answer is
//! one message. The body of an answer that is a stream runs later, outside of this: a panic there
//! ends the stream without a status.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use super::middleware::{CallService, Middleware, Request, Response, ask};
use crate::wire::Error;

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct CatchPanic;

impl Middleware for CatchPanic {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        // What the call had in its hands is dropped with it, so nobody sees it half changed.
        let call = AssertUnwindSafe(async { ask(inner, request).await }).catch_unwind();
        call.await.unwrap_or_else(answer)
    }
}

/// The answer to the call whose handler panicked.
fn answer(panic: Box<dyn Any + Send>) -> Response {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&'static str>()
            .map_or_else(|_| "unknown".to_owned(), |text| (*text).to_owned()),
    };
    Error::panic(text).to_status().into_http()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use std::convert::Infallible;
    use tonic::body::Body;
    use tower::{Layer as _, ServiceExt as _};

    #[tokio::test]
    async fn a_panic_after_a_while_is_the_answer_of_its_call() {
        let service = tower::service_fn(|request: Request| async move {
            tokio::task::yield_now().await;
            assert!(request.uri().path() != "/s/Bad", "boom");
            Ok::<_, Infallible>(Response::default())
        });
        let service = Wrap(CatchPanic).layer(service);
        for (path, error) in [("/s/Bad", Some(Error::panic("boom"))), ("/s/Good", None)] {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = http::Uri::from_static(path);
            let Ok(response) = service.clone().oneshot(request).await;
            let status = tonic::Status::from_header_map(response.headers());
            assert_eq!(status.as_ref().and_then(Error::of_status), error);
        }
    }

    #[test]
    fn every_kind_of_panic_has_a_text() {
        let panics: [(Box<dyn Any + Send>, &str); 3] = [
            (Box::new("boom"), "boom"),
            (Box::new("boom".to_owned()), "boom"),
            (Box::new(7), "unknown"),
        ];
        for (panic, text) in panics {
            let response = answer(panic);
            let status = tonic::Status::from_header_map(response.headers()).expect("a status");
            let error = Error::of_status(&status);
            assert_eq!(error, Some(Error::panic(text)));
        }
    }
}
