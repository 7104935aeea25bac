//! Refuses a message by the length that it announces, before any of it is kept in memory.
//!
//! tonic has such a limit too and answers it with another code than grpc-go does, which is what
//! OpenIM's callers know.

use bytes::Buf as _;
use tonic::Status;

use super::frames::inspect_frames;
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
        let mut messages = Messages::new(self.limit);
        let request = request.map(|body| {
            inspect_frames(body, move |frame| match frame.data_ref() {
                Some(data) => messages.follow(data),
                None => Ok(()),
            })
        });
        ask(inner, request).await
    }
}

/// Follows a stream of messages: a byte that says whether the message is compressed, four that say
/// how long it is, and the message.
struct Messages {
    limit: usize,
    /// How much of the header was seen, and the length as far as it was seen.
    seen: usize,
    length: usize,
    /// How much of the message is still to come.
    rest: usize,
}

impl Messages {
    const HEADER: usize = 5;

    fn new(limit: usize) -> Self {
        Self {
            limit,
            seen: 0,
            length: 0,
            rest: 0,
        }
    }

    fn follow(&mut self, mut data: &[u8]) -> Result<(), Status> {
        while !data.is_empty() {
            if self.seen < Self::HEADER {
                let byte = data.get_u8();
                // The first byte is the flag.
                self.length = if self.seen == 0 {
                    0
                } else {
                    self.length << 8 | usize::from(byte)
                };
                self.seen += 1;
                if self.seen == Self::HEADER {
                    self.check()?;
                    self.rest = self.length;
                }
            } else {
                let part = self.rest.min(data.len());
                data.advance(part);
                self.rest -= part;
            }
            if self.seen == Self::HEADER && self.rest == 0 {
                self.seen = 0;
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Status> {
        if self.length <= self.limit {
            return Ok(());
        }
        Err(Status::resource_exhausted(format!(
            "grpc: received message larger than max ({} vs. {})",
            self.length, self.limit
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of messages of these lengths.
    fn stream(lengths: &[u8]) -> Vec<u8> {
        let frame = |length: &u8| {
            let mut frame = vec![0, 0, 0, 0, *length];
            frame.resize(Messages::HEADER + usize::from(*length), 0xff);
            frame
        };
        lengths.iter().flat_map(frame).collect()
    }

    #[test]
    fn lengths_are_found_however_the_stream_is_cut() {
        let allowed = stream(&[0, 1, 10, 0, 10]);
        let too_long = stream(&[0, 1, 10, 0, 11]);
        for size in 1..=allowed.len() {
            let follow = |stream: &[u8]| {
                let mut messages = Messages::new(10);
                stream
                    .chunks(size)
                    .try_for_each(|part| messages.follow(part))
            };
            assert!(follow(&allowed).is_ok(), "in parts of {size}");
            let refusal = follow(&too_long).expect_err("one message is too long");
            assert_eq!(
                refusal.message(),
                "grpc: received message larger than max (11 vs. 10)"
            );
        }
    }

    #[test]
    fn the_largest_length_is_refused() {
        let mut messages = Messages::new(super::super::MESSAGE_LIMIT);
        assert!(messages.follow(&[1, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
