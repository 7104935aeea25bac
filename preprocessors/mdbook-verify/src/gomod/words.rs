//! The words of a go.mod's lines.

use std::ops::Range;

use super::Problem;

/// A word and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word, without its quotes.
    pub text: String,
    /// Its bytes, quotes included.
    pub at: Range<usize>,
}

/// A line with at least one word.
pub(super) struct Line {
    pub(super) words: Vec<Word>,
    /// From the first word to the last.
    pub(super) at: Range<usize>,
}

/// The lines that say something; comments do not.
pub(super) fn lines(text: &str, problems: &mut Vec<Problem>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = words(line, start, problems);
        start += line.len();
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            let at = first.at.start..last.at.end;
            lines.push(Line { words, at });
        }
    }
    lines
}

fn words(line: &str, start: usize, problems: &mut Vec<Problem>) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let rest = &line[at..];
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        if rest.starts_with("//") {
            break;
        }
        if rest.starts_with("/*") {
            let end = start + line.trim_end().len();
            let problem = Problem::new(
                start + at..end,
                "a go.mod has only comments that start with //",
            );
            problems.push(problem);
            break;
        }
        let (text, length) = match c {
            '"' | '`' => quoted(rest, c),
            '(' | ')' | '[' | ']' | ',' => (&rest[..1], 1),
            _ if rest.starts_with("=>") => (&rest[..2], 2),
            _ => plain(rest),
        };
        let place = start + at..start + at + length;
        if matches!(c, '"' | '`') && length == text.len() + 1 {
            problems.push(Problem::new(place.clone(), "the quote is not closed"));
        }
        words.push(Word {
            text: text.to_owned(),
            at: place,
        });
        at += length;
    }
    words
}

/// The text between quotes, and its length with them. A quote that is not closed has only one.
fn quoted(rest: &str, mark: char) -> (&str, usize) {
    let inside = &rest[1..];
    if let Some(end) = inside.find(mark) {
        return (&inside[..end], end + 2);
    }
    let text = inside.trim_end();
    (text, text.len() + 1)
}

fn plain(rest: &str) -> (&str, usize) {
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',');
    let end = rest.find(ends).unwrap_or(rest.len());
    let word = &rest[..end];
    let comment = ["//", "/*"].iter().filter_map(|mark| word.find(mark)).min();
    // A word that starts with a bracket was taken care of, so this is never empty.
    let word = &word[..comment.unwrap_or(word.len())];
    (word, word.len())
}
