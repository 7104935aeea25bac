//! Rust: blocks that stand alone are compiled as rustdoc would, blocks shown from a package with
//! that package ([`shown`]), and files of a base with their crate.
//!
//! Nothing is run here: `mdbook test` runs the blocks that stand alone.

mod cargo;
mod diagnostic;
mod doctest;
mod failing;
mod shown;
mod tree;
mod wrap;

use crate::blocks::Block;
use crate::evidence;
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::role::Role;
use crate::workspace::{FileKey, Stitch};

use super::{Context, Outcome, edits_of};

pub use shown::shown;

/// Checks all Rust that the edition shows.
pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    if let Err(why) = &context.rust.toolchain {
        let alone = plain(context).map(|(block, _)| block);
        let edits = edits_of(context, stitch, Matter::Rust).map(|(block, _)| block);
        give_up(alone.chain(edits), why, outcome);
        return;
    }
    let before = outcome.findings.len();
    doctest::check(context, outcome);
    tree::check(context, stitch, outcome);
    let sound = outcome.findings.len() == before && stitch.is_whole(context.plan);
    failing::check(context, stitch, sound, outcome);
    for finding in &mut outcome.findings[before..] {
        finding.edition = Some(context.edition.name.clone());
    }
}

/// Whether a file is a manifest of cargo's.
pub(in crate::check) fn is_manifest(key: &FileKey) -> bool {
    key.path.rsplit('/').next() == Some("Cargo.toml")
}

/// Without a toolchain, no block of Rust can be proven.
fn give_up(blocks: impl Iterator<Item = usize>, why: &str, outcome: &mut Outcome) {
    let mut blocks = blocks.peekable();
    if blocks.peek().is_none() {
        return;
    }
    for block in blocks {
        outcome.unproven(block, why);
    }
    outcome
        .findings
        .push(Finding::error(Code::TOOL_MISSING, Place::Environment, why));
}

/// The edition's blocks of Rust that belong to no file of a base and none of a package.
fn plain<'c>(context: &'c Context<'_>) -> impl Iterator<Item = (usize, &'c Block)> {
    let blocks = context.blocks.iter().enumerate();
    blocks.filter(|(_, block)| {
        block.serves(&context.edition.name)
            && block.role == Role::Plain
            && block.crate_file.is_none()
            && evidence::matter(block) == Matter::Rust
    })
}
