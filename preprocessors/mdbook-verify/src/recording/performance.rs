//! What happened when the guide was performed: the steps that ran, and what they printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding};
use crate::verdict::Key;

use super::{FILE, Inputs, Recordings, day};

/// An edition's guide, performed from an empty folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Performance {
    /// The edition.
    pub name: String,
    /// The digest of the blocks that were performed and of the bases' pins.
    pub digest: String,
    /// When, in UTC.
    pub at: String,
    /// The versions of the tools.
    #[serde(default)]
    pub tools: BTreeMap<String, String>,
    /// The ids of the steps that ran, in their order.
    pub steps: Vec<String>,
    /// What those printed whose answers the book shows.
    #[serde(default, rename = "answer")]
    pub answers: Vec<Answer>,
}

/// What a step printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The step's id.
    pub of: String,
    /// The digest of its text, see [`digest`].
    pub digest: String,
}

/// The digest of a printed text. White space at its end is nothing that a reader sees.
#[must_use]
pub fn digest(text: &str) -> String {
    let mut key = Key::default();
    key.add(text.trim_end());
    key.finish()
}

impl Performance {
    /// The day of it.
    #[must_use]
    pub fn day(&self) -> &str {
        day(&self.at)
    }

    /// The digest of what a step printed, if the book shows it.
    #[must_use]
    pub fn answer(&self, step: &str) -> Option<&str> {
        let answer = self.answers.iter().find(|answer| answer.of == step)?;
        Some(&answer.digest)
    }
}

impl Recordings {
    /// The performance of an edition, if it was of the blocks as they are now; an error says that it
    /// was not. None if there was none.
    #[must_use]
    pub fn performed(&self, inputs: &Inputs<'_>) -> Option<Result<&Performance, Box<Finding>>> {
        let edition = &inputs.edition().name;
        let performance = self.performance_of(edition)?;
        if performance.digest == inputs.steps_digest() {
            return Some(Ok(performance));
        }
        let message = format!(
            "blocks or pins of the edition {edition} changed since it was performed on {}, so what was printed then answers nothing now",
            performance.day()
        );
        let place = self.place_of_performance(edition);
        let finding = Finding::warning(Code::RECORDING_STALE, place, message).help(format!(
            "mdbook-verify perform --edition {edition} (see {FILE})"
        ));
        Some(Err(Box::new(finding.for_edition(edition))))
    }
}
