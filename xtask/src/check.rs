//! `cargo xtask check`, `record` and `perform`: the verifier without mdBook.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// Sets up, then becomes a command of `mdbook-verify`, whose exit status is the task's.
pub(crate) fn run(workspace: &Workspace, command: &str, args: &[OsString]) -> Result<()> {
    setup::for_book(workspace)?;
    become_verifier(workspace, command, args)
}

/// The same with what a performance finds beside the guide.
pub(crate) fn perform(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    setup::for_performance(workspace)?;
    become_verifier(workspace, "perform", args)
}

fn become_verifier(workspace: &Workspace, command: &str, args: &[OsString]) -> Result<()> {
    eprintln!();
    process::hand_over(
        process::command(workspace.verifier(), workspace.root())
            .arg(command)
            .args(args),
    )
}
