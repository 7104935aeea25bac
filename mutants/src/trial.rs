//! Trials: whether the verifier finds a mutant, and where.

use std::fmt;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::copy::Copy;
use crate::mutant::Mutant;
use crate::verifier::{Block, Depth, Finding, Verifier};

/// Where a defect was found, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// At its line.
    Line,
    /// Elsewhere in its block, or outside with the way to its block.
    Block,
    /// Only outside of its block.
    Outside,
    /// Not at all.
    Nowhere,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) place: Place,
    /// The finding's id and message, if there is one.
    pub(crate) finding: Option<(String, String)>,
}

impl Outcome {
    /// Whether the defect went unnoticed where it is.
    pub(crate) fn survives(&self) -> bool {
        self.place > Place::Block
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.place {
            Place::Line => "found at its line",
            Place::Block => "found in its block",
            Place::Outside => "found only outside of its block",
            Place::Nowhere => "not found",
        })?;
        match &self.finding {
            Some((id, message)) => {
                let line = message.lines().next().unwrap_or_default();
                write!(f, ": {id} {line}")
            }
            None => Ok(()),
        }
    }
}

/// What the book itself has findings of: warnings, such as a block that nothing can check. They
/// are no mutant's doing.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    quick: Vec<Finding>,
    full: Vec<Finding>,
}

impl Baseline {
    /// Checks the book as it is, and gives its blocks too. Where it has errors of its own, nobody
    /// could tell what a defect adds to them.
    pub(crate) fn of(verifier: &Verifier, book: &Copy) -> Result<(Self, Vec<Block>)> {
        let mut baseline = Self::default();
        let mut blocks = Vec::new();
        for depth in [Depth::Quick, Depth::Full] {
            let report = verifier.check(book.root(), depth)?;
            if let Some(error) = report.findings.iter().find(|finding| finding.is_error()) {
                bail!(
                    "the book has errors before anything is broken. Run `cargo xtask check` and \
                     mend them; the first is {}: {}",
                    error.id,
                    error.message
                );
            }
            blocks = report.blocks();
            match depth {
                Depth::Quick => baseline.quick = report.findings,
                Depth::Full => baseline.full = report.findings,
            }
        }
        Ok((baseline, blocks))
    }
}

/// Breaks the copy, asks, and mends it. A quick check is asked first; only where it finds nothing
/// in the block, the whole one, which also compiles.
pub(crate) fn run(
    verifier: &Verifier,
    baseline: &Baseline,
    copy: &Copy,
    mutant: &Mutant,
) -> Result<Outcome> {
    let ask = |depth, known: &[Finding]| {
        let mut new = verifier.check(copy.root(), depth)?.findings;
        new.retain(|finding| !known.contains(finding));
        match new.iter().find(|finding| finding.is_of_environment()) {
            Some(finding) => bail!("{}: {}", finding.id, finding.message),
            None => Ok(judge(mutant, &new)),
        }
    };
    copy.with(mutant, || {
        let quick = ask(Depth::Quick, &baseline.quick)?;
        if quick.survives() {
            ask(Depth::Full, &baseline.full)
        } else {
            Ok(quick)
        }
    })
}

/// The best place of the findings that the defect has caused.
fn judge(mutant: &Mutant, findings: &[Finding]) -> Outcome {
    let best = findings
        .iter()
        .map(|finding| {
            let place = match finding.lines_in(&mutant.block) {
                Some(lines) if lines.contains(&mutant.line) => Place::Line,
                Some(_) => Place::Block,
                // A misspelt declaration is an error where it is used, with the way to here.
                None if finding.leads_to(&mutant.block) => Place::Block,
                None => Place::Outside,
            };
            (place, finding)
        })
        .min_by_key(|(place, _)| *place);
    match best {
        Some((place, finding)) => Outcome {
            place,
            finding: Some((finding.id.clone(), finding.message.clone())),
        },
        None => Outcome {
            place: Place::Nowhere,
            finding: None,
        },
    }
}
