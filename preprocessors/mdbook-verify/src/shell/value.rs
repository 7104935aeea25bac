//! What a word comes to, as far as that can be known without running anything.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Part, Word};

/// Encloses what only a run could tell, such as `$(go env GOOS)`. Two words that say the same come
/// to the same value all the same, so a path that one step makes is known to the next.
const ATOM: char = '\u{1}';

/// Stands for a slash inside of such an atom, which separates no folders.
const SLASH: char = '\u{2}';

/// The longest value that is worked out: a variable may hold itself twice, again and again.
const LONGEST: usize = 1 << 14;

/// The value of something that only a run could tell, written as the script has it.
#[must_use]
pub fn atom(source: &str) -> String {
    format!("{ATOM}{}{ATOM}", source.replace('/', &SLASH.to_string()))
}

/// A value for people.
#[must_use]
pub fn shown(text: &str) -> String {
    text.replace(ATOM, "").replace(SLASH, "/")
}

/// The variables whose values the script itself has set.
pub type Known = BTreeMap<String, String>;

/// The value of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// As the program gets it, with atoms for what only a run can tell.
    pub text: String,
    /// Whether the shell would look for files that match it.
    pub pattern: bool,
    /// Where it stands.
    pub at: Range<usize>,
    pieces: Vec<Piece>,
}

/// A run of a value's bytes and where they stand in the script.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    value: usize,
    at: Range<usize>,
    /// Whether it stands there byte for byte.
    same: bool,
}

impl Word {
    /// Its text, if it is written without any quotes or variables.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [
                Part::Text {
                    text,
                    quoted: false,
                    ..
                },
            ] => Some(text),
            _ => None,
        }
    }

    /// What the word comes to, given what the script has set before. `source` is the script.
    #[must_use]
    pub fn value(&self, known: &Known, source: &str) -> Value {
        let mut value = Value {
            at: self.at.clone(),
            ..Value::default()
        };
        for part in &self.parts {
            value.push(part, known, source);
        }
        value
    }
}

impl Value {
    fn push(&mut self, part: &Part, known: &Known, source: &str) {
        let start = self.text.len();
        let of = |at: &Range<usize>| source.get(at.clone()).unwrap_or_default();
        let (at, same) = match part {
            Part::Text { text, at, quoted } => {
                self.pattern |= !quoted && text.contains(['*', '?', '[', '{']);
                let home = !quoted && start == 0 && (text == "~" || text.starts_with("~/"));
                if home {
                    self.text += &atom("$HOME");
                    self.text += &text[1..];
                    self.pieces.push(Piece {
                        value: start,
                        at: at.start..at.start + 1,
                        same: false,
                    });
                    let piece = Piece {
                        value: self.text.len() + 1 - text.len(),
                        at: at.start + 1..at.end,
                        same: true,
                    };
                    self.pieces.push(piece);
                    return;
                }
                self.text += text;
                (at, text.len() == at.len())
            }
            Part::Variable {
                name,
                whole,
                changed,
                ..
            } => {
                match known
                    .get(name)
                    .filter(|value| !changed && value.len() + start <= LONGEST)
                {
                    Some(value) => self.text += value,
                    None if *changed => self.text += &atom(of(whole)),
                    None => self.text += &atom(&format!("${name}")),
                }
                (whole, false)
            }
            // What stands in for a variable adds nothing to it.
            Part::Computed { at, .. } if at.is_empty() => return,
            Part::Output { at, .. } | Part::Computed { at, .. } => {
                self.text += &atom(of(at));
                (at, false)
            }
        };
        self.pieces.push(Piece {
            value: start,
            at: at.clone(),
            same,
        });
    }

    /// Whether nothing of it is left to a run.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.text.contains(ATOM)
    }

    /// What it has from a byte on, as a value of its own.
    #[must_use]
    pub fn from(&self, byte: usize) -> Self {
        let byte = byte.min(self.text.len());
        if byte == 0 {
            return self.clone();
        }
        let first = self
            .pieces
            .partition_point(|piece| piece.value <= byte)
            .saturating_sub(1);
        let pieces = self.pieces.iter().skip(first).map(|piece| {
            let cut = byte.saturating_sub(piece.value);
            let start = if piece.same {
                piece.at.start + cut
            } else {
                piece.at.start
            };
            Piece {
                value: piece.value.saturating_sub(byte),
                at: start.min(piece.at.end)..piece.at.end,
                same: piece.same,
            }
        });
        Self {
            text: self.text[byte..].to_owned(),
            pattern: self.pattern,
            at: self.place(byte..self.text.len()),
            pieces: pieces.collect(),
        }
    }

    /// The place in the script of a range of the value's bytes.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        if range.start == 0 && range.end >= self.text.len() {
            return self.at.clone();
        }
        let start = self.position(range.start, false);
        let end = self.position(range.end, true);
        start..end.max(start)
    }

    fn position(&self, byte: usize, end: bool) -> usize {
        // The end of a range belongs to the piece before it.
        let inside = byte.saturating_sub(usize::from(end));
        let after = self.pieces.partition_point(|piece| piece.value <= inside);
        let Some(piece) = after.checked_sub(1).map(|index| &self.pieces[index]) else {
            return self.at.start;
        };
        match (piece.same, end) {
            (true, _) => (piece.at.start + byte - piece.value).min(piece.at.end),
            (false, true) => piece.at.end,
            (false, false) => piece.at.start,
        }
    }
}
