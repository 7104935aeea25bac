//! Small lexers: which tokens of a text are worth a defect, and of which class.
//!
//! They know as much of each language as it takes to tell the classes apart and to stay out of
//! comments. A token that is put into the wrong class is broken all the same.

mod curly;
mod data;
mod go;
mod gomod;
mod mermaid;
mod proto;
mod rust;
mod shell;
mod text;
mod tree;
mod yaml;

use std::ops::Range;

use mdbook_verify::matter::Matter;

use crate::class::Class;

/// A token. It never goes over the end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) class: Class,
    /// Its bytes in the text.
    pub(crate) at: Range<usize>,
}

impl Token {
    fn new(class: Class, at: Range<usize>) -> Self {
        Self { class, at }
    }
}

/// The tokens of a text.
pub(crate) fn tokens(matter: Matter, text: &str) -> Vec<Token> {
    match matter {
        Matter::Go => go::tokens(text),
        Matter::Proto => proto::tokens(text),
        Matter::Rust => rust::tokens(text),
        Matter::Yaml => yaml::tokens(text),
        Matter::Json => data::json(text),
        Matter::Toml => data::toml(text),
        Matter::GoMod => gomod::tokens(text),
        Matter::Shell => shell::tokens(text),
        Matter::Mermaid => mermaid::tokens(text),
        // What is nothing of that is held against something as text, if at all.
        Matter::Other => text::tokens(text),
    }
}

/// The tokens of a listing of paths.
pub(crate) fn tree(text: &str) -> Vec<Token> {
    tree::tokens(text)
}

/// The lines of a text, each with the byte at which it starts.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line.trim_end_matches(['\n', '\r']))
    })
}

/// The byte range of `part` in `text`, of which it is a slice.
fn within(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens of one class as text, to compare with what a reader would say.
    pub(super) fn of_class<'t>(text: &'t str, tokens: &[Token], class: Class) -> Vec<&'t str> {
        let tokens = tokens.iter().filter(|token| token.class == class);
        tokens.map(|token| &text[token.at.clone()]).collect()
    }

    #[test]
    fn no_lexer_fails_on_anything_or_goes_over_a_line() {
        let odd = [
            "",
            "\n",
            "\"",
            "`",
            "'",
            "/*",
            "//",
            "#",
            "<<",
            "<<\n",
            "<<E\nx",
            "é\u{1F600}\"\\",
            "a \"b\nc\" `d\ne` f",
            "x = \"\\",
            "r#\"a",
            "$(((",
            "- - : # {",
            "  ├──",
            "@@ @@",
            "a: |\n  b\n",
            "[[",
            "-->",
            "=>",
            "\\\n",
        ];
        let matters = [
            Matter::Go,
            Matter::Proto,
            Matter::Rust,
            Matter::Yaml,
            Matter::Json,
            Matter::Toml,
            Matter::GoMod,
            Matter::Shell,
            Matter::Mermaid,
            Matter::Other,
        ];
        for one in odd {
            for other in odd {
                let text = format!("{one}{other}");
                let lexed = matters.map(|matter| tokens(matter, &text));
                for token in lexed.iter().flatten().chain(&tree(&text)) {
                    let token = &text[token.at.clone()];
                    assert!(!token.is_empty() && !token.contains('\n'), "{text:?}");
                }
            }
        }
    }
}
