//! A listing of paths.

use super::{Token, lines, within};
use crate::class::Class;

/// What draws the lines of the tree.
const DRAWN: &[char] = &['│', '├', '└', '─', '|', '`', '+', '-', '\u{a0}', ' ', '\t'];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (at, line) in lines(text) {
        let name = line.trim_start_matches(DRAWN).split_whitespace().next();
        let Some(name) = name.filter(|name| name.contains(char::is_alphanumeric)) else {
            continue;
        };
        if name.starts_with('#') {
            continue;
        }
        let range = within(line, name);
        found.push(Token::new(Class::Path, at + range.start..at + range.end));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn names_are_paths_and_remarks_are_not() {
        let text = ".\n├── cmd/\n│   └── main.go  # the binary\n# a remark\n`-- x\n";
        assert_eq!(
            of_class(text, &tokens(text), Class::Path),
            ["cmd/", "main.go", "x"]
        );
    }
}
