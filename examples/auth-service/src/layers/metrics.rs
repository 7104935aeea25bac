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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use crate::wire::Error;
    use std::convert::Infallible;
    use tonic::body::Body;
    use tower::{Layer as _, ServiceExt as _};

    #[tokio::test]
    async fn a_call_is_counted_once_when_it_ends() {
        let metrics = Metrics::new("name").expect("metrics");
        let count = |code: &str| {
            let text = metrics.text().expect("metrics");
            let start = format!(r#"rpc_count{{code="{code}",name="name",path="/s/Echo"}} "#);
            let count = text.lines().find_map(|line| line.strip_prefix(&start));
            count.map(str::to_owned)
        };
        let refuses = tower::service_fn(|_: Request| async {
            Ok::<_, Infallible>(Error::args("").to_status().into_http())
        });
        let answers = tower::service_fn(|_: Request| async {
            let body = Body::new(http_body_util::Full::from("message"));
            Ok::<_, Infallible>(Response::new(body))
        });
        let request = || {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = http::Uri::from_static("/s/Echo");
            request
        };
        let layer = Wrap(CountCalls::new(metrics.clone()));

        // The layer that writes OpenIM's numbers is not there.
        let Ok(_) = layer.layer(refuses).oneshot(request()).await;
        assert_eq!(count("2").as_deref(), Some("1"));

        let Ok(answer) = layer.layer(answers).oneshot(request()).await;
        assert_eq!(count("1"), None, "counted before the end");
        drop(answer);
        assert_eq!(count("1").as_deref(), Some("1"));
    }
}
