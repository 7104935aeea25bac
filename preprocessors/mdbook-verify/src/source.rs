//! The text of chapters with their includes expanded, and where each byte of it came from.
//!
//! mdBook's links preprocessor, which runs after this one, replaces `{{#include …}}`,
//! `{{#rustdoc_include …}}`, `{{#playground …}}` and escaped links by what the reader sees, but
//! forgets where it came from, and only logs what fails, or says nothing. [`Document::expand`] does
//! the same to the byte (a test compares the two), keeps the origins, and reports. Then
//! [`Document::splice`] writes the text, edited or not, so that mdBook's preprocessor turns it into
//! just that text.
//!
//! There is one difference: where includes never end, or nest too deep, mdBook copies them ten times
//! and drops the rest; here the link stays on the page, under an error.
//!
//! | file | subject |
//! |---|---|
//! | `files.rs` | files, each read once; lines and anchors in them; paths to show |
//! | `link.rs` | what mdBook takes for a link, and what only looks like one |
//! | `take.rs` | the part of a file that an include asks for |
//! | `missing.rs`, `complaint.rs` | what to say if that fails |
//! | `expand.rs` | links replaced, recursively |
//! | `trail.rs` | text that remembers where its bytes came from |
//! | `escape.rs` | the way back to mdBook |

mod complaint;
mod escape;
mod expand;
mod files;
mod link;
mod missing;
mod take;
mod trail;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::{Path, PathBuf};

use self::expand::Faulty;
use self::trail::{Traced, Trail};
use crate::blocks::{Content, CrateFile};
use crate::finding::{Code, Finding, Place};

pub(crate) use self::files::shown;
pub use self::files::{FileId, SourceFile, Sources};

/// A chapter as the reader sees it.
#[derive(Clone, Debug)]
pub struct Document {
    /// Index of the chapter in the book, in reading order.
    pub chapter: usize,
    /// Its text: links expanded, escapes resolved, titles removed.
    pub text: String,
    trail: Trail,
    /// The chapter itself.
    file: FileId,
    title: Option<String>,
    faulty: Vec<Faulty>,
}

/// A place in a file, for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The file's path as shown, see [`SourceFile::path`].
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1; a byte order mark at the start of the file is not counted.
    pub column: usize,
}

impl Document {
    /// Expands the links of a chapter.
    ///
    /// `path` is the chapter's file, absolute; `content` its text as mdBook hands it over, which
    /// another preprocessor may have changed: positions refer to it, not to the disk. Findings span
    /// the link that stayed on the page, or what the link brought instead of what it promised.
    #[must_use]
    pub fn expand(
        chapter: usize,
        path: &Path,
        content: &str,
        root: &Path,
        sources: &mut Sources,
    ) -> (Self, Vec<Finding>) {
        let file = sources.add(path, root, content);
        let mut traced = Traced::default();
        traced.copy(content, file, 0);
        let base = path.parent().unwrap_or(root);
        let expansion = expand::expand(chapter, file, &traced, base, root, sources);
        let document = Self {
            chapter,
            text: expansion.traced.text,
            trail: expansion.traced.trail,
            file,
            title: expansion.title,
            faulty: expansion.faulty,
        };
        (document, expansion.findings)
    }

    /// The chapter's own file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The file and offset that a byte of the text came from; also for the end of the text. What
    /// stands in no file (a playground's fence, the `# ` of a hidden line) comes from the link, or
    /// the line, that it stands for.
    #[must_use]
    pub fn origin(&self, byte: usize) -> (FileId, usize) {
        self.trail.origin(byte).unwrap_or((self.file, 0))
    }

    /// The file that all of a block's text is included from, but for line breaks of the chapter.
    #[must_use]
    pub fn crate_file(&self, content: &Content, sources: &Sources) -> Option<CrateFile> {
        let mut file = None;
        let mut offsets = Vec::with_capacity(content.text.len());
        for (at, byte) in content.text.bytes().enumerate() {
            let (origin, offset) = self.origin(content.position(at) + within(&content.text, at));
            let of_chapter = origin == self.file;
            if of_chapter && byte != b'\n' || !of_chapter && *file.get_or_insert(origin) != origin {
                return None;
            }
            offsets.push((!of_chapter).then_some(offset));
        }
        let file = sources.real(file?)?;
        Some(CrateFile { file, offsets })
    }

    /// The part of a file that a range of the text came from. If the range ends in another file
    /// than it starts in, the part ends with the first piece. What a faulty include brought, even
    /// if it is nothing, comes from the include.
    #[must_use]
    pub fn region(&self, range: &Range<usize>) -> (FileId, Range<usize>) {
        let key = |faulty: &Faulty| (faulty.brought.start, faulty.brought.end);
        let wanted = (range.start, range.end);
        let index = self.faulty.partition_point(|faulty| key(faulty) < wanted);
        if let Some(faulty) = self
            .faulty
            .get(index)
            .filter(|faulty| key(faulty) == wanted)
        {
            return (faulty.file, faulty.link.clone());
        }
        self.trail.region(range).unwrap_or((self.file, 0..0))
    }

    /// The place of a byte of the text, for people.
    #[must_use]
    pub fn position(&self, byte: usize, sources: &Sources) -> Position {
        let (file, offset) = self.origin(byte);
        sources.position(file, offset)
    }

    /// The places where [`Self::region`] starts and ends; use it for findings.
    #[must_use]
    pub fn positions(&self, range: &Range<usize>, sources: &Sources) -> (Position, Position) {
        let (file, region) = self.region(range);
        (
            sources.position(file, region.start),
            sources.position(file, region.end),
        )
    }

    /// The text to hand on to mdBook: with `edits` applied, and so that mdBook's links preprocessor
    /// leaves it as it is meant to be read, sets the title that the chapter sets, and shows no
    /// include again. `name` is the chapter's name in SUMMARY.md.
    ///
    /// Edits are ranges of [`Self::text`] with their new text; they must not overlap. Two of them at
    /// one place are applied in their order.
    #[must_use]
    pub fn splice(&self, mut edits: Vec<(Range<usize>, String)>, name: &str) -> String {
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = String::with_capacity(self.text.len());
        let mut copied = 0;
        for (range, new) in edits {
            if cfg!(any(test, fuzzing)) {
                apart(copied, &range);
            }
            text.push_str(&self.text[copied..range.start.max(copied)]);
            text.push_str(&new);
            copied = range.end.max(copied);
        }
        text.push_str(&self.text[copied..]);

        let title = self.title.as_deref();
        // First, where no escape on the same line can swallow it.
        let set = title
            .map(|title| format!("{{{{#title {title}}}}}"))
            .unwrap_or_default();
        // To set the title that the page has anyway shows nothing and changes nothing.
        let same = title.or(Some(name).filter(|name| is_title(name)));
        let nothing = same.map(|title| format!("{{{{#title\n{title}}}}}"));
        set + &escape::escape(&text, nothing.as_deref())
    }
}

/// That edits overlap is a mistake of this program's, for its tests to find; a reader gets the page.
fn apart(copied: usize, next: &Range<usize>) {
    assert!(copied <= next.start, "edits overlap at {next:?}");
}

/// How far a byte is behind the start of its character, of which alone the place is known.
fn within(text: &str, byte: usize) -> usize {
    (0..4)
        .find(|back| text.is_char_boundary(byte - back))
        .unwrap_or(0)
}

/// Whether mdBook would read this name from a link as it is.
fn is_title(name: &str) -> bool {
    !name.is_empty() && !name.contains('}') && !name.starts_with(char::is_whitespace)
}

/// Reads a chapter as mdBook does, without a byte order mark.
///
/// # Errors
///
/// A finding if the file does not exist or is not UTF-8 text.
pub fn read_chapter(path: &Path, root: &Path) -> Result<String, Box<Finding>> {
    let mut text = files::read_text(path).map_err(|unread| {
        let message = format!(
            "the chapter {} {unread}",
            files::shown(path, root).display()
        );
        Box::new(Finding::error(
            Code::CHAPTER_UNREADABLE,
            Place::Environment,
            message,
        ))
    })?;
    if text.starts_with(files::BOM) {
        text.drain(..files::BOM.len());
    }
    Ok(text)
}
