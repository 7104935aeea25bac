//! Copies of the book, to be broken.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::mutant::Mutant;

/// What a copy does without, at the top of a book: what is built and not written, and what was
/// recorded elsewhere, which can only say that something has changed.
const LEFT_OUT: &[&str] = &["book", ".git", "proofs.lock"];

/// The folder that cargo builds in may be anywhere.
const CARGO: &str = "target";

/// A copy, with its own cache of the verifier below it. It stays for the next run.
pub(crate) struct Copy {
    root: PathBuf,
}

impl Copy {
    /// Brings the copy in `root` up to date with the book.
    pub(crate) fn of(book: &Path, root: PathBuf) -> Result<Self> {
        let wanted = files(book)?;
        fs::create_dir_all(&root).with_context(|| cannot("made", &root))?;
        for file in files(&root)?.difference(&wanted) {
            let path = root.join(file);
            fs::remove_file(&path).with_context(|| cannot("removed", &path))?;
        }
        for file in &wanted {
            put(&book.join(file), &root.join(file))?;
        }
        share_helper(book, &root)?;
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn read(&self, file: &str) -> Result<String> {
        let path = self.root.join(file);
        fs::read_to_string(&path).with_context(|| cannot("read", &path))
    }

    /// Does something while the copy has a defect. The right chapter waits beside the wrong one: to
    /// put it back takes no room on a disk that is full.
    pub(crate) fn with<T>(&self, mutant: &Mutant, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let path = self.root.join(&mutant.block.file);
        let mut text = self.read(&mutant.block.file)?;
        text.replace_range(mutant.at.clone(), &mutant.after);
        let right = path.with_extension("right");
        fs::rename(&path, &right).with_context(|| cannot("moved", &path))?;
        let result = fs::write(&path, text)
            .with_context(|| cannot("written", &path))
            .and_then(|()| work());
        fs::rename(&right, &path).with_context(|| cannot("put back", &path))?;
        result
    }
}

/// Copies a program, unless the copy is the same already.
pub(crate) fn program(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| cannot("read", from))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    // Unlike writing it anew this keeps that it can be run.
    fs::copy(from, to).with_context(|| cannot("written", to))?;
    Ok(())
}

/// What decides over the verdicts besides the chapters: the rules of the book, its probes and its
/// JSON Schemas.
pub(crate) fn rules(book: &Path) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    for file in files(book)? {
        let is_schema = file
            .extension()
            .is_some_and(|extension| extension == "json");
        if file == Path::new("book.toml") || file.starts_with("probes") || is_schema {
            let path = book.join(&file);
            let bytes = fs::read(&path).with_context(|| cannot("read", &path))?;
            hasher.update(blake3::hash(&bytes).as_bytes());
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// The files of a book, relative to it.
fn files(book: &Path) -> Result<BTreeSet<PathBuf>> {
    let walk = WalkDir::new(book).into_iter().filter_entry(|entry| {
        let name = entry.file_name();
        let is_left_out = entry.depth() == 1 && LEFT_OUT.iter().any(|out| name == *out);
        entry.depth() == 0 || !(is_left_out || name == CARGO)
    });
    let mut files = BTreeSet::new();
    for entry in walk {
        let entry = entry.context("the book cannot be read")?;
        if entry.path().is_file()
            && let Ok(file) = entry.path().strip_prefix(book)
        {
            files.insert(file.to_owned());
        }
    }
    Ok(files)
}

/// Writes only what differs: the time of a file decides whether cargo builds anew.
fn put(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| cannot("read", from))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| cannot("made", folder))?;
    }
    fs::write(to, bytes).with_context(|| cannot("written", to))
}

/// The verifier's Go program is the same for all books; one build of it is enough.
fn share_helper(book: &Path, copy: &Path) -> Result<()> {
    let cache = Path::new("target/verify/v1");
    let (shared, cache) = (book.join(cache).join("helper"), copy.join(cache));
    for folder in [&shared, &cache] {
        fs::create_dir_all(folder).with_context(|| cannot("made", folder))?;
    }
    #[cfg(unix)]
    if !cache.join("helper").exists() {
        std::os::unix::fs::symlink(&shared, cache.join("helper"))
            .with_context(|| cannot("linked", &shared))?;
    }
    Ok(())
}

fn cannot(what: &str, path: &Path) -> String {
    format!("{} cannot be {what}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_follows_the_book_and_keeps_what_it_built() {
        let dir = tempfile::tempdir().unwrap();
        let (book, copy) = (dir.path().join("a"), dir.path().join("b"));
        for file in ["book.toml", "src/x.md", "a/target/big", "book/x.html"] {
            put_text(&book.join(file), file);
        }
        Copy::of(&book, copy.clone()).unwrap();
        put_text(&copy.join("target/built"), "x");
        put_text(&copy.join("src/x.md"), "defect of a run that was killed");
        put_text(&copy.join("src/old.md"), "x");
        let again = Copy::of(&book, copy.clone()).unwrap();
        assert_eq!(again.read("src/x.md").unwrap(), "src/x.md");
        assert!(!copy.join("src/old.md").exists());
        assert!(!copy.join("a/target/big").exists());
        assert!(!copy.join("book").exists());
        assert!(copy.join("target/built").exists());
    }

    #[test]
    fn rules_are_what_is_no_chapter() {
        let dir = tempfile::tempdir().unwrap();
        put_text(&dir.path().join("book.toml"), "a");
        let before = rules(dir.path()).unwrap();
        put_text(&dir.path().join("src/x.md"), "b");
        assert_eq!(rules(dir.path()).unwrap(), before);
        put_text(&dir.path().join("probes/x.go"), "c");
        assert_ne!(rules(dir.path()).unwrap(), before);
    }

    fn put_text(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
