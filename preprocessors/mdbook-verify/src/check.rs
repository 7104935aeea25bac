//! Checks of a stitched tree. One file per kind of block.

mod applied;
mod compile;
mod complaint;
mod data;
mod fails;
mod go;
mod gomod;
mod helper;
mod mermaid;
mod names;
mod near;
mod output;
mod overlay;
mod proto;
mod refused;
mod rust;
mod schema;
mod shell;
mod stops;
mod tree;
mod vet;

#[cfg(any(test, fuzzing))]
pub(crate) use data::error_in_data;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::attrs::Spanned;
use crate::blocks::Block;
use crate::config::{Config, Edition};
use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place, Span};
use crate::golang::Go;
use crate::matter::Matter;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::role::Role;
use crate::rust::Setting;
use crate::segments::{Origin, Stitched};
use crate::workspace::{self, FileKey, Folders, Stitch, Tree, WriteError};

pub use rust::shown;
pub(crate) use shell::key as shell_key;

/// The plugins that generate Go code from .proto files.
pub const PLUGINS: [&str; 2] = ["protoc-gen-go", "protoc-gen-go-grpc"];

/// The reason of blocks whose tree has a finding elsewhere.
pub const BROKEN_TREE: &str = "the stitched tree does not compile";

/// The reason of blocks whose data is refused, or does not parse.
pub const BROKEN_DATA: &str = "its data has a finding";

/// The reason of blocks that only a full run can prove.
pub const QUICK: &str = "a quick check compiles nothing";

/// Everything that a check may look at.
pub struct Context<'a> {
    /// The book's folder.
    pub root: &'a Path,
    /// The settings.
    pub config: &'a Config,
    /// The edition.
    pub edition: &'a Edition,
    /// All blocks of the book.
    pub blocks: &'a [Block],
    /// The edition's operations.
    pub plan: &'a Plan,
    /// Inline code of the text that looks like the name of a file.
    pub names: &'a [Spanned<String>],
    /// Upstream's trees.
    pub trees: &'a BTreeMap<String, Tree>,
    /// Where the stitched trees stand.
    pub folders: &'a Folders,
    /// The verifier's own cache folder.
    pub cache: &'a Path,
    /// Where tools are looked for before `PATH`.
    pub tools: Option<&'a Path>,
    /// Go, or why there is none.
    pub go: Result<&'a Go, &'a str>,
    /// What the checks of Rust need.
    pub rust: &'a Setting,
    /// Types only, no code generation.
    pub quick: bool,
    /// Whether what earlier runs found out counts.
    pub cached: bool,
    /// Says what takes long.
    pub progress: Progress,
}

/// What the checks found out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The strongest evidence of each block that has some.
    pub evidence: BTreeMap<usize, Kind>,
    /// Why a block has less than it needs.
    pub reasons: BTreeMap<usize, String>,
}

impl Outcome {
    pub(crate) fn proven(&mut self, block: usize, kind: Kind) {
        let known = self.evidence.entry(block).or_insert(kind);
        *known = kind.max(*known);
    }

    pub(crate) fn unproven(&mut self, block: usize, reason: impl Into<String>) {
        self.reasons.entry(block).or_insert_with(|| reason.into());
    }
}

/// Writes the stitched trees and runs every check on them.
#[must_use]
pub fn run(context: &Context<'_>, mut stitch: Stitch) -> Outcome {
    let mut outcome = Outcome::default();
    fragments(context, &stitch, &mut outcome);
    names::check(context, &stitch, &mut outcome);
    data::check(context, &stitch, &mut outcome);
    let before = outcome.findings.len();
    let generated = compiled(context, &mut stitch, &mut outcome);
    let code = sound(&generated, &outcome.findings[before..]);
    let mut judge = schema::Judge::new(context, &stitch, code);
    schema::check(context, &stitch, &mut judge, &mut outcome);
    refused::check(context, &stitch, &mut judge, &mut outcome);
    // What these find says nothing about the code, so it does not stand in the way of what that must
    // prove.
    tree::check(context, &stitch, &generated, &mut outcome);
    gomod::check(context, &stitch, &mut outcome);
    output::check(context, &mut outcome);
    stops::check(context, &mut outcome);
    shell::check(context, &stitch, &generated, &mut judge, &mut outcome);
    applied::check(context, &stitch, &mut outcome);
    mermaid::check(context, &mut outcome);
    rust::check(context, &stitch, &mut outcome);
    outcome
}

/// Writes the trees, generates code into them, and has Go compile them.
///
/// # Errors
/// Why not all code is generated that should be.
fn compiled(
    context: &Context<'_>,
    stitch: &mut Stitch,
    outcome: &mut Outcome,
) -> Result<(), String> {
    if let Err(finding) = write_trees(context, stitch) {
        let why = finding.message.clone();
        outcome.findings.push(*finding);
        return Err(why);
    }
    if let Err(why) = proto::check(context, stitch, outcome) {
        // Without the generated code, Go would complain of nothing else.
        go::give_up(context, stitch, &why, outcome);
        return Err(why);
    }
    // Generated code is part of the tree that Go sees.
    match write_changed(context, stitch) {
        Ok(()) => go::check(context, stitch, outcome),
        Err(finding) => outcome.findings.push(*finding),
    }
    Ok(())
}

/// Whether the trees hold code that compiles.
///
/// # Errors
/// Why not.
fn sound(generated: &Result<(), String>, found: &[Finding]) -> Result<(), String> {
    generated.clone()?;
    match found.first() {
        None => Ok(()),
        Some(finding) if finding.code.is_of_environment() => Err(finding.message.clone()),
        Some(_) => Err(BROKEN_TREE.to_owned()),
    }
}

/// The edition's blocks of some roles, with their indices.
fn serving<'c>(
    context: &'c Context<'_>,
    wanted: impl Fn(&Role) -> bool + 'c,
) -> impl Iterator<Item = (usize, &'c Block)> + 'c {
    let blocks = context.blocks.iter().enumerate();
    blocks.filter(move |(_, block)| block.serves(&context.edition.name) && wanted(&block.role))
}

fn fragments(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    for op in &context.plan.ops {
        let is_fragment = matches!(context.blocks[op.block].role, Role::Fragment(_));
        if is_fragment && stitch.applied.contains(&op.block) {
            outcome.proven(op.block, Kind::Checked);
        }
    }
}

fn write_trees(context: &Context<'_>, stitch: &Stitch) -> Result<(), Box<Finding>> {
    let task = context.progress.start("writing the stitched trees");
    for (name, tree) in context.trees {
        let changed = changed_files(stitch, name);
        workspace::sync(&context.folders.base(name), tree, &changed)
            .map_err(|error| unwritten(&error))?;
        task.tick();
    }
    crate::gowork::write(
        context.edition,
        context.trees,
        stitch,
        &context.folders.root,
    )
    .map_err(|error| {
        Box::new(Finding::error(
            Code::WORKSPACE_WRITE,
            Place::Environment,
            error,
        ))
    })
}

/// Writes what was generated since all the rest was written.
fn write_changed(context: &Context<'_>, stitch: &Stitch) -> Result<(), Box<Finding>> {
    for name in context.trees.keys() {
        let changed = changed_files(stitch, name);
        workspace::update(&context.folders.base(name), &changed)
            .map_err(|error| unwritten(&error))?;
    }
    Ok(())
}

fn unwritten(error: &WriteError) -> Box<Finding> {
    let finding = Finding::error(Code::WORKSPACE_WRITE, Place::Environment, error.to_string());
    Box::new(finding.help("make room on the disk, or check the permissions of target/verify"))
}

/// The changed files of one base.
pub(crate) fn changed_files<'s>(stitch: &'s Stitch, base: &str) -> BTreeMap<&'s str, &'s str> {
    let files = stitch.files.iter().filter(|(key, _)| key.base == base);
    files
        .map(|(key, file)| (key.path.as_str(), file.text()))
        .collect()
}

/// The applied, lasting edits whose file is of this matter.
fn edits_of<'c>(
    context: &'c Context<'_>,
    stitch: &'c Stitch,
    matter: Matter,
) -> impl Iterator<Item = (usize, FileKey)> + 'c {
    context
        .plan
        .ops
        .iter()
        .filter(move |op| {
            op.fails.is_none()
                && stitch.applied.contains(&op.block)
                && context.blocks[op.block].role.edit().is_some()
                && Matter::of_path(&op.path) == matter
        })
        .map(|op| {
            (
                op.block,
                FileKey {
                    base: op.base.clone(),
                    path: op.path.clone(),
                },
            )
        })
}

/// The place in the guide, or in upstream, of a byte range of a stitched file.
fn place(context: &Context<'_>, key: &FileKey, file: &Stitched, start: usize, end: usize) -> Place {
    match file.origin(start) {
        Some(Origin::Block { block, at }) => {
            let text = &context.blocks[block].content;
            // The range ends where this block's text does.
            let same = (start..end).take_while(|byte| {
                file.origin(*byte)
                    == Some(Origin::Block {
                        block,
                        at: at + byte - start,
                    })
            });
            Place::Chapter(text.span(at, at + same.count()))
        }
        Some(Origin::Made { block }) => Place::Chapter(whole(context, block)),
        // Only an empty file has no origin anywhere; the last edit left it so.
        None => match context
            .plan
            .ops
            .iter()
            .rfind(|op| op.base == key.base && op.path == key.path)
        {
            Some(op) => Place::Chapter(whole(context, op.block)),
            None => Place::Upstream {
                base: key.base.clone(),
                path: key.path.clone(),
                line: 1,
                column: 1,
            },
        },
        Some(Origin::Base(_)) => {
            let (line, column) = crate::segments::line_column(file.text(), start);
            Place::Upstream {
                base: key.base.clone(),
                path: key.path.clone(),
                line,
                column,
            }
        }
    }
}

/// A place for what is wrong with a block as a whole.
fn whole(context: &Context<'_>, block: usize) -> Span {
    let block = &context.blocks[block];
    block.role.target().map_or(block.info, |target| target.span)
}

/// The blocks that had a hand in any of these files.
fn hands(stitch: &Stitch, wanted: impl Fn(&FileKey) -> bool) -> BTreeSet<usize> {
    let files = stitch.files.iter().filter(|(key, _)| wanted(key));
    files.flat_map(|(_, file)| file.blocks()).collect()
}
