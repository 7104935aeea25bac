//! Each byte of a chapter with its includes expanded comes from where it is said.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mdbook_verify::invariants;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));

fuzz_target!(|text: &str| invariants::expansion(FOLDER.path(), text));
