//! `cargo xtask check` and `cargo xtask record`: the verifier without mdBook.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// Sets up, then becomes a command of `mdbook-verify`, whose exit status is the task's.
pub(crate) fn run(workspace: &Workspace, command: &str, args: &[OsString]) -> Result<()> {
    setup::for_book(workspace)?;
    eprintln!();
    process::hand_over(
        process::command(workspace.verifier(), workspace.root())
            .arg(command)
            .args(args),
    )
}
