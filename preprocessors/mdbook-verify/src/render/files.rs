//! The pages of the files that the guide touches, as they stand at each step, for each edition whose
//! trees are at hand. With upstream's text stand its source and its terms.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rayon::prelude::*;

use crate::role::Role;
use crate::steps::{Licence, Step, Steps};
use crate::workspace::FileKey;

use super::address::{self, Address};
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

/// A file that the guide touches, with its states.
type File<'s> = (&'s FileKey, Vec<&'s Step>);

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

    /// A page for each tree.
    fn pages(&self, steps: &Steps, folder: &str) -> Vec<Page> {
        let mut trees: BTreeMap<&str, Vec<File>> = BTreeMap::new();
        for file in steps.files() {
            trees.entry(&file.0.base).or_default().push(file);
        }
        // Trees under the same terms have them on the first one's page; what the guide creates is under
        // none.
        let mut terms: Vec<(&Licence, &str)> = Vec::new();
        for (base, files) in &trees {
            let licence = self.licence(steps, base, files);
            let is_new = |licence: &&Licence| !terms.iter().any(|(other, _)| other == licence);
            terms.extend(licence.filter(is_new).map(|licence| (licence, *base)));
        }
        let page = |(base, files): (&&str, &Vec<File>)| Page {
            path: address::page(folder, &steps.edition, base),
            name: format!("Files of {base}"),
            content: self.tree(steps, folder, base, files, &terms),
        };
        trees.iter().map(page).collect()
    }

    /// The page of a tree. `terms` has each licence with the tree on whose page it stands.
    fn tree(
        &self,
        steps: &Steps,
        folder: &str,
        base: &str,
        files: &[File],
        terms: &[(&Licence, &str)],
    ) -> String {
        // Writing to a String cannot fail.
        let mut html = format!(
            // A script takes the element out of the whole book's print.
            "<div class=\"verify-page\"><h1>Files of {}</h1><p>What the guide creates or changes in {}, for the edition <b>{}</b>.",
            inline(base),
            self.source(&steps.edition, base),
            escape(&steps.edition)
        );
        if self.has_upstream(files) {
            html.push_str(" In upstream's files, the guide's lines are marked.");
        }
        let licence = self.licence(steps, base, files);
        let found = licence.and_then(|licence| terms.iter().find(|(other, _)| *other == licence));
        if let Some((licence, home)) = found {
            let first = licence.text.lines().find(|line| !line.trim().is_empty());
            let page = |base| address::page(folder, &steps.edition, base);
            let _ = write!(
                html,
                " Upstream's terms: <a href=\"{}\">{}</a>.",
                super::href(&page(base), &page(home), &super::fragment(TERMS)),
                escape(first.unwrap_or(&licence.file).trim())
            );
        }
        html.push_str("</p>");
        let sections = files.par_iter();
        let sections = sections.map(|(key, states)| self.file(&steps.edition, folder, key, states));
        html.extend(sections.collect::<Vec<_>>());
        for (licence, _) in terms.iter().filter(|(_, home)| *home == base) {
            let under = steps.licences.iter().filter(|(_, other)| other == licence);
            let under: Vec<_> = under
                .map(|(base, _)| self.source(&steps.edition, base))
                .collect();
            let _ = write!(
                html,
                "{}<p>{} of {}.</p>\n\n<pre><code class=\"language-plaintext\">{}</code></pre>\n\n",
                heading(TERMS, "Upstream's terms"),
                inline(&licence.file),
                listed(&under),
                html::lines(&licence.text)
            );
        }
        html.push_str("</div>\n");
        html
    }

    /// A file: a line about each of its steps, and the listing of all its states.
    fn file(&self, edition: &str, folder: &str, key: &FileKey, states: &[&Step]) -> String {
        let address = Address::of(folder, edition, key);
        let mut html = heading(&address.heading, &html::path(&key.path));
        let is_created = self.is_created(states);
        let shown = union::shown(states);
        for (number, step) in shown.iter().enumerate() {
            let chapter = self.chapter_link(edition, &address, step);
            // Writing to a String cannot fail.
            let _ = if shown.len() == 1 && is_created {
                write!(html, "<p>Created in {chapter}.</p>")
            } else {
                let words = place::words(&self.report.blocks[step.block], &self.report.book);
                write!(
                    html,
                    "<p><b>Step {} of {}</b>, in {chapter}: {}. <a href=\"{}\">Show {}</a></p>",
                    number + 1,
                    shown.len(),
                    words.unwrap_or_default(),
                    super::fragment(&address.anchor(number, shown.len())),
                    if number + 1 == shown.len() {
                        "the file at the end"
                    } else {
                        "the file then"
                    }
                )
            };
        }
        let listing = union::listing(&key.path, states, &address, is_created);
        html + "\n\n" + &listing + "\n\n"
    }

    /// The link from a file to the block of a step.
    fn chapter_link(&self, edition: &str, address: &Address, step: &Step) -> String {
        let chapter = self.report.blocks[step.block].span.chapter;
        format!(
            "<a href=\"{}\">{}</a>",
            self.link_to_block(&address.page, step.block, edition),
            escape(&self.chapters[chapter].name)
        )
    }

    /// Whether the guide creates the file that these steps change.
    fn is_created(&self, states: &[&Step]) -> bool {
        let first = states
            .first()
            .map(|step| &self.report.blocks[step.block].role);
        matches!(first, Some(Role::Create(_)))
    }

    /// Whether any of these files is upstream's.
    fn has_upstream(&self, files: &[File]) -> bool {
        files.iter().any(|(_, states)| !self.is_created(states))
    }

    /// The terms of what a tree's page shows of upstream's text.
    fn licence<'s>(&self, steps: &'s Steps, base: &str, files: &[File]) -> Option<&'s Licence> {
        let licence = steps.licences.get(base);
        licence.filter(|_| self.has_upstream(files))
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
                let address = Address::of(folder, &steps.edition, key);
                let heading = super::fragment(&address.heading);
                rows.entry(key).or_default().push(format!(
                    "<a href=\"{}\">{}</a> ({})",
                    super::href(&here, &address.page, &heading),
                    escape(&steps.edition),
                    match states.len() {
                        1 => "1 step".to_owned(),
                        count => format!("{count} steps"),
                    }
                ));
            }
        }
        let mut trees: BTreeMap<&str, Vec<(String, Vec<String>)>> = BTreeMap::new();
        for (key, pages) in rows {
            let row = (html::path(&key.path), vec![pages.join(", ")]);
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
        let address = Address::of(folder, &steps.edition, &step.key);
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

/// The id of the heading of upstream's terms. No path of a file has two slashes.
const TERMS: &str = "//terms";

/// A heading as mdBook makes it of Markdown, to list it beside the chapters.
fn heading(id: &str, html: &str) -> String {
    format!(
        "<h2 id=\"{}\"><a class=\"header\" href=\"{}\">{html}</a></h2>",
        escape(id),
        super::fragment(id)
    )
}
