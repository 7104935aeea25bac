//! Lets calls in whose `:authority` is percent-encoded.
//!
//! OpenIM's callers resolve names like `etcd:///openim/auth-service-rpc-service`, and grpc-go then
//! sends `openim%2Fauth-service-rpc-service` as authority. That is what RFC 3986 permits for a
//! registered name. The HTTP/2 library below refuses it, and has no switch for that: it resets the
//! stream, and no call of OpenIM ever arrives. Nobody here reads the authority. So the characters
//! that are not to its taste become dots, in the bytes, before it reads them.
//!
//! The text keeps its length and, since all three characters have codes of six bits in HPACK's
//! Huffman code, so do its bytes: neither frames nor HPACK's table of earlier fields change.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

const FRAME_HEADER: usize = 9;
/// The type of the frame that a call begins with.
const HEADERS: u8 = 1;
/// The type of the frames that headers go on in if one frame is not enough.
const CONTINUATION: u8 = 9;
const PADDED: u8 = 0x08;
const PRIORITY: u8 = 0x20;
/// A longer frame is an error, which is for the library to say.
const LONGEST_FRAME: usize = 16 * 1024;
/// How long the headers of a call may be on the wire, over all their frames. The library answers
/// those that are too long, but keeps what comes of them until then: more than these are no call.
const LONGEST_HEADERS: usize = 2 * LONGEST_FRAME;
/// How much is read at once.
const CHUNK: usize = 8 * 1024;

/// Where `:authority` stands in HPACK's static table.
const AUTHORITY: usize = 1;
/// The codes of these characters in HPACK's Huffman code, all of six bits.
const PERCENT: u8 = 0b01_0101;
const SLASH: u8 = 0b01_1000;
const DOT: u8 = 0b01_0111;

/// What comes from a caller after the preface, with mended authorities.
pub(super) struct Mended<R> {
    inner: R,
    chunk: Box<[u8; CHUNK]>,
    buffer: BytesMut,
    /// How many bytes at the beginning of the buffer may be read.
    cleared: usize,
    /// How many bytes more may be, of a frame that is of no interest.
    passing: usize,
    headers: Headers,
    ended: bool,
}

impl<R> Mended<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            chunk: Box::new([0; CHUNK]),
            buffer: BytesMut::new(),
            cleared: 0,
            passing: 0,
            headers: Headers::default(),
            ended: false,
        }
    }

    /// Clears what may be read. Headers without end are an error.
    fn clear(&mut self) -> io::Result<()> {
        loop {
            let pending = &mut self.buffer[self.cleared..];
            if self.passing > 0 {
                let part = self.passing.min(pending.len());
                self.cleared += part;
                self.passing -= part;
                if part == 0 {
                    return Ok(());
                }
                continue;
            }
            let Some((header, rest)) = pending.split_at_mut_checked(FRAME_HEADER) else {
                return Ok(());
            };
            let length = u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize;
            let kind = header[3];
            self.headers.go_on(kind, length)?;
            if kind != HEADERS || length > LONGEST_FRAME {
                self.passing = FRAME_HEADER + length;
                continue;
            }
            // A call's headers have to be there as a whole.
            let Some(payload) = rest.get_mut(..length) else {
                return Ok(());
            };
            if let Some(block) = block(header[4], payload) {
                mend(block);
            }
            self.cleared += FRAME_HEADER + length;
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Mended<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.cleared == 0 && !this.ended {
            let mut chunk = ReadBuf::new(this.chunk.as_mut());
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut chunk))?;
            if chunk.filled().is_empty() {
                // What is left is no whole frame.
                this.ended = true;
                this.cleared = this.buffer.len();
            } else {
                this.buffer.extend_from_slice(chunk.filled());
                this.clear()?;
            }
        }
        let part = self.cleared.min(out.remaining());
        out.put_slice(&self.buffer[..part]);
        self.buffer.advance(part);
        self.cleared -= part;
        // What long headers needed is not kept for the rest of the connection.
        if self.buffer.is_empty() && self.buffer.capacity() > CHUNK {
            self.buffer = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

/// How long the headers of a call are so far.
#[derive(Default)]
struct Headers(usize);

impl Headers {
    /// Counts a frame, once or as often as it is looked at.
    fn go_on(&mut self, kind: u8, length: usize) -> io::Result<()> {
        match kind {
            HEADERS => self.0 = length,
            CONTINUATION => self.0 += length,
            _ => {}
        }
        if self.0 > LONGEST_HEADERS {
            let message = format!("headers of more than {LONGEST_HEADERS} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(())
    }
}

/// The fields in a frame, without what may stand before and behind them.
fn block(flags: u8, payload: &mut [u8]) -> Option<&mut [u8]> {
    let mut start = 0;
    let mut padding = 0;
    if flags & PADDED != 0 {
        padding = usize::from(*payload.first()?);
        start += 1;
    }
    if flags & PRIORITY != 0 {
        start += 5;
    }
    let end = payload.len().checked_sub(padding)?;
    payload.get_mut(start..end)
}

/// Mends the authority in a block of fields. What is no such block is left to the library.
fn mend(block: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while let Some(first) = block.get(at) {
        // The first bits say what kind of field it is, the others begin a number.
        let (prefix, literal) = match first {
            0x80.. => (7, false),
            0x40..0x80 => (6, true),
            0x20..0x40 => (5, false),
            0x00..0x20 => (4, true),
        };
        let name = integer(block, &mut at, prefix)?;
        if !literal {
            continue;
        }
        if name == 0 {
            text(block, &mut at)?;
        }
        let (huffman, value) = text(block, &mut at)?;
        if name == AUTHORITY {
            let value = block.get_mut(value)?;
            if huffman {
                mend_huffman(value);
            } else {
                mend_plain(value);
            }
        }
    }
    Some(())
}

/// A number of HPACK: what fits of it in the rest of a byte, then seven bits a byte.
fn integer(block: &[u8], at: &mut usize, prefix: u32) -> Option<usize> {
    let full = (1_usize << prefix) - 1;
    let mut number = usize::from(*block.get(*at)?) & full;
    *at += 1;
    if number < full {
        return Some(number);
    }
    for shift in [0, 7, 14, 21] {
        let byte = *block.get(*at)?;
        *at += 1;
        number += usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Whether a text is in Huffman code, and where it stands.
fn text(block: &[u8], at: &mut usize) -> Option<(bool, std::ops::Range<usize>)> {
    let huffman = *block.get(*at)? >= 0x80;
    let length = integer(block, at, 7)?;
    let start = *at;
    *at += length;
    (*at <= block.len()).then_some((huffman, start..*at))
}

fn mend_plain(text: &mut [u8]) {
    for byte in text {
        if matches!(byte, b'%' | b'/') {
            *byte = b'.';
        }
    }
}

/// Codes of a length are numbers in a row, so the first bits say how long a code is. Those of more
/// than eight bits belong to characters that no authority has.
fn mend_huffman(text: &mut [u8]) {
    let mut bit = 0;
    loop {
        let window = bits(text, bit);
        let length = match window {
            0..=0b0100_1111 => 5,
            0b0101_0000..=0b1011_0111 => 6,
            0b1011_1000..=0b1111_0111 => 7,
            0b1111_1000..=0b1111_1101 => 8,
            // The end is filled with ones.
            0b1111_1110.. => return,
        };
        if bit + length > text.len() * 8 {
            return;
        }
        if length == 6 && matches!(window >> 2, PERCENT | SLASH) {
            set_six_bits(text, bit, DOT);
        }
        bit += length;
    }
}

/// Eight bits from this one on, with ones behind the end.
fn bits(text: &[u8], bit: usize) -> u8 {
    let byte = |index: usize| text.get(index).copied().unwrap_or(0xff);
    let pair = u16::from_be_bytes([byte(bit / 8), byte(bit / 8 + 1)]);
    (pair >> (8 - bit % 8)).to_be_bytes()[1]
}

fn set_six_bits(text: &mut [u8], bit: usize, code: u8) {
    for offset in 0..6 {
        let at = bit + offset;
        let mask = 0x80 >> (at % 8);
        if code & (0b10_0000 >> offset) == 0 {
            text[at / 8] &= !mask;
        } else {
            text[at / 8] |= mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    /// In Huffman code, by the table of RFC 7541, appendix B, as far as the tests need it.
    fn huffman(text: &str) -> Vec<u8> {
        let codes = text.chars().map(|character| match character {
            'a' => "00011",
            'e' => "00101",
            'i' => "00110",
            'o' => "00111",
            's' => "01000",
            't' => "01001",
            '2' => "00010",
            '%' => "010101",
            '-' => "010110",
            '.' => "010111",
            '/' => "011000",
            'm' => "101001",
            'n' => "101010",
            'p' => "101011",
            ':' => "1011100",
            'F' => "1100010",
            'z' => "1111011",
            'X' => "11111100",
            other => panic!("no code for {other}"),
        });
        let mut bits: String = codes.collect();
        while !bits.len().is_multiple_of(8) {
            bits.push('1');
        }
        let byte = |byte: &[u8]| {
            let text = std::str::from_utf8(byte).expect("bits");
            u8::from_str_radix(text, 2).expect("bits")
        };
        bits.as_bytes().chunks(8).map(byte).collect()
    }

    /// A field with a text, whose name is in the static table.
    fn field(first: u8, huffman: bool, text: &[u8]) -> Vec<u8> {
        let length = u8::try_from(text.len()).expect("a short text");
        [&[first, length | u8::from(huffman) << 7], text].concat()
    }

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).expect("a short frame");
        [&[0, 0, length, kind, flags, 0, 0, 0, 1], payload].concat()
    }

    #[test]
    fn dots_take_the_place_of_what_is_refused() {
        let long = "openim%2Fsetmaz:X-noise".replace("s-", "");
        for (text, mended) in [
            ("openim%2Fa", "openim.2Fa"),
            ("openim/a", "openim.a"),
            ("%/%", "..."),
            ("zz%ss/X%", "zz.ss.X."),
            ("ats:oi.e-2", "ats:oi.e-2"),
            (long.as_str(), "openim.2Fsetmaz:X-noise"),
            ("", ""),
        ] {
            let mut code = huffman(text);
            mend_huffman(&mut code);
            assert_eq!(code, huffman(mended), "{text}");
            let mut plain = text.as_bytes().to_vec();
            mend_plain(&mut plain);
            assert_eq!(plain, mended.as_bytes());
        }
    }

    #[tokio::test]
    async fn only_the_authority_changes_however_the_stream_is_cut() {
        let path = field(0x44, false, b"/a%2Fb");
        let named = [&[0x40, 2], b"x/".as_slice(), &[2], b"a%"].concat();
        let headers = |authority: &[u8]| {
            [
                // An indexed field and a new size of the table.
                &[0x83, 0x3f, 0xe1, 0x1f],
                path.as_slice(),
                authority,
                &named,
            ]
            .concat()
        };
        let stream = |plain: &str, coded: &str| {
            [
                frame(4, 0, &[]),
                frame(HEADERS, 4, &headers(&field(0x41, false, plain.as_bytes()))),
                frame(0, 0, &headers(&field(0x41, false, b"data/%"))),
                frame(
                    HEADERS,
                    PADDED | PRIORITY,
                    &[
                        &[1, 0, 0, 0, 0, 9],
                        headers(&field(0x01, true, &huffman(coded))).as_slice(),
                        &[0],
                    ]
                    .concat(),
                ),
                // The end is missing.
                frame(HEADERS, 4, &field(0x41, false, b"a%"))[..10].to_vec(),
            ]
            .concat()
        };
        let before = stream("a%2Fb", "openim%2Fa");
        let after = stream("a.2Fb", "openim.2Fa");
        for size in 1..before.len() {
            let (mut sender, receiver) = tokio::io::duplex(size);
            let before = before.clone();
            tokio::spawn(
                async move { tokio::io::AsyncWriteExt::write_all(&mut sender, &before).await },
            );
            let mut read = Vec::new();
            let mut mended = Mended::new(receiver);
            mended.read_to_end(&mut read).await.expect("bytes");
            assert_eq!(read, after, "in parts of {size}");
        }
    }

    #[tokio::test]
    async fn headers_that_do_not_end_are_no_call() {
        let frame = |kind: u8, length: usize| {
            let bytes = u32::try_from(length).expect("a length").to_be_bytes();
            let header = [bytes[1], bytes[2], bytes[3], kind, 0, 0, 0, 0, 1];
            [header.as_slice(), &vec![0; length]].concat()
        };
        let half = LONGEST_HEADERS / 2;
        // Of several calls each may have as many.
        let taken = [
            frame(HEADERS, half),
            frame(CONTINUATION, half),
            frame(0, LONGEST_HEADERS),
            frame(HEADERS, half),
            frame(CONTINUATION, half - 1),
            frame(CONTINUATION, 1),
        ]
        .concat();
        let mut read = Vec::new();
        let mut mended = Mended::new(taken.as_slice());
        mended.read_to_end(&mut read).await.expect("bytes");
        assert_eq!(read, taken);
        let refused = [taken, frame(CONTINUATION, 1)].concat();
        let mut mended = Mended::new(refused.as_slice());
        let error = mended.read_to_end(&mut read).await.expect_err("too many");
        assert_eq!(error.to_string(), "headers of more than 32768 bytes");
    }

    #[test]
    fn no_block_of_fields_does_harm() {
        // All short ones, most of which are no fields.
        for length in 0..3_u32 {
            for number in 0..256_u32.pow(length) {
                let mut bytes = number.to_le_bytes()[..length as usize].to_vec();
                mend(&mut bytes);
                if let Some(block) = block(PADDED | PRIORITY, &mut bytes) {
                    mend(block);
                }
            }
        }
        // Numbers that never end, or are larger than what is there.
        mend(&mut [0xff; 100]);
        mend(&mut [0x41, 0xff, 0xff, 0xff, 0xff, 0x7f]);
        mend(&mut [0x41, 0x85, 0]);
    }
}
