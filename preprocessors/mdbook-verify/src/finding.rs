//! What the verifier has to say: findings as data. Printing them is [`crate::report`]'s business.

mod codes;

use serde::{Deserialize, Serialize};

pub use codes::{CODES, Code};

/// A byte range of a chapter's expanded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Index of the chapter in the book, in reading order.
    pub chapter: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end` in `chapter`.
    #[must_use]
    pub fn new(chapter: usize, start: usize, end: usize) -> Self {
        Self {
            chapter,
            start,
            end: end.max(start),
        }
    }

    /// Whether `other` lies wholly inside this span.
    #[must_use]
    pub fn contains(&self, other: &Span) -> bool {
        self.chapter == other.chapter && self.start <= other.start && other.end <= self.end
    }
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the text of a chapter.
    Chapter(Span),
    /// In upstream's text, as it stands in the stitched tree.
    Upstream {
        /// The base whose tree it is, such as `server`.
        base: String,
        /// The path in that tree.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// In another file of the book's folder, such as a probe.
    Book {
        /// The path, relative to the book's root.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// In the book's configuration.
    Config,
    /// In proofs.lock.
    Recordings {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// In the surroundings: a tool, the network, the disk.
    Environment,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The guide says something that is not so.
    Error,
    /// Something could not be proven, or looks wrong. Strict mode fails on it.
    Warning,
}

/// Another place that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// Why it matters.
    pub message: String,
}

/// One thing that is wrong, with its place and a way out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// Which kind of finding.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in one plain sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// The edition for which it was found; `None` if it holds for all.
    pub edition: Option<String>,
}

impl Finding {
    /// An error at `place`.
    #[must_use]
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, place, message)
    }

    /// A warning at `place`.
    #[must_use]
    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, place, message)
    }

    /// An error in a chapter's text.
    #[must_use]
    pub fn at(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::error(code, Place::Chapter(span), message)
    }

    fn new(code: Code, severity: Severity, place: Place, message: impl Into<String>) -> Self {
        Self {
            place,
            code,
            severity,
            message: message.into(),
            help: None,
            related: Vec::new(),
            edition: None,
        }
    }

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a way out, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// With another place that matters.
    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related {
            place,
            message: message.into(),
        });
        self
    }

    /// Found for this edition.
    #[must_use]
    pub fn for_edition(mut self, edition: &str) -> Self {
        self.edition = Some(edition.to_owned());
        self
    }

    /// The span in a chapter's text, if the finding is in one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self.place {
            Place::Chapter(span) => Some(span),
            _ => None,
        }
    }
}

/// `, did you mean …?` for the candidate nearest to `word`, if one is near enough.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Two letters of a short word that changed places make it look like another word.
    let swapped = |candidate: &str| {
        word.len() > 2
            && word.len() == candidate.len()
            && strsim::osa_distance(word, candidate) == 1
    };
    comparable(word, candidates.into_iter(), |candidate| candidate)
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, candidate)| *likeness > 0.8 || swapped(candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Whether two words are near enough to be one word misspelt: up to two letters added, dropped,
/// changed or swapped, and only one in a short word.
#[must_use]
pub(crate) fn is_near(word: &str, other: &str) -> bool {
    const SHORT: usize = 8;
    const LONGEST: usize = 500;
    let length = word.len().max(other.len());
    let allowed = if length < SHORT { 1 } else { 2 };
    length <= LONGEST
        && word.len().abs_diff(other.len()) <= 2
        && strsim::osa_distance(word, other) <= allowed
}

/// The candidates that can be compared with `word` within a moment. To compare two texts takes as
/// many steps as the product of their lengths, and what is longer than a line of text nobody
/// misspelt.
pub(crate) fn comparable<T>(
    word: &str,
    candidates: impl Iterator<Item = T>,
    text: impl Fn(&T) -> &str,
) -> impl Iterator<Item = T> {
    const LONGEST: usize = 500;
    const STEPS: usize = 50_000_000;
    let length = word.len();
    let mut steps = 0;
    candidates
        .map(move |candidate| (text(&candidate).len(), candidate))
        .filter(move |(other, _)| length.max(*other) <= LONGEST)
        .take_while(move |(other, _)| {
            steps += length * other;
            steps <= STEPS
        })
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_near() {
        assert_eq!(nearest("file", ["fail", "fil", "x"]), Some("fil"));
        assert_eq!(nearest("file", ["x", ""]), None);
        assert_eq!(nearest("gti", ["go", "git", "gzip"]), Some("git"));
    }

    #[test]
    fn near_words_differ_by_a_letter_or_two() {
        for (word, other) in [
            ("echo", "ehco"),
            ("router.go", "roter.go"),
            ("register", "regsitr"),
        ] {
            assert!(is_near(word, other), "{word} {other}");
        }
        for (word, other) in [("echo", "ecoh1"), ("cat", "dog"), ("register", "rgsitre")] {
            assert!(!is_near(word, other), "{word} {other}");
        }
    }

    #[test]
    fn long_words_have_no_nearest() {
        let long = "x".repeat(501);
        assert_eq!(nearest(&long, [long.as_str()]), None);
        assert_eq!(nearest("x", [long.as_str(), "x"]), Some("x"));
        let fair = "x".repeat(500);
        assert_eq!(nearest(&fair, [fair.as_str()]), Some(fair.as_str()));
        // Two hundred candidates of this length are what a moment allows.
        let many = std::iter::repeat_n("y", 300).chain(std::iter::repeat_n(fair.as_str(), 199));
        assert_eq!(nearest(&fair, many), Some(fair.as_str()));
        let other = "y".repeat(500);
        let too_many = std::iter::repeat_n(other.as_str(), 200).chain([fair.as_str()]);
        assert_eq!(nearest(&fair, too_many), None);
    }
}
