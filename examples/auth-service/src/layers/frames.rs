//! A hand on each frame of a body on its way: pieces of messages, and trailers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

/// What comes of asking a body for its next frame.
pub(crate) type Next = Poll<Option<Result<Frame<Bytes>, Status>>>;

/// The body, each of whose frames is shown to `inspect` before it goes on. A refusal ends the body.
pub(super) fn inspect_frames(
    body: Body,
    mut inspect: impl FnMut(&Frame<Bytes>) -> Result<(), Status> + Send + Unpin + 'static,
) -> Body {
    poll_frames(body, move |body, context| {
        let frame = ready!(body.poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Err(refusal) = inspect(frame)
        {
            return Poll::Ready(Some(Err(refusal)));
        }
        Poll::Ready(frame)
    })
}

/// The body, each of whose frames `poll` asks for.
pub(crate) fn poll_frames(
    body: Body,
    poll: impl FnMut(Pin<&mut Body>, &mut Context<'_>) -> Next + Send + Unpin + 'static,
) -> Body {
    Body::new(Polled { body, poll })
}

struct Polled<F> {
    body: Body,
    poll: F,
}

impl<F> http_body::Body for Polled<F>
where
    F: FnMut(Pin<&mut Body>, &mut Context<'_>) -> Next + Unpin,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Next {
        let Self { body, poll } = &mut *self;
        poll(Pin::new(body), context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body whose parts come one by one, each after a pause.
#[cfg(test)]
pub(crate) fn in_parts(parts: usize, pause: std::time::Duration) -> Body {
    use futures_util::StreamExt as _;

    let frames = futures_util::stream::iter(0..parts).then(move |_| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Status>(Frame::data(Bytes::from_static(b"part")))
    });
    Body::new(http_body_util::StreamBody::new(frames))
}
