//! mdBook's side: its protocol, its configuration, its book. The only file that names its types.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use mdbook_preprocessor::book::{Book as MdBook, BookItem, Chapter as MdChapter, SectionNumber};
use mdbook_preprocessor::config::Config as MdConfig;
use mdbook_preprocessor::{PreprocessorContext, parse_input};
use mdbook_summary::{Summary, SummaryItem, parse_summary};
use rayon::prelude::*;

use crate::book::{Book, Chapter};
use crate::config::{Config, rules};
use crate::markdown::Markdown;
use crate::render::{EditionPages, Site};
use crate::report::Report;
use crate::source::read_chapter;

/// The key of the settings in book.toml.
const KEY: &str = "preprocessor.verify";

/// A book as mdBook hands it over.
pub struct Request {
    /// The book.
    pub book: Book,
    /// The renderer that asks.
    pub renderer: String,
    original: MdBook,
}

impl Request {
    /// Reads mdBook's request.
    ///
    /// # Errors
    /// When it is not one, or the settings cannot be used.
    pub fn read(input: impl Read) -> anyhow::Result<Self> {
        let (context, original) = parse_input(input).context("standard input holds no request of mdBook's; to verify a book by hand, run `mdbook-verify check`")?;
        let PreprocessorContext {
            root,
            config,
            renderer,
            ..
        } = context;
        let root = fs::canonicalize(&root)
            .with_context(|| format!("{} cannot be read", root.display()))?;
        let chapters = original.iter().filter_map(chapter).collect();
        Ok(Self {
            book: book(root, &config, chapters)?,
            renderer,
            original,
        })
    }

    /// The book to pass on. The chapters of `report` are those of this request, in its order.
    #[must_use]
    pub fn answer(mut self, report: &Report) -> MdBook {
        let site = Site::new(report, &self.book.chapters);
        let for_readers = self.renderer != "test";
        // The same chapters in the same order as in `read`: parents first, drafts left out.
        let chapters = self.book.chapters.par_iter().enumerate();
        let texts = chapters.map(|(number, chapter)| {
            if for_readers {
                site.chapter(number, &chapter.name)
            } else {
                site.bare_chapter(number, &chapter.name)
            }
        });
        let (texts, pages) = rayon::join(
            || texts.collect::<Vec<_>>(),
            || for_readers.then(|| site.file_pages()).flatten(),
        );
        replace(&mut self.original.items, &mut texts.into_iter());
        if let Some((number, editions)) = pages {
            let path = &self.book.chapters[number].path;
            self.original
                .for_each_mut(|item| add_pages(item, path, &editions));
        }
        self.original
    }
}

fn replace(items: &mut [BookItem], texts: &mut impl Iterator<Item = String>) {
    for item in items {
        if let BookItem::Chapter(chapter) = item {
            if chapter.source_path.is_some()
                && let Some(text) = texts.next()
            {
                chapter.content = text;
            }
            replace(&mut chapter.sub_items, texts);
        }
    }
}

/// Adds pages to the chapter with this file, below a heading for each edition.
fn add_pages(item: &mut BookItem, path: &Path, editions: &[EditionPages]) {
    let BookItem::Chapter(parent) = item else {
        return;
    };
    if parent.source_path.as_deref() != Some(path) {
        return;
    }
    let mut parents = parent.parent_names.clone();
    parents.push(parent.name.clone());
    // Pages without a number would stand beside their parents in the list of chapters.
    let numbered = |parent: &Option<SectionNumber>, index: usize| {
        let number = u32::try_from(index + 1).ok()?;
        let parent = parent.as_ref()?.iter().copied();
        Some(parent.chain([number]).collect::<SectionNumber>())
    };
    for (index, edition) in editions.iter().enumerate() {
        let mut heading = MdChapter::new_draft(&edition.edition, parents.clone());
        heading.number = numbered(&parent.number, index);
        let mut parents = parents.clone();
        parents.push(edition.edition.clone());
        heading.sub_items = edition
            .pages
            .iter()
            .enumerate()
            .map(|(index, page)| {
                let content = page.content.clone();
                let mut chapter = MdChapter::new(&page.name, content, &page.path, parents.clone());
                chapter.number = numbered(&heading.number, index);
                chapter.into()
            })
            .collect();
        parent.sub_items.push(heading.into());
    }
}

fn chapter(item: &BookItem) -> Option<Chapter> {
    let BookItem::Chapter(chapter) = item else {
        return None;
    };
    Some(Chapter {
        path: chapter.source_path.clone()?,
        name: chapter.name.clone(),
        content: chapter.content.clone(),
    })
}

/// Loads a book from its folder, as mdBook would.
///
/// # Errors
/// When a file of it cannot be read or its settings cannot be used.
pub fn load(root: &Path) -> anyhow::Result<Book> {
    let root =
        fs::canonicalize(root).with_context(|| format!("{} cannot be read", root.display()))?;
    let file = root.join("book.toml");
    if !file.is_file() {
        bail!(
            "{} has no book.toml; give the folder of the book: mdbook-verify check BOOK",
            root.display()
        );
    }
    let mut config = MdConfig::from_disk(&file)?;
    config.update_from_env()?;
    let src = root.join(&config.book.src);
    let summary = src.join("SUMMARY.md");
    let text = fs::read_to_string(&summary)
        .with_context(|| format!("{} cannot be read", summary.display()))?;
    let summary = parse_summary(&text).context("SUMMARY.md cannot be read")?;
    let mut chapters = Vec::new();
    for (name, path) in links(&summary) {
        let file = src.join(&path);
        let content = read_chapter(&file, &root).map_err(|finding| anyhow!(finding.message))?;
        chapters.push(Chapter {
            path,
            name,
            content,
        });
    }
    book(root, &config, chapters)
}

fn links(summary: &Summary) -> Vec<(String, PathBuf)> {
    fn walk(items: &[SummaryItem], found: &mut Vec<(String, PathBuf)>) {
        for item in items {
            if let SummaryItem::Link(link) = item {
                found.extend(link.location.clone().map(|path| (link.name.clone(), path)));
                walk(&link.nested_items, found);
            }
        }
    }
    let mut found = Vec::new();
    for part in [
        &summary.prefix_chapters,
        &summary.numbered_chapters,
        &summary.suffix_chapters,
    ] {
        walk(part, &mut found);
    }
    found
}

fn book(root: PathBuf, config: &MdConfig, chapters: Vec<Chapter>) -> anyhow::Result<Book> {
    let settings: Config = config
        .get(KEY)
        .with_context(|| format!("[{KEY}] in book.toml cannot be used"))?
        .with_context(|| format!("book.toml has no [{KEY}]"))?;
    if let Err(errors) = settings.validate() {
        bail!("[{KEY}] in book.toml cannot be used: {}", errors.join("; "));
    }
    let table: toml::Table = config.get(KEY)?.unwrap_or_default();
    let src = root.join(&config.book.src);
    let mut book = Book {
        rules: rules::digests(&table, &root),
        root,
        src,
        config: settings,
        markdown: markdown(config),
        rust_edition: rust_edition(config),
        chapters,
    };
    let edition = book.rust_edition.clone();
    let edition = edition.map(|edition| ("edition of Rust".to_owned(), edition));
    book.rules.extend(edition);
    Ok(book)
}

/// The edition as rustc's `--edition` takes it, which is how mdBook writes it in its settings.
fn rust_edition(config: &MdConfig) -> Option<String> {
    config.get("rust.edition").ok().flatten()
}

/// The `html` renderer's options count for every renderer: they say how the author's text is meant.
fn markdown(config: &MdConfig) -> Markdown {
    let html = config.html_config().unwrap_or_default();
    Markdown {
        definition_lists: html.definition_lists,
        admonitions: html.admonitions,
        smart_punctuation: html.smart_punctuation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = "[[preprocessor.verify.edition]]\nname = \"e\"\n[preprocessor.verify.edition.base.server]\ngit = \"u\"\ncommit = \"0123456789012345678901234567890123456789\"\n";

    fn blocks(options: &str, chapter: &str) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        write("book.toml", &format!("[book]\n{options}{SETTINGS}"));
        write("src/SUMMARY.md", "[a](a.md)\n");
        write("src/a.md", chapter);
        let book = load(folder.path()).unwrap();
        crate::verify::Reading::new(&book).blocks.len()
    }

    #[test]
    fn markdown_is_read_with_the_books_options() {
        // In a definition five columns are indentation, without definitions they are code.
        let definition = "term\n\n:   text\n\n    more\n";
        assert_eq!(blocks("", definition), 0);
        let off = "[output.html]\ndefinition-lists = false\n";
        assert_eq!(blocks(off, definition), 1);
        let off = "[output.html]\nadmonitions = false\n";
        let book = |text| markdown(&std::str::FromStr::from_str(text).unwrap());
        assert!(!book(off).admonitions && book(off).definition_lists);
        assert!(book("").admonitions && book("").definition_lists);
    }
}
