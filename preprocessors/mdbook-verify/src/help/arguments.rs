//! Arguments, told apart by what the program's help says.

use std::ops::Range;

use crate::finding::nearest;
use crate::shell::Value;

use super::{Help, Style, Takes};

/// An argument as the program reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A flag.
    Flag {
        /// Its name, with dashes.
        name: String,
        /// Its value: which word holds it, and from which byte on.
        value: Option<(usize, usize)>,
    },
    /// Anything else: which word.
    Operand(usize),
}

/// An argument that the program would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Which word.
    pub word: usize,
    /// Which bytes of its value.
    pub part: Range<usize>,
    /// What is wrong.
    pub kind: WrongKind,
}

/// What is wrong with a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongKind {
    /// The help does not know it.
    Unknown {
        /// The flag.
        flag: String,
        /// The one that may have been meant.
        meant: Option<String>,
    },
    /// It needs a value.
    Needs(String),
    /// It takes none.
    TakesNone(String),
}

/// Tells the flags of `words` from the rest. With `first`, it stops at the first operand, which
/// then is the name of a command.
#[must_use]
pub fn arguments(help: &Help, words: &[Value], first: bool) -> (Vec<Argument>, Vec<Wrong>) {
    let mut reader = Reader {
        help,
        words,
        at: 0,
        found: Vec::new(),
        wrong: Vec::new(),
    };
    reader.read(first);
    (reader.found, reader.wrong)
}

struct Reader<'a> {
    help: &'a Help,
    words: &'a [Value],
    at: usize,
    found: Vec<Argument>,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn read(&mut self, first: bool) {
        while let Some(word) = self.words.get(self.at) {
            let index = self.at;
            let text = word.text.as_str();
            self.at += 1;
            if text == "--" && self.help.style != Style::Expression {
                self.found
                    .extend((self.at..self.words.len()).map(Argument::Operand));
                return;
            }
            if !text.starts_with('-') || text.len() == 1 {
                self.found.push(Argument::Operand(index));
                if first {
                    return;
                }
                if self.help.style == Style::Go {
                    self.found
                        .extend((self.at..self.words.len()).map(Argument::Operand));
                    return;
                }
                continue;
            }
            match self.help.style {
                Style::Gnu if text.starts_with("--") => self.long(index),
                Style::Gnu => self.short(index),
                Style::Go => self.long(index),
                Style::Expression => self.expression(index),
            }
        }
    }

    fn long(&mut self, index: usize) {
        let text = self.words[index].text.as_str();
        let (name, value) = match text.split_once('=') {
            Some((name, _)) => (name, Some((index, name.len() + 1))),
            None => (text, None),
        };
        let Some((name, takes)) = self.known(name) else {
            self.unknown(index, 0..name.len(), name);
            return;
        };
        if takes == Takes::Nothing && value.is_some() && self.help.style == Style::Gnu {
            self.complain(index, 0..text.len(), WrongKind::TakesNone(name.clone()));
        }
        let value = match (takes, value) {
            (Takes::Value, None) => match self.next(index, &name, 0..text.len()) {
                None => return,
                next => next,
            },
            (_, value) => value,
        };
        self.found.push(Argument::Flag { name, value });
    }

    /// A flag by the name that the help gives it: Go's programs take one dash or two.
    fn known(&self, name: &str) -> Option<(String, Takes)> {
        let other = match name.strip_prefix("--") {
            Some(bare) => format!("-{bare}"),
            None => format!("-{name}"),
        };
        let go = self.help.style == Style::Go;
        let names = [Some(name.to_owned()), go.then_some(other)];
        names
            .into_iter()
            .flatten()
            .find_map(|name| Some((name.clone(), self.help.takes(&name)?)))
    }

    fn short(&mut self, index: usize) {
        let text = self.words[index].text.as_str();
        // Some programs have long flags behind one dash, and `-9` may be one of a kind.
        if let Some(takes) = self.help.takes(text) {
            let value = match takes {
                Takes::Value => self.next(index, text, 0..text.len()),
                _ => None,
            };
            self.found.push(Argument::Flag {
                name: text.to_owned(),
                value,
            });
            return;
        }
        if text[1..].bytes().all(|b| b.is_ascii_digit()) {
            let number = self.help.takes("-NUM").or(self.help.takes("-N"));
            if number.is_some() || self.help.flags.contains_key("-n") {
                self.found.push(Argument::Flag {
                    name: "-NUM".into(),
                    value: Some((index, 1)),
                });
                return;
            }
        }
        for (at, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            let behind = at + letter.len_utf8();
            let Some(takes) = self.help.takes(&name) else {
                self.unknown_letter(index, at..behind, &name);
                return;
            };
            let rest = (behind < text.len()).then_some((index, behind));
            match takes {
                Takes::Nothing | Takes::Unsaid => {
                    self.found.push(Argument::Flag { name, value: None });
                }
                Takes::Attached => {
                    self.found.push(Argument::Flag { name, value: rest });
                    return;
                }
                Takes::Value => {
                    let value = rest.or_else(|| self.next(index, &name, at..behind));
                    self.found.push(Argument::Flag { name, value });
                    return;
                }
            }
        }
    }

    fn expression(&mut self, index: usize) {
        let text = &self.words[index].text;
        if self.help.takes(text).is_none() && text[1..].parse::<f64>().is_err() {
            self.unknown(index, 0..text.len(), text);
        }
    }

    /// The next word as a flag's value.
    fn next(&mut self, index: usize, name: &str, part: Range<usize>) -> Option<(usize, usize)> {
        if self.at < self.words.len() {
            self.at += 1;
            return Some((self.at - 1, 0));
        }
        self.complain(index, part, WrongKind::Needs(name.to_owned()));
        None
    }

    fn unknown(&mut self, index: usize, part: Range<usize>, flag: &str) {
        let known = self.help.flags.keys().map(String::as_str);
        let bare = flag.trim_start_matches('-');
        // Without the dashes, which would make all flags look alike.
        let meant = nearest(bare, known.clone().map(|flag| flag.trim_start_matches('-')));
        let meant = meant.and_then(|meant| {
            let mut known = known;
            known
                .find(|flag| flag.trim_start_matches('-') == meant)
                .map(str::to_owned)
        });
        let flag = flag.to_owned();
        self.complain(index, part, WrongKind::Unknown { flag, meant });
    }

    /// A letter of several, or a long flag that lost a dash.
    fn unknown_letter(&mut self, index: usize, letter: Range<usize>, name: &str) {
        let text = self.words[index].text.as_str();
        let long = format!("-{text}");
        if text.len() > 2 && self.help.takes(&long).is_some() {
            let kind = WrongKind::Unknown {
                flag: text.to_owned(),
                meant: Some(long),
            };
            self.complain(index, 0..text.len(), kind);
            return;
        }
        let other_case: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_lowercase() {
                    c.to_ascii_uppercase()
                } else {
                    c.to_ascii_lowercase()
                }
            })
            .collect();
        let meant = self.help.takes(&other_case).map(|_| other_case);
        let kind = WrongKind::Unknown {
            flag: name.to_owned(),
            meant,
        };
        self.complain(index, letter, kind);
    }

    fn complain(&mut self, word: usize, part: Range<usize>, kind: WrongKind) {
        self.wrong.push(Wrong { word, part, kind });
    }
}
