//! Writes OpenIM's error numbers into `grpc-status`.
//!
//! tonic's `Code` knows the 17 codes of gRPC, and OpenIM's callers expect 1001 there. The details
//! of the status say it already; this makes the status agree with its details, as gRPC asks.

use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;
use tonic::Status;
use tonic::body::Body;

use super::middleware::{CallService, Middleware, Request, Response, ask};
use crate::wire::{DETAILS, Error};

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct StatusCode;

impl Middleware for StatusCode {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        let mut response = ask(inner, request).await;
        if response.headers().contains_key("grpc-status") {
            agree(response.headers_mut());
            return response;
        }
        // A stream may fail after its first messages; then the status is behind them.
        response.map(|body| {
            Body::new(body.map_frame(|frame| match frame.into_trailers() {
                Ok(mut trailers) => {
                    agree(&mut trailers);
                    http_body::Frame::trailers(trailers)
                }
                Err(frame) => frame,
            }))
        })
    }
}

// ANCHOR: agree
fn agree(headers: &mut HeaderMap) {
    if !headers.contains_key(DETAILS) {
        return;
    }
    let status = Status::from_header_map(headers);
    if let Some(error) = status.as_ref().and_then(Error::of_status) {
        headers.insert("grpc-status", HeaderValue::from(error.code));
    }
}
// ANCHOR_END: agree

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use bytes::Bytes;
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};
    use tower::{Layer as _, ServiceExt as _};

    /// The answer once it has passed the layer.
    async fn passed(answer: Response) -> Response {
        let answer = Arc::new(Mutex::new(Some(answer)));
        let service = tower::service_fn(move |_: Request| {
            let answer = answer.lock().expect("no panic").take();
            std::future::ready(Ok::<_, Infallible>(answer.expect("one call")))
        });
        let request = Request::new(Body::empty());
        let Ok(response) = Wrap(StatusCode).layer(service).oneshot(request).await;
        response
    }

    /// An answer with a message, and a status behind it.
    fn behind_a_message(status: &Status) -> Response {
        let mut trailers = HeaderMap::new();
        status.add_header(&mut trailers).expect("headers");
        let body = http_body_util::Full::new(Bytes::from_static(b"message"))
            .with_trailers(std::future::ready(Some(Ok(trailers))));
        Response::new(Body::new(body))
    }

    #[tokio::test]
    async fn an_error_has_its_own_number() {
        let answer = passed(Error::args("x").to_status().into_http()).await;
        assert_eq!(answer.headers()["grpc-status"], "1001");
    }

    #[tokio::test]
    async fn an_error_behind_messages_has_its_own_number() {
        for (status, code) in [
            (Error::args("x").to_status(), "1001"),
            (Status::not_found("x"), "5"),
            (Status::ok(""), "0"),
        ] {
            let answer = passed(behind_a_message(&status)).await;
            let body = answer.into_body().collect().await.expect("a body");
            let trailers = body.trailers().expect("trailers").clone();
            assert_eq!(trailers["grpc-status"], code);
            assert_eq!(body.to_bytes(), "message");
        }
    }

    #[tokio::test]
    async fn details_of_others_change_nothing() {
        let details = Bytes::from_static(b"\x08\xe9\x07");
        let status = Status::with_details(tonic::Code::NotFound, "x", details);
        let answer = passed(status.into_http()).await;
        assert_eq!(answer.headers()["grpc-status"], "5");
    }
}
