//! What a probe prints: findings, one JSON object a line, and at the end `{"checked": true}`.
//!
//! | key | meaning |
//! |---|---|
//! | `message` | what is wrong, in one plain sentence |
//! | `help` | a way out, if there is one |
//! | `path` | where: keys and list indices from the outermost on, `["rpc", "ports", 0]` |
//! | `key` | `true`: the key at the end of the path is meant, not its value |
//! | `document` | the YAML document that the path is in, from 0 |
//! | `known` | the keys that could have been meant, for "did you mean" |
//! | `line`, `column` | where, instead of a path: from 1, columns in bytes |
//! | `offset`, `length` | where, instead of a path: in bytes, from 0 |
//!
//! Without a place the data as a whole is meant. The last line tells a probe that found nothing from
//! one that looked at nothing.

use serde::Deserialize;

use super::places::Aspect;
use super::{At, Problem, did_you_mean};
use crate::segments::byte_at;

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Checked(Checked),
    Found(Found),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checked {
    checked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    message: String,
    help: Option<String>,
    path: Option<Vec<Step>>,
    #[serde(default)]
    key: bool,
    #[serde(default)]
    document: usize,
    #[serde(default)]
    known: Vec<String>,
    line: Option<usize>,
    column: Option<usize>,
    offset: Option<usize>,
    length: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Step {
    Key(String),
    Index(usize),
}

/// Reads what a probe printed about a text.
///
/// # Errors
/// Why it is no answer.
pub(super) fn read(printed: &str, text: &str) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    let mut checked = false;
    for line in printed.lines().filter(|line| !line.trim().is_empty()) {
        if checked {
            return Err("it goes on after {\"checked\": true}".to_owned());
        }
        match serde_json::from_str(line) {
            Ok(Line::Checked(Checked { checked: true })) => checked = true,
            Ok(Line::Found(found)) => problems.push(found.problem(text)),
            _ => {
                return Err(format!(
                    "it printed a line that is no finding: {}",
                    cut(line)
                ));
            }
        }
    }
    if checked {
        Ok(problems)
    } else {
        Err("it did not say {\"checked\": true}".to_owned())
    }
}

impl Found {
    fn problem(self, text: &str) -> Problem {
        let word = |start: usize| {
            let rest = text.get(start..).unwrap_or_default();
            start..start + rest.find(char::is_whitespace).unwrap_or(rest.len())
        };
        let mut help = self.help;
        let at = match (self.path, self.line, self.offset) {
            (Some(path), _, _) => {
                let path: Vec<_> = path
                    .into_iter()
                    .map(|step| match step {
                        Step::Key(key) => key,
                        Step::Index(index) => index.to_string(),
                    })
                    .collect();
                let key = path.last().map_or("", String::as_str);
                help = did_you_mean(key, &self.known, help);
                let aspect = if self.key { Aspect::Key } else { Aspect::Value };
                At::Path {
                    document: self.document,
                    path,
                    aspect,
                }
            }
            (None, Some(line), _) => At::Bytes(word(byte_at(text, line, self.column.unwrap_or(1)))),
            (None, None, Some(offset)) => At::Bytes(match self.length {
                Some(length) => offset..offset.saturating_add(length),
                None => word(offset),
            }),
            (None, None, None) => At::Whole,
        };
        Problem {
            at,
            message: self.message,
            help,
        }
    }
}

/// The beginning of a line that may be long.
fn cut(line: &str) -> String {
    const SHOWN: usize = 80;
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = "{\"checked\": true}\n";

    fn one(line: &str, text: &str) -> Problem {
        let mut problems = read(&format!("{line}\n{DONE}"), text).unwrap();
        assert_eq!(problems.len(), 1);
        problems.remove(0)
    }

    #[test]
    fn places_of_all_kinds() {
        let text = "a: 1\nbc: é 3\n";
        let bytes = |line| match one(line, text).at {
            At::Bytes(range) => range,
            other => panic!("{other:?}"),
        };
        assert_eq!(bytes("{\"message\": \"m\", \"line\": 2}"), 5..8);
        assert_eq!(
            bytes("{\"message\": \"m\", \"line\": 2, \"column\": 5}"),
            9..11
        );
        assert_eq!(bytes("{\"message\": \"m\", \"offset\": 3}"), 3..4);
        assert_eq!(
            bytes("{\"message\": \"m\", \"offset\": 3, \"length\": 1}"),
            3..4
        );
        // A place behind the end, or within a character, is no reason to fall over.
        assert_eq!(bytes("{\"message\": \"m\", \"offset\": 99}"), 99..99);
        assert_eq!(bytes("{\"message\": \"m\", \"offset\": 10}"), 10..10);
        assert!(matches!(one("{\"message\": \"m\"}", text).at, At::Whole));
        let at = one(
            "{\"message\": \"m\", \"path\": [\"a\", 0], \"key\": true}",
            text,
        )
        .at;
        assert!(
            matches!(&at, At::Path { path, aspect: Aspect::Key, document: 0 } if *path == ["a", "0"])
        );
    }

    #[test]
    fn a_near_key_is_suggested() {
        let line = "{\"message\": \"m\", \"help\": \"h\", \"path\": [\"r\", \"prots\"], \"known\": [\"x\", \"ports\"]}";
        assert_eq!(one(line, "").help.as_deref(), Some("did you mean `ports`?"));
        let line = "{\"message\": \"m\", \"help\": \"h\", \"path\": [\"r\", \"q\"], \"known\": [\"ports\"]}";
        assert_eq!(one(line, "").help.as_deref(), Some("h"));
    }

    #[test]
    fn what_is_no_answer() {
        assert_eq!(read(DONE, "").unwrap().len(), 0);
        for (printed, wanted) in [
            ("", "it did not say"),
            ("{\"message\": \"m\"}", "it did not say"),
            ("hello\n{\"checked\": true}", "no finding: hello"),
            ("{\"checked\": false}", "no finding"),
            ("{\"mesage\": \"m\"}", "no finding"),
            ("{\"message\": \"m\", \"colum\": 3}", "no finding"),
            ("{\"checked\": true}\n{\"checked\": true}", "it goes on"),
        ] {
            let why = read(printed, "").unwrap_err();
            assert!(why.contains(wanted), "{printed}: {why}");
        }
        let long = read(&"é".repeat(500), "").unwrap_err();
        assert!(long.chars().count() < 200 && long.ends_with('…'), "{long}");
    }
}
