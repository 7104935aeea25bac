//! What the published book has: a page for each chapter, and the files beside them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::base;
use crate::book::Book;
use crate::finding;

/// The published book.
pub(super) struct Site<'a> {
    book: &'a Book,
    /// The chapters by the path that their page comes from.
    chapters: BTreeMap<String, usize>,
    /// The files that are copied, listed when a link asks for one.
    files: OnceCell<BTreeSet<String>>,
}

/// What a path leads to.
pub(super) enum Target {
    /// The page of a chapter.
    Chapter(usize),
    /// Another page or file.
    Other,
}

/// Why a path leads nowhere.
#[derive(Clone, Copy)]
pub(super) enum Lost {
    Missing,
    /// A Markdown file that SUMMARY.md does not have.
    NoChapter,
    /// A chapter, but mdBook gives its page another name.
    Readme,
}

/// Pages that mdBook makes beside those of chapters. The first chapter is `index.html` too.
const MADE: [&str; 4] = ["index.html", "print.html", "404.html", "toc.html"];

impl<'a> Site<'a> {
    pub(super) fn new(book: &'a Book) -> Self {
        let chapters = book.chapters.iter().enumerate().map(|(number, chapter)| {
            let path = chapter.path.to_string_lossy().replace('\\', "/");
            (index(&path), number)
        });
        Self {
            book,
            chapters: chapters.collect(),
            files: OnceCell::new(),
        }
    }

    /// What a path relative to the book's sources leads to.
    pub(super) fn find(&self, path: &str) -> Result<Target, Lost> {
        let page = |path: &str| {
            self.chapters
                .get(path)
                .map(|number| Target::Chapter(*number))
        };
        if let Some(target) = page(path).filter(|_| is_markdown(path)) {
            return Ok(target);
        }
        if is_markdown(path) {
            return Err(match () {
                () if self.chapters.contains_key(&index(path)) => Lost::Readme,
                () if self.files().contains(path) => Lost::NoChapter,
                () => Lost::Missing,
            });
        }
        if let Some(target) = path
            .strip_suffix(".html")
            .and_then(|path| page(&format!("{path}.md")))
        {
            return Ok(target);
        }
        let folder = path.trim_end_matches('/');
        let below = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        if let Some(target) = page(&format!("{below}index.md")) {
            return Ok(target);
        }
        let is_there = folder.is_empty()
            || MADE.contains(&path)
            || self.files().contains(path)
            || self.files().contains(&format!("{below}index.html"));
        if is_there {
            Ok(Target::Other)
        } else {
            Err(Lost::Missing)
        }
    }

    /// The chapter or file that a path nearly names.
    pub(super) fn nearest(&self, path: &str) -> Option<String> {
        let chapters = self.chapters.keys().map(String::as_str);
        let files = self.files().iter().filter(|file| !is_markdown(file));
        finding::nearest(path, chapters.chain(files.map(String::as_str))).map(str::to_owned)
    }

    /// Names are compared as they are spelt, whatever this file system makes of upper case.
    fn files(&self) -> &BTreeSet<String> {
        self.files.get_or_init(|| {
            base::files(&self.book.src)
                .map(|files| files.into_iter().collect())
                .unwrap_or_default()
        })
    }
}

/// As mdBook sees it, for which `.MD` is another extension.
fn is_markdown(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "md")
}

/// The path that mdBook's index preprocessor makes of a README.
pub(super) fn index(path: &str) -> String {
    let (folder, name) = match path.rsplit_once('/') {
        Some((folder, name)) => (format!("{folder}/"), name),
        None => (String::new(), path),
    };
    match name.rsplit_once('.') {
        Some((stem, _)) if stem.eq_ignore_ascii_case("readme") => format!("{folder}index.md"),
        _ => path.to_owned(),
    }
}

/// A path from a folder; none if it leads out of the root.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
