//! Whether a folder is the very tree that a base pins.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::config::{BaseSpec, GitSpec, ModuleSpec};
use crate::tool;

use super::{files, git};

/// The most files that a refusal names.
const NAMED: usize = 5;

/// Checks that a folder is the tree that a base pins: of a commit a clean checkout, of a module
/// what has its sum.
///
/// # Errors
/// A sentence that says in what it differs.
pub fn check(dir: &Path, spec: &BaseSpec) -> Result<(), String> {
    match spec {
        BaseSpec::Git(spec) => checkout(dir, spec),
        BaseSpec::Module(spec) => module(dir, spec),
    }
}

fn checkout(dir: &Path, spec: &GitSpec) -> Result<(), String> {
    let shown = dir.display();
    let program = tool::find("git", None).ok_or("git is not installed")?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let ask = |args: &[&str]| {
        let answer = git::call(&program, dir)
            // Programs of the checkout's own settings are not to be run, and its settings are not
            // to hide a difference.
            .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath="])
            .args([
                "-c",
                "core.autocrlf=false",
                "-c",
                "core.sparseCheckout=false",
            ])
            .args(args)
            // An index made anew from the commit knows no file that it was told to overlook.
            .envs([("GIT_INDEX_FILE", scratch.path().join("index"))])
            .envs([("GIT_NO_REPLACE_OBJECTS", "1")])
            .limit(Duration::from_secs(5 * 60))
            .run()
            .map_err(|error| error.to_string())?;
        if answer.ok() {
            Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
        } else {
            Err(answer.complaint())
        }
    };
    let answer = ask(&["rev-parse", "--show-prefix", "HEAD"])
        .map_err(|why| format!("{shown} is no git checkout: {why}"))?;
    let (prefix, head) = answer.split_once('\n').unwrap_or_default();
    if !prefix.is_empty() {
        return Err(format!(
            "{shown} is a folder inside a git checkout, not the checkout itself"
        ));
    }
    let head = head.trim();
    if !head.eq_ignore_ascii_case(&spec.commit) {
        return Err(format!(
            "{shown} is at the commit {head}, book.toml pins {}",
            spec.commit
        ));
    }
    let unclean = |why| format!("{shown} cannot be compared with its commit: {why}");
    ask(&["read-tree", "HEAD"]).map_err(unclean)?;
    // Ignored files, too: whatever lies in the folder becomes part of the tree.
    let status = [
        "status",
        "--porcelain",
        "--untracked-files=all",
        "--ignored",
    ];
    let differs = ask(&status).map_err(unclean)?;
    if differs.is_empty() {
        return Ok(());
    }
    let mut lines = differs.lines();
    let named: Vec<_> = lines.by_ref().take(NAMED).collect();
    let more = match lines.count() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    Err(format!(
        "{shown} is not clean, so it is not the commit alone: {}{more}",
        named.join(", ")
    ))
}

fn module(dir: &Path, spec: &ModuleSpec) -> Result<(), String> {
    let shown = dir.display();
    let sum = sum(dir, &format!("{}@{}", spec.module, spec.version))
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if sum == spec.sum {
        return Ok(());
    }
    Err(format!(
        "{shown} has the sum {sum}, book.toml pins {} for {} {}; a checkout of the tag is not always what the module proxy serves",
        spec.sum, spec.module, spec.version
    ))
}

/// The `h1:` sum of a module's files, as go.sum has it: of the list of their hashes and names,
/// `HASH  MODULE@VERSION/PATH`, sorted by name.
fn sum(dir: &Path, prefix: &str) -> io::Result<String> {
    // Sorted by the whole path, not folder by folder: `a-b` stands before `a/b`.
    let mut names = files(dir)?;
    names.sort();
    let mut list = Sha256::new();
    for name in names {
        for byte in Sha256::digest(fs::read(dir.join(&name))?) {
            list.update(format!("{byte:02x}"));
        }
        list.update(format!("  {prefix}/{name}\n"));
    }
    Ok(format!("h1:{}", STANDARD.encode(list.finalize())))
}
