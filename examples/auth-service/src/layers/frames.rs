//! A look at each frame of a body on its way: pieces of messages, and trailers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

/// The body, each of whose frames is shown to `inspect` before it goes on. A refusal ends the body.
pub(super) fn inspect_frames(
    body: Body,
    inspect: impl FnMut(&Frame<Bytes>) -> Result<(), Status> + Send + Unpin + 'static,
) -> Body {
    Body::new(Inspected { body, inspect })
}

struct Inspected<F> {
    body: Body,
    inspect: F,
}

impl<F> http_body::Body for Inspected<F>
where
    F: FnMut(&Frame<Bytes>) -> Result<(), Status> + Unpin,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Err(refusal) = (self.inspect)(frame)
        {
            return Poll::Ready(Some(Err(refusal)));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
