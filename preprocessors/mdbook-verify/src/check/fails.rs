//! Go that must fail, each block on the tree as it stands at its step.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use crate::evidence::Kind;
use crate::matter::Matter;
use crate::segments::Stitched;
use crate::workspace::{Failing, FileKey, Stitch};

use super::Outcome;
use super::complaint::Complaint;
use super::go::{Generated, GoRun};
use super::helper::Answer;
use super::overlay::Overlay;
use super::refused::otherwise;

pub(super) fn check(run: &GoRun<'_>, outcome: &mut Outcome) -> Result<(), String> {
    let go: Vec<_> = of_go(run.stitch).collect();
    let kind = if run.context.quick {
        Kind::Checked
    } else {
        Kind::Compiled
    };
    // Most of a call of the go command is waiting for one processor.
    let at_once = thread::available_parallelism().map_or(1, NonZero::get);
    for some in go.chunks(at_once) {
        for (failing, errors) in some.iter().zip(all_new_errors(run, some)) {
            let errors = errors?;
            if errors.iter().any(|error| error.contains(&failing.text)) {
                outcome.proven(failing.block, kind);
            } else {
                outcome
                    .findings
                    .push(otherwise(run.context, failing.block, &errors));
            }
        }
    }
    Ok(())
}

/// The blocks whose Go must fail.
pub(super) fn of_go(stitch: &Stitch) -> impl Iterator<Item = &Failing> {
    let failing = stitch.failing.iter();
    failing.filter(|failing| Matter::of_path(&failing.key.path) == Matter::Go)
}

/// The new errors of some blocks, found at the same time.
fn all_new_errors(run: &GoRun<'_>, some: &[&Failing]) -> Vec<Result<Vec<String>, String>> {
    thread::scope(|scope| {
        let started: Vec<_> = some
            .iter()
            .map(|failing| scope.spawn(|| new_errors(run, failing)))
            .collect();
        let ended = started.into_iter().map(|thread| {
            let stopped = |_| Err("the check of a block that must fail stopped".to_owned());
            thread.join().unwrap_or_else(stopped)
        });
        ended.collect()
    })
}

/// The errors that the block causes: those of the tree with it that the tree without it has not.
/// The package of its file is asked first; only when that says nothing of the kind, all that may
/// depend on it.
fn new_errors(run: &GoRun<'_>, failing: &Failing) -> Result<Vec<String>, String> {
    let near = errors_in(run, failing, &[run.package_of(&failing.key)])?;
    if near.iter().any(|error| error.contains(&failing.text)) {
        return Ok(near);
    }
    let far = errors_in(run, failing, &run.roots())?;
    Ok(if far.is_empty() { near } else { far })
}

fn errors_in(run: &GoRun<'_>, failing: &Failing, roots: &[String]) -> Result<Vec<String>, String> {
    let with = errors(run, failing, &failing.files, roots)?;
    let mut files = failing.files.clone();
    match &failing.before {
        Some(before) => files.insert(failing.key.clone(), before.clone()),
        None => files.remove(&failing.key),
    };
    // A quick check proves nothing about the block, so it need not ask whose error it is.
    let without = if with.is_empty() || run.context.quick {
        Vec::new()
    } else {
        errors(run, failing, &files, roots)?
    };
    Ok(with
        .into_iter()
        .filter(|error| !without.contains(error))
        .collect())
}

/// All errors of one tree, by the type checker and, unless the check is a quick one, by the compiler.
fn errors(
    run: &GoRun<'_>,
    failing: &Failing,
    files: &BTreeMap<FileKey, Stitched>,
    roots: &[String],
) -> Result<Vec<String>, String> {
    let package = files_of_package(run, failing, files);
    if package.is_empty() {
        // The block makes the package; without it there is nothing to ask about.
        return Ok(Vec::new());
    }
    // The go command finds a file of an overlay only in a folder that is there.
    let folder = run.context.folders.file(&failing.key);
    let folder = folder.parent().unwrap_or(&folder);
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
    let overlay = run.overlay(files, Generated::Kept);
    let answer: Answer = run.ask(roots.to_vec(), package, overlay.clone())?;
    let mut complaints = Complaint::of_helper(&answer);
    if !run.context.quick && !complaints.is_empty() {
        let overlay = Overlay::new(run.context.cache, overlay)?;
        // All errors, not the first ten: the one that is promised may be a later one.
        complaints = run.compile(&answer, Some(&overlay), &["-gcflags=-e"])?;
    }
    Ok(complaints
        .into_iter()
        .map(|complaint| run.plain(&complaint.message))
        .collect())
}

/// The Go files of the package that the block changes, as the tree has them at its step.
fn files_of_package(
    run: &GoRun<'_>,
    failing: &Failing,
    files: &BTreeMap<FileKey, Stitched>,
) -> Vec<PathBuf> {
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let key = &failing.key;
    let changed = files
        .keys()
        .filter(|other| other.base == key.base)
        .map(|other| other.path.as_str());
    let of_upstream = run.context.trees[&key.base].names();
    let paths: BTreeSet<&str> = changed
        .chain(of_upstream)
        .filter(|path| Matter::of_path(path) == Matter::Go && folder(path) == folder(&key.path))
        .collect();
    let key = |path: &str| FileKey {
        base: key.base.clone(),
        path: path.to_owned(),
    };
    paths
        .into_iter()
        .map(|path| run.context.folders.file(&key(path)))
        .collect()
}
