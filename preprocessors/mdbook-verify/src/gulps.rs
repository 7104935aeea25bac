//! Reads in a few large pieces what another program writes in many small ones. mdBook writes a request
//! in thousands; a reader that waited for each would be woken for each, and hold up the writer.

use std::io::{self, Read};
use std::thread;
use std::time::Duration;

/// How much is taken at once: what a pipe holds.
const GULP: usize = 1 << 16;

/// How long the other program may write before it is looked at again: far too short to fill a pipe.
const PAUSE: Duration = Duration::from_micros(200);

/// What is read from `input`, in gulps.
pub fn gulps(input: impl Read) -> impl Read {
    io::BufReader::with_capacity(GULP, Gulps { input, full: false })
}

struct Gulps<R> {
    input: R,
    /// Whether there was as much as was asked for, so that there may be more.
    full: bool,
}

impl<R: Read> Read for Gulps<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.full {
            thread::sleep(PAUSE);
        }
        let count = self.input.read(buffer)?;
        self.full = count == buffer.len();
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// [`COUNT`] pieces of one byte, one every ten microseconds.
    struct Pieces<'a> {
        begun: std::time::Instant,
        given: usize,
        reads: &'a Cell<usize>,
    }

    const COUNT: usize = 1000;

    impl Read for Pieces<'_> {
        /// Gives what was written by now, and waits for the next piece as long as there is one.
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.reads.set(self.reads.get() + 1);
            let written = || {
                let pieces = self.begun.elapsed().as_micros() / 10;
                usize::try_from(pieces).unwrap().min(COUNT)
            };
            while self.given < COUNT && written() == self.given {}
            let count = (written() - self.given).min(buffer.len());
            buffer[..count].fill(b'a');
            self.given += count;
            Ok(count)
        }
    }

    #[test]
    fn small_pieces_are_taken_together() {
        let reads = Cell::new(0);
        let pieces = Pieces {
            begun: std::time::Instant::now(),
            given: 0,
            reads: &reads,
        };
        let mut text = String::new();
        gulps(pieces).read_to_string(&mut text).unwrap();
        assert_eq!(text.len(), COUNT);
        assert!(reads.get() < COUNT / 10, "{}", reads.get());
    }

    #[test]
    fn nothing_is_lost() {
        let all = "a".repeat(GULP * 3 + 1);
        let mut text = String::new();
        gulps(all.as_bytes()).read_to_string(&mut text).unwrap();
        assert_eq!(text, all);
    }
}
