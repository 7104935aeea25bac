//! The files whose bytes appear in documents.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};

use regex::Regex;

use super::Position;

/// A byte order mark: part of the text, but not of what an editor counts as columns.
pub(super) const BOM: &str = "\u{feff}";

/// A file of the book whose bytes appear in a document.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path to show: with forward slashes, relative to the book's root if there is a way that
    /// does not lead through the root of the file system.
    pub path: PathBuf,
    /// Its text: a chapter's as mdBook hands it over, any other file's as it is on disk.
    pub text: Arc<str>,
    /// Where each line starts, also the empty one behind a final newline.
    starts: OnceLock<Vec<usize>>,
    /// The lines with an `ANCHOR`.
    markers: OnceLock<Vec<Marker>>,
}

/// A line that names an anchor, as mdBook reads it: the first of each kind counts.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    /// The line, from 0.
    pub(super) line: usize,
    /// The name after `ANCHOR:`.
    pub(super) opens: Option<String>,
    /// The name after `ANCHOR_END:`.
    pub(super) closes: Option<String>,
}

impl SourceFile {
    fn new(path: PathBuf, text: &str) -> Self {
        Self {
            path,
            text: text.into(),
            starts: OnceLock::new(),
            markers: OnceLock::new(),
        }
    }

    /// Line and column of a byte offset, both from 1, the column in bytes. A byte order mark at the
    /// start of the file is not counted.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let starts = self.starts();
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let first = if line == 1 && self.text.starts_with(BOM) {
            BOM.len()
        } else {
            starts[line - 1]
        };
        (line, offset.saturating_sub(first) + 1)
    }

    /// How many lines [`str::lines`] finds.
    pub(super) fn line_count(&self) -> usize {
        let starts = self.starts();
        starts.len() - usize::from(starts.last() == Some(&self.text.len()))
    }

    /// The offset and text of a line, from 0, as [`str::lines`] would give it.
    pub(super) fn line(&self, line: usize) -> (usize, &str) {
        let start = self.starts()[line];
        let text = match self.starts().get(line + 1) {
            Some(next) => {
                let text = &self.text[start..next - 1];
                text.strip_suffix('\r').unwrap_or(text)
            }
            None => &self.text[start..],
        };
        (start, text)
    }

    /// The offset of the newline that ends a line.
    pub(super) fn newline(&self, line: usize) -> usize {
        self.starts()
            .get(line + 1)
            .map_or(self.text.len(), |next| next - 1)
    }

    // Both tables are made once a file, so that a thousand includes of single lines or small
    // anchors do not read a large file a thousand times.
    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| {
            let newlines = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(newlines).collect()
        })
    }

    pub(super) fn markers(&self) -> &[Marker] {
        self.markers.get_or_init(|| {
            let mut markers: Vec<Marker> = Vec::new();
            for (at, _) in self.text.match_indices("ANCHOR") {
                let line = self.starts().partition_point(|start| *start <= at) - 1;
                if markers.last().is_none_or(|last| last.line < line) {
                    markers.extend(Marker::read(line, self.line(line).1));
                }
            }
            markers
        })
    }
}

impl Marker {
    fn read(line: usize, text: &str) -> Option<Self> {
        static MARKER: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"ANCHOR(_END)?:\s*([\w-]+)").expect("the pattern is valid")
        });
        // The same for lines of ASCII, as most are: Unicode's classes take long to compile.
        static ASCII: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"ANCHOR(_END)?:(?-u:\s*([\w-]+))").expect("the pattern is valid")
        });
        let markers = if text.is_ascii() { &ASCII } else { &MARKER };
        // The first of each counts.
        let name = |is_end: bool| {
            let mut markers = markers.captures_iter(text);
            let marker = markers.find(|marker| marker.get(1).is_some() == is_end)?;
            Some(marker[2].to_owned())
        };
        let (opens, closes) = (name(false), name(true));
        (opens.is_some() || closes.is_some()).then_some(Self {
            line,
            opens,
            closes,
        })
    }
}

/// Names a file of [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// All files read so far, each once.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    /// What came of reading a path, by its spelling.
    read: HashMap<PathBuf, Result<FileId, Unread>>,
    /// Files by their true path, so that two ways to a file lead to one text.
    real: HashMap<PathBuf, FileId>,
}

impl Sources {
    /// The file with this id.
    #[must_use]
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0]
    }

    /// The place of a byte of a file, for people; so are the positions of [`Document`](super::Document).
    #[must_use]
    pub fn position(&self, id: FileId, offset: usize) -> Position {
        let file = self.get(id);
        let (line, column) = file.line_column(offset);
        Position {
            file: file.path.clone(),
            line,
            column,
        }
    }

    /// Adds the text of a chapter. It never stands in for the file on disk: another preprocessor
    /// may have changed it, and an include of the chapter's file reads the disk.
    pub(super) fn add(&mut self, path: &Path, root: &Path, text: &str) -> FileId {
        let id = FileId(self.files.len());
        self.files.push(SourceFile::new(shown(path, root), text));
        id
    }

    /// The true path of a file that an include named.
    pub(super) fn real(&self, id: FileId) -> Option<PathBuf> {
        let mut known = self.real.iter();
        known.find_map(|(path, known)| (*known == id).then(|| path.clone()))
    }

    /// Reads a file, or remembers it.
    pub(super) fn read(&mut self, path: &Path, root: &Path) -> Result<FileId, Unread> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let outcome = self.read_new(path, root);
        self.read.insert(path.to_owned(), outcome.clone());
        outcome
    }

    fn read_new(&mut self, path: &Path, root: &Path) -> Result<FileId, Unread> {
        let real = path.canonicalize()?;
        let id = FileId(self.files.len());
        match self.real.entry(real) {
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(new) => {
                let text = read_text(path)?;
                self.files.push(SourceFile::new(shown(path, root), &text));
                new.insert(id);
            }
        }
        Ok(id)
    }
}

/// Why a file could not be read.
#[derive(Clone, Debug)]
pub(super) enum Unread {
    Missing,
    NotAFile,
    /// The line with the first byte that is not UTF-8.
    NotUtf8(usize),
    Other(String),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("does not exist"),
            Self::NotAFile => f.write_str("is not a file"),
            Self::NotUtf8(line) => write!(f, "is not UTF-8 text (line {line})"),
            Self::Other(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

/// The text of a file.
pub(super) fn read_text(path: &Path) -> Result<String, Unread> {
    // Also because a device or pipe could be read for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(Unread::NotAFile);
    }
    String::from_utf8(fs::read(path)?).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Unread::NotUtf8(good.split(|byte| *byte == b'\n').count())
    })
}

/// The path to show for a file.
pub(crate) fn shown(path: &Path, root: &Path) -> PathBuf {
    way(&lexical(root), &lexical(path))
}

/// The way from a folder to a path, both without `.` and `..`, with forward slashes; the path itself
/// if they have nothing in common, for a way through the root of the file system helps nobody.
pub(super) fn way(folder: &Path, path: &Path) -> PathBuf {
    let shared = folder
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b);
    let (common, named) = shared.fold((0, false), |(count, named), (part, _)| {
        (count + 1, named || matches!(part, Component::Normal(_)))
    });
    if !named {
        return path.to_owned();
    }
    let up = folder.components().skip(common).map(|_| "..".into());
    let down = path
        .components()
        .skip(common)
        .map(|part| part.as_os_str().to_string_lossy());
    let parts: Vec<std::borrow::Cow<'_, str>> = up.chain(down).collect();
    PathBuf::from(parts.join("/"))
}

/// The path without `.` and `..`, judged by its spelling alone.
pub(super) fn lexical(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match (part, result.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                result.pop();
            }
            _ => result.push(part),
        }
    }
    result
}
