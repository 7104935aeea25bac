//! The command `record`: a full check, then `proofs.lock`.
//!
//! What it writes counts where nobody can look again, so it takes nothing on trust: no verdict of an
//! earlier run, no quick check, and no folder that is not the very tree that book.toml pins.

use std::collections::BTreeMap;

use crate::book::Book;
use crate::config::Edition;
use crate::evidence::Kind;
use crate::recording::{Digests, Inputs, RecordedBase, RecordedBlock, Recording, Recordings};
use crate::report::{Exit, Report};
use crate::verify::{self, Options, Trust, recorded, verify};

/// Verifies editions, and if all is proven, writes down what was. The report says whether it was.
///
/// # Errors
/// Why the file cannot be read or written.
pub fn record(book: &Book, editions: &[&Edition], options: &Options) -> Result<Report, String> {
    // Before the long check, since it would be in vain.
    Recordings::read(&book.root).map_err(|finding| recorded::in_words(&finding))?;
    let names = editions.iter().map(|edition| edition.name.clone());
    let options = Options {
        editions: Some(names.collect()),
        quick: false,
        cached: false,
        strict: true,
        trust: Trust::Pins,
        ..options.clone()
    };
    let report = verify(book, &options);
    if report.exit(true) == Exit::Proven {
        write(book, editions, &report, &options)?;
    }
    Ok(report)
}

/// Two runs that record different editions must not undo each other's work.
fn write(
    book: &Book,
    editions: &[&Edition],
    report: &Report,
    options: &Options,
) -> Result<(), String> {
    let _lock = recorded::lock(book, options.progress)?;
    let mut recordings =
        Recordings::read(&book.root).map_err(|finding| recorded::in_words(&finding))?;
    let order = book.config.edition.iter();
    let order: Vec<_> = order.map(|edition| edition.name.as_str()).collect();
    for edition in editions {
        recordings.replace(recording(book, edition, report), &order);
    }
    recordings.write(&book.root)
}

fn recording(book: &Book, edition: &Edition, report: &Report) -> Recording {
    let digests = Digests::new(&report.documents, &report.blocks);
    let inputs = Inputs::new(edition, &book.rules, &report.blocks, &digests);
    let states = report.states.iter();
    let evidence: BTreeMap<_, _> = states
        .filter(|state| state.edition == edition.name)
        .filter_map(|state| {
            // What performing the guide has shown is recorded by itself.
            let mut checked = state.evidence.iter().filter(|found| found.kind < Kind::Ran);
            Some((state.block, checked.next()?))
        })
        .collect();
    // Each block was checked in the same run.
    let at = evidence.values().next().map(|evidence| evidence.at.clone());
    let block = |(index, digest): (usize, &str)| {
        Some(RecordedBlock {
            id: report.blocks[index].id.clone(),
            digest: digest.to_owned(),
            evidence: evidence.get(&index)?.kind,
        })
    };
    let bases = edition.base.iter();
    Recording {
        name: edition.name.clone(),
        digest: inputs.digest(),
        at: at.unwrap_or_else(verify::now),
        tools: report.tools.clone(),
        rules: inputs.rules().clone(),
        bases: bases
            .map(|(name, spec)| RecordedBase::new(name, spec))
            .collect(),
        blocks: inputs.blocks().filter_map(block).collect(),
    }
}
