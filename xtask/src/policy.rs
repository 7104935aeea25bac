//! `cargo xtask policy`: the content security policy for whoever hosts the book.

use anyhow::Result;

use crate::build;
use crate::process;
use crate::workspace::Workspace;

/// Builds the book into `book/`, and prints the header's value for exactly that.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    build::run(workspace)?;
    process::run(
        process::cargo(workspace.root())
            .args(["run", "--quiet", "--locked", "--package", "guide-tests"])
            .args(["--bin", "policy", "book"]),
        process::LONG,
    )
}
