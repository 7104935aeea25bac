//! Bases: the pinned trees of upstream. The only code that reaches for upstream.

mod git;
pub mod pinned;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::config::{BaseSpec, ModuleSpec};
use crate::finding::{Code, Finding, Place};
use crate::golang::Go;
use crate::progress::Progress;

/// A pinned tree of upstream, ready to be read.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its folder. Nobody writes there.
    pub dir: PathBuf,
    /// Whether its content was checked against a pin.
    pub source: Source,
    /// What can change its content: the pin, or a hash of a directory.
    pub digest: String,
}

/// How a base was had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// By the Go module proxy, checked by its sum.
    Module,
    /// By git, checked by its commit.
    Git,
    /// A directory named with `--base`; nothing was checked.
    Directory,
    /// Not at all: proofs.lock speaks of it.
    Recorded,
}

/// What a base needs in order to be had.
pub struct Fetcher<'a> {
    /// Go, or why there is none.
    pub go: Result<&'a Go, &'a str>,
    /// The book's root; a git URL that is a path is relative to it.
    pub root: &'a Path,
    /// A folder of the verifier's own, for clones.
    pub cache: &'a Path,
    /// Folders named with `--base`, by base.
    pub directories: &'a BTreeMap<String, PathBuf>,
    /// Whether each base is held against its pin once it is here.
    pub pinned: bool,
    /// A host that did not answer after this time is not asked again.
    pub asked_since: SystemTime,
    /// The longest that a call of git may take, if the user set it.
    pub at_most: Option<Duration>,
    /// Says what takes long.
    pub progress: Progress,
}

impl Fetcher<'_> {
    /// What can change the content of a base, known without fetching it.
    ///
    /// # Errors
    /// When a directory named with `--base` cannot be read.
    pub fn digest(&self, name: &str, spec: &BaseSpec) -> Result<String, Box<Finding>> {
        match (self.directories.get(name), spec) {
            (Some(dir), _) => hash_directory(dir),
            (None, spec) => Ok(spec.pin()),
        }
    }

    /// Gets a base.
    ///
    /// # Errors
    /// A finding that says why it cannot be had and what to do.
    pub fn fetch(&self, name: &str, spec: &BaseSpec) -> Result<Base, Box<Finding>> {
        let digest = self.digest(name, spec)?;
        let (dir, source) = match (self.directories.get(name), spec) {
            (Some(dir), _) => (dir.clone(), Source::Directory),
            (None, BaseSpec::Module(spec)) => (self.module(spec)?, Source::Module),
            (None, BaseSpec::Git(spec)) => (self.git(spec)?, Source::Git),
        };
        if self.pinned {
            pinned::check(&dir, spec)
                .map_err(|why| Box::new(not_pinned(name, spec, source, &why)))?;
        }
        Ok(Base {
            dir,
            source,
            digest,
        })
    }

    fn module(&self, spec: &ModuleSpec) -> Result<PathBuf, Box<Finding>> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        struct Download {
            dir: PathBuf,
            sum: String,
            error: String,
        }
        let go = self.go.map_err(|why| {
            let finding = missing(format!(
                "{} {} cannot be fetched: {why}",
                spec.module, spec.version
            ));
            Box::new(finding.help("install Go, or give the tree with --base EDITION/BASE=DIR"))
        })?;
        let target = format!("{}@{}", spec.module, spec.version);
        let task = self.progress.start(format!("fetching module {target}"));
        let answer = go
            .call(self.cache)
            .args(["mod", "download", "-json", &target])
            // Outside of a module; the pin decides what may arrive.
            .envs([("GOWORK", "off"), ("GOFLAGS", "-mod=mod")])
            .limit(Duration::from_secs(15 * 60))
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| {
                Box::new(unavailable(format!("{target} cannot be fetched: {error}")))
            })?;
        let download: Download = serde_json::from_slice(&answer.stdout).unwrap_or_default();
        if !answer.ok() || download.dir.as_os_str().is_empty() {
            let why = match download.error.as_str() {
                "" => answer.complaint(),
                error => error.to_owned(),
            };
            let finding = unavailable(format!("{target} cannot be fetched: {why}"));
            return Err(Box::new(finding.help("check the network and GOPROXY; a fetched module is kept and needs no network again")));
        }
        if download.sum != spec.sum {
            let message = format!(
                "{target} arrived with the sum {}, book.toml pins {}",
                download.sum, spec.sum
            );
            let finding = Finding::error(Code::SUM_MISMATCH, Place::Config, message);
            return Err(Box::new(finding.help("find out who changed it, the author of the pin or the module, before changing the pin")));
        }
        Ok(download.dir)
    }
}

fn unavailable(message: String) -> Finding {
    Finding::error(Code::BASE_UNAVAILABLE, Place::Environment, message)
}

fn missing(message: String) -> Finding {
    Finding::error(Code::TOOL_MISSING, Place::Environment, message)
}

fn not_pinned(name: &str, spec: &BaseSpec, source: Source, why: &str) -> Finding {
    let message = format!("the base {name} is not what book.toml pins: {why}");
    let help = match (source, spec) {
        (Source::Directory, BaseSpec::Git(spec)) => format!(
            "give a clean checkout of the commit: git worktree add NEW_FOLDER {}",
            spec.commit
        ),
        (Source::Directory, BaseSpec::Module(spec)) => format!(
            "give the module as `go mod download -json {}@{}` has it",
            spec.module, spec.version
        ),
        _ => "remove the folder; it is fetched again".to_owned(),
    };
    Finding::error(Code::BASE_NOT_PINNED, Place::Environment, message).help(help)
}

/// A hash of the names and contents of a directory's files, git's own folder excluded.
fn hash_directory(dir: &Path) -> Result<String, Box<Finding>> {
    let refuse = |why: String| {
        let message = format!("{} cannot be used as a base: {why}", dir.display());
        Box::new(Finding::error(
            Code::BASE_CHANGED,
            Place::Environment,
            message,
        ))
    };
    let mut hasher = blake3::Hasher::new();
    let mut count = 0;
    for file in files(dir).map_err(|error| refuse(error.to_string()))? {
        let content =
            fs::read(dir.join(&file)).map_err(|error| refuse(format!("{file}: {error}")))?;
        hasher.update(file.as_bytes());
        hasher.update(&[0]);
        hasher.update(blake3::hash(&content).as_bytes());
        count += 1;
    }
    if count == 0 {
        return Err(refuse("it holds no file".into()));
    }
    Ok(format!("directory {}", hasher.finalize().to_hex()))
}

/// The regular files below a folder, with forward slashes, sorted; without git's own folder. Links
/// are left out: a tree of upstream that has some is used without them.
///
/// # Errors
/// When a folder cannot be read or a name is not UTF-8.
pub fn files(dir: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let entries = WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != ".git");
    for entry in entries {
        let entry = entry?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path().strip_prefix(dir).map_err(io::Error::other)?;
        let parts: Option<Vec<_>> = path.iter().map(|part| part.to_str()).collect();
        let parts = parts
            .ok_or_else(|| io::Error::other(format!("the name {} is not UTF-8", path.display())))?;
        found.push(parts.join("/"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
