//! The stitched trees: the fold of the plan over the bases, and its only writer.

mod links;
mod lock;
mod moment;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::base::{self, Base};
use crate::blocks::Block;
use crate::finding::{Code, Finding, Place, nearest};
use crate::patch;
use crate::plan::{Op, OpKind, Plan, patch_finding};
use crate::segments::{Origin, Stitched};
use crate::steps::Step;

pub use links::{link_in_cache, link_in_trees};
pub use lock::Lock;
pub use moment::Moment;
pub(crate) use write::put;
pub use write::{WriteError, copy, sync, update};

/// A file of a tree: its base and its path there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    /// The base.
    pub base: String,
    /// The path in it, with forward slashes.
    pub path: String,
}

/// An upstream tree with the names of its files.
#[derive(Debug)]
pub struct Tree {
    /// The base.
    pub base: Base,
    names: BTreeSet<String>,
    /// Names in lower case, for file systems that ignore case.
    folded: BTreeMap<String, String>,
}

impl Tree {
    /// Lists a base.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn new(base: Base) -> Result<Self, Box<Finding>> {
        let names = base::files(&base.dir).map_err(|error| {
            let message = format!("{} cannot be read: {error}", base.dir.display());
            Box::new(Finding::error(
                Code::BASE_UNAVAILABLE,
                Place::Environment,
                message,
            ))
        })?;
        let folded = names
            .iter()
            .map(|name| (name.to_lowercase(), name.clone()))
            .collect();
        Ok(Self {
            base,
            names: names.into_iter().collect(),
            folded,
        })
    }

    /// The paths of its files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether upstream has this file.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.names.contains(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.names
            .range(below.clone()..)
            .next()
            .is_some_and(|name| name.starts_with(&below))
    }

    /// The text of a file of upstream.
    ///
    /// # Errors
    /// Why it cannot be had as text.
    pub fn read(&self, path: &str) -> Result<String, String> {
        let bytes = fs::read(self.base.dir.join(path))
            .map_err(|error| format!("{path} cannot be read: {error}"))?;
        String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8 text"))
    }
}

/// A block that must fail, with the tree as it stands at its step.
#[derive(Clone, Debug)]
pub struct Failing {
    /// The block.
    pub block: usize,
    /// The error text that it promises.
    pub text: String,
    /// The file that it changes.
    pub key: FileKey,
    /// All changed files at this step, its own change included.
    pub files: BTreeMap<FileKey, Stitched>,
    /// The file without its change, if an earlier block changed it.
    pub before: Option<Stitched>,
}

/// The fold of a plan over its bases.
#[derive(Debug, Default)]
pub struct Stitch {
    /// The changed and created files, as the last step leaves them.
    pub files: BTreeMap<FileKey, Stitched>,
    /// The blocks that must fail.
    pub failing: Vec<Failing>,
    /// The blocks whose operation found its place.
    pub applied: BTreeSet<usize>,
    /// The files that upstream does not have, with the block that creates each.
    pub created: BTreeMap<FileKey, usize>,
}

impl Stitch {
    /// Whether every operation of the plan found its place.
    #[must_use]
    pub fn is_whole(&self, plan: &Plan) -> bool {
        plan.ops.iter().all(|op| self.applied.contains(&op.block))
    }
}

/// The fold: applies each operation to the tree that the ones before it leave. An operation that
/// finds no place is a finding, and the fold goes on without it.
#[must_use]
pub fn fold(
    plan: &Plan,
    trees: &BTreeMap<String, Tree>,
    blocks: &[Block],
) -> (Stitch, Vec<Finding>) {
    let fold = Fold::of(plan, trees, blocks, None);
    let findings = fold
        .findings
        .into_iter()
        .map(|f| f.for_edition(&plan.edition))
        .collect();
    (fold.stitch, findings)
}

struct Fold<'a> {
    blocks: &'a [Block],
    stitch: Stitch,
    /// The changed files by their paths in lower case.
    folded: BTreeMap<FileKey, String>,
    findings: Vec<Finding>,
    /// The steps so far, if somebody asks for them: to remember a file costs a copy of it as soon as
    /// it changes.
    steps: Option<Vec<Step>>,
}

impl<'a> Fold<'a> {
    fn of(
        plan: &Plan,
        trees: &BTreeMap<String, Tree>,
        blocks: &'a [Block],
        steps: Option<Vec<Step>>,
    ) -> Self {
        let mut fold = Self {
            blocks,
            stitch: Stitch::default(),
            folded: BTreeMap::new(),
            findings: Vec::new(),
            steps,
        };
        for op in &plan.ops {
            if let Some(tree) = trees.get(&op.base) {
                fold.apply(op, tree);
            }
        }
        fold
    }

    fn remember(&mut self, op: &Op, key: &FileKey, file: &Stitched) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step {
                block: op.block,
                key: key.clone(),
                file: file.clone(),
                stays: op.fails.is_none() && !matches!(op.kind, OpKind::Fragment),
            });
        }
    }

    fn apply(&mut self, op: &Op, tree: &Tree) {
        let block = &self.blocks[op.block];
        let key = FileKey {
            base: op.base.clone(),
            path: op.path.clone(),
        };
        let result = match &op.kind {
            OpKind::Create => self.create(op, tree, &key),
            OpKind::Append => self.taken(op, tree, &key).map(|mut file| {
                patch::end_line(&mut file, op.block);
                file.push(
                    &block.content.text,
                    Origin::Block {
                        block: op.block,
                        at: 0,
                    },
                );
                file
            }),
            OpKind::Patch(hunks) => self.current(op, tree, &key).and_then(|file| {
                patch::apply(&file, &block.content.text, hunks, op.block).map_err(|errors| {
                    errors
                        .into_iter()
                        .map(|error| patch_finding(block, &op.path, error))
                        .collect()
                })
            }),
            OpKind::Fragment => {
                let found = self
                    .current(op, tree, &key)
                    .and_then(|file| self.fragment(op, &file).map(|()| file));
                if let Ok(file) = &found {
                    self.remember(op, &key, file);
                }
                self.note(op, found.map(|_| None), key);
                return;
            }
        };
        self.note(op, result.map(Some), key);
    }

    fn note(&mut self, op: &Op, result: Result<Option<Stitched>, Vec<Finding>>, key: FileKey) {
        match result {
            Err(mut findings) => self.findings.append(&mut findings),
            Ok(file) => {
                self.stitch.applied.insert(op.block);
                if let Some(file) = &file {
                    self.remember(op, &key, file);
                }
                match (file, &op.fails) {
                    (None, _) => {}
                    (Some(file), None) => {
                        if matches!(op.kind, OpKind::Create) {
                            self.stitch.created.insert(key.clone(), op.block);
                        }
                        self.folded.insert(folded(&key), key.path.clone());
                        self.stitch.files.insert(key, file);
                    }
                    (Some(file), Some(text)) => {
                        let mut files = self.stitch.files.clone();
                        let before = files.insert(key.clone(), file);
                        self.stitch.failing.push(Failing {
                            before,
                            block: op.block,
                            text: text.clone(),
                            key,
                            files,
                        });
                    }
                }
            }
        }
    }

    fn finding(&self, op: &Op, code: Code, message: String) -> Finding {
        let block = &self.blocks[op.block];
        Finding::at(
            code,
            block.role.target().map_or(block.info, |target| target.span),
            message,
        )
    }

    fn create(&self, op: &Op, tree: &Tree, key: &FileKey) -> Result<Stitched, Vec<Finding>> {
        let block = &self.blocks[op.block];
        if let Some(file) = self.stitch.files.get(key) {
            let mut finding = self.finding(
                op,
                Code::FILE_EXISTS,
                format!("an earlier block created {}", op.path),
            );
            for earlier in file.blocks() {
                finding = finding.related(
                    Place::Chapter(self.blocks[earlier].info),
                    "it got its text here",
                );
            }
            return Err(vec![finding.help("append to it, or edit it with a diff")]);
        }
        if tree.has(&op.path) {
            let finding = self.finding(
                op,
                Code::FILE_EXISTS,
                format!("upstream has a file {}", op.path),
            );
            return Err(vec![finding.help("edit it with a diff, or append to it")]);
        }
        if tree.is_folder(&op.path) || self.made_folder(key) {
            return Err(vec![self.finding(
                op,
                Code::FILE_EXISTS,
                format!("{} is a folder", op.path),
            )]);
        }
        for (at, _) in op.path.match_indices('/') {
            let parent = &op.path[..at];
            let parent_key = FileKey {
                base: op.base.clone(),
                path: parent.to_owned(),
            };
            if tree.has(parent) || self.stitch.files.contains_key(&parent_key) {
                let message = format!("{} cannot be created: {parent} is a file", op.path);
                return Err(vec![self.finding(op, Code::PATH_REFUSED, message)]);
            }
        }
        let key = folded(key);
        let made = self.folded.get(&key);
        if let Some(other) = made.or_else(|| tree.folded.get(&key.path)) {
            let message = format!("{} and {other} differ only by case", op.path);
            return Err(vec![self.finding(op, Code::CASE_CLASH, message)]);
        }
        let mut file = Stitched::default();
        file.push(
            &block.content.text,
            Origin::Block {
                block: op.block,
                at: 0,
            },
        );
        Ok(file)
    }

    fn changed<'s>(&'s self, base: &'s str) -> impl Iterator<Item = &'s str> {
        self.stitch
            .files
            .keys()
            .filter(move |key| key.base == base)
            .map(|key| key.path.as_str())
    }

    /// Whether an earlier block made a file below this path.
    fn made_folder(&self, key: &FileKey) -> bool {
        let below = FileKey {
            base: key.base.clone(),
            path: format!("{}/", key.path),
        };
        let next = self.stitch.files.range(&below..).next();
        next.is_some_and(|(next, _)| next.base == key.base && next.path.starts_with(&below.path))
    }

    /// The file as it stands at this step, to be changed for good: a copy of what many blocks append
    /// to would cost more with each of them.
    fn taken(&mut self, op: &Op, tree: &Tree, key: &FileKey) -> Result<Stitched, Vec<Finding>> {
        if op.fails.is_none()
            && let Some(file) = self.stitch.files.remove(key)
        {
            return Ok(file);
        }
        self.current(op, tree, key)
    }

    /// The file as it stands at this step.
    fn current(&self, op: &Op, tree: &Tree, key: &FileKey) -> Result<Stitched, Vec<Finding>> {
        if let Some(file) = self.stitch.files.get(key) {
            return Ok(file.clone());
        }
        if !tree.has(&op.path) {
            let near = nearest(&op.path, tree.names().chain(self.changed(&op.base)));
            let message = format!("at this step the base {} has no file {}", op.base, op.path);
            let mut finding = self.finding(op, Code::FILE_MISSING, message);
            if let Some(near) = near {
                finding = finding.help(format!("did you mean {near}?"));
                let key = FileKey {
                    base: op.base.clone(),
                    path: near.to_owned(),
                };
                let maker = self
                    .stitch
                    .files
                    .get(&key)
                    .and_then(|file| file.blocks().first().copied());
                if let Some(target) = maker.and_then(|block| self.blocks[block].role.target()) {
                    finding = finding.related(Place::Chapter(target.span), "this block creates it");
                }
            }
            return Err(vec![finding]);
        }
        let text = tree
            .read(&op.path)
            .map_err(|why| vec![self.finding(op, Code::FILE_MISSING, why)])?;
        Ok(Stitched::from_base(&text))
    }

    fn fragment(&self, op: &Op, file: &Stitched) -> Result<(), Vec<Finding>> {
        let block = &self.blocks[op.block];
        let text = &block.content.text;
        if !patch::occurrences(file.text(), text).is_empty() {
            return Ok(());
        }
        // The first line that the file lacks is the most helpful place; if it has all of them,
        // they only stand in another order.
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            if !bare.is_empty() && !file.text().lines().any(|other| other == bare) {
                let span = block.content.span(at, at + bare.len());
                let near = nearest(bare, file.text().lines())
                    .map(|near| format!("did you mean `{}`?", near.trim()));
                let message = format!("at this step {} has no such line", op.path);
                return Err(vec![
                    Finding::at(Code::FRAGMENT_MISSING, span, message).maybe_help(near),
                ]);
            }
            at += line.len();
        }
        let span = block.content.span(0, text.trim_end().len());
        let message = format!(
            "at this step {} does not have these lines in one piece",
            op.path
        );
        Err(vec![Finding::at(Code::FRAGMENT_MISSING, span, message)])
    }
}

/// The fold, step by step: the file of each operation that found its place.
#[must_use]
pub fn steps(plan: &Plan, trees: &BTreeMap<String, Tree>, blocks: &[Block]) -> Vec<Step> {
    let fold = Fold::of(plan, trees, blocks, Some(Vec::new()));
    fold.steps.unwrap_or_default()
}

/// The key of a file on a file system that ignores case.
fn folded(key: &FileKey) -> FileKey {
    FileKey {
        base: key.base.clone(),
        path: key.path.to_lowercase(),
    }
}

/// The folders of an edition's stitched trees.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Holds `go.work` and one folder for each base.
    pub root: PathBuf,
}

impl Folders {
    /// The folder of a base.
    #[must_use]
    pub fn base(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The absolute path of a file.
    #[must_use]
    pub fn file(&self, key: &FileKey) -> PathBuf {
        self.base(&key.base).join(&key.path)
    }

    /// The file that an absolute path names, if it is one of a tree.
    #[must_use]
    pub fn key(&self, path: &Path) -> Option<FileKey> {
        let inside = path.strip_prefix(&self.root).ok()?;
        let mut parts = inside.iter().map(|part| part.to_str());
        let base = parts.next()??.to_owned();
        let rest: Option<Vec<_>> = parts.collect();
        let path = rest?.join("/");
        (!path.is_empty()).then_some(FileKey { base, path })
    }
}

#[cfg(test)]
mod tests;
