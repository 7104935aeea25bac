//! Replaces the links of a chapter by what they show.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::complaint::Complaint;
use super::files::{FileId, Sources, lexical};
use super::link::{Include, Kind, Link, links, lookalikes};
use super::missing::Missing;
use super::take::take;
use super::trail::Traced;
use crate::finding::{Code, Finding, Span};

/// How deep includes nest before mdBook drops them.
const MAX_DEPTH: usize = 10;

/// How much text the includes of one chapter may bring, intermediate text counted too. Ten files
/// that each include the next one ten times would otherwise fill any memory.
const MAX_BYTES: usize = 64 << 20;

/// What an include costs, however little text it brings.
const INCLUDE_BYTES: usize = 64;

/// How many includes of a chapter may be refused for want of an end. Files that include others many
/// times over can bring a million of them, and one tells as much as all.
const MAX_ENDLESS: usize = 100;

/// What comes of a chapter.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    /// The text as the reader is to see it.
    pub(super) traced: Traced,
    /// The title that the last `{{#title …}}` sets.
    pub(super) title: Option<String>,
    /// By range.
    pub(super) faulty: Vec<Faulty>,
    pub(super) findings: Vec<Finding>,
}

/// An include that brings something else than it promises.
#[derive(Clone, Debug)]
pub(super) struct Faulty {
    /// The range of the text that it brings, perhaps empty.
    pub(super) brought: Range<usize>,
    /// The file it stands in.
    pub(super) file: FileId,
    /// Where it stands there.
    pub(super) link: Range<usize>,
}

/// Expands a chapter that stands in the folder `base`.
pub(super) fn expand(
    chapter: usize,
    file: FileId,
    content: &Traced,
    base: &Path,
    root: &Path,
    sources: &mut Sources,
) -> Expansion {
    let mut expander = Expander {
        chapter,
        file,
        base,
        root,
        sources,
        result: Expansion::default(),
        open: Vec::new(),
        bytes: 0,
        endless: 0,
    };
    expander.text(content, base);
    let mut result = expander.result;
    result.findings.sort_by_key(Finding::span);
    result
        .faulty
        .sort_by_key(|faulty| (faulty.brought.start, faulty.brought.end));
    result
}

/// A link: the text it is in, its range there, and the folder from which its path starts.
struct Site<'a> {
    text: &'a Traced,
    range: Range<usize>,
    base: &'a Path,
}

struct Expander<'a> {
    chapter: usize,
    file: FileId,
    base: &'a Path,
    root: &'a Path,
    sources: &'a mut Sources,
    result: Expansion,
    open: Vec<Open>,
    bytes: usize,
    /// The includes refused so far since they never end, nest too deep or bring too much.
    endless: usize,
}

/// An include whose text is being expanded. What it brings depends on nothing else, so meeting an
/// equal one within that text means that there is no end. The same file may well be included
/// within itself by other lines or another anchor.
#[derive(PartialEq)]
struct Open {
    target: PathBuf,
    kind: Kind,
    part: String,
    file: FileId,
}

impl Expander<'_> {
    /// Appends `text`, which stands in the folder `base`, with its links expanded.
    fn text(&mut self, text: &Traced, base: &Path) {
        let mut copied = 0;
        for (range, link) in links(&text.text) {
            if self.endless >= MAX_ENDLESS {
                // What is left stays as it is; the chapter is faulty anyway.
                self.result.traced.extend(text, copied..text.text.len());
                return;
            }
            self.plain(text, copied..range.start);
            copied = range.end;
            let site = Site { text, range, base };
            if let Err(complaint) = self.link(&site, &link) {
                self.endless += usize::from(complaint.code() == Code::INCLUDE_LOOP);
                // As in mdBook, a link that fails stays on the page.
                let start = self.end();
                self.result.traced.extend(text, site.range.clone());
                self.complain(&site, start, complaint);
            }
        }
        self.plain(text, copied..text.text.len());
    }

    /// Appends text without links.
    fn plain(&mut self, text: &Traced, range: Range<usize>) {
        let start = self.end();
        let plain = &text.text[range.clone()];
        self.result.traced.extend(text, range);
        for lookalike in lookalikes(plain) {
            let span = Span::new(
                self.chapter,
                start + lookalike.range.start,
                start + lookalike.range.end,
            );
            let finding = lookalike.complaint().about(&plain[lookalike.range], span);
            self.result.findings.push(finding);
        }
    }

    fn link(&mut self, site: &Site<'_>, link: &Link<'_>) -> Result<(), Complaint> {
        match link {
            // mdBook reads a title, and tries a file, before it minds the depth. At the last depth it
            // drops all else, even what an escape should show; nothing is dropped here.
            Link::Title(title) => self.result.title = Some((*title).to_owned()),
            Link::Escaped if self.open.len() < MAX_DEPTH => {
                self.result
                    .traced
                    .extend(site.text, site.range.start + 1..site.range.end);
            }
            Link::Escaped => return Err(self.too_deep()),
            Link::Include(include) => self.include(site, include)?,
        }
        Ok(())
    }

    fn include(&mut self, site: &Site<'_>, include: &Include<'_>) -> Result<(), Complaint> {
        let target = site.base.join(include.path);
        let file = self.sources.read(&target, self.root).map_err(|unread| {
            let folders = [self.base, self.root];
            Missing {
                include,
                base: site.base,
                folders,
            }
            .complaint(&unread, self.root)
        })?;
        let open = Open {
            target: lexical(&target),
            kind: include.kind,
            part: include.part.to_owned(),
            file,
        };
        self.refuse_endless(&open)?;
        let (standing, link) = site
            .text
            .trail
            .region(&site.range)
            .unwrap_or((self.file, 0..0));
        let (brought, complaints) = take(
            include,
            (standing, link.start),
            file,
            self.sources.get(file),
        );
        self.spend(&brought)?;

        let start = self.end();
        self.open.push(open);
        self.text(&brought, target.parent().unwrap_or(site.base));
        self.open.pop();
        if !complaints.is_empty() {
            self.result.faulty.push(Faulty {
                brought: start..self.end(),
                file: standing,
                link,
            });
        }
        for complaint in complaints {
            self.complain(site, start, complaint);
        }
        Ok(())
    }

    /// Refuses an include within itself, or one too deep.
    fn refuse_endless(&self, open: &Open) -> Result<(), Complaint> {
        if let Some(first) = self.open.iter().position(|other| other == open) {
            let files = self.open[first..]
                .iter()
                .chain([open])
                .map(|open| open.file);
            let message = format!("never ends: {}", self.chain(files));
            return Err(Complaint::error(Code::INCLUDE_LOOP, message));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        Ok(())
    }

    fn too_deep(&self) -> Complaint {
        let files = [self.file]
            .into_iter()
            .chain(self.open.iter().map(|open| open.file));
        let message = format!(
            "is more than {MAX_DEPTH} includes deep: {}",
            self.chain(files)
        );
        Complaint::error(Code::INCLUDE_LOOP, message)
            .help("mdBook would drop it; include the innermost files directly")
    }

    fn chain(&self, files: impl Iterator<Item = FileId>) -> String {
        let paths: Vec<String> = files
            .map(|file| self.sources.get(file).path.display().to_string())
            .collect();
        paths.join(" includes ")
    }

    fn spend(&mut self, brought: &Traced) -> Result<(), Complaint> {
        self.bytes += brought.text.len() + INCLUDE_BYTES;
        if self.bytes <= MAX_BYTES {
            return Ok(());
        }
        let message = format!(
            "is too much: the includes of this chapter bring more than {} MiB",
            MAX_BYTES >> 20
        );
        let help = "some file includes others many times over, and they again";
        Err(Complaint::error(Code::INCLUDE_LOOP, message).help(help))
    }

    /// Reports on a link that brought the text from `start` on.
    fn complain(&mut self, site: &Site<'_>, start: usize, complaint: Complaint) {
        let span = Span::new(self.chapter, start, self.end());
        let written = &site.text.text[site.range.clone()];
        self.result.findings.push(complaint.about(written, span));
    }

    fn end(&self) -> usize {
        self.result.traced.text.len()
    }
}
