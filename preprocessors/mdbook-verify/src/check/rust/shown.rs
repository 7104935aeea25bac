//! Blocks whose text is included from a file of a package: proven when the package compiles that
//! file. They need no base, so they are checked once for all editions.

use std::path::Path;

use crate::blocks::{Block, CrateFile};
use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place, Span};
use crate::progress::Progress;
use crate::rust::{Package, Setting, Toolchain};

use super::cargo::{Check, Checked, is_of_the_network};
use super::diagnostic::{Problem, Spot};
use super::{Outcome, give_up};

/// Compiles the packages that `blocks`, given with their indices, are shown from. What cargo builds
/// goes below `cache`.
#[must_use]
pub fn shown<'b>(
    blocks: impl Iterator<Item = (usize, &'b Block)> + Clone,
    rust: &Setting,
    cache: &Path,
    progress: Progress,
) -> Outcome {
    let mut outcome = Outcome::default();
    let toolchain = match &rust.toolchain {
        Ok(toolchain) => toolchain,
        Err(why) => {
            give_up(blocks.map(|(index, _)| index), why, &mut outcome);
            return outcome;
        }
    };
    for package in &rust.packages {
        let blocks: Vec<_> = blocks
            .clone()
            .filter_map(|(index, block)| Some((index, block, block.crate_file.as_ref()?)))
            .filter(|(_, _, source)| package.holds(&source.file))
            .map(|(index, block, source)| Shown {
                index,
                block,
                source,
            })
            .collect();
        if blocks.is_empty() {
            continue;
        }
        match compile(toolchain, package, cache, progress) {
            Ok(checked) => judge(package, &blocks, &checked, &mut outcome),
            Err(why) => {
                for shown in blocks {
                    outcome.unproven(shown.index, why.clone());
                }
                let finding = Finding::error(Code::TOOL_FAILED, Place::Environment, why);
                outcome.findings.push(finding);
            }
        }
    }
    outcome
}

fn compile(
    toolchain: &Toolchain,
    package: &Package,
    cache: &Path,
    progress: Progress,
) -> Result<Checked, String> {
    let check = Check {
        toolchain,
        folder: &package.folder,
        target: &cache.join("cargo"),
        whole_workspace: false,
        locked: true,
        progress,
    };
    if !package.folder.is_dir() {
        return Ok(refused(format!("there is no folder {}", package.name)));
    }
    match check.metadata() {
        Ok(metadata) => check.run(&metadata.workspace_root),
        Err(why) => Ok(refused(why)),
    }
}

fn refused(why: String) -> Checked {
    Checked {
        refusal: Some(why),
        ..Checked::default()
    }
}

/// A block with the file that it shows.
struct Shown<'a> {
    index: usize,
    block: &'a Block,
    source: &'a CrateFile,
}

impl Shown<'_> {
    /// The place in the block of a place in the file.
    fn span(&self, spot: &Spot) -> Option<Span> {
        let same = spot
            .file
            .canonicalize()
            .is_ok_and(|file| file == self.source.file);
        let (start, end) = self.source.content(&spot.bytes).filter(|_| same)?;
        Some(self.block.content.span(start, end))
    }
}

fn judge(package: &Package, blocks: &[Shown<'_>], checked: &Checked, outcome: &mut Outcome) {
    let name = &package.name;
    if let Some(why) = &checked.refusal {
        let (code, place) = if is_of_the_network(why) {
            (Code::TOOL_FAILED, Place::Environment)
        } else {
            (Code::RUST_PACKAGE, Place::Chapter(blocks[0].block.info))
        };
        let message = format!("cargo cannot check the package {name}: {why}");
        outcome.findings.push(Finding::error(code, place, message));
    }
    let mut elsewhere = Vec::new();
    for problem in &checked.problems {
        match blocks.iter().find_map(|shown| inside(shown, problem)) {
            Some(finding) => outcome.findings.push(finding),
            None => elsewhere.push(problem),
        }
    }
    if let Some(first) = elsewhere.first() {
        let file = first.spots.first().and_then(|spot| {
            let file = spot
                .file
                .strip_prefix(&package.folder)
                .unwrap_or(&spot.file);
            Some(format!("{}: ", file.to_str()?.replace('\\', "/")))
        });
        let message = format!(
            "the package {name}, which this block is shown from, does not compile: {}{}",
            file.unwrap_or_default(),
            first.message
        );
        outcome.findings.push(
            Finding::at(Code::RUST_PACKAGE, blocks[0].block.info, message)
                .maybe_help(first.help.clone()),
        );
    }
    if checked.refusal.is_some() || !checked.problems.is_empty() {
        for shown in blocks {
            outcome.unproven(shown.index, format!("the package {name} does not compile"));
        }
        return;
    }
    for shown in blocks {
        if checked.files.contains(&shown.source.file) {
            outcome.proven(shown.index, Kind::Compiled);
        } else {
            let file = shown.source.file.strip_prefix(&package.folder);
            let file = file
                .unwrap_or(&shown.source.file)
                .to_string_lossy()
                .replace('\\', "/");
            let message =
                format!("no target of the package {name} compiles {file}, which this block shows");
            outcome.findings.push(
                Finding::at(Code::RUST_NOT_COMPILED, shown.block.info, message)
                    .help("declare it with `mod`, or show another file"),
            );
        }
    }
}

/// The finding for a problem that has a place in this block.
fn inside(shown: &Shown<'_>, problem: &Problem) -> Option<Finding> {
    let span = shown.span(problem.spots.first()?)?;
    let finding = Finding::at(Code::RUST_COMPILE, span, &problem.message);
    let finding = finding.maybe_help(problem.help.clone());
    let others = problem.spots[1..]
        .iter()
        .filter_map(|spot| Some((shown.span(spot)?, spot.label.clone()?)));
    Some(others.fold(finding, |finding, (span, label)| {
        finding.related(Place::Chapter(span), label)
    }))
}
