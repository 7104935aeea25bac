//! Lets calls and messages in as long as there is room for them, so that memory stays bounded
//! whatever callers do.
//!
//! A message takes room for as many bytes as it says that it has, before any of them is kept; and
//! until its call has ended, since handlers may pass it on into the answer. Who finds no room is
//! refused at once: a message that waited would fill its connection's window and keep those that
//! have room from arriving.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use super::frames::inspect_frames;
use super::lengths::inspect_lengths;
use super::middleware::{CallService, Middleware, Request, Response, ask};

/// How much there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Calls under way, of all connections.
    pub calls: usize,
    /// Up to this many bytes a message is small.
    pub small: usize,
    /// Bytes of small messages, which have room of their own: large ones are not to keep them out.
    pub small_messages: usize,
    /// Bytes of all others.
    pub large_messages: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            calls: 4_000,
            small: 8 * 1024,
            // More than all calls of one connection can fill.
            small_messages: 16 * 1024 * 1024,
            // 16 of the longest of grpc-go's default.
            large_messages: 64 * 1024 * 1024,
        }
    }
}

impl Size {
    /// The default, or more if one of the longest messages would find no room.
    #[must_use]
    pub fn with(message_limit: usize) -> Self {
        let size = Self::default();
        Self {
            large_messages: size.large_messages.max(message_limit),
            ..size
        }
    }
}

/// The middleware, and the room, which all clones share.
#[derive(Clone, Debug)]
pub struct Room {
    small: usize,
    calls: Arc<Semaphore>,
    small_messages: Arc<Semaphore>,
    large_messages: Arc<Semaphore>,
}

impl Room {
    /// Room of this size.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self {
            small: size.small,
            calls: semaphore(size.calls),
            small_messages: semaphore(size.small_messages),
            large_messages: semaphore(size.large_messages),
        }
    }

    fn for_call(&self) -> Result<OwnedSemaphorePermit, Status> {
        let call = self.calls.clone().try_acquire_owned();
        call.map_err(|_| Status::resource_exhausted("too many calls are under way; try again"))
    }

    /// Room for a message of so many bytes.
    pub(crate) fn for_message(&self, length: usize) -> Result<OwnedSemaphorePermit, Status> {
        let room = if length <= self.small {
            &self.small_messages
        } else {
            &self.large_messages
        };
        // A number that is too large is more than there is room for.
        let bytes = u32::try_from(length).unwrap_or(u32::MAX);
        let message = room.clone().try_acquire_many_owned(bytes);
        message.map_err(|_| {
            Status::resource_exhausted(format!(
                "no room for a message of {length} bytes beside those that are arriving; try again"
            ))
        })
    }
}

impl Middleware for Room {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        let call = match self.for_call() {
            Ok(call) => call,
            Err(refusal) => return refusal.into_http(),
        };
        let taken = Arc::new(Taken {
            _call: call,
            message: Mutex::new(None),
        });
        let taking = taken.clone();
        let request =
            request.map(|body| inspect_lengths(body, move |length| taking.replace(&self, length)));
        let response = ask(inner, request).await;
        response.map(|body| {
            inspect_frames(body, move |_| {
                // Held until the answer has gone.
                let _ = &taken;
                Ok(())
            })
        })
    }
}

/// What a call has taken. It is given back with the last that refers to it.
struct Taken {
    _call: OwnedSemaphorePermit,
    /// The room of the message that came last. Of a stream, those before it have been read.
    message: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Taken {
    fn replace(&self, room: &Room, length: usize) -> Result<(), Status> {
        let mut message = self.message.lock().unwrap_or_else(PoisonError::into_inner);
        // The room of the one before may be just what this one needs.
        *message = None;
        *message = Some(room.for_message(length)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::middleware::Wrap;
    use bytes::Bytes;
    use http_body_util::BodyExt as _;
    use std::convert::Infallible;
    use tonic::body::Body;
    use tower::{Layer as _, ServiceExt as _};

    const SIZE: Size = Size {
        calls: 3,
        small: 10,
        small_messages: 15,
        large_messages: 30,
    };

    /// Reads the message, and answers with it.
    async fn echo(request: Request) -> Result<Response, Infallible> {
        let response = match request.into_body().collect().await {
            Ok(body) => Response::new(Body::new(http_body_util::Full::new(body.to_bytes()))),
            Err(refusal) => refusal.into_http(),
        };
        Ok(response)
    }

    /// The answer to a message of this length.
    async fn call(room: &Room, length: u8) -> Response {
        let mut message = vec![0, 0, 0, 0, length];
        message.resize(5 + usize::from(length), 0);
        let body = Body::new(http_body_util::Full::new(Bytes::from(message)));
        let service = Wrap(room.clone()).layer(tower::service_fn(echo));
        let Ok(response) = service.oneshot(Request::new(body)).await;
        response
    }

    fn refusal(response: &Response) -> Option<String> {
        let status = Status::from_header_map(response.headers());
        status.map(|status| status.message().to_owned())
    }

    #[tokio::test]
    async fn a_message_holds_its_room_until_the_answer_has_gone() {
        let room = Room::new(SIZE);
        let first = call(&room, 20).await;
        let second = call(&room, 11).await;
        assert_eq!(refusal(&first), None);
        assert_eq!(
            refusal(&second).as_deref(),
            Some("no room for a message of 11 bytes beside those that are arriving; try again")
        );
        first.into_body().collect().await.expect("the message");
        assert_eq!(refusal(&call(&room, 11).await), None);
    }

    #[test]
    fn there_is_room_for_one_of_the_longest() {
        let size = Size::default();
        assert_eq!(Size::with(8 * 1024 * 1024), size);
        let longest = size.large_messages * 2;
        assert_eq!(Size::with(longest).large_messages, longest);
    }

    #[tokio::test]
    async fn large_messages_do_not_keep_small_ones_out() {
        let room = Room::new(SIZE);
        let large = call(&room, 30).await;
        let small = call(&room, 10).await;
        assert_eq!(refusal(&large), None);
        assert_eq!(refusal(&small), None);
        // Nor are there as many small ones as anybody likes.
        assert!(refusal(&call(&room, 10).await).is_some());
    }

    #[tokio::test]
    async fn there_may_be_so_many_calls() {
        let room = Room::new(SIZE);
        let mut answers = Vec::new();
        for _ in 0..SIZE.calls {
            answers.push(call(&room, 0).await);
        }
        let refused = call(&room, 0).await;
        assert_eq!(refused.headers()["grpc-status"], "8");
        assert_eq!(
            refusal(&refused).as_deref(),
            Some("too many calls are under way; try again")
        );
        answers.pop();
        assert_eq!(refusal(&call(&room, 0).await), None);
    }
}
