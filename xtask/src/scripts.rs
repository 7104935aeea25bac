//! Scripts of others that run in the browser: Mermaid in the pages, axe-core in their tests.
//!
//! Neither is committed. Each comes from a registry with the sum that a lock file below `tools/` has
//! for it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;
use crate::step;
use crate::tools::Lock;
use crate::workspace::Workspace;

/// What failed, most likely.
const NETWORK: &str = "If the network was away, run the same again.";

/// The crate that carries Mermaid's script, and where.
const MERMAID: (&str, &str) = ("mdbook-mermaid", "src/bin/assets/mermaid.min.js");

/// Puts Mermaid's script where mdBook publishes it, unless it is there. The crate is not compiled:
/// cargo fetches it, checks it against the lock and says where it is.
pub(crate) fn mermaid(workspace: &Workspace, _lock: &Lock) -> Result<()> {
    let source = workspace.root().join("tools/mermaid");
    let place = workspace.root().join("src/mermaid/mermaid.min.js");
    let stamp = workspace.tools().join(".mermaid.from");
    let locked = read(&source.join("Cargo.lock"))?;
    if is_current(&place, &stamp, &locked) {
        return Ok(());
    }
    step::run("Mermaid's script, carried by a crate", NETWORK, || {
        let said = process::capture(
            process::cargo(&source).args(["metadata", "--locked", "--format-version", "1"]),
            process::LONG,
        )?;
        let (name, file) = MERMAID;
        copy(&folder_of(name, &said)?.join(file), &place)?;
        stamp_with(&stamp, &locked)
    })
}

/// Puts axe-core into `target/tools`, unless it is there. npm checks it against the lock.
pub(crate) fn axe_core(workspace: &Workspace, _lock: &Lock) -> Result<()> {
    let source = workspace.root().join("tools/axe-core");
    let place = workspace.tool("axe.min.js");
    let stamp = workspace.tools().join(".axe-core.from");
    let locked = read(&source.join("package-lock.json"))?;
    if is_current(&place, &stamp, &locked) {
        return Ok(());
    }
    step::run("axe-core, for the browser tests", NETWORK, || {
        // npm installs beside the two files.
        let scratch = workspace.tools().join(".axe-core");
        for file in ["package.json", "package-lock.json"] {
            copy(&source.join(file), &scratch.join(file))?;
        }
        process::run(
            process::command("npm", &scratch).args(["ci", "--ignore-scripts", "--no-audit"]),
            process::LONG,
        )?;
        copy(&scratch.join("node_modules/axe-core/axe.min.js"), &place)?;
        fs::remove_dir_all(&scratch)
            .with_context(|| format!("{} cannot be removed", scratch.display()))?;
        stamp_with(&stamp, &locked)
    })
}

/// The folder that cargo has unpacked a package into.
fn folder_of(package: &str, metadata: &str) -> Result<PathBuf> {
    let metadata: Value = serde_json::from_str(metadata).context("cargo metadata speaks JSON")?;
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|found| found["name"] == package)
        .and_then(|found| Path::new(found["manifest_path"].as_str()?).parent())
        .map(Path::to_path_buf)
        .with_context(|| format!("cargo metadata names no {package}"))
}

fn is_current(place: &Path, stamp: &Path, locked: &str) -> bool {
    place.is_file() && fs::read_to_string(stamp).is_ok_and(|then| then == locked)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("a file without a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(from, to))
        .map(|_| ())
        .with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))
}

/// Last, so that a stamp never speaks for a file that is not there.
fn stamp_with(stamp: &Path, locked: &str) -> Result<()> {
    fs::write(stamp, locked).with_context(|| format!("{} cannot be written", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_where_cargo_says() {
        let said = r#"{"packages": [{"name": "a", "manifest_path": "/r/a-1/Cargo.toml"}]}"#;
        assert_eq!(folder_of("a", said).expect("is named"), Path::new("/r/a-1"));
        let error = folder_of("b", said).expect_err("is not named").to_string();
        assert_eq!(error, "cargo metadata names no b");
    }
}
