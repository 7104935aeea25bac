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
