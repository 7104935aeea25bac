//! A misspelt declaration: Go complains where the name is used, but the wrong letter stands where
//! the name is declared, perhaps in another block.

use std::collections::BTreeSet;

use crate::attrs::Spanned;
use crate::finding::{Finding, Place, nearest};
use crate::matter::Matter;

use super::complaint::Complaint;
use super::edits_of;
use super::go::GoRun;

/// The names that Go misses, and the words that may have been meant.
pub(super) struct Names {
    missing: BTreeSet<String>,
    /// The words of Go and proto blocks as Go has them, with their places.
    words: Vec<Spanned<String>>,
}

impl Names {
    /// Of these complaints; a name that is missing itself is not offered for another one.
    pub(super) fn of(complaints: &[Complaint], run: &GoRun<'_>) -> Self {
        let missing = complaints.iter().filter_map(|one| missing(&one.message));
        let missing: BTreeSet<_> = missing.map(str::to_owned).collect();
        let mut words = Vec::new();
        if !missing.is_empty() {
            let of = |matter| edits_of(run.context, run.stitch, matter).map(|(block, _)| block);
            words.extend(of(Matter::Go).flat_map(|block| words_of(run, block, str::to_owned)));
            words.extend(of(Matter::Proto).flat_map(|block| words_of(run, block, name_in_go)));
            words.retain(|word| !missing.contains(&word.value));
        }
        Self { missing, words }
    }

    /// The finding, with the guide's nearest name to the one that it misses.
    pub(super) fn point(&self, finding: Finding) -> Finding {
        let name = missing(&finding.message).filter(|name| self.missing.contains(*name));
        let near = name.and_then(|name| {
            let near = nearest(name, self.words.iter().map(|word| word.value.as_str()))?;
            self.words.iter().find(|word| word.value == near)
        });
        match near {
            Some(Spanned { value, span }) => {
                finding.help(format!("did you mean `{value}`?")).related(
                    Place::Chapter(*span),
                    format!("the guide has `{value}` here"),
                )
            }
            None => finding,
        }
    }
}

fn words_of<'a>(
    run: &'a GoRun<'_>,
    block: usize,
    name: impl Fn(&str) -> String + 'a,
) -> impl Iterator<Item = Spanned<String>> + 'a {
    let content = &run.context.blocks[block].content;
    let code = content
        .text
        .lines()
        .filter_map(|line| line.split("//").next());
    let words = code.flat_map(|line| line.split(|c| !is_of_word(c)));
    words.filter(|word| !word.is_empty()).map(move |word| {
        let at = word.as_ptr().addr() - content.text.as_ptr().addr();
        Spanned {
            value: name(word),
            span: content.span(at, at + word.len()),
        }
    })
}

/// A field, message or service of proto as protoc-gen-go calls it: `get_config` is `GetConfig`.
fn name_in_go(word: &str) -> String {
    let parts = word.split('_').map(|part| {
        let mut chars = part.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(chars)
    });
    parts.flatten().collect()
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The name that a message of the type checker misses.
fn missing(message: &str) -> Option<&str> {
    const BEFORE: [&str; 3] = [" has no field or method ", "unknown field ", "undefined: "];
    let mut ends = BEFORE
        .iter()
        .filter_map(|before| message.split_once(before));
    let (_, name) = ends.next()?;
    let name = name.split(|c| !is_of_word(c) && c != '.').next()?;
    name.rsplit('.').next()
}

#[cfg(test)]
mod tests {
    use super::{missing, name_in_go};

    #[test]
    fn the_name_that_is_missing_is_read_from_the_message() {
        for (message, name) in [
            ("undefined: x", Some("x")),
            ("undefined: config.AuthService", Some("AuthService")),
            ("a.B undefined (type A has no field or method B)", Some("B")),
            (
                "a.B undefined (type A has no field or method B, but does have method b)",
                Some("B"),
            ),
            ("unknown field C in struct literal of type A", Some("C")),
            ("missing return", None),
        ] {
            assert_eq!(missing(message), name, "{message}");
        }
    }

    #[test]
    fn names_of_proto_are_those_of_its_go_code() {
        for (proto, go) in [
            ("get_config", "GetConfig"),
            ("key", "Key"),
            ("EchoReq", "EchoReq"),
        ] {
            assert_eq!(name_in_go(proto), go);
        }
    }
}
