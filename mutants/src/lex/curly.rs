//! Lexemes of languages with curly braces. What they mean is for each language to say.

use std::ops::Range;

/// How a language writes comments and texts.
pub(super) struct Syntax {
    /// Characters that begin and end a text; a backslash in it takes the next one along.
    pub(super) quotes: &'static [char],
    /// One that takes nothing along and goes over lines.
    pub(super) raw: Option<char>,
    /// Whether `'` may begin a lifetime, and `r#"` a text.
    pub(super) rust: bool,
}

/// What a lexeme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    /// Begins with a digit.
    Number,
    /// What stands between quotes, of one line.
    Text,
    /// Any other character.
    Mark(char),
}

/// A lexeme and where it stands. The range of a text leaves the quotes out.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
}

/// The lexemes of a text, comments and white space left out.
pub(super) fn lexemes(text: &str, syntax: &Syntax) -> Vec<Lexeme> {
    let mut lexer = Lexer {
        text,
        at: 0,
        found: Vec::new(),
    };
    while let Some(c) = text[lexer.at..].chars().next() {
        lexer.next(c, syntax);
    }
    lexer.found
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    found: Vec<Lexeme>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn next(&mut self, c: char, syntax: &Syntax) {
        let rest = self.rest();
        if c.is_whitespace() {
            self.at += c.len_utf8();
        } else if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if syntax.raw == Some(c) {
            self.quoted(1, &c.to_string(), false);
        } else if syntax.rust && raw_opening(rest).is_some() {
            let opening = raw_opening(rest).unwrap_or_default();
            let hashes = "#".repeat(opening - 2);
            self.quoted(opening, &format!("\"{hashes}"), false);
        } else if syntax.rust && c == '\'' && !is_character(rest) {
            // A lifetime: the quote is nothing, its name a word.
            self.at += 1;
        } else if syntax.quotes.contains(&c) {
            self.quoted(1, &c.to_string(), true);
        } else if c.is_ascii_digit() {
            self.run(Kind::Number, |c| {
                c.is_alphanumeric() || c == '.' || c == '_'
            });
        } else if c.is_alphabetic() || c == '_' {
            self.run(Kind::Word, |c| c.is_alphanumeric() || c == '_');
        } else {
            self.push(Kind::Mark(c), c.len_utf8());
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let at = self.at..self.at + length;
        self.at = at.end;
        self.found.push(Lexeme { kind, at });
    }

    fn run(&mut self, kind: Kind, goes_on: impl Fn(char) -> bool) {
        let rest = self.rest();
        let length = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        self.push(kind, length);
    }

    /// A text behind `opening` bytes, up to `closing`; each of its lines that holds something
    /// becomes a lexeme.
    fn quoted(&mut self, opening: usize, closing: &str, escapes: bool) {
        let start = self.at + opening;
        let text = &self.text[start..];
        let mut end = 0;
        let mut ahead = text.chars();
        while !ahead.as_str().is_empty() && !text[end..].starts_with(closing) {
            if ahead.next() == Some('\\') && escapes {
                ahead.next();
            }
            end = text.len() - ahead.as_str().len();
        }
        for (at, line) in super::lines(&text[..end]) {
            let trimmed = line.trim();
            let at = start + at + line.len() - line.trim_start().len();
            if !trimmed.is_empty() {
                let at = at..at + trimmed.len();
                self.found.push(Lexeme {
                    kind: Kind::Text,
                    at,
                });
            }
        }
        self.at = (start + end + closing.len()).min(self.text.len());
    }
}

/// The length of `r"`, `r#"` and so on, if the text begins with one.
fn raw_opening(rest: &str) -> Option<usize> {
    let behind = rest.strip_prefix('r')?;
    let hashes = behind.len() - behind.trim_start_matches('#').len();
    behind[hashes..].starts_with('"').then_some(hashes + 2)
}

/// Whether a `'` begins a character and not a lifetime.
fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    let first = chars.next();
    first == Some('\\') || chars.next() == Some('\'')
}

/// The lexemes of a text by number, with the questions that languages ask about neighbours.
pub(super) struct Lexemes<'t> {
    pub(super) text: &'t str,
    pub(super) all: Vec<Lexeme>,
}

impl<'t> Lexemes<'t> {
    pub(super) fn new(text: &'t str, syntax: &Syntax) -> Self {
        Self {
            text,
            all: lexemes(text, syntax),
        }
    }

    pub(super) fn word(&self, index: usize) -> &'t str {
        &self.text[self.all[index].at.clone()]
    }

    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.all.get(index).map(|lexeme| lexeme.kind)
    }

    /// The lexeme before, as text, if it stands on the same line.
    pub(super) fn before(&self, index: usize) -> Option<usize> {
        let before = index.checked_sub(1)?;
        self.same_line(before, index).then_some(before)
    }

    /// The lexeme behind, if it stands on the same line.
    pub(super) fn behind(&self, index: usize) -> Option<usize> {
        let behind = index + 1;
        (behind < self.all.len() && self.same_line(index, behind)).then_some(behind)
    }

    /// Whether nothing stands between a lexeme and the one behind it.
    pub(super) fn touch(&self, first: usize, second: usize) -> bool {
        self.all[first].at.end == self.all[second].at.start
    }

    fn same_line(&self, first: usize, second: usize) -> bool {
        !self.text[self.all[first].at.end..self.all[second].at.start].contains('\n')
    }

    /// Whether the lexeme is this character.
    pub(super) fn is(&self, index: Option<usize>, mark: char) -> bool {
        index.and_then(|index| self.kind(index)) == Some(Kind::Mark(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: Syntax = Syntax {
        quotes: &['"', '\''],
        raw: None,
        rust: true,
    };

    fn of(text: &str, syntax: &Syntax) -> Vec<(Kind, String)> {
        let found = lexemes(text, syntax).into_iter();
        found
            .map(|lexeme| (lexeme.kind, text[lexeme.at].to_owned()))
            .collect()
    }

    #[test]
    fn comments_are_left_out_and_quotes_hide_them() {
        let go = Syntax {
            quotes: &['"', '\''],
            raw: Some('`'),
            rust: false,
        };
        let text = "a // b \"\n/* c\n*/ \"// d\\\"\" `e\\\n f`";
        let wanted = [
            (Kind::Word, "a"),
            (Kind::Text, "// d\\\""),
            (Kind::Text, "e\\"),
            (Kind::Text, "f"),
        ];
        assert_eq!(of(text, &go), wanted.map(|(k, t)| (k, t.to_owned())));
    }

    #[test]
    fn a_lifetime_is_no_character() {
        let wanted = [
            (Kind::Mark('&'), "&"),
            (Kind::Word, "a"),
            (Kind::Word, "str"),
            (Kind::Text, "x"),
            (Kind::Text, "\\'"),
            (Kind::Text, "q\" /*"),
            (Kind::Number, "1_000"),
        ];
        assert_eq!(
            of("&'a str 'x' '\\'' r#\"q\" /*\"# 1_000", &RUST),
            wanted.map(|(k, t)| (k, t.to_owned()))
        );
    }
}
