//! go.mod, or lines of one.

use super::{Token, lines, within};
use crate::class::Class;

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let line = line.split("//").next().unwrap_or_default();
        let mut is_version_of_go = false;
        for (index, word) in line.split_whitespace().enumerate() {
            let class = match word {
                "go" | "toolchain" if index == 0 => {
                    is_version_of_go = true;
                    continue;
                }
                "module" | "require" | "replace" | "exclude" | "retract" | "tool" if index == 0 => {
                    continue;
                }
                "(" | ")" => Class::Brace,
                "=>" => Class::Arrow,
                _ if is_version_of_go => Class::Number,
                _ if is_version(word) => Class::Value,
                _ => Class::Path,
            };
            let range = within(line, word);
            found.push(Token::new(class, at + range.start..at + range.end));
        }
    }
    found
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn paths_versions_and_arrows_are_told_apart() {
        let text = "module a.b/c\n\ngo 1.22.7\n\nrequire (\n\td.e/f v1.2.3 // indirect\n)\nreplace d.e/f => ../f\n";
        let tokens = tokens(text);
        let of = |class| of_class(text, &tokens, class);
        assert_eq!(of(Class::Path), ["a.b/c", "d.e/f", "d.e/f", "../f"]);
        assert_eq!(of(Class::Value), ["v1.2.3"]);
        assert_eq!(of(Class::Number), ["1.22.7"]);
        assert_eq!(of(Class::Arrow), ["=>"]);
        assert_eq!(of(Class::Brace), ["(", ")"]);
    }
}
