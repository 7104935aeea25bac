//! Protobuf definitions.

use super::Token;
use super::curly::{Kind, Lexemes, Syntax};
use crate::class::Class;

const SYNTAX: Syntax = Syntax {
    quotes: &['"', '\''],
    raw: None,
    rust: false,
};

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let lexemes = Lexemes::new(text, &SYNTAX);
    let mut found = Vec::new();
    for index in 0..lexemes.all.len() {
        if let Some(class) = class(&lexemes, index) {
            found.push(Token::new(class, lexemes.all[index].at.clone()));
        }
    }
    found
}

fn class(lexemes: &Lexemes<'_>, index: usize) -> Option<Class> {
    let statement = statement(lexemes, index);
    match lexemes.kind(index)? {
        Kind::Mark('{' | '}') => Some(Class::Brace),
        Kind::Mark(_) => None,
        Kind::Text if statement == "import" => Some(Class::Import),
        Kind::Text => Some(Class::Value),
        Kind::Number if lexemes.is(lexemes.before(index), '=') && statement != "option" => {
            Some(Class::FieldNumber)
        }
        Kind::Number => Some(Class::Number),
        Kind::Word if begins(lexemes, index) && is_keyword(lexemes.word(index)) => None,
        Kind::Word => class_of_word(lexemes, index, statement),
    }
}

fn class_of_word(lexemes: &Lexemes<'_>, index: usize, statement: &str) -> Option<Class> {
    let word = lexemes.word(index);
    let between = lexemes.is(lexemes.before(index), '(') || lexemes.is(lexemes.behind(index), ')');
    match statement {
        _ if ["stream", "returns", "repeated", "optional"].contains(&word) => None,
        "syntax" => None,
        "package" => Some(Class::Value),
        "option" if lexemes.is(lexemes.before(index), '=') => Some(Class::Value),
        "option" => Some(Class::Key),
        "message" | "service" | "enum" => Some(Class::Type),
        "rpc" if between => Some(Class::Type),
        "rpc" => Some(Class::Identifier),
        // `type name = 1;`: the name stands before the sign, all else names a type.
        _ if lexemes.is(lexemes.behind(index), '=') => Some(Class::Identifier),
        _ => Some(Class::Type),
    }
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "syntax", "package", "import", "option", "message", "service", "enum", "rpc", "oneof",
        "reserved", "extend", "repeated", "optional", "map",
    ];
    KEYWORDS.contains(&word)
}

/// The first word of the statement that a lexeme belongs to.
fn statement<'t>(lexemes: &Lexemes<'t>, index: usize) -> &'t str {
    let first = (0..=index).rev().find(|index| begins(lexemes, *index));
    first.map_or("", |first| lexemes.word(first))
}

fn begins(lexemes: &Lexemes<'_>, index: usize) -> bool {
    let ends = |before| matches!(lexemes.kind(before), Some(Kind::Mark(';' | '{' | '}')));
    index.checked_sub(1).is_none_or(ends)
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn classes_are_told_apart() {
        let text = "syntax = \"proto3\";\npackage a.b;\nimport \"x/y.proto\";\n\
                    option go_package = \"e/f\";\n\
                    // a comment = 9;\n\
                    service Auth {\n  rpc Get(GetReq) returns (stream a.Resp);\n}\n\
                    message GetReq {\n  string key = 1;\n  repeated Other others = 12;\n}\n";
        let tokens = tokens(text);
        let of = |class| of_class(text, &tokens, class);
        assert_eq!(of(Class::Import), ["x/y.proto"]);
        assert_eq!(of(Class::Value), ["proto3", "a", "b", "e/f"]);
        assert_eq!(of(Class::Key), ["go_package"]);
        assert_eq!(of(Class::FieldNumber), ["1", "12"]);
        assert_eq!(of(Class::Identifier), ["Get", "a", "key", "others"]);
        let types = of(Class::Type);
        for name in ["Auth", "GetReq", "Resp", "string", "Other"] {
            assert!(types.contains(&name), "{name}: {types:?}");
        }
        assert_eq!(of(Class::Brace).len(), 4);
    }
}
