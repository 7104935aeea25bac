//! A look at how long each message of a body says that it is, before any of it is kept in memory.

use bytes::Buf as _;
use tonic::Status;
use tonic::body::Body;

use super::frames::inspect_frames;

/// The body, the length of each of whose messages is shown to `inspect` before it goes on. A refusal
/// ends the body.
pub(super) fn inspect_lengths(
    body: Body,
    mut inspect: impl FnMut(usize) -> Result<(), Status> + Send + Unpin + 'static,
) -> Body {
    let mut messages = Messages::default();
    inspect_frames(body, move |frame| match frame.data_ref() {
        Some(data) => messages.follow(data, &mut inspect),
        None => Ok(()),
    })
}

/// Follows a stream of messages: a byte that says whether the message is compressed, four that say
/// how long it is, and the message.
#[derive(Default)]
struct Messages {
    /// How much of the header was seen, and the length as far as it was seen.
    seen: usize,
    length: usize,
    /// How much of the message is still to come.
    rest: usize,
}

impl Messages {
    const HEADER: usize = 5;

    fn follow(
        &mut self,
        mut data: &[u8],
        inspect: &mut impl FnMut(usize) -> Result<(), Status>,
    ) -> Result<(), Status> {
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
                    inspect(self.length)?;
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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths that are found in a stream which comes in parts of this size.
    fn found(stream: &[u8], size: usize) -> Vec<usize> {
        let mut messages = Messages::default();
        let mut lengths = Vec::new();
        for part in stream.chunks(size) {
            let mut note = |length| {
                lengths.push(length);
                Ok(())
            };
            messages.follow(part, &mut note).expect("no refusal");
        }
        lengths
    }

    #[test]
    fn lengths_are_found_however_the_stream_is_cut() {
        let lengths = [0, 1, 10, 0, 11];
        let frame = |length: &u8| {
            let mut frame = vec![0, 0, 0, 0, *length];
            frame.resize(Messages::HEADER + usize::from(*length), 0xff);
            frame
        };
        let stream: Vec<u8> = lengths.iter().flat_map(frame).collect();
        for size in 1..=stream.len() {
            let expected = lengths.map(usize::from);
            assert_eq!(found(&stream, size), expected, "in parts of {size}");
        }
    }

    #[test]
    fn the_largest_length_is_read_as_it_is() {
        assert_eq!(found(&[1, 0xff, 0xff, 0xff, 0xff], 5), [0xffff_ffff]);
    }

    #[test]
    fn a_refusal_ends_the_stream() {
        let mut refuse = |_| Err(Status::resource_exhausted("no"));
        let refusal = Messages::default().follow(&[0, 0, 0, 0, 1], &mut refuse);
        assert_eq!(refusal.expect_err("refused").message(), "no");
    }
}
