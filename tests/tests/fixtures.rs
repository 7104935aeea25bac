//! Every fixture book through the real mdBook, and the verifier's report of it.
//!
//! A fixture is a folder of `tests/fixtures` with `chapter.md`, what that includes, and
//! `expected.txt`: the exit status and the report. `SNAPSHOTS=overwrite` writes the latter anew. The
//! example book of another project, which stands beside the verifier, is one too, with a book.toml of
//! its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::{Path, PathBuf};

use guide_tests::{FixtureBook, both, root};
use snapbox::Data;

fn fixtures() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests/fixtures")).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.push(root().join("preprocessors/mdbook-verify/example"));
    folders.sort();
    assert!(
        folders.len() > 20,
        "only {} fixtures were found",
        folders.len()
    );
    folders
}

#[test]
fn reports_are_as_expected() {
    let assert = snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .normalize_paths(false);
    let mut failed = Vec::new();
    for folder in fixtures() {
        let expected = Data::read_from(&folder.join("expected.txt"), None);
        if let Err(error) = assert.try_eq(Some(&folder.display()), report(&folder).into(), expected)
        {
            failed.push(error.to_string());
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What `check` says, once with the cache empty and once from it: both must agree.
fn report(folder: &Path) -> String {
    let book = if folder.join("src").is_dir() {
        FixtureBook::of_book(folder)
    } else {
        FixtureBook::of_folder(folder)
    };
    let cold = book.verify(&["check"]).output().unwrap();
    let warm = book.verify(&["check"]).output().unwrap();
    let text = without_seconds(&String::from_utf8_lossy(&cold.stdout));
    assert_eq!(
        text,
        without_seconds(&String::from_utf8_lossy(&warm.stdout)),
        "cold and warm differ in {}",
        folder.display()
    );
    assert_eq!(cold.status, warm.status);
    let built = book.mdbook(&["build"]).output().unwrap();
    let tested = book.mdbook(&["test"]).output().unwrap();
    for (what, output) in [("build", built), ("test", tested)] {
        let printed = without_seconds(&both(&output));
        assert_eq!(
            output.status.success(),
            cold.status.success(),
            "mdbook {what} of {}: {printed}",
            folder.display()
        );
        let first = text.lines().next().unwrap();
        assert!(
            printed.contains(first),
            "mdbook {what} of {} does not print {first:?}: {printed}",
            folder.display()
        );
    }
    format!("exit status {}\n\n{text}", cold.status.code().unwrap())
}

/// The summary ends with how long it took.
fn without_seconds(report: &str) -> String {
    let lines = report.lines().map(|line| match line.rfind(" (") {
        Some(at) if line.contains("blocks proven for") => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
