//! Turns protox's errors into problems with exact ranges.
//!
//! protox's errors are diagnostics of miette: a message, labelled places, and further diagnostics
//! that were found in the same pass. There is no other way to their places.

use std::ops::Range;

use miette::{Diagnostic, LabeledSpan};
use protox::prost_reflect::{DescriptorError, DescriptorPool};

use super::compile::problem;
use super::scope::Scope;
use super::{Problem, place};
use crate::finding::nearest;

/// The problems of a text that cannot be parsed.
pub(super) fn parse_error(file: &str, text: &str, error: &protox::Error) -> Vec<Problem> {
    let explain = |diagnostic: &dyn Diagnostic| {
        let labels = labels(diagnostic);
        let range = primary(&labels).map_or_else(|| last_word(text), |label| bytes(text, label));
        let message = diagnostic.to_string();
        let help = diagnostic.help().map(|help| help.to_string());
        let (message, help) = match help {
            // protox has the wrong sentence here.
            Some(help) if help.starts_with("imports may not") => {
                ("this path cannot be imported".to_owned(), Some(help))
            }
            Some(help) => (message, Some(help)),
            None => {
                let help = keyword_hint(&message)
                    .or_else(|| label_hint(text, &range, &message))
                    .or_else(|| semicolon_hint(text, &range, &message))
                    .or_else(|| other_place(text, &labels));
                (message, help)
            }
        };
        problem(file, range, message, help)
    };
    all(error).map(explain).collect()
}

/// The problems of a file that was parsed but does not resolve.
pub(super) fn descriptor_error(scope: &Scope<'_>, error: DescriptorError) -> Vec<Problem> {
    let source = scope.source;
    let text = &source.text;
    let error = error.with_source_code(&one_byte_characters(text));
    let enclosing = || {
        let path = error.path().unwrap_or_default();
        let mut outwards = (1..=path.len()).rev();
        outwards
            .find_map(|length| place::of(text, &source.descriptor, &path[..length]))
            .unwrap_or(0..0)
    };
    let explain = |diagnostic: &dyn Diagnostic| {
        let labels = labels(diagnostic);
        let range = primary(&labels).map_or_else(enclosing, |label| bytes(text, label));
        let written = &text[range.clone()];
        let message = diagnostic.to_string();
        let (message, help) = if is_unknown_type(&message) {
            let in_service = place::is_in_service(text, &source.descriptor, &range);
            (
                format!("the type `{written}` is not defined"),
                scope.suggest(written, in_service),
            )
        } else if let Some(option) = unknown_option(&message) {
            (
                format!("the option `{option}` is not defined"),
                option_hint(option),
            )
        } else {
            let help = diagnostic.help().map(|help| help.to_string());
            (message, help.or_else(|| other_place(text, &labels)))
        };
        problem(&source.name, range, message, help)
    };
    let problems: Vec<_> = all(&error).map(explain).collect();
    // One mistake can break several rules at one place; protox names the plainest last.
    let last = |index: usize| {
        problems[index + 1..]
            .iter()
            .all(|later| later.range != problems[index].range)
    };
    (0..problems.len())
        .filter(|&index| last(index))
        .map(|index| problems[index].clone())
        .collect()
}

/// A diagnostic and those found with it.
fn all(error: &dyn Diagnostic) -> impl Iterator<Item = &dyn Diagnostic> {
    std::iter::once(error).chain(error.related().into_iter().flatten())
}

fn labels(diagnostic: &dyn Diagnostic) -> Vec<LabeledSpan> {
    diagnostic.labels().into_iter().flatten().collect()
}

/// Where the mistake is: labels come in no constant order, only their texts tell them apart.
fn primary(labels: &[LabeledSpan]) -> Option<&LabeledSpan> {
    labels
        .iter()
        .find(|label| !is_other_place(label))
        .or(labels.first())
}

/// Whether a label shows what the mistake collides with.
fn is_other_place(label: &LabeledSpan) -> bool {
    let text = label.label().unwrap_or_default();
    [
        "first ",
        "reserved range",
        "extension range",
        "defined here…",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// What the mistake collides with, quoted: line numbers of this file mean nothing on a page.
fn other_place(text: &str, labels: &[LabeledSpan]) -> Option<String> {
    let other = labels.iter().find(|label| is_other_place(label))?;
    let start = bytes(text, other).start;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next()?.trim();
    Some(format!("it collides with `{line}`"))
}

/// A label's bytes, brought into the text and onto characters.
fn bytes(text: &str, label: &LabeledSpan) -> Range<usize> {
    let mut start = label.offset().min(text.len());
    let mut end = (label.offset() + label.len()).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// The text with each character replaced by as many of one byte as it has.
///
/// The columns of descriptors count bytes; miette, to which protox hands them, counts characters.
/// With this text the two are the same.
fn one_byte_characters(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii() {
                char::from(byte)
            } else {
                '?'
            }
        })
        .collect()
}

/// The last word of a text: a place for what is missing at its end.
fn last_word(text: &str) -> Range<usize> {
    let end = text.trim_end().len();
    let start = text[..end].rfind(char::is_whitespace).map_or(0, |at| {
        let character = text[at..].chars().next().map_or(1, char::len_utf8);
        at + character
    });
    start..end
}

/// Whether a name leads nowhere: at once, or after its first part was found in an inner scope.
fn is_unknown_type(message: &str) -> bool {
    message.starts_with("name '") && message.ends_with("' is not defined")
        || message.contains("' resolves to '") && message.ends_with("', which is not defined")
}

fn unknown_option(message: &str) -> Option<&str> {
    message
        .strip_prefix("option field '")?
        .strip_suffix("' is not defined")
}

/// Which of the options that the language has was probably meant.
fn option_hint(written: &str) -> Option<String> {
    let language = DescriptorPool::global();
    let options = language
        .all_messages()
        .filter(|message| message.name().ends_with("Options"));
    let fields = options.flat_map(|options| options.descriptor_proto().field.clone());
    let names: Vec<_> = fields.map(|field| field.name().to_owned()).collect();
    let name = nearest(written, names.iter().map(String::as_str))?;
    Some(format!("did you mean `{name}`?"))
}

/// Which of the words that may stand there was probably meant.
fn keyword_hint(message: &str) -> Option<String> {
    let (expected, found) = message
        .strip_prefix("expected ")?
        .split_once(", but found '")?;
    let words = expected.split('\'').skip(1).step_by(2);
    let words: Vec<_> = words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    let found = found.strip_suffix('\'')?;
    // Likeness is a matter of longer words; in `rcp` two letters only changed places.
    let close = words
        .iter()
        .copied()
        .find(|word| strsim::osa_distance(found, word) == 1);
    let word = close.or_else(|| nearest(found, words.iter().copied()))?;
    Some(format!("did you mean `{word}`?"))
}

/// `repeatd string names` reads as a field `string` of the type `repeatd`, up to the next word.
fn label_hint(text: &str, range: &Range<usize>, message: &str) -> Option<String> {
    let written = text[..range.start].split_whitespace().rev().nth(1)?;
    let label = nearest(written, ["optional", "repeated", "required"])?;
    let misread = message.starts_with("expected '='") && written != label;
    misread.then(|| format!("did you mean `{label}` where it says `{written}`?"))
}

/// A statement without its end is noticed at the next one, often lines below.
fn semicolon_hint(text: &str, range: &Range<usize>, message: &str) -> Option<String> {
    let (expected, _) = message.split_once(", but found")?;
    let before = &text[..range.start];
    let gap = &before[before.trim_end().len()..];
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let line = before.lines().rfind(is_code)?.trim();
    let open = expected.contains("';'") && gap.contains('\n') && !line.ends_with(['{', '}', ';']);
    open.then(|| format!("is a `;` missing after `{line}`?"))
}
