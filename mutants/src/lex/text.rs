//! Text of no language that is known here.

use super::{Token, lines, within};
use crate::class::Class;

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        for word in line.split_whitespace() {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            if word.is_empty() {
                continue;
            }
            let class = if word.chars().all(|c| c.is_ascii_digit()) {
                Class::Number
            } else {
                Class::Value
            };
            let range = within(line, word);
            found.push(Token::new(class, at + range.start..at + range.end));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn words_are_values() {
        let text = "Hello, 12 (worlds).\n\n  —\n";
        let tokens = tokens(text);
        assert_eq!(of_class(text, &tokens, Class::Value), ["Hello", "worlds"]);
        assert_eq!(of_class(text, &tokens, Class::Number), ["12"]);
    }
}
