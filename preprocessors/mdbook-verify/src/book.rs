//! The book as the verifier sees it: its folder, its settings, its chapters. No mdBook types.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::blocks::Markdown;
use crate::config::Config;

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
