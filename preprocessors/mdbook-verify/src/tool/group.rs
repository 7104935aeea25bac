//! A program together with whatever it starts: the two are ended together.
//!
//! On Unix each program leads a process group. The terminal's signals do not reach such a group, so
//! a program that starts some calls [`end_with_this_one`]. Elsewhere only the program itself is
//! ended.

use std::collections::BTreeSet;
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The leaders of the groups that run.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn running() -> MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running program. Dropping it ends it and whatever it started.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) child: Child,
    ended: bool,
}

impl Group {
    /// Starts a program.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        lead(command);
        // Held until the program is listed: a signal in between would forget it.
        let mut running = running();
        let child = command.spawn()?;
        running.insert(child.id());
        Ok(Self {
            child,
            ended: false,
        })
    }

    /// How the program ended, if it has.
    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        self.ended |= status.is_some();
        Ok(status)
    }

    /// Ends what the program left behind.
    pub(super) fn end_the_rest(&self) {
        end(self.child.id());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.ended {
            end(self.child.id());
            // It may have ended by itself meanwhile; there is nobody left to tell.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        running().remove(&self.child.id());
    }
}

#[cfg(unix)]
fn lead(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn lead(_: &mut Command) {}

/// Ends a group. That nothing is left of it is no error.
#[cfg(unix)]
fn end(leader: u32) {
    let leader = i32::try_from(leader)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(leader) = leader {
        let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn end(_: u32) {}

/// Has all running programs end when Ctrl-C or a request to terminate ends this one.
///
/// # Errors
/// When signals cannot be waited for.
#[cfg(unix)]
pub fn end_with_this_one() -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // Kept to the end: no program starts any more.
            let running = running();
            for leader in running.iter() {
                end(*leader);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(())
}

/// Has all running programs end when Ctrl-C or a request to terminate ends this one. Here the
/// console's signals reach them anyway.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn end_with_this_one() -> io::Result<()> {
    Ok(())
}
