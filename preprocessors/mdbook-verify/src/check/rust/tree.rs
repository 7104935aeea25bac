//! Files of a base that cargo builds: `cargo check` of the stitched tree, with every error at its
//! place in the guide.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::workspace::{self, FileKey, Folders, Stitch, Tree, put};

use super::cargo::{Check, Checked, Metadata, is_of_the_network};
use super::diagnostic::{Problem, Spot};
use super::{Context, Outcome, edits_of, is_manifest};
use crate::check::{BROKEN_TREE, hands, place, whole};

/// Why cargo is not asked where a block writes what cargo would run.
pub(super) const WOULD_RUN: &str = "cargo would run what this guide writes, so it is not asked";

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let mut workspaces: BTreeMap<FileKey, Vec<(usize, FileKey)>> = BTreeMap::new();
    let manifests = edits_of(context, stitch, Matter::Toml).filter(|(_, key)| is_manifest(key));
    for (block, key) in edits_of(context, stitch, Matter::Rust).chain(manifests) {
        match manifest(context, stitch, &key) {
            Some(manifest) => workspaces.entry(manifest).or_default().push((block, key)),
            None => outcome.unproven(block, "no folder above its file has a Cargo.toml"),
        }
    }
    for (manifest, edits) in workspaces {
        let tree = CargoTree {
            context,
            stitch,
            manifest,
            edits,
        };
        if let Err(why) = tree.check(outcome) {
            for (block, _) in &tree.edits {
                outcome.unproven(*block, why.clone());
            }
            let finding = Finding::error(Code::TOOL_FAILED, Place::Environment, why);
            outcome.findings.push(finding);
        }
    }
}

/// The manifest that a file's crate belongs to: of the nearest workspace, else the nearest one.
pub(super) fn manifest(context: &Context<'_>, stitch: &Stitch, file: &FileKey) -> Option<FileKey> {
    let mut nearest = None;
    let mut folder = file.path.as_str();
    while !folder.is_empty() {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        let key = FileKey {
            base: file.base.clone(),
            path: if folder.is_empty() {
                "Cargo.toml".into()
            } else {
                format!("{folder}/Cargo.toml")
            },
        };
        let text = match stitch.files.get(&key) {
            Some(file) => file.text().to_owned(),
            None => context.trees[&key.base].read(&key.path).unwrap_or_default(),
        };
        if is_workspace(&text) {
            return Some(key);
        }
        if nearest.is_none() && !text.is_empty() {
            nearest = Some(key);
        }
    }
    nearest
}

fn is_workspace(manifest: &str) -> bool {
    toml::from_str::<toml::Table>(manifest).is_ok_and(|table| table.contains_key("workspace"))
}

/// A workspace of a base, with the edits of its source files.
pub(super) struct CargoTree<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) stitch: &'a Stitch,
    pub(super) manifest: FileKey,
    pub(super) edits: Vec<(usize, FileKey)>,
}

impl CargoTree<'_> {
    fn check(&self, outcome: &mut Outcome) -> Result<(), String> {
        let before = outcome.findings.len();
        let folders = self.context.folders;
        let checked = match self.cargo(folders)? {
            Asked::Checked(checked) => checked,
            Asked::WouldRun(block) => {
                let why = WOULD_RUN;
                outcome.unproven(block, why);
                for (block, _) in &self.edits {
                    outcome.unproven(*block, why);
                }
                return Ok(());
            }
        };
        if let Some(why) = &checked.refusal {
            self.refused(why, outcome)?;
        }
        self.report(&checked, outcome)?;
        for (block, key) in &self.edits {
            let compiled = || {
                let file = real(&folders.file(key));
                is_manifest(key) || file.is_some_and(|file| checked.files.contains(&file))
            };
            if outcome.findings.len() > before {
                outcome.unproven(*block, BROKEN_TREE);
            } else if compiled() {
                outcome.proven(*block, Kind::Compiled);
            } else if !checked.problems.is_empty() {
                outcome.unproven(
                    *block,
                    "upstream's crate does not compile without the guide either",
                );
            } else {
                let message = format!("no target of cargo's compiles {}", key.path);
                let place = Place::Chapter(whole(self.context, *block));
                let finding = Finding::error(Code::RUST_NOT_COMPILED, place, message);
                outcome
                    .findings
                    .push(finding.help("declare the module with `mod`"));
            }
        }
        Ok(())
    }

    /// `cargo check` of the workspace in these trees.
    pub(super) fn cargo(&self, folders: &Folders) -> Result<Asked, String> {
        let manifest = folders.file(&self.manifest);
        stand_alone(&manifest)?;
        let folder = manifest.parent().unwrap_or(&manifest);
        let check = Check {
            toolchain: self.context.rust.toolchain.as_ref().map_err(Clone::clone)?,
            folder,
            target: &self.context.cache.join("cargo"),
            whole_workspace: true,
            locked: self.manifests().next().is_none(),
            progress: self.context.progress,
        };
        let metadata = match check.metadata() {
            Ok(metadata) => metadata,
            Err(why) => {
                let refusal = Some(why);
                return Ok(Asked::Checked(Checked {
                    refusal,
                    ..Checked::default()
                }));
            }
        };
        if let Some(block) = self.would_run(folders, &metadata) {
            return Ok(Asked::WouldRun(block));
        }
        check.run(&metadata.workspace_root).map(Asked::Checked)
    }

    /// The manifests that the guide writes.
    fn manifests(&self) -> impl Iterator<Item = &FileKey> {
        let of_base = |key: &&FileKey| key.base == self.manifest.base && is_manifest(key);
        self.stitch.files.keys().filter(of_base)
    }

    /// A block whose code or settings cargo would run while it compiles. The text of a guide is not
    /// trusted so far.
    fn would_run(&self, folders: &Folders, metadata: &Metadata) -> Option<usize> {
        let kinds =
            |target: &super::cargo::Target, kind: &str| target.kind.iter().any(|k| k == kind);
        let mut scripts = BTreeSet::new();
        let mut macros = Vec::new();
        for package in &metadata.packages {
            for target in &package.targets {
                if kinds(target, "custom-build") {
                    scripts.insert(target.src_path.as_path());
                } else if kinds(target, "proc-macro") {
                    macros.extend(package.manifest_path.parent());
                }
            }
        }
        let runs = |key: &FileKey| {
            let file = folders.file(key);
            let file = real(&file).unwrap_or(file);
            let settings = key
                .path
                .split('/')
                .any(|part| part == ".cargo" || part.starts_with("rust-toolchain"));
            settings
                || scripts.contains(file.as_path())
                || macros.iter().any(|folder| file.starts_with(folder))
        };
        let of_base = |key: &&FileKey| key.base == self.manifest.base;
        let mut running = self
            .stitch
            .files
            .keys()
            .filter(of_base)
            .filter(|key| runs(key));
        let blocks = self.stitch.files.get(running.next()?)?.blocks();
        blocks.first().copied()
    }

    /// Cargo could not begin: for the network, for a manifest of the guide, or for what upstream is.
    fn refused(&self, why: &str, outcome: &mut Outcome) -> Result<(), String> {
        let why = why.replace(&format!("{}/", self.context.folders.root.display()), "");
        let Some(manifest) = self.manifests().next().filter(|_| !is_of_the_network(&why)) else {
            return Err(format!("cargo check failed: {why}"));
        };
        for block in hands(self.stitch, |key| key == manifest) {
            let place = Place::Chapter(whole(self.context, block));
            let message = format!("cargo refuses this: {why}");
            outcome
                .findings
                .push(Finding::error(Code::RUST_CARGO, place, message));
        }
        Ok(())
    }

    /// Errors at their places in the guide; those in upstream's text only if upstream alone has
    /// them not.
    fn report(&self, checked: &Checked, outcome: &mut Outcome) -> Result<(), String> {
        let mut elsewhere = Vec::new();
        for problem in &checked.problems {
            let finding = self.finding(problem);
            match finding.place {
                Place::Chapter(_) => outcome.findings.push(finding),
                _ => elsewhere.push((problem, finding)),
            }
        }
        if elsewhere.is_empty() {
            return Ok(());
        }
        let known = self.of_base()?;
        let new = elsewhere.into_iter().filter(|(problem, _)| {
            let same = |other: &&Problem| other.message == problem.message;
            known.iter().find(same).is_none()
        });
        outcome.findings.extend(new.map(|(_, finding)| finding));
        Ok(())
    }

    /// What is wrong with upstream without the guide.
    fn of_base(&self) -> Result<Vec<Problem>, String> {
        let folders = Folders {
            root: self
                .context
                .cache
                .join("untouched")
                .join(&self.context.edition.name),
        };
        let base = &self.manifest.base;
        let tree: &Tree = &self.context.trees[base];
        if !tree.has(&self.manifest.path) {
            return Ok(Vec::new());
        }
        workspace::sync(&folders.base(base), tree, &BTreeMap::new())
            .map_err(|error| error.to_string())?;
        let manifest = folders.file(&self.manifest);
        stand_alone(&manifest)?;
        let check = Check {
            toolchain: self.context.rust.toolchain.as_ref().map_err(Clone::clone)?,
            folder: manifest.parent().unwrap_or(&manifest),
            target: &self.context.cache.join("cargo"),
            whole_workspace: true,
            locked: true,
            progress: self.context.progress,
        };
        let root = check.metadata()?.workspace_root;
        Ok(check.run(&root)?.problems)
    }

    fn finding(&self, problem: &Problem) -> Finding {
        let Some(first) = problem.spots.first() else {
            let place = self
                .edits
                .first()
                .map(|(block, _)| whole(self.context, *block));
            let place = place.map_or(Place::Environment, Place::Chapter);
            return Finding::error(Code::RUST_COMPILE, place, &problem.message);
        };
        let place = self.place(first);
        let finding = match &place {
            Place::Chapter(_) => Finding::error(Code::RUST_COMPILE, place, &problem.message),
            _ => self.edits.iter().fold(
                Finding::error(Code::RUST_UPSTREAM, place, &problem.message),
                |finding, (block, _)| {
                    let place = Place::Chapter(whole(self.context, *block));
                    finding.related(place, "this block may have caused it")
                },
            ),
        };
        let finding = finding.maybe_help(problem.help.clone());
        problem.spots[1..]
            .iter()
            .fold(finding, |finding, spot| match &spot.label {
                Some(label) => finding.related(self.place(spot), label),
                None => finding,
            })
    }

    fn place(&self, spot: &Spot) -> Place {
        let Some(key) = self.context.folders.key(&spot.file) else {
            return Place::Environment;
        };
        if let Some(file) = self.stitch.files.get(&key) {
            return place(self.context, &key, file, spot.bytes.start, spot.bytes.end);
        }
        let tree = self.context.trees.get(&key.base);
        let text = tree.and_then(|tree| tree.read(&key.path).ok());
        let (line, column) =
            crate::segments::line_column(&text.unwrap_or_default(), spot.bytes.start);
        Place::Upstream {
            base: key.base,
            path: key.path,
            line,
            column,
        }
    }
}

pub(super) enum Asked {
    Checked(Checked),
    /// Cargo was not asked: it would run what this block writes.
    WouldRun(usize),
}

/// Makes the manifest on disk a workspace, if it is none. The stitched tree stands inside the book's
/// own repository, which may be a workspace, and cargo would take the tree for a part of that.
fn stand_alone(manifest: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(manifest).unwrap_or_default();
    if is_workspace(&text) {
        return Ok(());
    }
    put(manifest, format!("{text}\n[workspace]\n").as_bytes()).map_err(|error| error.to_string())
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
