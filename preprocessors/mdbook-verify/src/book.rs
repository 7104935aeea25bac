//! The book as the verifier sees it: its folder, its settings, its chapters. No mdBook types.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::markdown::Markdown;
use crate::matter::Matter;
use crate::plan::tree_path;

/// A chapter with its text as mdBook hands it over: includes not expanded, no byte order mark.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Its file, relative to [`Book::src`].
    pub path: PathBuf,
    /// Its title in SUMMARY.md.
    pub name: String,
    /// Its text.
    pub content: String,
}

/// A book to verify.
#[derive(Clone, Debug)]
pub struct Book {
    /// The folder of book.toml, absolute.
    pub root: PathBuf,
    /// The folder of the chapters, absolute.
    pub src: PathBuf,
    /// The settings under `[preprocessor.verify]`.
    pub config: Config,
    /// Digests of the settings that can change what is found.
    pub rules: BTreeMap<String, String>,
    /// How its Markdown is read.
    pub markdown: Markdown,
    /// The edition of Rust blocks, `[rust] edition`.
    pub rust_edition: Option<String>,
    /// The chapters that have a file, in reading order.
    pub chapters: Vec<Chapter>,
}

/// The texts of a file of the book's folder, or of the Go files of a folder there, by their paths. The
/// path is the author's and is held to the rules of paths in the text.
///
/// # Errors
/// Why they cannot be read.
pub fn texts(root: &Path, path: &str) -> Result<BTreeMap<String, String>, String> {
    let path = tree_path(path)?;
    let read = |path: String| {
        let text = fs::read_to_string(root.join(&path));
        text.map(|text| (path.clone(), text))
            .map_err(|error| format!("{path} cannot be read: {error}"))
    };
    if !root.join(&path).is_dir() {
        return Ok(BTreeMap::from([read(path)?]));
    }
    let names = fs::read_dir(root.join(&path)).and_then(|entries| {
        let name = |entry: io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name());
        entries.map(name).collect::<io::Result<Vec<_>>>()
    });
    let names = names.map_err(|error| format!("{path} cannot be read: {error}"))?;
    let names = names.iter().filter_map(|name| name.to_str());
    let texts: BTreeMap<_, _> = names
        .filter(|name| Matter::of_path(name) == Matter::Go && !name.ends_with("_test.go"))
        .map(|name| read(format!("{path}/{name}")))
        .collect::<Result<_, _>>()?;
    if texts.is_empty() {
        return Err(format!("{path} holds no Go file"));
    }
    Ok(texts)
}
