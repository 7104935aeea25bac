//! What differs between the editions: the files that not all of them touch alike, and the places of
//! the text where they have blocks of their own.

use std::collections::BTreeMap;

use crate::blocks::Block;
use crate::config::DEFAULT_BASE;
use crate::role::Role;

use super::html::{escape, path};
use super::table::{group, row, table};
use super::{Site, page_of, tabs};

impl Site<'_> {
    /// What differs, in the place of its placeholder in a chapter.
    pub(super) fn differences(&self, chapter: usize) -> String {
        let own = self
            .report
            .blocks
            .iter()
            .filter(|block| block.editions.is_some());
        let same = self.report.blocks.len() - own.count();
        if same == self.report.blocks.len() {
            return match same {
                1 => "<p>The one code block serves all editions.</p>".to_owned(),
                _ => format!("<p>All {same} code blocks serve all editions.</p>"),
            };
        }
        let mut html = format!(
            "<p>{same} of the {} code blocks serve all editions. These do not:</p>",
            self.report.blocks.len()
        );
        html.push_str(&self.places(chapter));
        html + &self.touched()
    }

    /// The places where the text has a block for some editions only.
    fn places(&self, from: usize) -> String {
        let mut chapters = Vec::new();
        for (number, chapter) in self.chapters.iter().enumerate() {
            let blocks = self.blocks(number);
            let groups = tabs::groups(&self.report.documents[number].text, &blocks);
            let grouped = |index: usize| groups.iter().find(|group| group.contains(&index));
            let mut rows = Vec::new();
            for (index, block) in &blocks {
                let place = match grouped(*index) {
                    Some(group) if group[0] == *index => group.clone(),
                    None if block.editions.is_some() => vec![*index],
                    _ => continue,
                };
                rows.push(self.differing(from, &place));
            }
            if !rows.is_empty() {
                chapters.push(group(&escape(&chapter.name), &rows));
            }
        }
        table(&self.heads("what"), &chapters)
    }

    /// What stands at this place, and for each edition the link to what it has of it.
    fn differing(&self, from: usize, place: &[usize]) -> (String, Vec<String>) {
        let here = page_of(&self.chapters[from].path);
        let what = |block: &usize| what(&self.report.blocks[*block]);
        let first = what(&place[0]);
        let are_alike = place.iter().all(|block| what(block) == first);
        let editions = self.report.editions.iter();
        let cell = |edition: &str| {
            let mut blocks = place.iter();
            let served = blocks.find(|block| self.report.blocks[**block].serves(edition));
            served.map_or(NOTHING.to_owned(), |block| {
                let words = if are_alike {
                    // Editions that share a block are known by its number.
                    format!("block&nbsp;{}", block + 1)
                } else {
                    what(block)
                };
                let link = self.link_to_block(&here, *block, edition);
                format!("<a href=\"{link}\">{words}</a>")
            })
        };
        let cells = editions.map(|edition| cell(&edition.name)).collect();
        let head = if are_alike {
            first
        } else {
            "not alike".to_owned()
        };
        (head, cells)
    }

    /// The files that some editions touch in another way than others.
    fn touched(&self) -> String {
        let mut files: BTreeMap<(&str, &str), BTreeMap<&str, &str>> = BTreeMap::new();
        for block in &self.report.blocks {
            let Some(edit) = block.role.edit().filter(|edit| edit.fails.is_none()) else {
                continue;
            };
            let base = block.base.as_ref().map_or(DEFAULT_BASE, |base| &base.value);
            let file = files.entry((base, &edit.file.value)).or_default();
            let how = match &block.role {
                Role::Create(_) => "new",
                _ => "edited",
            };
            let editions = self.report.editions.iter();
            for edition in editions.filter(|edition| block.serves(&edition.name)) {
                file.entry(&edition.name).or_insert(how);
            }
        }
        let mut rows = String::new();
        for ((base, path), how) in &files {
            let editions = self.report.editions.iter();
            let cells: Vec<_> = editions
                .map(|edition| how.get(edition.name.as_str()).copied().unwrap_or(NOTHING))
                .map(str::to_owned)
                .collect();
            if cells.windows(2).all(|pair| pair[0] == pair[1]) {
                continue;
            }
            let of_base = match *base {
                DEFAULT_BASE => String::new(),
                base => format!(" ({})", escape(base)),
            };
            rows.push_str(&row(&format!("{}{of_base}", self::path(path)), &cells));
        }
        if rows.is_empty() {
            return "<p>All editions touch the same files.</p>".to_owned();
        }
        let table = table(&self.heads("file"), &[rows]);
        format!("<p>So not all editions touch the same files:</p>{table}")
    }

    /// The heads of a column with this name, and of one for each edition.
    fn heads(&self, first: &str) -> Vec<String> {
        let editions = self.report.editions.iter();
        let names = editions.map(|edition| escape(&edition.name));
        std::iter::once(first.to_owned()).chain(names).collect()
    }
}

const NOTHING: &str = "–";

/// What a block is, in a word or two.
fn what(block: &Block) -> String {
    let path = block.role.target().map(|target| path(&target.value));
    let path = path.unwrap_or_default();
    match &block.role {
        Role::Create(edit) | Role::Append(edit) | Role::Patch(edit) if edit.fails.is_some() => {
            format!("a mistake in {path}")
        }
        Role::Create(_) => format!("create {path}"),
        Role::Append(_) => format!("append to {path}"),
        Role::Patch(_) => format!("edit {path}"),
        Role::Fragment(_) => format!("quote {path}"),
        Role::Step(_) => "commands".to_owned(),
        Role::Output { .. } => "output".to_owned(),
        Role::Tree => "paths".to_owned(),
        Role::Plain | Role::Illustrative(_) => escape(&block.language.value),
    }
}
