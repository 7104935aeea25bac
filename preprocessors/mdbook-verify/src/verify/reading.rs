//! The text of a book, read once for all editions.

use rayon::prelude::*;

use crate::attrs::Spanned;
use crate::blocks::{self, Block, CrateFile};
use crate::book::Book;
use crate::evidence;
use crate::finding::{Code, Finding, Span};
use crate::links::{self, Page};
use crate::matter::Matter;
use crate::names;
use crate::placeholder::{self, Placeholder};
use crate::plan;
use crate::role::Role;
use crate::rust::{self, Package};
use crate::source::{Document, Sources};

/// The text of a book, read: documents, blocks, and what is wrong with them so far.
#[derive(Debug, Default)]
pub struct Reading {
    /// The files that the text comes from.
    pub sources: Sources,
    /// The chapters with their includes expanded.
    pub documents: Vec<Document>,
    /// The blocks, in reading order.
    pub blocks: Vec<Block>,
    /// The inline code of the text.
    pub code: Vec<Spanned<String>>,
    /// Of it, what looks like the name of a file.
    pub names: Vec<Spanned<String>>,
    /// The placeholders of the text, in reading order.
    pub placeholders: Vec<(Placeholder, Span)>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// What one chapter holds.
struct Contents {
    blocks: Vec<Block>,
    code: Vec<Spanned<String>>,
    placeholders: Vec<(Placeholder, Span)>,
    page: Page,
    findings: Vec<Finding>,
}

impl Reading {
    /// Reads a book.
    #[must_use]
    pub fn new(book: &Book) -> Self {
        let mut reading = Self::expanded(book);
        let packages: Vec<_> = rust::packages(book).collect();
        let documents = reading.documents.par_iter();
        let contents = documents.map(|document| {
            let mut contents = Contents::read(book, document);
            shown_from(&packages, document, &reading.sources, &mut contents.blocks);
            contents
        });
        let mut pages = Vec::new();
        for mut contents in contents.collect::<Vec<_>>() {
            reading.blocks.append(&mut contents.blocks);
            reading.code.append(&mut contents.code);
            reading.placeholders.append(&mut contents.placeholders);
            reading.findings.append(&mut contents.findings);
            pages.push(contents.page);
        }
        let code = reading.code.iter();
        let names = code.filter(|code| names::looks_like_file(&code.value));
        reading.names = names.cloned().collect();
        let of_book = blocks::same_ids(&reading.blocks)
            .into_iter()
            .chain(links::check(book, &pages))
            .chain(plan::unknown_editions(&book.config, &reading.blocks))
            .chain(ceiling(&reading.blocks, book.config.illustrative_max));
        reading.findings.extend(of_book);
        reading.findings.sort_by_key(Finding::span);
        reading
    }

    /// The chapters with their includes, one after the other: each file that they share is read once.
    fn expanded(book: &Book) -> Self {
        let mut reading = Self::default();
        for (number, chapter) in book.chapters.iter().enumerate() {
            let file = book.src.join(&chapter.path);
            let (document, findings) = Document::expand(
                number,
                &file,
                &chapter.content,
                &book.root,
                &mut reading.sources,
            );
            reading.findings.extend(findings);
            reading.documents.push(document);
        }
        reading
    }
}

impl Contents {
    fn read(book: &Book, document: &Document) -> Self {
        let parsed = book.markdown.read(&document.text, document.chapter);
        let path = &book.chapters[document.chapter].path;
        let path = path.to_string_lossy().replace('\\', "/");
        let (blocks, mut findings) = blocks::find(&parsed, &path);
        let (placeholders, mut unknown) = placeholder::find(&parsed);
        findings.append(&mut unknown);
        Self {
            blocks,
            code: names::inline_code(&parsed),
            placeholders,
            page: Page::read(&parsed),
            findings,
        }
    }
}

/// Notes which blocks show Rust from a file of a package.
fn shown_from(packages: &[Package], document: &Document, sources: &Sources, blocks: &mut [Block]) {
    if packages.is_empty() {
        return;
    }
    let may_be_shown =
        |block: &&mut Block| block.role == Role::Plain && evidence::matter(block) == Matter::Rust;
    for block in blocks.iter_mut().filter(may_be_shown) {
        let shown = document.crate_file(&block.content, sources);
        let of_package =
            |shown: &CrateFile| packages.iter().any(|package| package.holds(&shown.file));
        block.crate_file = shown.filter(of_package);
    }
}

/// More illustrative blocks than the book allows itself: the first one too many is at fault.
fn ceiling(blocks: &[Block], allowed: usize) -> Option<Finding> {
    let mut taken_out = blocks
        .iter()
        .filter(|block| matches!(block.role, Role::Illustrative(_)));
    let block = taken_out.nth(allowed)?;
    let count = allowed + 1 + taken_out.count();
    let message = format!("the book allows {allowed} illustrative blocks and has {count}");
    Some(
        Finding::at(Code::ILLUSTRATIVE_CEILING, block.info, message)
            .help("verify the block, or raise illustrative-max in book.toml"),
    )
}
