//! Where things stand.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders that the tasks work in. All paths are absolute.
pub(crate) struct Workspace {
    root: PathBuf,
    debug: PathBuf,
}

impl Workspace {
    /// The workspace that this `cargo xtask` was called in.
    ///
    /// Cargo says which that is when it runs a program. The path that was compiled in is only for
    /// a direct call of the binary: it goes stale when the folder is moved, and leads into another
    /// checkout when two share a target folder. The current directory is not asked at all, so that
    /// a task does the same from every folder.
    pub(crate) fn find() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .parent()
            .context("the package xtask has no folder above it")?
            .to_path_buf();

        // What cargo builds stands beside this very program, whatever CARGO_TARGET_DIR or
        // build.target say. The profile is ours to name: nested builds are of the dev profile.
        let program = env::current_exe().context("the path of this program cannot be had")?;
        let debug = program
            .ancestors()
            .nth(2)
            .context("this program is not in a target folder")?
            .join("debug");

        Ok(Self { root, debug })
    }

    /// The folder of the workspace's `Cargo.toml` and of `book.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that set-up puts tools into. It is not moved by `CARGO_TARGET_DIR`: the verifier
    /// looks for it under the book.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join("target").join("tools")
    }

    /// A tool in that folder.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.tools().join(format!("{name}{EXE_SUFFIX}"))
    }

    /// The pinned mdBook.
    pub(crate) fn mdbook(&self) -> PathBuf {
        self.tool("mdbook")
    }

    /// The verifier as `cargo build` leaves it.
    pub(crate) fn verifier(&self) -> PathBuf {
        self.debug.join(format!("mdbook-verify{EXE_SUFFIX}"))
    }

    /// The program that misspells the guide, as `cargo build` leaves it.
    pub(crate) fn mutants(&self) -> PathBuf {
        self.debug.join(format!("guide-mutants{EXE_SUFFIX}"))
    }

    /// The folder that fuzzing builds and works in.
    pub(crate) fn fuzzing(&self) -> PathBuf {
        self.root.join("target").join("fuzz")
    }

    /// The folder of the verifier's package.
    pub(crate) fn verifier_package(&self) -> PathBuf {
        self.root.join("preprocessors/mdbook-verify")
    }

    /// The Go module of the program that the verifier embeds.
    pub(crate) fn go_helper(&self) -> PathBuf {
        self.verifier_package().join("go")
    }
}
