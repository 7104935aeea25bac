//! Bases: the pinned trees of upstream. The only code that reaches for upstream.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::config::{BaseSpec, GitSpec, ModuleSpec};
use crate::finding::{Code, Finding, Place};
use crate::golang::Go;
use crate::progress::Progress;
use crate::tool::{self, Call};

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
            (None, BaseSpec::Module(spec)) => {
                Ok(format!("{}@{} {}", spec.module, spec.version, spec.sum))
            }
            (None, BaseSpec::Git(spec)) => Ok(format!("git {}", spec.commit)),
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
            let finding = unavailable(format!(
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

    /// A commit as a folder: fetched into a bare repository, then checked out aside and renamed,
    /// so that a killed run leaves no half tree behind.
    fn git(&self, spec: &GitSpec) -> Result<PathBuf, Box<Finding>> {
        let tree = self.cache.join("git").join(&spec.commit);
        if tree.is_dir() {
            return Ok(tree);
        }
        let what = format!("{} at {}", spec.git, spec.commit);
        let fail = |why: String| {
            let finding = unavailable(format!("{what} cannot be fetched: {why}"));
            Box::new(finding.help(
                "check the network and the URL, or give the tree with --base EDITION/BASE=DIR",
            ))
        };
        let git = tool::find("git", None).ok_or_else(|| fail("git is not installed".into()))?;
        let parent = self.cache.join("git");
        fs::create_dir_all(&parent).map_err(|error| fail(error.to_string()))?;
        let aside = tempfile::tempdir_in(&parent).map_err(|error| fail(error.to_string()))?;
        let task = self.progress.start(format!("fetching {what}"));
        let url = absolute_url(&spec.git, self.root);
        let steps: [&[&str]; 3] = [
            &["init", "--quiet", "--template="],
            &[
                "fetch",
                "--quiet",
                "--depth",
                "1",
                "--no-tags",
                &url,
                &spec.commit,
            ],
            &[
                "-c",
                "advice.detachedHead=false",
                "checkout",
                "--quiet",
                &spec.commit,
            ],
        ];
        for args in steps {
            let answer = Call::new(&git, aside.path())
                .args(args)
                .envs([
                    ("GIT_TERMINAL_PROMPT", "0"),
                    ("GIT_CONFIG_NOSYSTEM", "1"),
                    ("GIT_CONFIG_GLOBAL", ""),
                ])
                .limit(Duration::from_secs(15 * 60))
                .on_line(|_| task.tick())
                .run()
                .map_err(|error| fail(error.to_string()))?;
            if !answer.ok() {
                return Err(fail(format!(
                    "git {} failed with {}",
                    args[0],
                    answer.complaint()
                )));
            }
        }
        fs::remove_dir_all(aside.path().join(".git")).map_err(|error| fail(error.to_string()))?;
        fs::rename(aside.keep(), &tree).map_err(|error| fail(error.to_string()))?;
        Ok(tree)
    }
}

/// A local repository may be given relative to the book; git runs elsewhere.
fn absolute_url(url: &str, root: &Path) -> String {
    match fs::canonicalize(root.join(url)) {
        Ok(path) => path.to_string_lossy().into_owned(),
        Err(_) => url.to_owned(),
    }
}

fn unavailable(message: String) -> Finding {
    Finding::error(Code::BASE_UNAVAILABLE, Place::Environment, message)
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
