//! A misspelt declaration: Go complains where the name is used, but the wrong letter stands where
//! the name is declared, perhaps in another block.

use crate::attrs::Spanned;
use crate::finding::{Finding, Place, nearest};
use crate::matter::Matter;

use super::edits_of;
use super::go::GoRun;

impl GoRun<'_> {
    /// A finding about a name that is not there, with the guide's nearest name to it.
    pub(super) fn with_nearest(&self, finding: Finding) -> Finding {
        let Some(missing) = missing(&finding.message) else {
            return finding;
        };
        let words = self.words();
        let others = words.iter().map(|word| word.value.as_str());
        let Some(near) = nearest(missing, others.filter(|word| *word != missing)) else {
            return finding;
        };
        let first = words.iter().find(|word| word.value == near);
        let message = format!("`{near}` comes from here");
        first.into_iter().fold(
            finding.help(format!("did you mean `{near}`?")),
            |finding, word| finding.related(Place::Chapter(word.span), message.clone()),
        )
    }

    /// The words of Go and proto blocks as Go has them, with their places.
    fn words(&self) -> Vec<Spanned<String>> {
        let of = |matter| edits_of(self.context, self.stitch, matter).map(|(block, _)| block);
        let go = of(Matter::Go).flat_map(|block| self.words_of(block, str::to_owned));
        let proto = of(Matter::Proto).flat_map(|block| self.words_of(block, name_in_go));
        go.chain(proto).collect()
    }

    fn words_of(
        &self,
        block: usize,
        name: impl Fn(&str) -> String,
    ) -> impl Iterator<Item = Spanned<String>> {
        let content = &self.context.blocks[block].content;
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
