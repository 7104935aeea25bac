//! The parts of inline code that may each be the name of something.

use std::ops::Range;

/// A part of inline code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Its bytes in the code.
    pub(super) at: Range<usize>,
    /// Its dashes and letters, if it is a flag.
    pub(super) flag: Option<String>,
    /// The words in it.
    pub(super) words: Vec<Range<usize>>,
}

/// The parts of inline code: between white space, and on both sides of `=`.
pub(super) fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    for part in code.split_inclusive(|c: char| c.is_whitespace() || c == '=') {
        let bare = part.trim_end_matches(|c: char| c.is_whitespace() || c == '=');
        let inner = bare.trim_start_matches(is_around);
        let start = at + bare.len() - inner.len();
        let inner = inner.trim_end_matches(is_around);
        at += part.len();
        if !inner.is_empty() {
            tokens.push(Token {
                at: start..start + inner.len(),
                flag: is_flag(inner).then(|| inner.to_owned()),
                words: words(inner).collect(),
            });
        }
    }
    tokens
}

/// What stands around a name in code and is no part of it.
fn is_around(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '`'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '*'
            | '&'
            | '|'
    )
}

/// Whether a part is a flag, such as `-o` or `--go_out`.
fn is_flag(text: &str) -> bool {
    let name = text.trim_start_matches('-');
    (1..=2).contains(&(text.len() - name.len()))
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// The words of a text: letters, digits and underscores, a digit not first.
pub(super) fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut at = 0;
    text.split_inclusive(move |c| !is_word(c))
        .filter_map(move |part| {
            let word = part.trim_end_matches(|c| !is_word(c));
            let start = at;
            at += part.len();
            let is_name = word.starts_with(|c: char| !c.is_ascii_digit());
            is_name.then(|| start..start + word.len())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str) -> Vec<String> {
        let token = |token: &Token| {
            let text = &code[token.at.clone()];
            let words: Vec<_> = token.words.iter().map(|word| &text[word.clone()]).collect();
            let flag = if token.flag.is_some() { "flag " } else { "" };
            format!("{flag}{text}: {}", words.join(" "))
        };
        tokens(code).iter().map(token).collect()
    }

    #[test]
    fn tokens_have_words() {
        assert_eq!(
            shown("go mod edit -replace a.b/c_d=../x  --go_out=./\"y1 2z\" f(é, [ab])"),
            [
                "go: go",
                "mod: mod",
                "edit: edit",
                "flag -replace: replace",
                "a.b/c_d: a b c_d",
                "../x: x",
                "flag --go_out: go_out",
                "./\"y1: y1",
                "2z: ",
                "f(é: f",
                "ab: ab",
            ]
        );
        assert!(shown(" , () = ").is_empty());
    }
}
