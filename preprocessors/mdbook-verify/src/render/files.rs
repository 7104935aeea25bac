//! The pages of the files that the guide touches, as they stand at each step: one for each file and
//! edition whose trees are at hand. They hold upstream's text, so its source and its terms stand on
//! each of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rayon::prelude::*;

use crate::steps::{Licence, Step, Steps};
use crate::workspace::FileKey;

use super::html::{self, escape, inline, listed};
use super::table::{group, table};
use super::union;
use super::{Site, listing, place};

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
        let mut pages: Vec<_> = steps
            .files()
            .into_par_iter()
            .map(|(key, states)| Page {
                path: page_path(folder, &steps.edition, key),
                name: key.path.clone(),
                content: self.file(steps, folder, key, &states),
            })
            .collect();
        pages.extend(self.licences(steps, folder));
        pages
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
                path: licence_path(folder, &steps.edition, base),
                name,
                content,
            })
        };
        steps.licences.iter().filter_map(page).collect()
    }

    fn file(&self, steps: &Steps, folder: &str, key: &FileKey, states: &[&Step]) -> String {
        let path = page_path(folder, &steps.edition, key);
        let mut html = heading(&html::path(&key.path));
        let is_new = states
            .first()
            .is_some_and(|step| listing::origins(&step.file).iter().all(Option::is_some));
        let what = if is_new {
            "The guide creates this file".to_owned()
        } else {
            format!(
                "A file of {}; the guide's lines are marked",
                self.source(&steps.edition, &key.base)
            )
        };
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<p>{what}. Edition <b>{}</b>.",
            escape(&steps.edition)
        );
        if let (Some(licence), false) = (steps.licences.get(&key.base), is_new) {
            let first = licence.text.lines().find(|line| !line.trim().is_empty());
            let target = licence_path(folder, &steps.edition, &under(steps, licence)[0]);
            let _ = write!(
                html,
                " Upstream's terms: <a href=\"{}\">{}</a>.",
                super::href(&path, &target, ""),
                escape(first.unwrap_or(&licence.file).trim())
            );
        }
        html.push_str("</p>");
        let shown = union::shown(states);
        for (number, step) in shown.iter().enumerate() {
            let edition = &steps.edition;
            self.step(&mut html, (edition, &path), number, step, shown.len());
        }
        html.push_str("\n\n");
        html.push_str(&union::listing(&key.path, states, is_new));
        html.push_str("\n\n</div>\n");
        html
    }

    /// A line about a step, with the address at which the listing shows the file then.
    fn step(
        &self,
        html: &mut String,
        (edition, page): (&str, &str),
        number: usize,
        step: &Step,
        count: usize,
    ) {
        let block = &self.report.blocks[step.block];
        let chapter = &self.chapters[block.span.chapter];
        let id = union::anchor(number, count);
        let then = if number + 1 == count {
            "the file at the end"
        } else {
            "the file then"
        };
        let _ = write!(
            html,
            "<p><b>Step {} of {count}</b>, in <a href=\"{}\">{}</a>: {}. <a href=\"#{id}\">Show {then}</a></p>",
            number + 1,
            self.link_to_block(page, step.block, edition),
            escape(&chapter.name),
            place::words(block, &self.report.book).unwrap_or_default(),
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
                let target = page_path(folder, &steps.edition, key);
                rows.entry(key).or_default().push(format!(
                    "<a href=\"{}\">{}</a> ({})",
                    super::href(&here, &target, ""),
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
        let page = page_path(folder, &steps.edition, &step.key);
        let here = super::page_of(&self.chapters[from].path);
        let link = |anchor: &str, words: &str| {
            format!(
                "<a href=\"{}\">{words}</a>",
                super::href(&here, &page, anchor)
            )
        };
        let states = union::shown(states);
        let at = states.iter().rposition(|state| state.block <= step.block);
        let links = match at {
            Some(at) if at + 1 < states.len() => {
                let now = format!("#{}", union::anchor(at, states.len()));
                link(&now, "at this step") + " · " + &link("#end", "at the end")
            }
            Some(_) => link("#end", "at this step, its last"),
            None => link("#end", "at the end"),
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

/// The place of a file's page.
fn page_path(folder: &str, edition: &str, key: &FileKey) -> String {
    format!("{folder}/{edition}/{}/{}.md", key.base, key.path)
}

/// The bases of an edition with this licence, of which the first gives its page the name.
fn under(steps: &Steps, licence: &Licence) -> Vec<String> {
    let alike = steps.licences.iter().filter(|(_, other)| *other == licence);
    alike.map(|(base, _)| base.clone()).collect()
}

/// The place of the page with a base's licence.
fn licence_path(folder: &str, edition: &str, base: &str) -> String {
    format!("{folder}/{edition}/{base}-licence.md")
}
