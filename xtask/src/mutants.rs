//! `cargo xtask mutants`: whether what is misspelt in the guide is found.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::setup;
use crate::step;
use crate::workspace::Workspace;

/// Sets up, then becomes `guide-mutants`, whose exit status is the task's.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    setup::for_book(workspace)?;
    build(workspace)?;
    eprintln!();
    process::hand_over(command(workspace).args(args))
}

/// As a part of the tests: a sample, which is another one with each commit.
pub(crate) fn sample(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    process::run(
        command(workspace).args(["--sample", "40", "--jobs", "2"]),
        process::LONG,
    )
}

fn build(workspace: &Workspace) -> Result<()> {
    step::run(
        "guide-mutants",
        "The compiler's message stands above.",
        || {
            process::run(
                process::cargo(workspace.root()).args(["build", "--package", "guide-mutants"]),
                process::LONG,
            )
        },
    )
}

fn command(workspace: &Workspace) -> std::process::Command {
    let mut command = process::command(workspace.mutants(), workspace.root());
    command
        .arg("--book")
        .arg(workspace.root())
        .arg("--verifier")
        .arg(workspace.verifier())
        .arg("--tools")
        .arg(workspace.tools());
    command
}
