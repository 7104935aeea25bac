//! Recorded evidence: what a run elsewhere proved, for editions whose upstream cannot be had here.
//!
//! `proofs.lock` stands beside book.toml. [`crate::record`] writes what a full check proved that
//! proved everything, [`crate::perform`] what the steps of the guide printed when they were performed.
//! An entry counts as long as the [`Inputs`] of its edition are what they were.

mod file;
mod inputs;
mod performance;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::{BaseSpec, Edition};
use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place};

pub use self::file::{FILE, Recordings};
pub use self::inputs::{Changes, Digests, Inputs};
pub use self::performance::{Answer, Performance, digest};

/// What was proven about an edition, and from what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The edition.
    pub name: String,
    /// The digest of all that could change the evidence.
    pub digest: String,
    /// When it was proven, in UTC.
    pub at: String,
    /// The versions of the tools that proved it.
    #[serde(default)]
    pub tools: BTreeMap<String, String>,
    /// Digests of the book's settings that could change the evidence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, String>,
    /// The bases.
    #[serde(default, rename = "base")]
    pub bases: Vec<RecordedBase>,
    /// The blocks, in reading order.
    #[serde(default, rename = "block")]
    pub blocks: Vec<RecordedBlock>,
}

/// A base that was proven against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedBase {
    /// Its name.
    pub name: String,
    /// The module or repository.
    pub module: String,
    /// The version or commit.
    pub version: String,
    /// The module's sum; none for a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
}

/// A block that was proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedBlock {
    /// Its id at that time.
    pub id: String,
    /// The digest of its text and attributes.
    pub digest: String,
    /// The strongest evidence that it has.
    pub evidence: Kind,
}

impl RecordedBase {
    /// The base as book.toml gives it.
    #[must_use]
    pub fn new(name: &str, spec: &BaseSpec) -> Self {
        let (module, version, sum) = match spec {
            BaseSpec::Module(spec) => (&spec.module, &spec.version, Some(spec.sum.clone())),
            BaseSpec::Git(spec) => (&spec.git, &spec.commit, None),
        };
        Self {
            name: name.to_owned(),
            module: module.clone(),
            version: version.clone(),
            sum,
        }
    }

    /// See [`BaseSpec::pin`].
    fn pin(&self) -> String {
        match &self.sum {
            Some(sum) => format!("{}@{} {sum}", self.module, self.version),
            None => format!("git {}", self.version.to_ascii_lowercase()),
        }
    }
}

impl Recording {
    /// The day of the recording.
    #[must_use]
    pub fn day(&self) -> &str {
        day(&self.at)
    }
}

/// The day of a time in UTC.
#[must_use]
pub fn day(at: &str) -> &str {
    at.split_once('T').map_or(at, |(day, _)| day)
}

/// What a recording says about an edition as it is now.
#[derive(Debug)]
pub enum Standing<'a> {
    /// There is none.
    Missing,
    /// It holds.
    Current(&'a Recording),
    /// It was made from something else.
    Stale(Box<Finding>),
}

impl Recordings {
    /// Whether the recording of an edition still holds.
    #[must_use]
    pub fn standing(&self, inputs: &Inputs<'_>) -> Standing<'_> {
        let name = &inputs.edition().name;
        let Some(recording) = self.of(name) else {
            return Standing::Missing;
        };
        if recording.digest == inputs.digest() {
            return Standing::Current(recording);
        }
        let changes = inputs.changes(recording);
        let place = self.place(name);
        let finding = if changes.nothing_is_the_same {
            let message = format!(
                "{FILE} has none of this book's blocks for the edition {name}; it may be another book's"
            );
            Finding::warning(Code::RECORDING_FOREIGN, place, message)
        } else {
            let message = format!(
                "{} since the recording of {}, so it proves nothing about the tree as it is now",
                changes.sentence(),
                recording.day()
            );
            let mut finding = Finding::warning(Code::RECORDING_STALE, place, message);
            for span in &changes.places {
                finding = finding.related(Place::Chapter(*span), "not as it was recorded");
            }
            finding
        };
        Standing::Stale(Box::new(
            finding
                .help(format!(
                    "where its bases can be had: mdbook-verify record --edition {name}"
                ))
                .for_edition(name),
        ))
    }

    /// Entries of editions that the book does not have.
    #[must_use]
    pub fn foreign(&self, editions: &[Edition]) -> Vec<Finding> {
        let known = |name: &str| editions.iter().any(|edition| edition.name == name);
        let names = self.names().filter(|name| !known(name));
        names
            .map(|name| {
                let message = format!("{FILE} has an edition {name}, which the book does not have");
                Finding::warning(Code::RECORDING_FOREIGN, self.place(name), message)
                    .help("`mdbook-verify record` removes it when it records another edition; if nothing in the file fits, it is another book's")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
