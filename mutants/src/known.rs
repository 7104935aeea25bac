//! Outcomes of earlier runs, so that a run repeats only what has changed.
//!
//! They are kept under the verifier, the book's rules, the block's text and the defect. Other
//! blocks may have had a hand in an outcome; `--fresh` forgets all.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::mutant::Mutant;
use crate::trial::Outcome;

/// What is known, and the file that keeps it: a line of JSON for each outcome, written at once,
/// so that an interrupted run loses nothing.
pub(crate) struct Known {
    file: File,
    outcomes: BTreeMap<String, Outcome>,
    /// Of the verifier and the rules.
    under: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    outcome: Outcome,
}

impl Known {
    /// Reads what earlier runs left; nothing if `fresh`.
    pub(crate) fn load(path: &Path, under: String, fresh: bool) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) if !fresh => text,
            Ok(_) => String::new(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("{}", path.display())),
        };
        // A line that was cut off is tried again.
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let outcomes = lines.map(|line: Line| (line.key, line.outcome)).collect();
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .append(!fresh)
            .truncate(fresh)
            .open(path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self {
            file,
            outcomes,
            under,
        })
    }

    pub(crate) fn get(&self, mutant: &Mutant) -> Option<Outcome> {
        self.outcomes.get(&self.key(mutant)).cloned()
    }

    pub(crate) fn add(&mut self, mutant: &Mutant, outcome: &Outcome) -> Result<()> {
        let line = Line {
            key: self.key(mutant),
            outcome: outcome.clone(),
        };
        writeln!(self.file, "{}", serde_json::to_string(&line)?)
            .context("an outcome cannot be kept")
    }

    fn key(&self, mutant: &Mutant) -> String {
        let mut hasher = blake3::Hasher::new();
        let class = mutant.class.to_string();
        for part in [&self.under, &mutant.block.id, &class, &mutant.what] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}
