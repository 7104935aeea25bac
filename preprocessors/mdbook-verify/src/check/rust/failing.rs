//! Rust of a base that must fail, each block on the tree as it stands at its step.

use crate::check::refused::{new, note};
use crate::check::{BROKEN_TREE, Context, Outcome};
use crate::evidence::Kind;
use crate::matter::Matter;
use crate::workspace::{self, Failing, Folders, Stitch};

use super::is_manifest;
use super::tree::{Asked, CargoTree, WOULD_RUN, manifest};

/// Checks them if the trees are `sound`: in a broken one another error may stand in the way of the
/// promised one.
pub(super) fn check(context: &Context<'_>, stitch: &Stitch, sound: bool, outcome: &mut Outcome) {
    let of_cargo = |failing: &&Failing| {
        Matter::of_path(&failing.key.path) == Matter::Rust || is_manifest(&failing.key)
    };
    for failing in stitch.failing.iter().filter(of_cargo) {
        let errors = if sound {
            new_errors(context, failing)
        } else {
            Err(BROKEN_TREE.to_owned())
        };
        note(context, failing.block, Kind::Compiled, errors, outcome);
    }
}

/// The errors of the tree with the block that the tree without it has not.
fn new_errors(context: &Context<'_>, failing: &Failing) -> Result<Vec<String>, String> {
    let mut stitch = Stitch {
        files: failing.files.clone(),
        ..Stitch::default()
    };
    let with = errors(context, failing, &stitch)?;
    match &failing.before {
        Some(before) => stitch.files.insert(failing.key.clone(), before.clone()),
        None => stitch.files.remove(&failing.key),
    };
    let without = errors(context, failing, &stitch)?;
    Ok(new(with, &without))
}

/// What cargo has against a state of the tree.
fn errors(
    context: &Context<'_>,
    failing: &Failing,
    stitch: &Stitch,
) -> Result<Vec<String>, String> {
    let base = &failing.key.base;
    let Some(manifest) = manifest(context, stitch, &failing.key) else {
        return Err("no folder above its file has a Cargo.toml".to_owned());
    };
    let edition = &context.edition.name;
    let folders = Folders {
        root: context.cache.join("failing").join(edition),
    };
    let files = stitch.files.iter().filter(|(key, _)| key.base == *base);
    let changed = files.map(|(key, file)| (key.path.as_str(), file.text()));
    workspace::sync(
        &folders.base(base),
        &context.trees[base],
        &changed.collect(),
    )
    .map_err(|error| error.to_string())?;
    let tree = CargoTree {
        context,
        stitch,
        manifest,
        edits: Vec::new(),
    };
    match tree.cargo(&folders)? {
        Asked::Checked(checked) => {
            let said = checked.problems.into_iter().map(|problem| problem.message);
            Ok(said.chain(checked.refusal).collect())
        }
        Asked::WouldRun(_) => Err(WOULD_RUN.to_owned()),
    }
}
