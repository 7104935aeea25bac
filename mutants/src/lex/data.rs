//! JSON and TOML, and the values that YAML writes in their way.

use std::ops::Range;

use super::curly::{Kind, Lexemes, Syntax};
use super::{Token, lines, within};
use crate::class::Class;

const SYNTAX: Syntax = Syntax {
    quotes: &['"'],
    raw: None,
    rust: false,
};

pub(super) fn json(text: &str) -> Vec<Token> {
    let lexemes = Lexemes::new(text, &SYNTAX);
    let class = |index: usize| match lexemes.all[index].kind {
        Kind::Mark('{' | '}' | '[' | ']') => Some(Class::Brace),
        Kind::Mark(_) => None,
        Kind::Number => Some(Class::Number),
        Kind::Text | Kind::Word if lexemes.is(Some(index + 1), ':') => Some(Class::Key),
        Kind::Text | Kind::Word => Some(Class::Value),
    };
    let classes = (0..lexemes.all.len()).filter_map(|index| Some((index, class(index)?)));
    classes
        .map(|(index, class)| Token::new(class, lexemes.all[index].at.clone()))
        .collect()
}

pub(super) fn toml(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let line = without_comment(line);
        let trimmed = line.trim();
        if trimmed.starts_with('[') && trimmed.ends_with(']') && !line.contains('=') {
            pieces(at, line, Class::Key, &mut found);
        } else if let Some((key, value)) = line.split_once('=') {
            push(Class::Key, at, line, key, &mut found);
            pieces(
                at + within(line, value).start,
                value,
                Class::Value,
                &mut found,
            );
        } else {
            pieces(at, line, Class::Value, &mut found);
        }
    }
    found
}

/// The line up to its comment: a `#` outside of quotes, at the start or behind white space.
pub(super) fn without_comment(line: &str) -> &str {
    let mut quote: Option<char> = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if quote.is_some() {
            quote = quote.filter(|open| *open != c);
        } else if c == '"' || c == '\'' {
            quote = Some(c);
        } else if c == '#' && before.is_whitespace() {
            return &line[..at];
        }
        before = c;
    }
    line
}

/// Values and keys in a row: `[ 1, "a b" ]`, `{ key: value }`. `class` is that of a word that is
/// no key.
pub(super) fn pieces(at: usize, text: &str, class: Class, found: &mut Vec<Token>) {
    let mut here = 0;
    while let Some(c) = text[here..].chars().next() {
        let behind = here + c.len_utf8();
        match c {
            '[' | ']' | '{' | '}' => {
                found.push(Token::new(Class::Brace, at + here..at + behind));
                here = behind;
            }
            '"' | '\'' => {
                let inner = &text[behind..];
                let end = behind + inner.find(c).unwrap_or(inner.len());
                word(
                    at,
                    text,
                    behind..end,
                    class_of_piece(text, end + 1, class),
                    found,
                );
                here = (end + 1).min(text.len());
            }
            c if c.is_whitespace() || ",:=".contains(c) => here = behind,
            _ => {
                let end = here + bare(&text[here..]);
                word(at, text, here..end, class_of_piece(text, end, class), found);
                here = end;
            }
        }
    }
}

/// The length of a word without quotes. A colon may stand in the middle of it, as in an address.
fn bare(text: &str) -> usize {
    let ends = |(at, c): (usize, char)| {
        let behind = text[at + c.len_utf8()..].chars().next();
        let is_end = c.is_whitespace()
            || ",=[]{}\"'".contains(c)
            || (c == ':' && behind.is_none_or(char::is_whitespace));
        is_end.then_some(at)
    };
    text.char_indices().find_map(ends).unwrap_or(text.len())
}

fn class_of_piece(text: &str, end: usize, class: Class) -> Class {
    let behind = text.get(end..).unwrap_or_default().trim_start();
    if behind.starts_with([':', '=']) {
        Class::Key
    } else {
        class
    }
}

/// A key or value on its own.
pub(super) fn push(class: Class, at: usize, line: &str, part: &str, found: &mut Vec<Token>) {
    let trimmed = part.trim().trim_matches(['"', '\'']);
    word(at, line, within(line, trimmed), class, found);
}

fn word(at: usize, text: &str, range: Range<usize>, class: Class, found: &mut Vec<Token>) {
    let word = &text[range.clone()];
    if !word.contains(char::is_alphanumeric) {
        return;
    }
    let class = if class == Class::Value && is_number(word) {
        Class::Number
    } else {
        class
    };
    found.push(Token::new(class, at + range.start..at + range.end));
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn json_has_keys_and_values() {
        let text = "{\"a\": [1, \"b\", true], \"c\": {\"d\": null}}";
        let tokens = json(text);
        assert_eq!(of_class(text, &tokens, Class::Key), ["a", "c", "d"]);
        assert_eq!(of_class(text, &tokens, Class::Value), ["b", "true", "null"]);
        assert_eq!(of_class(text, &tokens, Class::Number), ["1"]);
        assert_eq!(of_class(text, &tokens, Class::Brace).len(), 6);
    }

    #[test]
    fn toml_has_tables_too() {
        let text = "[a.b] # x = 1\nname = \"c # d\"\nports = [1, 2]\nmore = { on = true }\n";
        let tokens = toml(text);
        assert_eq!(
            of_class(text, &tokens, Class::Key),
            ["a.b", "name", "ports", "more", "on"]
        );
        assert_eq!(of_class(text, &tokens, Class::Value), ["c # d", "true"]);
        assert_eq!(of_class(text, &tokens, Class::Number), ["1", "2"]);
    }
}
