//! What a run prints at its end.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::class::Class;
use crate::mutant::Mutant;
use crate::reasons::{Reasons, Survivor};
use crate::trial::{Outcome, Place};

/// A run, judged.
pub(crate) struct Summary<'a> {
    pub(crate) tried: &'a [(Mutant, Outcome)],
    pub(crate) reasons: &'a Reasons,
    pub(crate) stale: Vec<&'a Survivor>,
    /// Mutants about which the verifier had no answer, and why.
    pub(crate) unjudged: &'a [(Mutant, String)],
}

#[derive(Default)]
struct Row {
    all: usize,
    at_line: usize,
    in_block: usize,
    explained: usize,
    unexplained: usize,
}

impl Summary<'_> {
    /// Whether all is as it should be.
    pub(crate) fn passes(&self) -> bool {
        self.survivors().all(|(_, _, reason)| reason.is_some())
            && self.stale.is_empty()
            && self.unjudged.is_empty()
    }

    fn survivors(&self) -> impl Iterator<Item = (&Mutant, &Outcome, Option<&Survivor>)> {
        let survivors = self.tried.iter().filter(|(_, outcome)| outcome.survives());
        survivors.map(|(mutant, outcome)| (mutant, outcome, self.reasons.of(mutant)))
    }

    fn rows(&self) -> BTreeMap<Class, Row> {
        let mut rows: BTreeMap<Class, Row> = BTreeMap::new();
        for (mutant, outcome) in self.tried {
            let row = rows.entry(mutant.class).or_default();
            row.all += 1;
            match outcome.place {
                Place::Line => row.at_line += 1,
                Place::Block => row.in_block += 1,
                Place::Outside | Place::Nowhere if self.reasons.of(mutant).is_some() => {
                    row.explained += 1;
                }
                Place::Outside | Place::Nowhere => row.unexplained += 1,
            }
        }
        rows
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut total = Row::default();
        writeln!(
            f,
            "{:14} {:>7} {:>11} {:>12} {:>13} {:>16}",
            "class", "mutants", "at its line", "in its block", "with a reason", "without a reason"
        )?;
        for (class, row) in self.rows() {
            line(f, &class.to_string(), &row)?;
            total.all += row.all;
            total.at_line += row.at_line;
            total.in_block += row.in_block;
            total.explained += row.explained;
            total.unexplained += row.unexplained;
        }
        line(f, "all", &total)
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, wanted) in [
            ("Survivors without a reason", false),
            ("Survivors with a reason", true),
        ] {
            let mut list = String::new();
            let survivors = self.survivors();
            for (mutant, outcome, reason) in survivors.filter(|one| one.2.is_some() == wanted) {
                writeln!(list, "  {}:{} {mutant}", mutant.block.file, mutant.line)?;
                writeln!(list, "      {outcome}")?;
                if let Some(reason) = reason {
                    writeln!(list, "      because {}", reason.reason)?;
                }
            }
            section(f, title, &list)?;
        }
        let mut list = String::new();
        for Survivor {
            block,
            class,
            token,
            reason,
        } in &self.stale
        {
            let token = token.as_deref().unwrap_or("all its tokens");
            writeln!(list, "  {block} {class}, {token}: {reason}")?;
        }
        section(f, "Reasons that no survivor needs", &list)?;
        let mut list = String::new();
        for (mutant, why) in self.unjudged {
            writeln!(list, "  {mutant}: {why}")?;
        }
        section(f, "Without a verdict", &list)?;
        self.table(f)
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, list: &str) -> fmt::Result {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}:\n{list}")
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, row: &Row) -> fmt::Result {
    writeln!(
        f,
        "{name:14} {:>7} {:>11} {:>12} {:>13} {:>16}",
        row.all, row.at_line, row.in_block, row.explained, row.unexplained
    )
}
