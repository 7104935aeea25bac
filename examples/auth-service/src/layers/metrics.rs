//! Counts calls by method and code.

use super::middleware::{CallService, Middleware, Request, Response, ask};
use super::outcome::Watcher;
use crate::metrics::Metrics;

/// The middleware.
#[derive(Clone, Debug)]
pub struct CountCalls {
    metrics: Metrics,
}

impl CountCalls {
    /// One that counts there.
    #[must_use]
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics }
    }
}

impl Middleware for CountCalls {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        let path = request.uri().path().to_owned();
        let watcher = Watcher::new(move |code, _| self.metrics.count(&path, code));
        watcher.watch(ask(inner, request).await)
    }
}
