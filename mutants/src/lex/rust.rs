//! Rust.

use super::Token;
use super::curly::{Kind, Lexemes, Syntax};
use crate::class::Class;

const SYNTAX: Syntax = Syntax {
    quotes: &['"', '\''],
    raw: None,
    rust: true,
};

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

const TYPES: &[&str] = &[
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16",
    "u32", "u64", "u8", "usize",
];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let lexemes = Lexemes::new(text, &SYNTAX);
    let mut found = Vec::new();
    let mut importing = false;
    for index in 0..lexemes.all.len() {
        let class = match lexemes.all[index].kind {
            Kind::Number => Class::Number,
            Kind::Text => Class::Value,
            Kind::Mark(';') => {
                importing = false;
                continue;
            }
            Kind::Mark('{' | '}') => Class::Brace,
            Kind::Mark(_) => continue,
            Kind::Word => {
                let word = lexemes.word(index);
                importing |= word == "use";
                if KEYWORDS.contains(&word) || word.chars().count() < 2 {
                    continue;
                }
                if importing {
                    Class::Import
                } else if TYPES.contains(&word) || word.starts_with(char::is_uppercase) {
                    Class::Type
                } else {
                    Class::Identifier
                }
            }
        };
        found.push(Token::new(class, lexemes.all[index].at.clone()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn classes_are_told_apart() {
        let text = "use tonic::{Request, Status};\n/// A comment.\nfn echo<'a>(req: &'a str) -> u32 {\n    let n = 10;\n    Err(Status::new(\"no\"))\n}\n";
        let tokens = tokens(text);
        let of = |class| of_class(text, &tokens, class);
        assert_eq!(of(Class::Import), ["tonic", "Request", "Status"]);
        assert_eq!(of(Class::Type), ["str", "u32", "Err", "Status"]);
        assert_eq!(of(Class::Identifier), ["echo", "req", "new"]);
        assert_eq!(of(Class::Number), ["10"]);
        assert_eq!(of(Class::Value), ["no"]);
        assert_eq!(of(Class::Brace).len(), 4);
    }
}
