//! YAML, JSON and TOML: parsed, in blocks of their own and in the files that edits leave.

use crate::evidence::{Kind, Matter};
use crate::finding::{Code, Finding, Place};
use crate::role::Role;
use crate::segments::{Stitched, byte_at};
use crate::workspace::Stitch;

use super::{Context, Outcome, edits_of, place};

const KINDS: [Matter; 3] = [Matter::Yaml, Matter::Json, Matter::Toml];

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    for matter in KINDS {
        plain(context, matter, outcome);
        files(context, stitch, matter, outcome);
    }
}

/// Blocks that belong to no file.
fn plain(context: &Context<'_>, matter: Matter, outcome: &mut Outcome) {
    for (index, block) in context.blocks.iter().enumerate() {
        let serves = block.serves(&context.edition.name);
        if !serves || block.role != Role::Plain || Matter::of(block) != matter {
            continue;
        }
        if block.claims.is_some() {
            outcome.unproven(index, "no check knows yet what as= claims");
        }
        match parse(matter, &block.content.text) {
            Ok(()) => outcome.proven(index, Kind::Parsed),
            Err(error) => {
                let (start, end) = error.range(&block.content.text);
                let place = Place::Chapter(block.content.span(start, end));
                outcome.findings.push(
                    finding(matter, place, &error.message).for_edition(&context.edition.name),
                );
            }
        }
    }
}

/// Files as the last edit leaves them.
fn files(context: &Context<'_>, stitch: &Stitch, matter: Matter, outcome: &mut Outcome) {
    for (key, file) in stitch
        .files
        .iter()
        .filter(|(key, _)| Matter::of_path(&key.path) == matter)
    {
        let hands: Vec<_> = edits_of(context, stitch, matter)
            .filter(|(_, edited)| edited == key)
            .collect();
        match parse(matter, file.text()) {
            Ok(()) => {
                for (block, _) in hands {
                    outcome.proven(block, Kind::Parsed);
                }
            }
            Err(error) => {
                let finding = broken_file(context, key, file, matter, &error);
                let finding = hands.into_iter().fold(finding, |finding, (block, _)| {
                    finding.related(
                        Place::Chapter(super::whole(context, block)),
                        "this block edits the file",
                    )
                });
                outcome
                    .findings
                    .push(finding.for_edition(&context.edition.name));
            }
        }
    }
}

fn broken_file(
    context: &Context<'_>,
    key: &crate::workspace::FileKey,
    file: &Stitched,
    matter: Matter,
    error: &DataError,
) -> Finding {
    let (start, end) = error.range(file.text());
    let message = format!("in {}: {}", key.path, error.message);
    finding(matter, place(context, key, file, start, end), &message)
}

fn finding(matter: Matter, place: Place, message: &str) -> Finding {
    let name = match matter {
        Matter::Yaml => "YAML",
        Matter::Json => "JSON",
        _ => "TOML",
    };
    Finding::error(
        Code::DATA_SYNTAX,
        place,
        format!("this is no valid {name}: {message}"),
    )
}

/// What a parser objects to, and where.
struct DataError {
    /// Byte, or line and column from 1.
    at: At,
    message: String,
}

enum At {
    Byte(usize, usize),
    Line(usize, usize),
}

impl DataError {
    /// The bytes to point at: what the parser names, else the rest of the word there.
    fn range(&self, text: &str) -> (usize, usize) {
        let (start, end) = match self.at {
            At::Byte(start, end) => (start.min(text.len()), end.min(text.len())),
            At::Line(line, column) => {
                let start = byte_at(text, line, column);
                (start, start)
            }
        };
        if end > start {
            return (start, end);
        }
        let word = text[start..]
            .find(|c: char| c.is_whitespace())
            .unwrap_or(text.len() - start);
        (start, start + word)
    }
}

fn parse(matter: Matter, text: &str) -> Result<(), DataError> {
    match matter {
        Matter::Json => serde_json::from_str::<serde::de::IgnoredAny>(text)
            .map(drop)
            .map_err(|error| DataError {
                at: json_place(text, error.line(), error.column()),
                message: without_place(&error.to_string()),
            }),
        Matter::Toml => toml::from_str::<toml::Table>(text)
            .map(drop)
            .map_err(|error| DataError {
                at: error
                    .span()
                    .map_or(At::Byte(0, 0), |span| At::Byte(span.start, span.end)),
                message: error.message().to_owned(),
            }),
        _ => yaml(text),
    }
}

/// `serde_json` names the byte that it read last. If that is white space, the token before it is what
/// it objects to.
fn json_place(text: &str, line: usize, column: usize) -> At {
    let read = byte_at(text, line, column) + usize::from(column > 0);
    let end = text[..read.min(text.len())].trim_end().len();
    let delimiter = |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '{' | '}' | '[' | ']');
    let start = text[..end].rfind(delimiter).map_or(0, |at| at + 1);
    At::Byte(
        if start < end {
            start
        } else {
            end.saturating_sub(1)
        },
        end,
    )
}

fn yaml(text: &str) -> Result<(), DataError> {
    serde_saphyr::from_multiple::<serde_json::Value>(text)
        .map(drop)
        .map_err(|error| {
            let error = error.without_snippet();
            let at = error.location().map_or(At::Byte(0, 0), |location| {
                let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
                At::Line(number(location.line()), number(location.column()))
            });
            DataError {
                at,
                message: without_place(&error.to_string()),
            }
        })
}

/// Parsers append ` at line 1 column 2`, which is the place in the file, not in the guide.
fn without_place(message: &str) -> String {
    let cut = message.find(" at line ").unwrap_or(message.len());
    message[..cut].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(matter: Matter, text: &str) -> String {
        let error = parse(matter, text).unwrap_err();
        let (start, end) = error.range(text);
        format!("{:?} {}", &text[start..end], error.message)
    }

    #[test]
    fn good_data_parses() {
        assert!(parse(Matter::Json, "{\"a\": [1, null]}").is_ok());
        assert!(parse(Matter::Toml, "a = 1\n[b]\n").is_ok());
        assert!(parse(Matter::Yaml, "a:\n  - 1\n---\nb: 2\n").is_ok());
    }

    #[test]
    fn bad_data_says_where() {
        let json = |text| error(Matter::Json, text);
        assert_eq!(json("{\n  \"a\": tru\n}"), "\"tru\" expected ident");
        assert!(json("{\"a\": 1,}").starts_with("\"}\""));
        assert_eq!(json("{\"a\": 1"), "\"1\" EOF while parsing an object");
        assert!(
            json("{\"a\": 1 \"b\": 2}").starts_with("\"\\\"\" expected"),
            "{}",
            json("{\"a\": 1 \"b\": 2}")
        );
        assert!(error(Matter::Toml, "a = 1\na = 2\n").contains("duplicate key"));
        assert!(parse(Matter::Yaml, "a: 1\na: 2\n").is_err());
        assert!(parse(Matter::Yaml, "a: [1\n").is_err());
        assert!(parse(Matter::Yaml, "a:\n\tb: 1\n").is_err());
    }
}
