//! Files that blocks create, against the names that the text gives them.
//!
//! No tool can know how a new file is meant to be called. The text does: where it never names a
//! created file, but one that is called almost so and is nowhere in the tree, one is misspelt.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding, Place};
use crate::plan::Op;
use crate::role::Role;
use crate::workspace::{Stitch, Tree};

use super::{Context, Outcome, whole};

/// The most that two spellings of one name may differ by, in letters added, dropped, changed or
/// swapped.
const NEAR: usize = 2;

/// The most comparisons of a created file with a name of the text. A guide has some dozens of each;
/// with thousands of both, the comparing alone would take minutes.
const MOST: usize = 1_000_000;

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let trees = context.trees.values().flat_map(Tree::names);
    let known: BTreeSet<&str> = trees
        .chain(stitch.files.keys().map(|key| key.path.as_str()))
        .collect();
    let known_names: BTreeSet<&str> = known.iter().map(|path| file_name(path)).collect();
    let said: BTreeSet<&str> = context
        .names
        .iter()
        .map(|name| name.value.as_str())
        .collect();
    // Names of nothing that is there: only they can be misspelt.
    let mut seen = BTreeSet::new();
    let unknown: Vec<_> = context
        .names
        .iter()
        .filter(|name| match name.value.as_str() {
            path if path.contains('/') => !known.contains(path),
            name => !known_names.contains(name),
        })
        .filter(|name| seen.insert(name.value.as_str()))
        .collect();
    let mut compared = 0;
    for op in &context.plan.ops {
        let creates =
            matches!(context.blocks[op.block].role, Role::Create(_)) && op.fails.is_none();
        // A text that also has the right name speaks of the other one on purpose.
        if !creates || said.contains(op.path.as_str()) {
            continue;
        }
        compared += unknown.len();
        if compared > MOST {
            outcome.findings.push(too_many(context, op, unknown.len()));
            return;
        }
        let name_said = said.contains(file_name(&op.path));
        let other = unknown.iter().find(|name| match name.value.as_str() {
            path if path.contains('/') => near(path, &op.path),
            name => !name_said && near(name, file_name(&op.path)),
        });
        if let Some(other) = other {
            let message = format!(
                "{} is created here, but the text calls it `{}`",
                op.path, other.value
            );
            let finding = Finding::error(
                Code::NAME_DIFFERS,
                Place::Chapter(whole(context, op.block)),
                message,
            )
            .related(
                Place::Chapter(other.span),
                "no file of the tree has this name",
            );
            outcome
                .findings
                .push(finding.for_edition(&context.edition.name));
        }
    }
}

fn too_many(context: &Context<'_>, op: &Op, unknown: usize) -> Finding {
    let message = format!(
        "from here on the names of created files are not compared with those of the text, of which {unknown} are in no tree"
    );
    Finding::warning(
        Code::NAMES_TOO_MANY,
        Place::Chapter(whole(context, op.block)),
        message,
    )
    .help("write what is no file of the tree without backticks, or in a block of its own")
    .for_edition(&context.edition.name)
}

fn near(text: &str, path: &str) -> bool {
    text.len().abs_diff(path.len()) <= NEAR && strsim::osa_distance(text, path) <= NEAR
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
