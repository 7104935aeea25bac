//! YAML, JSON and TOML: parsed, in blocks of their own and in the files that edits leave.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::evidence::{self, Kind};
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::role::Role;
use crate::segments::{Stitched, byte_at};
use crate::workspace::{FileKey, Stitch};

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
        let is_alone = match block.role {
            Role::Plain => block.fails.is_none(),
            Role::Output { .. } => true,
            _ => false,
        };
        if !serves || !is_alone || evidence::matter(block) != matter {
            continue;
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
    let mut hands: BTreeMap<FileKey, Vec<usize>> = BTreeMap::new();
    for (block, key) in edits_of(context, stitch, matter) {
        hands.entry(key).or_default().push(block);
    }
    for (key, file) in stitch
        .files
        .iter()
        .filter(|(key, _)| Matter::of_path(&key.path) == matter)
    {
        let hands = hands.get(key).map_or(&[][..], Vec::as_slice);
        match parse(matter, file.text()) {
            Ok(()) => {
                for block in hands {
                    outcome.proven(*block, Kind::Parsed);
                }
            }
            Err(error) => {
                let finding = broken_file(context, key, file, matter, &error);
                let finding = hands.iter().fold(finding, |finding, block| {
                    finding.related(
                        Place::Chapter(super::whole(context, *block)),
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
    key: &FileKey,
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
pub(super) struct DataError {
    /// The bytes that the parser names. None of them: it names a place.
    at: Range<usize>,
    pub(super) message: String,
}

impl DataError {
    /// The bytes to point at: what the parser names, else the rest of the word there.
    pub(super) fn range(&self, text: &str) -> (usize, usize) {
        let at = whole_characters(text, self.at.clone());
        if at.end > at.start {
            return (at.start, at.end);
        }
        let word = text[at.start..]
            .find(char::is_whitespace)
            .unwrap_or(text.len() - at.start);
        (at.start, at.start + word)
    }
}

/// Where a parser objects to a text.
#[cfg(any(test, fuzzing))]
pub(crate) fn error_in_data(matter: Matter, text: &str) -> Option<Range<usize>> {
    let (start, end) = parse(matter, text).err()?.range(text);
    Some(start..end)
}

/// The range within `text`, widened to whole characters: parsers that read bytes may name one in
/// the middle of a character.
fn whole_characters(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Whether a text parses, if it is data at all.
pub(super) fn parses(matter: Matter, text: &str) -> bool {
    error(matter, text).is_none()
}

/// What the parser objects to in a text that is data.
pub(super) fn error(matter: Matter, text: &str) -> Option<String> {
    let wrong = matter.is_data().then(|| parse(matter, text).err())?;
    wrong.map(|error| error.message)
}

pub(super) fn parse(matter: Matter, text: &str) -> Result<(), DataError> {
    match matter {
        Matter::Json => serde_json::from_str::<EachOnce>(text)
            .map(drop)
            .map_err(|error| DataError {
                at: json_place(text, error.line(), error.column()),
                message: without_place(&error.to_string()),
            }),
        Matter::Toml => toml::from_str::<toml::Table>(text)
            .map(drop)
            .map_err(|error| DataError {
                at: error.span().unwrap_or_default(),
                message: error.message().to_owned(),
            }),
        _ => yaml(text),
    }
}

/// Any JSON in which no object has a key twice. `serde_json` would take the last one, as YAML's and
/// TOML's parsers do not.
struct EachOnce;

impl<'de> Deserialize<'de> for EachOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for EachOnce {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(de::Error::custom(format!("the key {key:?} is given twice")));
            }
            keys.insert(key);
            entries.next_value::<Self>()?;
        }
        Ok(self)
    }
}

/// `serde_json` names the byte that it read last. If that is white space, the token before it is what
/// it objects to.
fn json_place(text: &str, line: usize, column: usize) -> Range<usize> {
    let read = byte_at(text, line, column) + usize::from(column > 0);
    let end = text[..whole_characters(text, 0..read).end].trim_end().len();
    let delimiter = |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '{' | '}' | '[' | ']');
    let start = text[..end]
        .rmatch_indices(delimiter)
        .next()
        .map_or(0, |(at, delimiter)| at + delimiter.len());
    if start < end {
        start..end
    } else {
        // A delimiter is a token itself.
        whole_characters(text, end.saturating_sub(1)..end)
    }
}

/// No values are made: YAML has some that no type of JSON's can hold, such as `.nan` and keys that
/// are lists. The parser refuses duplicate keys by itself.
fn yaml(text: &str) -> Result<(), DataError> {
    let options = serde_saphyr::options! {
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::PassThrough,
    };
    serde_saphyr::from_multiple_with_options::<IgnoredAny>(text, options)
        .map(drop)
        .map_err(|error| {
            let error = error.without_snippet();
            let at = error.location().map_or(0, |location| {
                let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
                character_at(text, number(location.line()), number(location.column()))
            });
            DataError {
                at: at..at,
                message: without_place(&error.to_string()),
            }
        })
}

/// The byte at a line and column of `text`, both from 1, where columns are characters.
fn character_at(text: &str, line: usize, column: usize) -> usize {
    let start = byte_at(text, line, 1);
    let line = text[start..].split('\n').next().unwrap_or_default();
    let mut characters = line.char_indices().map(|(at, _)| at);
    start
        + characters
            .nth(column.saturating_sub(1))
            .unwrap_or(line.len())
}

/// Parsers append ` at line 1 column 2`, which is the place in the file, not in the guide, or what
/// a programmer could set, which the author of the guide cannot.
fn without_place(message: &str) -> String {
    let ends = [" at line ", ", set DuplicateKeyPolicy"];
    let cut = ends.iter().filter_map(|end| message.find(end)).min();
    message[..cut.unwrap_or(message.len())].to_owned()
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
        assert_eq!(
            json("{\"a\": [{\"b\": 1, \"c\": {\"b\": 2},\n\"b\" : 3}]}"),
            "\"\\\"b\\\"\" the key \"b\" is given twice"
        );
        assert!(error(Matter::Toml, "a = 1\na = 2\n").contains("duplicate key"));
        assert!(parse(Matter::Yaml, "a: 1\na: 2\n").is_err());
        assert!(parse(Matter::Yaml, "a: [1\n").is_err());
        assert!(parse(Matter::Yaml, "a:\n\tb: 1\n").is_err());
    }

    #[test]
    fn text_beyond_ascii_is_pointed_at_whole() {
        assert_eq!(error(Matter::Json, "{\"a\": é}"), "\"é\" expected value");
        assert_eq!(error(Matter::Json, "日"), "\"日\" expected value");
        // A no-break space ends a word here, but is no white space of JSON.
        assert!(error(Matter::Json, "[1,\u{a0}x]").starts_with('"'));
        assert!(error(Matter::Yaml, "日本: [1").starts_with('"'));
        assert!(error(Matter::Yaml, "日本: 1\n本: {a: 1\n").starts_with('"'));
        assert!(error(Matter::Toml, "a = 日").starts_with("\"日\""));
    }

    #[test]
    fn yaml_columns_are_characters() {
        assert!(
            error(Matter::Yaml, "é: 1\nb: 日 : x\n").starts_with("\":"),
            "{}",
            error(Matter::Yaml, "é: 1\nb: 日 : x\n")
        );
        assert_eq!(
            error(Matter::Yaml, "ü: 1\nü: 2\n"),
            "\"ü:\" duplicate mapping key: ü"
        );
    }

    #[test]
    fn no_place_in_cut_text_panics() {
        for matter in KINDS {
            for text in [
                "{\"日\": [\"é\", 1]}",
                "日: [é, {ü: \"ß\"}]\n本: \"ö\n",
                "\"日\" = [\"é\", \"ü\"]\n[本]\n",
            ] {
                for (cut, _) in text.char_indices() {
                    for part in [&text[..cut], &text[cut..]] {
                        if let Err(error) = parse(matter, part) {
                            let (start, end) = error.range(part);
                            assert!(part.get(start..end).is_some(), "{part:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn yaml_may_hold_what_json_cannot() {
        for text in [
            "a: .nan\nb: -.inf\n",
            "? [a, b]\n: 1\n",
            "{a: 1}: 2\n",
            "1: a\nnull: b\n",
            "a: !Mine b\n",
            "a: &x {b: 1}\nc:\n  <<: *x\n",
        ] {
            let wrong = parse(Matter::Yaml, text).err();
            assert_eq!(wrong.map(|error| error.message), None, "{text:?}");
        }
        for text in ["? [a]\n: 1\n? [a]\n: 2\n", "x:\n  - a: 1\n    a: 2\n"] {
            assert!(parse(Matter::Yaml, text).is_err(), "{text:?}");
        }
    }
}
