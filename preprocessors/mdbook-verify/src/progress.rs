//! Says what takes long, how far it is and how long it took, on standard error.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Where progress goes.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    quiet: bool,
}

impl Progress {
    /// Progress on standard error.
    #[must_use]
    pub fn shown() -> Self {
        Self { quiet: false }
    }

    /// No progress.
    #[must_use]
    pub fn quiet() -> Self {
        Self { quiet: true }
    }

    /// Begins something that may take long. It is named once it has taken two seconds, then every
    /// fifteen, and when it ends.
    #[must_use]
    pub fn start(&self, what: impl Into<String>) -> Task {
        Task {
            what: what.into(),
            begun: Instant::now(),
            count: Cell::new(0),
            next: Cell::new(if self.quiet {
                Duration::MAX
            } else {
                Duration::from_secs(2)
            }),
            named: Cell::new(false),
        }
    }
}

/// Something that may take long.
#[derive(Debug)]
pub struct Task {
    what: String,
    begun: Instant,
    count: Cell<usize>,
    next: Cell<Duration>,
    named: Cell<bool>,
}

impl Task {
    /// Time has passed.
    pub fn tick(&self) {
        let taken = self.begun.elapsed();
        if taken < self.next.get() {
            return;
        }
        self.next.set(taken + Duration::from_secs(15));
        self.named.set(true);
        self.say("…");
    }

    /// One more of what is counted is done.
    pub fn count(&self) {
        self.count.set(self.count.get() + 1);
        self.tick();
    }

    fn say(&self, end: &str) {
        let done = match self.count.get() {
            0 => String::new(),
            count => format!(", {count} done"),
        };
        let seconds = self.begun.elapsed().as_secs_f32();
        let dim = if std::io::stderr().is_terminal() {
            ("\u{1b}[2m", "\u{1b}[0m")
        } else {
            ("", "")
        };
        eprintln!(
            "{}verify: {}{done}, {seconds:.0} s{end}{}",
            dim.0, self.what, dim.1
        );
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.named.get() {
            self.say(" (finished)");
        }
    }
}
