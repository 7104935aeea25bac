//! `cargo xtask check`: the verifier without mdBook.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// Sets up, then becomes `mdbook-verify check`, whose exit status is the task's.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    setup::for_book(workspace)?;
    eprintln!();
    process::hand_over(
        process::command(workspace.verifier(), workspace.root())
            .arg("check")
            .args(args),
    )
}
