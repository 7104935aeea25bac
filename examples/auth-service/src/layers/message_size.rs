//! Refuses a message by the length that it announces, before any of it is kept in memory.
//!
//! tonic has such a limit too and answers it with another code than grpc-go does, which is what
//! OpenIM's callers know.

use tonic::Status;

use super::lengths::inspect_lengths;
use super::middleware::{CallService, Middleware, Request, Response, ask};

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct MessageSize {
    limit: usize,
}

impl MessageSize {
    /// One that lets messages of up to `limit` bytes pass.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }
}

impl Middleware for MessageSize {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        let request = request.map(|body| inspect_lengths(body, move |length| self.check(length)));
        ask(inner, request).await
    }
}

impl MessageSize {
    fn check(self, length: usize) -> Result<(), Status> {
        if length <= self.limit {
            return Ok(());
        }
        let limit = self.limit;
        Err(Status::resource_exhausted(format!(
            "grpc: received message larger than max ({length} vs. {limit})"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_be_as_long_as_the_limit() {
        let size = MessageSize::new(10);
        assert!(size.check(10).is_ok());
        let refusal = size.check(11).expect_err("it is too long");
        assert_eq!(
            refusal.message(),
            "grpc: received message larger than max (11 vs. 10)"
        );
    }
}
