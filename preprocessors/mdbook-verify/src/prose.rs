//! Inline code that is nearly the name of something: a file of the trees, a word of the code, a flag
//! of a step.
//!
//! Prose may speak of anything, so what is unknown is not wrong. But what differs by a letter or two
//! from what is there is hardly ever meant; that is a warning. What is meant all the same stands in
//! book.toml under `[preprocessor.verify.prose]`.

mod token;
mod vocabulary;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::attrs::Spanned;
use crate::config::Prose;
use crate::finding::{Code, Finding, Place, Span};
use crate::source::Document;

pub use self::vocabulary::{Vocabulary, words_of_tree};

use self::token::{Token, tokens};

/// What a piece of inline code nearly is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Path,
    Word,
    Flag,
}

/// A doubt about a part of inline code, for one edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Which inline code of the book.
    code: usize,
    /// The part of it.
    at: Range<usize>,
    kind: Kind,
    /// What it nearly is; none for a path that is nothing like one of the trees.
    near: Option<String>,
}

/// The doubts about the inline code of a book, in the light of one edition.
#[must_use]
pub fn remarks(code: &[Spanned<String>], vocabulary: &Vocabulary, settings: &Prose) -> Vec<Remark> {
    let meant = |text: &str| settings.known.iter().any(|known| known == text);
    let mut remarks = Vec::new();
    for (number, code) in code.iter().enumerate() {
        if meant(&code.value) {
            continue;
        }
        for token in tokens(&code.value) {
            let text = &code.value[token.at.clone()];
            let doubt = if meant(text) {
                None
            } else {
                doubt(&token, text, vocabulary)
            };
            remarks.extend(doubt.map(|(kind, at, near)| Remark {
                code: number,
                at,
                kind,
                near,
            }));
        }
    }
    remarks
}

type Doubt = (Kind, Range<usize>, Option<String>);

fn doubt(token: &Token, text: &str, vocabulary: &Vocabulary) -> Option<Doubt> {
    if let Some(flag) = &token.flag {
        if vocabulary.has_flag(flag) {
            return None;
        }
        if let Some(near) = vocabulary.near_flag(flag) {
            return Some((Kind::Flag, token.at.clone(), Some(near.to_owned())));
        }
    }
    if let Some(path) = vocabulary.path_claimed(text) {
        if vocabulary.has_path(path) {
            return None;
        }
        let near = vocabulary.near_path(path).map(str::to_owned);
        if near.is_some() || vocabulary.is_at_home(path) {
            let start = token.at.end - path.len();
            return Some((Kind::Path, start..token.at.end, near));
        }
    }
    token.words.iter().find_map(|word| {
        let near = vocabulary.near_word(&text[word.clone()])?;
        let at = token.at.start + word.start..token.at.start + word.end;
        Some((Kind::Word, at, Some(near.to_owned())))
    })
}

/// The doubts that all editions share; prose serves all of them. `all` says whether every edition of
/// the book was asked: if not, another one may have the file that these do not.
#[must_use]
pub fn findings(
    mut editions: Vec<Vec<Remark>>,
    all: bool,
    code: &[Spanned<String>],
    documents: &[Document],
) -> Vec<Finding> {
    let Some(first) = editions.pop() else {
        return Vec::new();
    };
    let shared = first.into_iter().filter(|remark| {
        let same = |other: &Remark| other.code == remark.code && other.at == remark.at;
        editions.iter().all(|others| others.iter().any(same))
    });
    shared
        .filter(|remark| all || remark.near.is_some())
        .map(|remark| finding(&remark, code, documents))
        .collect()
}

fn finding(remark: &Remark, code: &[Spanned<String>], documents: &[Document]) -> Finding {
    let inline = &code[remark.code];
    let word = &inline.value[remark.at.clone()];
    let (kind, message) = match remark.kind {
        Kind::Path => (
            Code::PROSE_PATH,
            format!("no tree has {word} at the end of the guide"),
        ),
        Kind::Word => (
            Code::PROSE_WORD,
            format!("neither the guide's blocks nor upstream's source have {word}"),
        ),
        Kind::Flag => (
            Code::PROSE_FLAG,
            format!("no step of the guide has the flag {word}"),
        ),
    };
    let place = Place::Chapter(part(inline, &remark.at, documents));
    let help = match &remark.near {
        Some(near) => format!("did you mean {near}?"),
        None => "correct it, or list it under [preprocessor.verify.prose] known".to_owned(),
    };
    Finding::warning(kind, place, message).help(help)
}

/// Where a part of inline code stands; all of it, if Markdown changed what stands there.
fn part(inline: &Spanned<String>, at: &Range<usize>, documents: &[Document]) -> Span {
    let span = inline.span;
    let text = &documents[span.chapter].text[span.start..span.end];
    match text.find(&inline.value) {
        Some(start) => {
            let start = span.start + start;
            Span::new(span.chapter, start + at.start, start + at.end)
        }
        None => span,
    }
}

/// Entries of the settings that no inline code has: what they were for is gone.
#[must_use]
pub fn unused(settings: &Prose, code: &[Spanned<String>]) -> Vec<Finding> {
    let said: BTreeSet<&str> = code
        .iter()
        .flat_map(|code| {
            let parts = tokens(&code.value)
                .into_iter()
                .map(|token| &code.value[token.at]);
            parts.chain([code.value.as_str()])
        })
        .collect();
    let unused = settings
        .known
        .iter()
        .filter(|known| !said.contains(known.as_str()));
    unused
        .map(|known| {
            let message =
                format!("the setting prose.known lists {known:?}, which no inline code has");
            Finding::warning(Code::PROSE_KNOWN_UNUSED, Place::Config, message).help("remove it")
        })
        .collect()
}

/// The places of inline code that other findings speak of already.
#[must_use]
pub fn spoken_of(findings: &[Finding]) -> BTreeSet<Span> {
    let related = findings.iter().flat_map(|finding| &finding.related);
    related
        .filter_map(|related| match related.place {
            Place::Chapter(span) => Some(span),
            _ => None,
        })
        .collect()
}
