//! What a program says about itself: its flags and commands, read from its own help.
//!
//! Help is written for people, in a handful of habits: a line for each flag (`-o, --output=FILE
//! what it does`), a usage line in brackets (`[-o output]`), and, with Go's own tools, sentences.
//! All are read, since most programs use more than one.

mod arguments;
mod capture;
mod read;

use std::collections::{BTreeMap, BTreeSet};

pub use arguments::{Argument, Wrong, WrongKind, arguments};
pub use capture::{Lookup, Program, Programs};

/// How a program reads its arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// `-abc` is three flags, `--long=value`, flags may follow operands.
    #[default]
    Gnu,
    /// `-long`, `--long` and `-long=value`; the first operand ends the flags.
    Go,
    /// Words that begin with a dash are part of an expression, such as `-f` for `test`: each must
    /// be spoken of, and nothing more is known about them.
    Expression,
}

/// Whether a flag takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// It takes none.
    Nothing,
    /// It may take one, which then is part of the same word.
    Attached,
    /// It takes one, in the same word or the next.
    Value,
    /// Its help does not say.
    Unsaid,
}

/// What a program's help says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// How the program reads its arguments.
    pub style: Style,
    /// The flags, with their dashes.
    pub flags: BTreeMap<String, Takes>,
    /// The commands, of one word or two.
    pub commands: BTreeSet<String>,
}

impl Help {
    /// Reads a help text.
    #[must_use]
    pub fn new(text: &str, style: Style) -> Self {
        let mut help = Self {
            style,
            ..Self::default()
        };
        read::read(text, &mut help);
        help
    }

    /// Adds what another text says, as far as this one does not speak of it.
    pub fn extend(&mut self, other: &Self) {
        for (flag, takes) in &other.flags {
            let known = self.flags.entry(flag.clone()).or_insert(*takes);
            if *known == Takes::Unsaid {
                *known = *takes;
            }
        }
    }

    fn takes(&self, flag: &str) -> Option<Takes> {
        self.flags.get(flag).copied()
    }
}

#[cfg(test)]
mod tests;
