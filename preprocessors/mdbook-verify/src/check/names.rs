//! Files that blocks create, against the names that the text gives them.
//!
//! No tool can know how a new file is meant to be called. The text does: where it never names a
//! created file, but one that is called almost so and is nowhere in the tree, one is misspelt.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding, Place};
use crate::role::Role;
use crate::workspace::{Stitch, Tree};

use super::{Context, Outcome, whole};

/// The most that two spellings of one name may differ by, in letters added, dropped, changed or
/// swapped.
const NEAR: usize = 2;

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
    for op in &context.plan.ops {
        let creates =
            matches!(context.blocks[op.block].role, Role::Create(_)) && op.fails.is_none();
        // A text that also has the right name speaks of the other one on purpose.
        if !creates || said.contains(op.path.as_str()) {
            continue;
        }
        let name_said = said.contains(file_name(&op.path));
        let other = context.names.iter().find(|name| match name.value.as_str() {
            path if path.contains('/') => !known.contains(path) && near(path, &op.path),
            name => !name_said && !known_names.contains(name) && near(name, file_name(&op.path)),
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

fn near(text: &str, path: &str) -> bool {
    text.len().abs_diff(path.len()) <= NEAR && strsim::osa_distance(text, path) <= NEAR
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
