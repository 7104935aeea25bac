//! How a call ended. gRPC says so behind the message, in the trailers, and a caller that goes away
//! ends the call without any.

use http::HeaderMap;

use super::frames::inspect_frames;
use super::middleware::Response;
use crate::wire::code::{CANCELLED, UNKNOWN};

const STATUS: &str = "grpc-status";

type Told = Box<dyn FnOnce(u32, &HeaderMap) + Send>;

/// Is told the code with which a call ends, once: when the answer ends, or when it is dropped.
pub struct Watcher {
    told: Option<Told>,
}

impl Watcher {
    /// Calls `told` with the code and with the headers that carry it.
    pub fn new(told: impl FnOnce(u32, &HeaderMap) + Send + 'static) -> Self {
        Self {
            told: Some(Box::new(told)),
        }
    }

    /// Watches the answer to its end.
    #[must_use]
    pub fn watch(mut self, response: Response) -> Response {
        // An error has its status in the headers and no body.
        if response.headers().contains_key(STATUS) {
            self.tell(response.headers());
            return response;
        }
        response.map(|body| {
            inspect_frames(body, move |frame| {
                if let Some(trailers) = frame.trailers_ref() {
                    self.tell(trailers);
                }
                Ok(())
            })
        })
    }

    fn tell(&mut self, headers: &HeaderMap) {
        if let Some(told) = self.told.take() {
            told(code(headers), headers);
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(told) = self.told.take() {
            told(CANCELLED, &HeaderMap::new());
        }
    }
}

fn code(headers: &HeaderMap) -> u32 {
    let code = headers.get(STATUS).and_then(|value| value.to_str().ok());
    code.and_then(|code| code.parse().ok()).unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http_body_util::BodyExt as _;
    use std::sync::mpsc;
    use tonic::Status;
    use tonic::body::Body;

    fn watcher() -> (Watcher, mpsc::Receiver<u32>) {
        let (sender, receiver) = mpsc::channel();
        let watcher = Watcher::new(move |code, _| sender.send(code).expect("the test listens"));
        (watcher, receiver)
    }

    fn with_trailers(code: &'static str) -> Response {
        let mut trailers = HeaderMap::new();
        trailers.insert(STATUS, code.parse().expect("a value"));
        let body = http_body_util::Full::new(Bytes::from_static(b"message"))
            .with_trailers(std::future::ready(Some(Ok(trailers))));
        http::Response::new(Body::new(body))
    }

    #[tokio::test]
    async fn an_answer_ends_with_its_trailers() {
        let (watcher, told) = watcher();
        let response = watcher.watch(with_trailers("0"));
        assert!(told.try_recv().is_err(), "told before the end");
        response.into_body().collect().await.expect("a body");
        assert_eq!(told.iter().collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn an_error_ends_at_once() {
        let (watcher, told) = watcher();
        let _response = watcher.watch(Status::not_found("x").into_http());
        assert_eq!(told.try_recv(), Ok(5));
    }

    #[test]
    fn a_caller_that_goes_away_cancels() {
        let (early, told) = watcher();
        drop(early);
        assert_eq!(told.iter().collect::<Vec<_>>(), [1]);
        let (late, told) = watcher();
        drop(late.watch(with_trailers("0")));
        assert_eq!(told.iter().collect::<Vec<_>>(), [1]);
    }
}
