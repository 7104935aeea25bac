//! Prometheus metrics, under the names that OpenIM's services use.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus::{IntCounterVec, Opts, Registry, TextEncoder};
use tokio::net::TcpListener;

use crate::connections::Limit;
use crate::http1;

/// How many connections there may be. Prometheus and a person or two need few.
pub const CONNECTIONS: Limit = Limit {
    kind: "metrics",
    most: 100,
    files: 8,
};

/// The service's metrics.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    calls: IntCounterVec,
    name: Arc<str>,
}

impl Metrics {
    /// Metrics of the service that is registered under this name.
    ///
    /// # Errors
    ///
    /// When two metrics of the process have one name.
    pub fn new(name: &str) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let options = Opts::new("rpc_count", "Calls answered");
        let calls = IntCounterVec::new(options, &["name", "path", "code"])?;
        registry.register(Box::new(calls.clone()))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(
            prometheus::process_collector::ProcessCollector::for_self(),
        ))?;
        Ok(Self {
            registry,
            calls,
            name: name.into(),
        })
    }

    /// Counts one call.
    pub fn count(&self, path: &str, code: u32) {
        let code = code.to_string();
        self.calls
            .with_label_values(&[&*self.name, path, &code])
            .inc();
    }

    /// All metrics as Prometheus reads them.
    ///
    /// # Errors
    ///
    /// When a metric has no value.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Answers Prometheus, at the path that it asks at, for as long as the process lives.
pub async fn serve(listener: TcpListener, metrics: Metrics) {
    let answer = || async move { answer(&metrics) };
    let routes = Router::new().route("/metrics", get(answer));
    let never = std::future::pending();
    // It ends with the process, and so never with requests that are cut off.
    let _ = http1::serve(listener, CONNECTIONS, routes, never, Duration::ZERO).await;
}

fn answer(metrics: &Metrics) -> Response {
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_under_upstreams_names() -> Result<(), prometheus::Error> {
        let metrics = Metrics::new("auth-service-rpc-service")?;
        metrics.count("/openim.authservice.AuthService/Echo", 1001);
        metrics.count("/openim.authservice.AuthService/Echo", 1001);
        let text = metrics.text()?;
        let line = r#"rpc_count{code="1001",name="auth-service-rpc-service",path="/openim.authservice.AuthService/Echo"} 2"#;
        assert!(text.lines().any(|found| found == line), "{text}");
        Ok(())
    }
}
