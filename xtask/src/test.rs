//! `cargo xtask test`: everything that has to pass, on a developer's machine as in CI.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::build::{VERIFIER, verifier_command};
use crate::fuzz;
use crate::mutants;
use crate::needs;
use crate::openim;
use crate::process::{self, LONG, SHORT};
use crate::setup;
use crate::step::Steps;
use crate::workspace::Workspace;

/// How many seconds each fuzz target runs: enough to show that they run, and what is easily found.
const FUZZING: u64 = 10;

/// Runs all steps, up to the first that fails, and closes with the time of each.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    needs::for_tests(workspace)?;
    let mut steps = Steps::default();
    let result = all(workspace, &mut steps);
    eprintln!("\n{}", steps.summary());
    result
}

/// The steps: what is quick and often wrong first, what needs all the rest last.
fn all(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let root = workspace.root();

    steps.run("formatting", "To mend it: cargo fmt --all", || {
        process::run(
            process::cargo(root).args(["fmt", "--all", "--check"]),
            SHORT,
        )
    })?;
    steps.run("set-up", "", || setup::for_tests(workspace))?;
    steps.run("workflows", "", || actionlint(workspace))?;
    steps.run("lints", "", || {
        process::run(
            process::cargo(root).args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "--deny",
                "warnings",
            ]),
            LONG,
        )
    })?;
    steps.run("Go helper", "", || go_helper(workspace))?;
    steps.run("tests", "", || {
        process::run(
            process::cargo(root)
                .args(["test", "--workspace", "--locked"])
                .env("MDBOOK", workspace.mdbook())
                .env("MDBOOK_VERIFY", workspace.verifier()),
            LONG,
        )
    })?;
    steps.run("fuzzing", "", || {
        fuzz::run(workspace, &fuzz::Options::all(FUZZING))
    })?;
    steps.run("mdbook test, strict", "", || {
        process::run(
            process::command(workspace.mdbook(), root)
                .arg("test")
                .env(format!("{VERIFIER}COMMAND"), verifier_command(workspace)?)
                .env(format!("{VERIFIER}STRICT"), "true"),
            LONG,
        )
    })?;
    steps.run("mdbook-verify check, strict", "", || {
        process::run(
            process::command(workspace.verifier(), root).args(["check", "--strict"]),
            LONG,
        )
    })?;
    steps.run("the guide, performed", "", || {
        process::run(
            process::command(workspace.verifier(), root).args([
                "perform",
                "--compare",
                "--edition",
                openim::EDITION,
            ]),
            LONG,
        )
    })?;
    steps.run("mutants, a sample", "", || mutants::sample(workspace))
}

/// The workflow files, without the linters of other languages that a machine happens to have.
fn actionlint(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root().join(".github/workflows");
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?
    {
        files.push(entry?.path());
    }
    files.retain(|path| path.extension() == Some(OsStr::new("yml")));
    ensure!(!files.is_empty(), "no workflow in {}", folder.display());
    process::run(
        process::command(workspace.tool("actionlint"), workspace.root())
            .args(["-shellcheck=", "-pyflakes="])
            .args(files),
        SHORT,
    )
}

/// The Go program that the verifier embeds: its format, its lints, its tests.
fn go_helper(workspace: &Workspace) -> Result<()> {
    let folder = workspace.go_helper();
    // gofmt belongs to the Go that is used, and need not be in PATH itself.
    let go_root = process::capture(process::go("go", &folder).args(["env", "GOROOT"]), SHORT)?;
    let gofmt = PathBuf::from(go_root.trim()).join("bin").join("gofmt");
    let unformatted = process::capture(process::go(gofmt, &folder).args(["-l", "."]), SHORT)?;
    if !unformatted.is_empty() {
        bail!(
            "not formatted, in {}: {}. To mend it: gofmt -w .",
            folder.display(),
            unformatted.lines().collect::<Vec<_>>().join(", ")
        );
    }
    process::run(process::go("go", &folder).args(["vet", "./..."]), LONG)?;
    process::run(process::go("go", &folder).args(["test", "./..."]), LONG)
}
