//! `proofs.lock` as a file.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::finding::{Code, Finding, Place};
use crate::segments::line_column;
use crate::workspace::put;

use super::{Performance, Recording};

/// Its name, beside book.toml.
pub const FILE: &str = "proofs.lock";

/// What this program reads and writes.
const SCHEMA: i64 = 1;

const HEADER: &str = "# What a run proved where the bases of these editions can be had, and what the guide\'s steps printed.\n# Written by `mdbook-verify record` and `mdbook-verify perform`, not by hand.\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    schema: i64,
    #[serde(default, rename = "edition")]
    editions: Vec<Recording>,
    #[serde(default, rename = "performed", skip_serializing_if = "Vec::is_empty")]
    performances: Vec<Performance>,
}

/// The recordings of a book.
#[derive(Debug, Default)]
pub struct Recordings {
    editions: Vec<Recording>,
    performances: Vec<Performance>,
    /// The line of each edition's entry, from 1.
    lines: Vec<usize>,
    /// The line of each performance's entry.
    performance_lines: Vec<usize>,
}

impl Recordings {
    /// Reads those of the book in `root`. That there are none is no error.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(root: &Path) -> Result<Self, Box<Finding>> {
        match fs::read(root.join(FILE)) {
            Ok(bytes) => Self::parse(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(1, 1, format!("{FILE} cannot be read: {error}"))),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Box<Finding>> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| unreadable(1, 1, format!("{FILE} is not UTF-8 text")))?;
        // A conflict is no TOML either, but its marks say more.
        if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
            let finding = unreadable(
                line + 1,
                1,
                format!("{FILE} has the marks of a merge conflict"),
            );
            return Err(Box::new(finding.help(
                "take one of the two sides as it is; if the other one changed blocks too, record again",
            )));
        }
        let at_error = |error: &toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            let (line, column) = line_column(text, at);
            let why = error.message().lines().next().unwrap_or_default();
            unreadable(line, column, format!("{FILE} cannot be read: {why}"))
        };
        let table = DeTable::parse(text).map_err(|error| at_error(&error))?;
        // Looked at first: another schema may have anything else in it.
        match table.get_ref().get("schema").and_then(integer) {
            Some(SCHEMA) => {}
            Some(schema) => {
                let message =
                    format!("{FILE} has the schema {schema}, this mdbook-verify reads {SCHEMA}");
                let finding = Finding::error(Code::RECORDING_SCHEMA, place(1, 1), message);
                return Err(Box::new(finding.help(
                    "use the mdbook-verify that wrote it, or remove the file and record again",
                )));
            }
            None => {
                return Err(unreadable(
                    1,
                    1,
                    format!("{FILE} does not say which schema it has"),
                ));
            }
        }
        let content =
            Content::deserialize(Deserializer::from(table)).map_err(|error| at_error(&error))?;
        let recordings = Self {
            lines: entries(text, "[[edition]]"),
            performance_lines: entries(text, "[[performed]]"),
            editions: content.editions,
            performances: content.performances,
        };
        recordings.consistent()?;
        Ok(recordings)
    }

    /// Each edition once, and each with a time and the digest of what it lists.
    fn consistent(&self) -> Result<(), Box<Finding>> {
        for (index, performance) in self.performances.iter().enumerate() {
            let name = &performance.name;
            let line = self.performance_lines.get(index).copied().unwrap_or(1);
            let mut earlier = self.performances.iter().take(index);
            if earlier.any(|earlier| earlier.name == *name) {
                let message = format!("{FILE} has the performance of the edition {name} twice");
                return Err(unreadable(line, 1, message));
            }
            if performance.at.parse::<jiff::Timestamp>().is_err() {
                let message = format!("{FILE} does not say when the edition {name} was performed");
                return Err(unreadable(line, 1, message));
            }
        }
        for (index, recording) in self.editions.iter().enumerate() {
            let name = &recording.name;
            let line = self.lines.get(index).copied().unwrap_or(1);
            if self.names().take(index).any(|earlier| earlier == name) {
                return Err(unreadable(
                    line,
                    1,
                    format!("{FILE} has the edition {name} twice"),
                ));
            }
            if recording.at.parse::<jiff::Timestamp>().is_err() {
                let message = format!("{FILE} does not say when the edition {name} was recorded");
                return Err(unreadable(line, 1, message));
            }
            if recording.digest != recording.digest_of_entries() {
                let message = format!(
                    "the digest of the edition {name} in {FILE} is not that of its entries: somebody edited or merged the file by hand"
                );
                return Err(unreadable(line, 1, message));
            }
        }
        Ok(())
    }

    /// The recording of an edition.
    #[must_use]
    pub fn of(&self, edition: &str) -> Option<&Recording> {
        self.editions
            .iter()
            .find(|recording| recording.name == edition)
    }

    /// The editions that are recorded.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.editions
            .iter()
            .map(|recording| recording.name.as_str())
    }

    /// Where the recording of an edition stands.
    pub(super) fn place(&self, edition: &str) -> Place {
        let index = self.names().position(|name| name == edition);
        let line = index.and_then(|index| self.lines.get(index));
        place(line.copied().unwrap_or(1), 1)
    }

    /// Without what was proven about trees.
    #[must_use]
    pub fn performances_only(self) -> Self {
        Self {
            editions: Vec::new(),
            lines: Vec::new(),
            ..self
        }
    }

    /// The performance of an edition, whether or not it still fits.
    #[must_use]
    pub fn performance_of(&self, edition: &str) -> Option<&Performance> {
        let mut performances = self.performances.iter();
        performances.find(|performance| performance.name == edition)
    }

    pub(super) fn place_of_performance(&self, edition: &str) -> Place {
        let mut performances = self.performances.iter();
        let index = performances.position(|performance| performance.name == edition);
        let line = index.and_then(|index| self.performance_lines.get(index));
        place(line.copied().unwrap_or(1), 1)
    }

    /// Puts a recording in the place of an earlier one of its edition. What stands in no list of
    /// `editions` is dropped; the others follow its order.
    pub fn replace(&mut self, recording: Recording, editions: &[&str]) {
        self.editions.retain(|other| other.name != recording.name);
        self.editions.push(recording);
        self.order(editions);
    }

    /// The same with a performance.
    pub fn replace_performance(&mut self, performance: Performance, editions: &[&str]) {
        self.performances
            .retain(|other| other.name != performance.name);
        self.performances.push(performance);
        self.order(editions);
    }

    fn order(&mut self, editions: &[&str]) {
        let order = |name: &str| editions.iter().position(|edition| *edition == name);
        self.editions.retain(|entry| order(&entry.name).is_some());
        self.editions.sort_by_key(|entry| order(&entry.name));
        self.performances
            .retain(|entry| order(&entry.name).is_some());
        self.performances.sort_by_key(|entry| order(&entry.name));
    }

    /// Writes them for the book in `root`: aside and renamed, so that nobody ever sees half of it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(self, root: &Path) -> Result<(), String> {
        let text = self.text().map_err(|error| error.to_string())?;
        put(&root.join(FILE), text.as_bytes()).map_err(|error| error.to_string())
    }

    pub(super) fn text(self) -> Result<String, toml::ser::Error> {
        let content = Content {
            schema: SCHEMA,
            editions: self.editions,
            performances: self.performances,
        };
        Ok(format!("{HEADER}{}", toml::to_string(&content)?))
    }
}

fn integer(value: &Spanned<DeValue<'_>>) -> Option<i64> {
    let integer = value.get_ref().as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// The lines of a kind of entry, from 1.
fn entries(text: &str, header: &str) -> Vec<usize> {
    let lines = text.lines().enumerate();
    let entries = lines.filter(|(_, line)| line.trim() == header);
    entries.map(|(index, _)| index + 1).collect()
}

fn place(line: usize, column: usize) -> Place {
    Place::Recordings { line, column }
}

fn unreadable(line: usize, column: usize, message: String) -> Box<Finding> {
    let finding = Finding::error(Code::RECORDING_UNREADABLE, place(line, column), message);
    Box::new(finding.help("restore the committed file, or remove it and record its editions again"))
}
