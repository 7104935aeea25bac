//! Reads what another program writes in many small pieces as few large ones. mdBook writes a request
//! in thousands; a reader that waited for each would be woken for each, and hold up the writer.

use std::io::{self, Read};
use std::thread;
use std::time::Duration;

/// How much is taken at once: what a pipe holds.
const GULP: usize = 1 << 16;

/// How long the other program may write before it is looked at again: by far not a full pipe.
const PAUSE: Duration = Duration::from_micros(200);

/// What is read from `input`, in gulps.
pub fn gulps(input: impl Read) -> impl Read {
    io::BufReader::with_capacity(GULP, Gulps { input, full: false })
}

struct Gulps<R> {
    input: R,
    /// Whether there was as much as was asked for, so that there is more.
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
