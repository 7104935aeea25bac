//! What mdBook takes for a link: `{{#include …}}` and its kin.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::complaint::Complaint;
use crate::finding::Code;

/// The kinds of link that mdBook knows.
pub(super) const KINDS: [&str; 5] = [
    "include",
    "rustdoc_include",
    "playground",
    "playpen",
    "title",
];

/// A link as mdBook reads it.
#[derive(Debug, PartialEq)]
pub(super) enum Link<'a> {
    /// `\{{#…}}`, up to the last `}}` of its line: stays as it is, without the backslash.
    Escaped,
    /// Sets the page's title, and shows nothing.
    Title(&'a str),
    /// Shows a file.
    Include(Include<'a>),
}

/// A link that shows a file.
#[derive(Debug, PartialEq)]
pub(super) struct Include<'a> {
    pub(super) kind: Kind,
    /// The file.
    pub(super) path: &'a str,
    /// What follows the path after a colon: lines or an anchor.
    pub(super) part: &'a str,
    /// Further words: a playground's attributes; for others mdBook ignores them.
    pub(super) words: Vec<&'a str>,
}

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The selected lines.
    Plain,
    /// All lines, those not selected hidden from the reader with `# `.
    Rustdoc,
    /// All lines, in a Rust fence.
    Playground,
}

/// Finds the first link at or after `from`, the way mdBook does: a link of unknown kind is none, but
/// hides any link within it.
pub(super) fn next_link(text: &str, from: usize) -> Option<(Range<usize>, Link<'_>)> {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\\\{\{#.*\}\}|\{\{\s*#([a-zA-Z0-9_]+)\s+([^}]+)\}\}")
            .expect("the pattern is valid")
    });
    let mut at = from;
    while let Some(captures) = LINK.captures_at(text, at) {
        let range = captures.get_match().range();
        if let Some(link) = Link::read(&captures) {
            return Some((range, link));
        }
        at = range.end;
    }
    None
}

/// All links of a text.
pub(super) fn links(text: &str) -> impl Iterator<Item = (Range<usize>, Link<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (range, link) = next_link(text, at)?;
        at = range.end;
        Some((range, link))
    })
}

impl<'a> Link<'a> {
    fn read(captures: &Captures<'a>) -> Option<Self> {
        let (Some(kind), Some(rest)) = (captures.get(1), captures.get(2)) else {
            return Some(Self::Escaped);
        };
        let kind = match kind.as_str() {
            "title" => return Some(Self::Title(rest.as_str())),
            "include" => Kind::Plain,
            "rustdoc_include" => Kind::Rustdoc,
            "playground" | "playpen" => Kind::Playground,
            _ => return None,
        };
        let mut words = rest.as_str().split_whitespace();
        let file = words.next()?;
        let (path, part) = match kind {
            Kind::Playground => (file, ""),
            Kind::Plain | Kind::Rustdoc => file.split_once(':').unwrap_or((file, "")),
        };
        Some(Self::Include(Include {
            kind,
            path,
            part,
            words: words.collect(),
        }))
    }
}

/// Text that was surely meant as a link, but is none for mdBook.
pub(super) struct Lookalike {
    pub(super) range: Range<usize>,
    /// The kind it was meant to be.
    meant: &'static str,
    /// Whether the kind itself is misspelt.
    misspelt: bool,
}

impl Lookalike {
    pub(super) fn complaint(&self) -> Complaint {
        let link = format!("{{{{#{} …}}}}", self.meant);
        let help = if self.misspelt {
            format!("did you mean `{link}`?")
        } else {
            format!(
                "a link is `{link}`: no blank after `#`, both braces at its end, no link left open before it."
            )
        };
        Complaint::warning(
            Code::INCLUDE_MISSING,
            "looks like a link, but mdBook leaves it as text",
        )
        .help(format!("{help} If it is meant as text, write `\\{{{{#`"))
    }
}

/// Finds what was meant as a link in text that holds none. There has to be an argument: prose about
/// `{{#include}}` is no mistake.
pub(super) fn lookalikes(text: &str) -> impl Iterator<Item = Lookalike> + '_ {
    static LOOKALIKE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\{\{\s*#\s*([A-Za-z0-9_-]+)[ \t]+[^\s{}`][^{}\n]*\}{0,2}")
            .expect("the pattern is valid")
    });
    LOOKALIKE.captures_iter(text).filter_map(|captures| {
        let word = &captures[1];
        let meant = meant(word)?;
        Some(Lookalike {
            range: captures.get_match().range(),
            meant,
            misspelt: word != meant,
        })
    })
}

/// The kind of link that a word was meant to be. Short words may differ less: `{{#file …}}` and
/// `{{#cite …}}` of other preprocessors are no titles.
fn meant(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    KINDS
        .into_iter()
        .map(|kind| (strsim::osa_distance(&word, kind), kind))
        .filter(|(distance, kind)| *distance <= (kind.len() / 3).min(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, kind)| kind)
}
