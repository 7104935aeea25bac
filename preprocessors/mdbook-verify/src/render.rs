//! What the reader sees: attributes removed from the fences, a caption before each block that says
//! what to do with it and how it was proven, diffs in the language of their file, tabs where editions
//! differ. Splices byte ranges; never prints Markdown again.

mod address;
mod badge;
mod diff;
mod editions;
mod excerpt;
mod files;
mod html;
mod lead;
mod place;
mod summary;
mod table;
mod tabs;
mod union;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::blocks::Block;
use crate::book::Chapter;
use crate::matter::Matter;
use crate::placeholder::Placeholder;
use crate::report::{BlockState, Report};

use html::escape;
use lead::Lead;

pub use files::{EditionPages, Page};

/// The pages of a book.
pub struct Site<'a> {
    report: &'a Report,
    chapters: &'a [Chapter],
    /// The states of each block.
    states: BTreeMap<usize, Vec<&'a BlockState>>,
    /// The chapter that sums up how the book was proven.
    summary: Option<usize>,
    /// The chapter that the pages of files belong to, and their folder.
    files: Option<(usize, String)>,
}

impl<'a> Site<'a> {
    /// The pages of these chapters, which the report is about.
    #[must_use]
    pub fn new(report: &'a Report, chapters: &'a [Chapter]) -> Self {
        let mut states: BTreeMap<usize, Vec<&BlockState>> = BTreeMap::new();
        for state in &report.states {
            states.entry(state.block).or_default().push(state);
        }
        let chapter_of = |wanted: Placeholder| {
            let mut all = report.placeholders.iter();
            all.find(|(placeholder, _)| *placeholder == wanted)
                .map(|(_, span)| span.chapter)
        };
        let summary = chapter_of(Placeholder::Summary);
        let files = chapter_of(Placeholder::Files)
            .map(|chapter| (chapter, folder_of(&chapters[chapter].path)));
        Self {
            report,
            chapters,
            states,
            summary,
            files,
        }
    }

    /// The chapter's text for a renderer that tests it: the author's, without attributes.
    #[must_use]
    pub fn bare_chapter(&self, number: usize, name: &str) -> String {
        let blocks = self.blocks(number).into_iter();
        let edits = blocks.map(|(_, block)| (block.info.start..block.info.end, info(block, false)));
        self.report.documents[number].splice(edits.collect(), name)
    }

    /// The chapter's text for readers; `name` is its title in SUMMARY.md.
    #[must_use]
    pub fn chapter(&self, number: usize, name: &str) -> String {
        let document = &self.report.documents[number];
        let text = &document.text;
        let blocks = self.blocks(number);
        let has_blocks = !blocks.is_empty();
        let mut group_of = BTreeMap::new();
        let groups = tabs::groups(text, &blocks);
        for group in &groups {
            group_of.extend(group.iter().map(|block| (*block, group.as_slice())));
        }
        let mut edits = Vec::new();
        for (index, block) in blocks {
            let lead = Lead::of(text, block);
            let panel = group_of
                .get(&index)
                .map(|group| tabs::panel(self.report, group, index));
            let before = panel.as_ref().map_or("", |panel| &panel.before);
            let caption = self.caption(index, block);
            let before = format!("{before}{}", caption.unwrap_or_default());
            if let Some(mut pieces) = diff::pieces(block) {
                pieces.insert(0, before);
                edits.push(lead.instead(block, &pieces));
            } else {
                if !before.is_empty() {
                    edits.push(lead.before(block, &before));
                }
                edits.push((block.info.start..block.info.end, info(block, true)));
            }
            if let Some(panel) = panel {
                edits.push((block.span.end..block.span.end, panel.after));
            }
        }
        for (placeholder, span) in &self.report.placeholders {
            if span.chapter == number {
                edits.push((span.start..span.end, self.filled(*placeholder, number)));
            }
        }
        let mut page = document.splice(edits, name);
        if has_blocks && let Some(link) = self.link_to_summary(number, summary::SOURCES) {
            page.push_str(&summary::sources(&link));
        }
        page.push_str(&tabs::editions(self.report));
        page
    }

    /// What stands in the place of a placeholder.
    fn filled(&self, placeholder: Placeholder, chapter: usize) -> String {
        match placeholder {
            Placeholder::Proven => {
                let here = self.summary == Some(chapter);
                let link = self.link_to_summary(chapter, "").filter(|_| !here);
                summary::sentence(self.report, link.as_deref())
            }
            Placeholder::Summary => summary::tables(self.report),
            Placeholder::Editions => self.differences(chapter),
            Placeholder::Files => self.file_table(chapter),
        }
    }

    /// The link from a chapter to a place of the page that sums up how the book was proven.
    fn link_to_summary(&self, chapter: usize, anchor: &str) -> Option<String> {
        let page = page_of(&self.chapters[self.summary?].path);
        let here = page_of(&self.chapters[chapter].path);
        Some(href(&here, &page, anchor))
    }

    /// The blocks of a chapter, with their indices.
    fn blocks(&self, chapter: usize) -> Vec<(usize, &'a Block)> {
        let blocks = self.report.blocks.iter().enumerate();
        blocks
            .filter(|(_, block)| block.span.chapter == chapter)
            .collect()
    }

    /// The link from a page to a block, which stands behind the tab of its edition unless it serves all.
    fn link_to_block(&self, from: &str, index: usize, edition: &str) -> String {
        let block = &self.report.blocks[index];
        let page = page_of(&self.chapters[block.span.chapter].path);
        let tab = block.editions.as_ref();
        let tab = tab.map_or(String::new(), |_| format!("?edition={edition}"));
        href(from, &page, &format!("{tab}#block-{}", index + 1))
    }

    fn caption(&self, index: usize, block: &Block) -> Option<String> {
        let states = self.states.get(&index).map_or(&[][..], Vec::as_slice);
        let place = self.place(index, block);
        let badge = badge::badge(self.report, states, self.summary.is_some());
        let findings = self.report.findings_in(block);
        if place.is_none() && badge.is_none() && findings.is_empty() {
            return None;
        }
        let mut html = format!("<div class=\"verify-caption\" id=\"block-{}\">", index + 1);
        html.push_str(&badge.unwrap_or_default());
        html.push_str(&place.unwrap_or_default());
        for finding in findings {
            // Writing to a String cannot fail.
            let _ = write!(
                html,
                "<div class=\"verify-finding\"><strong>{}</strong> {}",
                finding.code.id,
                escape(&finding.message)
            );
            if let Some(help) = &finding.help {
                let _ = write!(html, "<br>{}", escape(help));
            }
            html.push_str("</div>");
        }
        html.push_str("</div>");
        Some(html)
    }

    /// What to do with a block, and on demand the lines around it and the way to its file.
    fn place(&self, index: usize, block: &Block) -> Option<String> {
        let words = place::words(block, &self.report.book);
        let label = tabs::label(block);
        if words.is_none() && label.is_none() {
            return None;
        }
        let words = label.unwrap_or_default() + &words.unwrap_or_default();
        let mut more = Vec::new();
        let all = self.report.steps.iter();
        let at_hand: Vec<_> = all
            .filter_map(|steps| Some((steps, steps.of(index)?)))
            .collect();
        for (steps, step) in &at_hand {
            // Editions often have the same lines.
            let excerpts = excerpt::excerpts(step, block);
            more.extend(
                excerpts
                    .into_iter()
                    .filter(|excerpt| !more.contains(excerpt))
                    .collect::<Vec<_>>(),
            );
            more.extend(self.file_links(steps, step, block.span.chapter));
        }
        let stays = block.role.edit().is_some_and(|edit| edit.fails.is_none());
        if stays && at_hand.is_empty() && !self.report.steps.is_empty() {
            more.push(NOT_AT_HAND.to_owned());
        }
        Some(if more.is_empty() {
            format!("<span class=\"verify-place\">{words}</span>")
        } else {
            format!(
                "<details class=\"verify-place\"><summary>{words}</summary>{}</details>",
                more.concat()
            )
        })
    }
}

/// In the place of upstream's lines, where an edition was not examined here.
const NOT_AT_HAND: &str = "<p>Upstream's source was not at hand when this page was built.</p>";

/// What has another meaning in a link's path, or in HTML.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'{')
    .add(b'}');

/// The link from one page to another, both relative to the book's root; `.md` pages become `.html`.
fn href(from: &str, to: &str, anchor: &str) -> String {
    let up = "../".repeat(from.matches('/').count());
    let to = to
        .strip_suffix(".md")
        .map_or(to.to_owned(), |stem| format!("{stem}.html"));
    format!("{up}{}{anchor}", utf8_percent_encode(&to, RESERVED))
}

/// The end of a link that leads to a place on its page.
fn fragment(id: &str) -> String {
    format!("#{}", utf8_percent_encode(id, RESERVED))
}

/// The page of a chapter, as mdBook names it.
fn page_of(chapter: &Path) -> String {
    let path = chapter.to_string_lossy().replace('\\', "/");
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    if !name.eq_ignore_ascii_case("readme.md") {
        return path;
    }
    match folder {
        "" => "index.md".to_owned(),
        folder => format!("{folder}/index.md"),
    }
}

/// The folder of the pages that belong to a chapter: beside it and of its name, or the folder whose
/// index it is.
fn folder_of(chapter: &Path) -> String {
    let page = page_of(chapter);
    let stem = page.strip_suffix(".md").unwrap_or(&page);
    stem.strip_suffix("/index").unwrap_or(stem).to_owned()
}

/// What mdBook and rustdoc may see of the info string. rustdoc silently skips a Rust block that has
/// any `key=value`, and mdBook makes CSS classes of all words. Rust that is compiled as a part of
/// its crate is no program of its own, which neither shall try to make of it.
fn info(block: &Block, for_readers: bool) -> String {
    let mut info = block.language.value.clone();
    let of_crate = block.crate_file.is_some() || block.role.target().is_some();
    let is_rust = Matter::named(&block.language.value) == Matter::Rust;
    let ignored = (of_crate && is_rust).then(|| "ignore".to_owned());
    let by_tabs = for_readers && !is_rust && diff::indented_by_tabs(block.content.text.lines());
    let by_tabs = by_tabs.then(|| "verify-tabs".to_owned());
    for word in block.passed_on.iter().chain(&ignored).chain(&by_tabs) {
        info.push(',');
        info.push_str(word);
    }
    info
}

#[cfg(test)]
mod tests;
