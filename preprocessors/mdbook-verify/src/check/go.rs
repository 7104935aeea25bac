//! Go: all type errors from source, then the compiler and vet for everything touched and everything
//! that depends on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place};
use crate::golang::Go;
use crate::gowork;
use crate::matter::Matter;
use crate::patch;
use crate::plan::OpKind;
use crate::segments::{Origin, Stitched};
use crate::tool::Call;
use crate::workspace::{FileKey, Stitch};

use super::complaint::Complaint;
use super::helper::{Answer, Helper, Request};
use super::{BROKEN_TREE, Context, Outcome, edits_of, fails, hands, whole};

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let touched = go_files(stitch).next().is_some();
    if !touched && fails::of_go(stitch).next().is_none() {
        return;
    }
    let go = match context.go {
        Ok(go) => go,
        Err(why) => {
            let finding = Finding::error(Code::TOOL_MISSING, Place::Environment, why);
            outcome.findings.push(finding);
            give_up(context, stitch, why, outcome);
            return;
        }
    };
    let result = Helper::build(go, context.cache, context.progress).and_then(|helper| {
        let run = GoRun {
            context,
            stitch,
            go,
            helper,
        };
        if touched {
            run.check(outcome)?;
        }
        // In a broken tree a promised error may be missing, or hidden behind another one.
        if outcome.findings.is_empty() && stitch.is_whole(context.plan) {
            return fails::check(&run, outcome);
        }
        for failing in fails::of_go(stitch) {
            outcome.unproven(failing.block, BROKEN_TREE);
        }
        Ok(())
    });
    if let Err(why) = result {
        let finding = Finding::error(Code::TOOL_FAILED, Place::Environment, why.clone());
        outcome.findings.push(finding);
        give_up(context, stitch, &why, outcome);
    }
}

/// Nothing of Go, nor what is generated as Go, can be proven in this run.
pub(super) fn give_up(context: &Context<'_>, stitch: &Stitch, why: &str, outcome: &mut Outcome) {
    for block in edits_of_go(context, stitch).map(|(block, _)| block) {
        outcome.unproven(block, why);
    }
    for failing in fails::of_go(stitch) {
        outcome.unproven(failing.block, why);
    }
}

/// The edits that Go proves: its own files, and the definitions that Go code is generated from.
fn edits_of_go<'c>(
    context: &'c Context<'_>,
    stitch: &'c Stitch,
) -> impl Iterator<Item = (usize, FileKey)> + 'c {
    edits_of(context, stitch, Matter::Go).chain(edits_of(context, stitch, Matter::Proto))
}

pub(super) struct GoRun<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) stitch: &'a Stitch,
    go: &'a Go,
    helper: Helper<'a>,
}

/// What an overlay does with generated code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Generated {
    /// It is there: code is not generated in a step of its own, but with its definition.
    Kept,
    /// It is not there.
    Removed,
}

impl GoRun<'_> {
    fn check(&self, outcome: &mut Outcome) -> Result<(), String> {
        let before = outcome.findings.len();
        let answer = self.ask(self.roots(), self.touched(), BTreeMap::new())?;
        self.report(
            Complaint::of_helper(&answer),
            |found| self.types_of_base(found),
            outcome,
        )?;
        self.report_ignored(&answer, outcome);
        if outcome.findings.len() == before && !self.context.quick {
            self.build(&answer, outcome)?;
        }
        if outcome.findings.len() == before && !self.context.quick {
            self.vet(&answer, outcome)?;
        }
        if outcome.findings.len() > before {
            for (block, _) in edits_of_go(self.context, self.stitch) {
                outcome.unproven(block, BROKEN_TREE);
            }
            return Ok(());
        }
        let kind = if self.context.quick {
            Kind::Checked
        } else {
            Kind::Compiled
        };
        let edits = edits_of(self.context, self.stitch, Matter::Go);
        for (block, key) in edits.chain(self.fragments()) {
            if self.compiles(&answer, &key) {
                outcome.proven(block, kind);
            }
        }
        self.generated(&answer, kind, outcome);
        Ok(())
    }

    fn compiles(&self, answer: &Answer, key: &FileKey) -> bool {
        answer.files.contains_key(&self.context.folders.file(key))
    }

    /// A definition is compiled when all code generated from it is.
    fn generated(&self, answer: &Answer, kind: Kind, outcome: &mut Outcome) {
        for (block, key) in edits_of(self.context, self.stitch, Matter::Proto) {
            let last = self
                .stitch
                .files
                .get(&key)
                .and_then(|file| file.blocks().last().copied());
            let mut made = go_files(self.stitch)
                .filter(|(_, file)| is_generated(file) && file.blocks().first().copied() == last)
                .peekable();
            if made.peek().is_some() && made.all(|(key, _)| self.compiles(answer, key)) {
                outcome.proven(block, kind);
            }
        }
    }

    /// A call of `go` in the stitched trees. Upstream may have a workspace of its own, which is not
    /// the one that joins these.
    pub(super) fn call(&self) -> Call<'_> {
        let root = &self.context.folders.root;
        self.go.call(root).envs([("GOWORK", root.join("go.work"))])
    }

    /// The Go files that are asked about: those that the guide changes, and those that it quotes.
    fn touched(&self) -> Vec<PathBuf> {
        let changed = go_files(self.stitch).map(|(key, _)| key.clone());
        let quoted = self.fragments().map(|(_, key)| key);
        let keys: BTreeSet<FileKey> = changed.chain(quoted).collect();
        keys.iter()
            .map(|key| self.context.folders.file(key))
            .collect()
    }

    /// The quotations that the finished tree still has.
    fn fragments(&self) -> impl Iterator<Item = (usize, FileKey)> {
        let fragments = self.context.plan.ops.iter().filter(|op| {
            matches!(op.kind, OpKind::Fragment)
                && Matter::of_path(&op.path) == Matter::Go
                && self.stitch.applied.contains(&op.block)
        });
        fragments.filter_map(|op| {
            let key = FileKey {
                base: op.base.clone(),
                path: op.path.clone(),
            };
            let quoted = &self.context.blocks[op.block].content.text;
            let stands = match self.stitch.files.get(&key) {
                Some(file) => !patch::occurrences(file.text(), quoted).is_empty(),
                None => true,
            };
            stands.then_some((op.block, key))
        })
    }

    fn modules(&self) -> Vec<gowork::Module> {
        gowork::modules(self.context.edition, self.context.trees, self.stitch)
    }

    /// Patterns of all packages that may depend on what was touched.
    pub(super) fn roots(&self) -> Vec<String> {
        let pattern = |module: &gowork::Module| match module.used {
            gowork::Use::Used => format!("./{}/...", module.base),
            gowork::Use::Replaces => format!("{}/...", module.path),
        };
        self.modules().iter().map(pattern).collect()
    }

    /// The pattern of the package that holds a file.
    pub(super) fn package_of(&self, key: &FileKey) -> String {
        let folder = key.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        gowork::package(&self.modules(), &key.base, folder)
    }

    pub(super) fn ask(
        &self,
        roots: Vec<String>,
        touched: Vec<PathBuf>,
        overlay: BTreeMap<PathBuf, String>,
    ) -> Result<Answer, String> {
        let dir = &self.context.folders.root;
        self.helper.ask(
            &Request {
                dir,
                roots,
                touched,
                overlay,
                store: self.context.cached.then(|| self.helper.store()),
            },
            self.context.progress,
        )
    }

    /// What the type checker says of upstream without the guide, in the files of these complaints.
    fn types_of_base(&self, found: &[Complaint]) -> Result<Vec<Complaint>, String> {
        let files = found
            .iter()
            .map(|complaint| complaint.path.clone())
            .filter(|path| path.is_absolute());
        let touched = self.touched().into_iter().chain(files).collect();
        let overlay = self.overlay(&BTreeMap::new(), Generated::Removed);
        Ok(Complaint::of_helper(&self.ask(
            self.roots(),
            touched,
            overlay,
        )?))
    }

    /// Contents for every changed file that turn the tree into one in which just `files` are
    /// changed.
    pub(super) fn overlay(
        &self,
        files: &BTreeMap<FileKey, Stitched>,
        generated: Generated,
    ) -> BTreeMap<PathBuf, String> {
        let stitched = go_files(self.stitch)
            .filter(|(_, file)| generated == Generated::Removed || !is_generated(file));
        let keys = stitched.map(|(key, _)| key).chain(files.keys());
        keys.map(|key| {
            let of_upstream = || {
                self.context.trees[&key.base]
                    .read(&key.path)
                    .unwrap_or_else(|_| ABSENT.to_owned())
            };
            let text = files
                .get(key)
                .map_or_else(of_upstream, |file| file.text().to_owned());
            (self.context.folders.file(key), text)
        })
        .collect()
    }

    fn report_ignored(&self, answer: &Answer, outcome: &mut Outcome) {
        for ignored in &answer.ignored {
            let Some(key) = self.context.folders.key(&ignored.file) else {
                continue;
            };
            for block in hands(self.stitch, |other| *other == key) {
                let message = format!("{} is in no build: {}", key.path, ignored.reason);
                let place = Place::Chapter(whole(self.context, block));
                let finding = Finding::error(Code::GO_NOT_COMPILED, place, message);
                outcome
                    .findings
                    .push(finding.for_edition(&self.context.edition.name));
            }
        }
    }
}

/// Stands for a file that the tree does not have: it belongs to no build.
const ABSENT: &str = "//go:build ignore\n\npackage absent\n";

fn go_files(stitch: &Stitch) -> impl Iterator<Item = (&FileKey, &Stitched)> {
    stitch
        .files
        .iter()
        .filter(|(key, _)| Matter::of_path(&key.path) == Matter::Go)
}

/// Whether a file was made by a tool from a block.
fn is_generated(file: &Stitched) -> bool {
    matches!(file.origin(0), Some(Origin::Made { .. }))
}
