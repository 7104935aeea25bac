//! The pages of the files that the guide touches, as they stand at each step, for each edition whose
//! trees are at hand. With upstream's text stand its source and its terms.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rayon::prelude::*;

use crate::config::DEFAULT_BASE;
use crate::steps::{Licence, Step, Steps};
use crate::workspace::FileKey;

use super::address::Address;
use super::html::{self, escape, inline, listed};
use super::table::{group, table};
use super::union;
use super::{Site, place};

/// A page that no file of the book's sources holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its place, as that of a chapter: relative to the sources, with forward slashes.
    pub path: String,
    /// Its title.
    pub name: String,
    /// Its text.
    pub content: String,
}

/// A file that the guide touches, with where it is shown and its states.
type File<'s> = (Address, &'s FileKey, Vec<&'s Step>);

/// The pages of an edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionPages {
    /// The edition.
    pub edition: String,
    /// Its pages.
    pub pages: Vec<Page>,
}

impl Site<'_> {
    /// The pages of the files, for the chapter with this number.
    #[must_use]
    pub fn file_pages(&self) -> Option<(usize, Vec<EditionPages>)> {
        let (chapter, folder) = self.files.as_ref()?;
        let editions = self.report.steps.iter().map(|steps| EditionPages {
            edition: steps.edition.clone(),
            pages: self.pages(steps, folder),
        });
        Some((*chapter, editions.collect()))
    }

    fn pages(&self, steps: &Steps, folder: &str) -> Vec<Page> {
        let folder = format!("{folder}/{}", steps.edition);
        let files = steps.files().into_iter();
        let (created, changed): (Vec<_>, Vec<_>) = files
            .map(|(key, states)| (Address::of(&folder, key, &states), key, states))
            .partition(|(address, ..)| address.heading.is_some());
        let mut pages: Vec<_> = self.created(steps, &created).into_iter().collect();
        let changed = changed.par_iter().map(|(address, key, states)| Page {
            path: address.page.clone(),
            name: key.path.clone(),
            content: self.changed(steps, &folder, address, key, states),
        });
        pages.par_extend(changed);
        pages.extend(self.licences(steps, &folder));
        pages
    }

    /// The page of the files that the guide creates, if it creates any.
    fn created(&self, steps: &Steps, files: &[File]) -> Option<Page> {
        let (address, ..) = files.first()?;
        let name = "Created files".to_owned();
        let mut html = heading(&name);
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<p>All files that the guide creates, for the edition <b>{}</b>.</p>",
            escape(&steps.edition)
        );
        for (address, key, states) in files {
            let id = address.heading.as_deref().unwrap_or_default();
            // As mdBook makes it of Markdown, to list it beside the chapters.
            let _ = write!(
                html,
                "<h2 id=\"{}\"><a class=\"header\" href=\"{}\">{}</a></h2>",
                escape(id),
                super::fragment(id),
                html::path(&key.path)
            );
            if key.base != DEFAULT_BASE {
                let _ = write!(html, "<p>A file of {}.</p>", inline(&key.base));
            }
            self.states(&mut html, steps, address, key, states);
        }
        html.push_str("</div>\n");
        Some(Page {
            path: address.page.clone(),
            name,
            content: html,
        })
    }

    /// The pages with upstream's terms: one for bases that have the same.
    fn licences(&self, steps: &Steps, folder: &str) -> Vec<Page> {
        let page = |(base, licence): (&String, &Licence)| {
            let bases = under(steps, licence);
            if bases[0] != *base {
                return None;
            }
            let sources = bases.iter().map(|base| self.source(&steps.edition, base));
            let sources = listed(&sources.collect::<Vec<_>>());
            let name = format!("{} of {}", licence.file, listed(&bases));
            let content = format!(
                "{}<p>From {sources}.</p>\n\n<pre><code class=\"language-plaintext\">{}</code></pre>\n\n</div>\n",
                heading(&escape(&name)),
                html::lines(&licence.text)
            );
            Some(Page {
                path: licence_path(folder, base),
                name,
                content,
            })
        };
        steps.licences.iter().filter_map(page).collect()
    }

    /// A page about a file of upstream's.
    fn changed(
        &self,
        steps: &Steps,
        folder: &str,
        address: &Address,
        key: &FileKey,
        states: &[&Step],
    ) -> String {
        let mut html = heading(&html::path(&key.path));
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<p>A file of {}; the guide's lines are marked. Edition <b>{}</b>.",
            self.source(&steps.edition, &key.base),
            escape(&steps.edition)
        );
        if let Some(licence) = steps.licences.get(&key.base) {
            let first = licence.text.lines().find(|line| !line.trim().is_empty());
            let target = licence_path(folder, &under(steps, licence)[0]);
            let _ = write!(
                html,
                " Upstream's terms: <a href=\"{}\">{}</a>.",
                super::href(&address.page, &target, ""),
                escape(first.unwrap_or(&licence.file).trim())
            );
        }
        html.push_str("</p>");
        self.states(&mut html, steps, address, key, states);
        html.push_str("</div>\n");
        html
    }

    /// A line about each step of a file, and the listing of all its states.
    fn states(
        &self,
        html: &mut String,
        steps: &Steps,
        address: &Address,
        key: &FileKey,
        states: &[&Step],
    ) {
        let shown = union::shown(states);
        for (number, step) in shown.iter().enumerate() {
            self.step(html, &steps.edition, address, (number, shown.len()), step);
        }
        html.push_str("\n\n");
        html.push_str(&union::listing(&key.path, states, address));
        html.push_str("\n\n");
    }

    /// A line about a step, with the address at which the listing shows the file then.
    fn step(
        &self,
        html: &mut String,
        edition: &str,
        address: &Address,
        (number, count): (usize, usize),
        step: &Step,
    ) {
        let block = &self.report.blocks[step.block];
        let chapter = &self.chapters[block.span.chapter];
        let chapter = format!(
            "<a href=\"{}\">{}</a>",
            self.link_to_block(&address.page, step.block, edition),
            escape(&chapter.name)
        );
        if count == 1 && address.heading.is_some() {
            // Writing to a String cannot fail.
            let _ = write!(html, "<p>Created in {chapter}.</p>");
            return;
        }
        let then = if number + 1 == count {
            "the file at the end"
        } else {
            "the file then"
        };
        let _ = write!(
            html,
            "<p><b>Step {} of {count}</b>, in {chapter}: {}. <a href=\"{}\">Show {then}</a></p>",
            number + 1,
            place::words(block, &self.report.book).unwrap_or_default(),
            super::fragment(&address.anchor(number, count)),
        );
    }

    /// Where a base's text comes from.
    fn source(&self, edition: &str, base: &str) -> String {
        let mut editions = self.report.editions.iter();
        let edition = editions.find(|other| other.name == edition);
        let used = edition.and_then(|edition| edition.bases.iter().find(|used| used.name == base));
        used.map_or_else(|| inline(base), |used| escape(&used.describe_short()))
    }

    /// The table of the files, in the place of its placeholder.
    pub(super) fn file_table(&self, chapter: usize) -> String {
        let folder = self.files.as_ref().map_or("", |(_, folder)| folder);
        let here = super::page_of(&self.chapters[chapter].path);
        let mut rows: BTreeMap<&FileKey, Vec<String>> = BTreeMap::new();
        for steps in &self.report.steps {
            for (key, states) in steps.files() {
                let address = Address::of(&format!("{folder}/{}", steps.edition), key, &states);
                let heading = address.heading.as_deref().map(super::fragment);
                rows.entry(key).or_default().push(format!(
                    "<a href=\"{}\">{}</a> ({})",
                    super::href(&here, &address.page, &heading.unwrap_or_default()),
                    escape(&steps.edition),
                    match states.len() {
                        1 => "1 step".to_owned(),
                        count => format!("{count} steps"),
                    }
                ));
            }
        }
        let mut trees: BTreeMap<&str, Vec<Vec<String>>> = BTreeMap::new();
        for (key, pages) in rows {
            let row = vec![html::path(&key.path), pages.join(", ")];
            trees.entry(&key.base).or_default().push(row);
        }
        let trees = trees.iter();
        let trees: Vec<_> = trees
            .map(|(tree, rows)| group(&escape(tree), rows))
            .collect();
        let mut html = String::new();
        if !trees.is_empty() {
            html = table(&["file", "as it stands in"].map(str::to_owned), &trees);
        }
        let absent: Vec<_> = self
            .report
            .editions
            .iter()
            .filter(|edition| {
                !self
                    .report
                    .steps
                    .iter()
                    .any(|steps| steps.edition == edition.name)
            })
            .map(|edition| format!("<b>{}</b>", escape(&edition.name)))
            .collect();
        if !absent.is_empty() {
            let _ = write!(
                html,
                "<p>Upstream's files could not be had where this book was built for {}; it has no pages of them.</p>",
                listed(&absent)
            );
        }
        html
    }

    /// The links from a block to its file, for an edition, if the file has a page.
    pub(super) fn file_links(&self, steps: &Steps, step: &Step, from: usize) -> Option<String> {
        let (_, folder) = self.files.as_ref()?;
        let files = steps.files();
        let states = files.get(&step.key)?;
        let folder = format!("{folder}/{}", steps.edition);
        let address = Address::of(&folder, &step.key, states);
        let here = super::page_of(&self.chapters[from].path);
        let states = union::shown(states);
        let link = |number: usize, words: &str| {
            let anchor = super::fragment(&address.anchor(number, states.len()));
            let href = super::href(&here, &address.page, &anchor);
            format!("<a href=\"{href}\">{words}</a>")
        };
        let end = states.len() - 1;
        let at = states.iter().rposition(|state| state.block <= step.block);
        let links = match at {
            Some(at) if at < end => link(at, "at this step") + " · " + &link(end, "at the end"),
            Some(_) => link(end, "at this step, its last"),
            None => link(end, "at the end"),
        };
        Some(format!(
            "<p>The file in <b>{}</b>: {links}</p>",
            escape(&steps.edition)
        ))
    }
}

/// The start of a page, which a script takes out of the whole book's print.
fn heading(html: &str) -> String {
    format!("<div class=\"verify-page\"><h1>{html}</h1>")
}

/// The bases of an edition with this licence, of which the first gives its page the name.
fn under(steps: &Steps, licence: &Licence) -> Vec<String> {
    let alike = steps.licences.iter().filter(|(_, other)| *other == licence);
    alike.map(|(base, _)| base.clone()).collect()
}

/// The place of the page with a base's licence.
fn licence_path(folder: &str, base: &str) -> String {
    format!("{folder}/{base}-licence.md")
}
