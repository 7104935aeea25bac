//! Go.

use super::Token;
use super::curly::{Kind, Lexemes, Syntax};
use crate::class::Class;

const SYNTAX: Syntax = Syntax {
    quotes: &['"', '\''],
    raw: Some('`'),
    rust: false,
};

const KEYWORDS: &[&str] = &[
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

const TYPES: &[&str] = &[
    "any",
    "bool",
    "byte",
    "complex128",
    "complex64",
    "error",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "rune",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let go = Go(Lexemes::new(text, &SYNTAX));
    let classes = (0..go.0.all.len()).filter_map(|index| Some((index, go.class(index)?)));
    classes
        .map(|(index, class)| Token::new(class, go.0.all[index].at.clone()))
        .collect()
}

struct Go<'t>(Lexemes<'t>);

impl Go<'_> {
    fn class(&self, index: usize) -> Option<Class> {
        match self.0.kind(index)? {
            Kind::Number => Some(Class::Number),
            Kind::Mark('{' | '}') => Some(Class::Brace),
            Kind::Mark(_) => None,
            Kind::Text if self.is_import(index) => Some(Class::Import),
            Kind::Text => Some(Class::Value),
            Kind::Word => self.class_of_word(index),
        }
    }

    /// A text alone on its line, behind an alias, or behind `import`. In a list each text has a
    /// comma behind it.
    fn is_import(&self, index: usize) -> bool {
        let lexemes = &self.0;
        let Some(before) = lexemes.before(index) else {
            return self.ends_as_import(index);
        };
        let alone = match lexemes.before(before) {
            Some(first) => lexemes.word(first) == "import",
            None => lexemes.word(before) != "return",
        };
        alone && lexemes.kind(before) == Some(Kind::Word) && self.ends_as_import(index)
    }

    fn ends_as_import(&self, index: usize) -> bool {
        self.0.behind(index).is_none() && !self.0.word(index).contains([' ', ':'])
    }

    fn class_of_word(&self, index: usize) -> Option<Class> {
        let word = self.0.word(index);
        if KEYWORDS.contains(&word) || word.chars().count() < 2 {
            return None;
        }
        if TYPES.contains(&word) || self.is_type(index) {
            return Some(Class::Type);
        }
        Some(Class::Identifier)
    }

    /// Whether the word names a type, by its neighbours in formatted Go.
    fn is_type(&self, index: usize) -> bool {
        let lexemes = &self.0;
        let behind = lexemes.behind(index);
        if lexemes.is(behind, '.') {
            return false;
        }
        // `pkg.Name` stands where `Name` alone would.
        let mut first = index;
        while lexemes.is(lexemes.before(first), '.') && first >= 2 {
            first -= 2;
        }
        let composite = lexemes.is(behind, '{') && behind.is_some_and(|b| lexemes.touch(index, b));
        let Some(before) = lexemes.before(first) else {
            // Alone on its line it is an embedded type, but for the word before a call or a comma.
            return composite || (behind.is_none() && first != index);
        };
        let glued = lexemes.touch(before, first);
        composite
            || match lexemes.kind(before) {
                Some(Kind::Word) => match lexemes.word(before) {
                    "type" | "chan" => true,
                    word => !KEYWORDS.contains(&word) && !glued,
                },
                Some(Kind::Mark(']')) => glued,
                Some(Kind::Mark('*')) => glued && self.is_pointer(before),
                // The result of a function, before its body.
                Some(Kind::Mark(')')) => !glued && lexemes.is(behind, '{'),
                _ => false,
            }
    }

    /// Whether a `*` is no multiplication: gofmt puts white space on both of its sides, or none.
    fn is_pointer(&self, star: usize) -> bool {
        let Some(before) = self.0.before(star) else {
            return true;
        };
        !self.0.touch(before, star)
            || matches!(
                self.0.kind(before),
                Some(Kind::Mark('(' | ']' | '[' | '*' | '{' | '&'))
            )
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    const TEXT: &str = r#"package a // comment

import (
	"context"

	pb "example.com/proto"
)

type Config struct {
	*Root
	pb.Unimplemented
	Name  string `json:"name"`
	Ports []int
	Files map[string]*cfg.File
}

func (s *server) Start(ctx context.Context, n int) (*pb.Resp, error) {
	x := &Config{Name: "text here"}
	y := n*size + *pointed
	return other(10*time.Second, x, y)
}

func New() Api {
	return Api{}
}
"#;

    #[test]
    fn classes_are_told_apart() {
        let tokens = tokens(TEXT);
        let of = |class| of_class(TEXT, &tokens, class);
        assert_eq!(of(Class::Import), ["context", "example.com/proto"]);
        assert_eq!(of(Class::Value), ["json:\"name\"", "text here"]);
        assert_eq!(of(Class::Number), ["10"]);
        assert_eq!(of(Class::Brace).len(), 10);
        assert_eq!(
            of(Class::Type),
            [
                "Config",
                "Root",
                "Unimplemented",
                "string",
                "int",
                "string",
                "File",
                "server",
                "Context",
                "int",
                "Resp",
                "error",
                "Config",
                "pointed",
                "Api",
                "Api",
            ]
        );
        let identifiers = of(Class::Identifier);
        for name in ["pb", "Name", "Start", "ctx", "size", "time", "Second"] {
            assert!(identifiers.contains(&name), "{name}: {identifiers:?}");
        }
        assert!(!identifiers.contains(&"comment"));
        assert!(!identifiers.contains(&"return"));
    }

    #[test]
    fn an_import_needs_no_import_around_it() {
        let text = "\tpbAuth \"example.com/auth\"\n\tcall(\"a/b\")\n\treturn \"c/d\"\n";
        assert_eq!(
            of_class(text, &tokens(text), Class::Import),
            ["example.com/auth"]
        );
    }
}
