//! `cargo check` of a workspace: what is wrong, and which files were compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::progress::Progress;
use crate::rust::Toolchain;

use super::diagnostic::{Printed, Problem};

/// What to check.
pub(super) struct Check<'a> {
    pub(super) toolchain: &'a Toolchain,
    /// The folder of a manifest.
    pub(super) folder: &'a Path,
    /// Where cargo may put what it builds.
    pub(super) target: &'a Path,
    /// All packages of the workspace, or just the one in the folder.
    pub(super) whole_workspace: bool,
    /// Whether Cargo.lock says all; a guide that changes a manifest leaves the lock to cargo, as its
    /// readers do.
    pub(super) locked: bool,
    pub(super) progress: Progress,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) problems: Vec<Problem>,
    /// The source files of the targets that compiled, absolute and without links.
    pub(super) files: BTreeSet<PathBuf>,
    /// What cargo says when it cannot even begin, such as about a manifest.
    pub(super) refusal: Option<String>,
}

/// A message of `cargo check --message-format json`.
#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-message")]
    Said { message: Printed },
    #[serde(rename = "compiler-artifact")]
    Made {
        manifest_path: PathBuf,
        filenames: Vec<PathBuf>,
    },
    #[serde(other)]
    Other,
}

/// The part of `cargo metadata` that is read.
#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<MetadataPackage>,
    pub(super) workspace_root: PathBuf,
}

#[derive(Deserialize)]
pub(super) struct MetadataPackage {
    pub(super) manifest_path: PathBuf,
    pub(super) targets: Vec<Target>,
}

/// A library, program, test or build script.
#[derive(Deserialize)]
pub(super) struct Target {
    pub(super) kind: Vec<String>,
    pub(super) src_path: PathBuf,
}

impl Check<'_> {
    /// What the workspace consists of. Nothing of it is compiled or run for that.
    pub(super) fn metadata(&self) -> Result<Metadata, String> {
        let answer = self
            .toolchain
            .cargo(self.folder)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .run()
            .map_err(|error| error.to_string())?;
        if !answer.ok() {
            return Err(plain(&answer.stderr));
        }
        serde_json::from_slice(&answer.stdout)
            .map_err(|error| format!("cargo's answer cannot be read: {error}"))
    }

    /// Compiles all targets, without generating code. `root` is the workspace's, to which the
    /// compiler's paths are relative.
    pub(super) fn run(&self, root: &Path) -> Result<Checked, String> {
        let task = self
            .progress
            .start(format!("cargo check in {}", self.folder.display()));
        let lock = self.locked && root.join("Cargo.lock").is_file();
        let answer = self
            .toolchain
            .cargo(self.folder)
            .args(["check", "--all-targets", "--keep-going"])
            .args(["--message-format", "json"])
            .args(self.whole_workspace.then_some("--workspace"))
            .args(lock.then_some("--locked"))
            .args(["--target-dir".as_ref(), self.target.as_os_str()])
            // Cargo names each crate that it compiles or fetches, which is the progress.
            .on_line(|line| {
                if line.is_empty() {
                    task.tick();
                } else {
                    task.count();
                }
            })
            .run()
            .map_err(|error| error.to_string())?;
        let printed = String::from_utf8_lossy(&answer.stdout);
        let mut checked = Checked::default();
        // A macro may print lines of its own.
        for line in printed.lines().filter(|line| line.starts_with('{')) {
            let message: Message = serde_json::from_str(line)
                .map_err(|error| format!("cargo's answer cannot be read: {error}"))?;
            match message {
                Message::Said { message } => {
                    checked.problems.extend(message.problem(root));
                }
                Message::Made {
                    manifest_path,
                    filenames,
                } if manifest_path.starts_with(root) => {
                    checked
                        .files
                        .extend(filenames.iter().flat_map(|file| sources(file, root)));
                }
                _ => {}
            }
        }
        // A library and its tests are compiled twice.
        let mut seen = Vec::new();
        checked.problems.retain(|problem| {
            let new = !seen.contains(problem);
            seen.extend(new.then(|| problem.clone()));
            new
        });
        if !answer.ok() && checked.problems.is_empty() {
            checked.refusal = Some(plain(&answer.stderr));
        }
        Ok(checked)
    }
}

/// The source files of a compiled artifact, from the dependencies that rustc wrote down beside it.
fn sources(artifact: &Path, root: &Path) -> Vec<PathBuf> {
    let stem = artifact
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let name = stem.strip_prefix("lib").unwrap_or(stem);
    let text = fs::read_to_string(artifact.with_file_name(format!("{name}.d"))).unwrap_or_default();
    let paths = text.lines().filter_map(|line| line.strip_suffix(':'));
    paths
        .filter_map(|path| root.join(path.replace("\\ ", " ")).canonicalize().ok())
        .collect()
}

/// Cargo's complaint without what only counts.
fn plain(stderr: &str) -> String {
    let from = stderr.find("error").unwrap_or(0);
    let lines = stderr[from..]
        .lines()
        .filter(|line| !line.trim().is_empty());
    let text = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    text.strip_prefix("error: ").unwrap_or(&text).to_owned()
}

/// Words of cargo when something cannot be fetched: the network's fault, not the guide's.
pub(super) fn is_of_the_network(complaint: &str) -> bool {
    const WORDS: &[&str] = &[
        "failed to download",
        "download of ",
        "Could not resolve host",
        "Couldn't resolve host",
        "Could not connect",
        "Connection refused",
        "Timeout was reached",
        "Unable to update registry",
        "No space left",
    ];
    WORDS.iter().any(|words| complaint.contains(words))
}
