//! The text of a book, read once for all editions.

use crate::attrs::Spanned;
use crate::blocks::{self, Block, CrateFile};
use crate::book::Book;
use crate::evidence;
use crate::finding::{Code, Finding};
use crate::links;
use crate::matter::Matter;
use crate::names;
use crate::placeholder;
use crate::plan;
use crate::role::Role;
use crate::rust;
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
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// Reads a book.
    #[must_use]
    pub fn new(book: &Book) -> Self {
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
            let name = chapter.path.to_string_lossy().replace('\\', "/");
            let (mut found, findings) = blocks::find(&document.text, number, &name, book.markdown);
            reading
                .code
                .extend(names::inline_code(&document.text, number, book.markdown));
            reading.shown_from_packages(book, &document, &mut found);
            reading.blocks.extend(found);
            reading.findings.extend(findings);
            let (_, unknown) = placeholder::find(&document.text, number, book.markdown);
            reading.findings.extend(unknown);
            reading.documents.push(document);
        }
        let code = reading.code.iter();
        let names = code.filter(|code| names::looks_like_file(&code.value));
        reading.names = names.cloned().collect();
        reading.findings.extend(blocks::same_ids(&reading.blocks));
        reading
            .findings
            .extend(links::check(book, &reading.documents));
        reading
            .findings
            .extend(plan::unknown_editions(&book.config, &reading.blocks));
        reading
            .findings
            .extend(ceiling(&reading.blocks, book.config.illustrative_max));
        reading
    }

    /// Notes which blocks show Rust from a file of a package.
    fn shown_from_packages(&self, book: &Book, document: &Document, blocks: &mut [Block]) {
        let packages: Vec<_> = rust::packages(book).collect();
        if packages.is_empty() {
            return;
        }
        let may_be_shown = |block: &&mut Block| {
            block.role == Role::Plain && evidence::matter(block) == Matter::Rust
        };
        for block in blocks.iter_mut().filter(may_be_shown) {
            let shown = document.crate_file(&block.content, &self.sources);
            let of_package =
                |shown: &CrateFile| packages.iter().any(|package| package.holds(&shown.file));
            block.crate_file = shown.filter(of_package);
        }
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
