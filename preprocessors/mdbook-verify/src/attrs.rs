//! The words after a fence's backticks: language, flags, `key=value`.

use crate::finding::{Code, Finding, Span, nearest};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// One word of an info string after the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The flag, or the key before `=`.
    pub key: Spanned<String>,
    /// The text after `=`; none for a flag.
    pub value: Option<Spanned<String>>,
}

/// A parsed info string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The language; empty if the fence names none.
    pub language: Spanned<String>,
    /// The verifier's attributes.
    pub attributes: Vec<Attribute>,
    /// Words that mdBook or rustdoc read, passed on as they are.
    pub passed_on: Vec<String>,
}

/// Keys and flags of the grammar; `true` for those that take a value.
pub const KNOWN: &[(&str, bool)] = &[
    ("file", true),
    ("append", false),
    ("fragment", true),
    ("step", false),
    ("id", true),
    ("cwd", true),
    ("background", false),
    ("stops", true),
    ("output", false),
    ("of", true),
    ("tree", false),
    ("fails", true),
    ("edition", true),
    ("base", true),
    ("as", true),
    ("illustrative", true),
];

/// Words that belong to mdBook or rustdoc.
fn is_passed_on(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "editable",
        "noplayground",
        "noplaypen",
        "mdbook-runnable",
        "ignore",
        "no_run",
        "should_panic",
        "compile_fail",
        "standalone_crate",
    ];
    let error_code =
        word.len() == 5 && word.starts_with('E') && word[1..].bytes().all(|b| b.is_ascii_digit());
    let rust_edition = word
        .strip_prefix("edition")
        .is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()));
    WORDS.contains(&word) || word.starts_with("hidelines=") || error_code || rust_edition
}

/// Parses an info string that stands at `start` in the text of `chapter`. What is wrong with it
/// comes back as findings; the rest is still read.
#[must_use]
pub fn parse(info: &str, chapter: usize, start: usize) -> (Info, Vec<Finding>) {
    let mut parser = Parser {
        chapter,
        start,
        findings: Vec::new(),
    };
    let info = parser.info(info);
    (info, parser.findings)
}

struct Parser {
    chapter: usize,
    start: usize,
    findings: Vec<Finding>,
}

impl Parser {
    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.chapter, self.start + from, self.start + to)
    }

    fn info(&mut self, text: &str) -> Info {
        let mut words = split_words(text).into_iter();
        let (first_start, first) = words.next().unwrap_or((0, ""));
        // rustdoc's own form joins its words to the language: `rust,no_run`.
        let mut joined = first.split(',');
        let language = joined.next().unwrap_or("");
        let mut info = Info {
            language: Spanned {
                value: language.to_owned(),
                span: self.span(first_start, first_start + language.len()),
            },
            attributes: Vec::new(),
            passed_on: Vec::new(),
        };
        let mut at = first_start + language.len() + 1;
        for word in joined {
            self.word(word, at, &mut info);
            at += word.len() + 1;
        }
        for (at, word) in words {
            // So do the later ones: `compile_fail,E0382`. Values may hold commas of their own.
            let joined = if word.contains('=') {
                vec![word]
            } else {
                word.split(',').collect()
            };
            let mut at = at;
            for word in joined {
                self.word(word, at, &mut info);
                at += word.len() + 1;
            }
        }
        info
    }

    fn word(&mut self, word: &str, at: usize, info: &mut Info) {
        if word.is_empty() {
            return;
        }
        if is_passed_on(word) {
            info.passed_on.push(word.to_owned());
            return;
        }
        let (key, value) = match word.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (word, None),
        };
        let key_span = self.span(at, at + key.len());
        let Some(&(_, takes_value)) = KNOWN.iter().find(|(known, _)| *known == key) else {
            self.unknown(key, key_span);
            return;
        };
        if takes_value != value.is_some() {
            self.shape(key, takes_value, key_span);
            return;
        }
        let value = value.and_then(|raw| self.value(raw, at + key.len() + 1));
        if takes_value && value.is_none() {
            return;
        }
        if info.attributes.iter().any(|known| known.key.value == key) {
            self.findings.push(Finding::at(
                Code::ATTRIBUTE_CONFLICT,
                key_span,
                format!("`{key}` is given twice"),
            ));
            return;
        }
        info.attributes.push(Attribute {
            key: Spanned {
                value: key.to_owned(),
                span: key_span,
            },
            value,
        });
    }

    fn unknown(&mut self, key: &str, span: Span) {
        let known = KNOWN.iter().map(|(known, _)| *known);
        let help = nearest(key, known).map(|near| format!("did you mean `{near}`?"));
        let message = format!("`{key}` is no attribute of a block");
        self.findings
            .push(Finding::at(Code::ATTRIBUTE_UNKNOWN, span, message).maybe_help(help));
    }

    fn shape(&mut self, key: &str, takes_value: bool, span: Span) {
        let message = if takes_value {
            format!("`{key}` needs a value: {key}=…")
        } else {
            format!("`{key}` is a flag and takes no value")
        };
        self.findings
            .push(Finding::at(Code::ATTRIBUTE_VALUE, span, message));
    }

    fn value(&mut self, raw: &str, at: usize) -> Option<Spanned<String>> {
        let (text, inner) = match raw.strip_prefix('"') {
            Some(rest) => match rest.strip_suffix('"') {
                Some(text) => (text, at + 1),
                None => {
                    return self.refuse(at, raw, "the quote is not closed");
                }
            },
            None => (raw, at),
        };
        if text.is_empty() {
            return self.refuse(at, raw, "the value is empty");
        }
        if let Some(bad) = text.chars().find(|c| matches!(c, '\\' | '&' | '`' | '"')) {
            let why =
                format!("a value cannot hold {bad:?}, since Markdown may read it in its own way");
            return self.refuse(at, raw, &why);
        }
        if text.chars().any(char::is_control) {
            return self.refuse(at, raw, "a value cannot hold control characters");
        }
        Some(Spanned {
            value: text.to_owned(),
            span: self.span(inner, inner + text.len()),
        })
    }

    fn refuse(&mut self, at: usize, raw: &str, why: &str) -> Option<Spanned<String>> {
        let span = self.span(at, at + raw.len());
        self.findings
            .push(Finding::at(Code::ATTRIBUTE_VALUE, span, why));
        None
    }
}

/// The words of an info string with their offsets. A space inside a quoted value does not end a
/// word; a quote that is never closed runs to the end, where [`Parser::value`] reports it.
fn split_words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !quoted {
            if let Some(from) = start.take() {
                words.push((from, &text[from..at]));
            }
            continue;
        }
        if c == '"' {
            quoted = !quoted;
        }
        start.get_or_insert(at);
    }
    if let Some(from) = start {
        words.push((from, &text[from..]));
    }
    words
}

#[cfg(test)]
mod tests;
