//! Mermaid diagrams: names, arrows and brackets; what they say to the reader is left alone.

use super::{Token, lines};
use crate::class::Class;

const KEYWORDS: &[&str] = &[
    "activate",
    "actor",
    "alt",
    "and",
    "as",
    "autonumber",
    "class",
    "deactivate",
    "direction",
    "else",
    "end",
    "left",
    "loop",
    "note",
    "Note",
    "of",
    "opt",
    "over",
    "par",
    "participant",
    "right",
    "subgraph",
];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        if !line.trim_start().starts_with("%%") {
            of_line(at, line, &mut found);
        }
    }
    found
}

fn of_line(start: usize, line: &str, found: &mut Vec<Token>) {
    // What the reader is shown: between brackets and bars, in quotes, and behind a colon.
    let mut depth = 0_usize;
    let mut delimiter = None;
    let mut here = 0;
    while let Some(c) = line[here..].chars().next() {
        let run = |goes_on: fn(char) -> bool| {
            let rest = &line[here..];
            rest.find(|c| !goes_on(c)).unwrap_or(rest.len())
        };
        let (class, length) = if let Some(open) = delimiter {
            delimiter = delimiter.filter(|_| c != open);
            (None, c.len_utf8())
        } else if c == '"' || c == '|' {
            delimiter = Some(c);
            (None, 1)
        } else if "[({".contains(c) {
            depth += 1;
            (Some(Class::Brace), 1)
        } else if "])}".contains(c) {
            depth = depth.saturating_sub(1);
            (Some(Class::Brace), 1)
        } else if depth == 0 && c == ':' {
            return;
        } else if depth == 0 && "-=<".contains(c) {
            let length = run(|c| "-=.<>".contains(c));
            ((length > 1).then_some(Class::Arrow), length)
        } else if depth == 0 && is_name(c) {
            let length = run(is_name);
            let is_keyword = KEYWORDS.contains(&&line[here..here + length]);
            let is_token = length > 1 && !is_keyword;
            (is_token.then_some(Class::Identifier), length)
        } else {
            (None, c.len_utf8())
        };
        let at = start + here..start + here + length;
        found.extend(class.map(|class| Token::new(class, at)));
        here += length;
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn names_arrows_and_brackets_are_told_apart() {
        let text = "flowchart LR\n  %% a comment --> x\n  api[The API] -->|calls - it| auth(\"a - b\")\n  auth ==> etcd\n";
        let tokens = tokens(text);
        let of = |class| of_class(text, &tokens, class);
        assert_eq!(of(Class::Arrow), ["-->", "==>"]);
        assert_eq!(of(Class::Brace), ["[", "]", "(", ")"]);
        assert_eq!(
            of(Class::Identifier),
            ["flowchart", "LR", "api", "auth", "auth", "etcd"]
        );
    }

    #[test]
    fn what_a_message_says_is_left_alone() {
        let text = "sequenceDiagram\n  participant C as Client\n  Client->>Api: call --> it\n";
        let tokens = tokens(text);
        assert_eq!(of_class(text, &tokens, Class::Arrow), ["->>"]);
        assert_eq!(
            of_class(text, &tokens, Class::Identifier),
            ["sequenceDiagram", "Client", "Client", "Api"]
        );
    }
}
