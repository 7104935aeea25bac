//! YAML, line by line.

use super::data::{pieces, push, without_comment};
use super::{Token, lines, within};
use crate::class::Class;

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let line = without_comment(line);
        let mut rest = line.trim_start();
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item.trim_start();
        }
        if rest.starts_with("---") || rest.starts_with('%') {
            continue;
        }
        if !rest.starts_with(['[', '{', '"', '\''])
            && let Some((key, behind)) = key(rest)
        {
            push(Class::Key, at, line, key, &mut found);
            rest = behind;
        }
        let value = rest.trim();
        if value.starts_with(['[', '{']) {
            let start = within(line, value).start;
            pieces(at + start, value, Class::Value, &mut found);
        } else {
            push(Class::Value, at, line, value, &mut found);
        }
    }
    found
}

/// The key before a colon that ends the line or has white space behind it.
fn key(text: &str) -> Option<(&str, &str)> {
    let mut colons = text.match_indices(':');
    let ends = |at: usize| text[at + 1..].is_empty() || text[at + 1..].starts_with(' ');
    let at = colons.find(|(at, _)| ends(*at))?.0;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn keys_values_and_numbers_are_told_apart() {
        let text = "rpc:\n  # comment: 1\n  address: 127.0.0.1:80 # here\n  ports: [ 10, 'x' ]\n  on: true\nlist:\n- name: a b\n- 7\n";
        let tokens = tokens(text);
        assert_eq!(
            of_class(text, &tokens, Class::Key),
            ["rpc", "address", "ports", "on", "list", "name"]
        );
        assert_eq!(
            of_class(text, &tokens, Class::Value),
            ["127.0.0.1:80", "x", "true", "a b"]
        );
        assert_eq!(of_class(text, &tokens, Class::Number), ["10", "7"]);
        assert_eq!(of_class(text, &tokens, Class::Brace), ["[", "]"]);
    }
}
