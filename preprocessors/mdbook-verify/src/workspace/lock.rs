//! One run at a time in a workspace.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::progress::Progress;

/// Holds a workspace until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock at `path`, waiting for another run for up to `limit`.
    ///
    /// # Errors
    /// When the file cannot be created, or the other run does not finish in time.
    pub fn take(path: &Path, limit: Duration, progress: Progress) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        let deadline = Instant::now() + limit;
        let task = progress.start("waiting for another run on this book");
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() > deadline => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Err(TryLockError::WouldBlock) => {
                    task.tick();
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }
}
