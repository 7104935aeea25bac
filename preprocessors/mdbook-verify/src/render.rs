//! What the reader sees: attributes removed from the fences, a caption before each block that says
//! what to do with it and how it was proven, diffs in the language of their file, tabs where editions
//! differ. Splices byte ranges; never prints Markdown again.

mod badge;
mod diff;
mod html;
mod lead;
mod place;
mod tabs;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::blocks::Block;
use crate::matter::Matter;
use crate::report::{BlockState, Report};

use html::escape;
use lead::Lead;

/// The pages of a book.
pub struct Site<'a> {
    report: &'a Report,
    /// The states of each block.
    states: BTreeMap<usize, Vec<&'a BlockState>>,
}

impl<'a> Site<'a> {
    /// The pages that a report is about.
    #[must_use]
    pub fn new(report: &'a Report) -> Self {
        let mut states: BTreeMap<usize, Vec<&BlockState>> = BTreeMap::new();
        for state in &report.states {
            states.entry(state.block).or_default().push(state);
        }
        Self { report, states }
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
        document.splice(edits, name)
    }

    /// The blocks of a chapter, with their indices.
    fn blocks(&self, chapter: usize) -> Vec<(usize, &'a Block)> {
        let blocks = self.report.blocks.iter().enumerate();
        blocks
            .filter(|(_, block)| block.span.chapter == chapter)
            .collect()
    }

    fn caption(&self, index: usize, block: &Block) -> Option<String> {
        let states = self.states.get(&index).map_or(&[][..], Vec::as_slice);
        let place = place::words(block);
        let badge = badge::badge(self.report, states);
        let findings = self.report.findings_in(block);
        if place.is_none() && badge.is_none() && findings.is_empty() {
            return None;
        }
        let mut html = format!("<div class=\"verify-caption\" id=\"block-{}\">", index + 1);
        html.push_str(&badge.unwrap_or_default());
        let label = tabs::label(block).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<span class=\"verify-place\">{label}{}</span>",
            place.unwrap_or_default()
        );
        for finding in findings {
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
