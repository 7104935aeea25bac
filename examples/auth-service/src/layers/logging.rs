//! One line for each call, and the call's operation ID on every line that is written meanwhile.

use std::time::Instant;

use tonic::Status;
use tracing::Instrument as _;

use super::middleware::{CallService, Middleware, Request, Response, ask};
use super::operation_id;
use super::outcome::Watcher;
use crate::wire;

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
        watcher.watch(ask(inner, request).instrument(span).await)
    }
}

/// The line. Messages are not in it: they belong to the callers.
fn log(code: u32, headers: &http::HeaderMap, start: Instant) {
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    if code == 0 {
        tracing::info!(code, micros, "call answered");
        return;
    }
    let status = Status::from_header_map(headers);
    let error = status.as_ref().map_or("", Status::message);
    let cause = status.as_ref().and_then(wire::Error::of_status);
    let cause = cause.map(|error| error.cause).unwrap_or_default();
    // The service's own mistakes are errors to whoever runs it; a caller's mistakes are not.
    if matches!(code, 2 | 13 | 15 | 500) {
        tracing::error!(code, micros, error, cause, "call failed");
    } else {
        tracing::warn!(code, micros, error, cause, "call refused");
    }
}
