//! Code blocks of a chapter: every fenced and every indented one, also in lists and quotes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use crate::attrs::{self, Info, Spanned};
use crate::finding::{Code, Finding, Span};
use crate::markdown::Parsed;
use crate::role::{self, Role};

/// A code block of the book.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its name in reports: `id=NAME`, or the chapter and its number there.
    pub id: String,
    /// The whole block, fences included.
    pub span: Span,
    /// The text after the opening backticks; empty for an indented block.
    pub info: Span,
    /// The language, first word of the info string.
    pub language: Spanned<String>,
    /// What the block is in the procedure.
    pub role: Role,
    /// The editions it serves; none means all.
    pub editions: Option<Vec<Spanned<String>>>,
    /// The base that its paths belong to; none means the edition's default.
    pub base: Option<Spanned<String>>,
    /// The schema or message that its data claims to be.
    pub claims: Option<Spanned<String>>,
    /// The error that its data must cause, where it belongs to no file; [`Edit`](role::Edit) has that
    /// of the others.
    pub fails: Option<Spanned<String>>,
    /// Words that mdBook or rustdoc read.
    pub passed_on: Vec<String>,
    /// The file of a Rust package that all of its text is included from; it is proven with that package,
    /// and needs no base.
    pub crate_file: Option<CrateFile>,
    /// What stands in it.
    pub content: Content,
}

impl Block {
    /// Whether the block serves an edition.
    #[must_use]
    pub fn serves(&self, edition: &str) -> bool {
        self.editions
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name.value == edition))
    }
}

/// The text of a block with the way back to the chapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The text as a reader copies it: container prefixes and carriage returns removed.
    pub text: String,
    pieces: Vec<Piece>,
    chapter: usize,
    end: usize,
}

/// A run of content bytes that stand together in the chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    content: usize,
    document: usize,
    /// Its bytes in the chapter; none for what the parser made up.
    length: usize,
}

impl Content {
    pub(crate) fn new(chapter: usize, at: usize) -> Self {
        Self {
            chapter,
            end: at,
            ..Self::default()
        }
    }

    pub(crate) fn push(&mut self, text: &str, document: std::ops::Range<usize>) {
        // For a tab that is only in part indentation the parser makes up spaces, which stand
        // nowhere in the chapter.
        let made_up = text.len() != document.len();
        self.pieces.push(Piece {
            content: self.text.len(),
            document: document.start,
            length: if made_up { 0 } else { document.len() },
        });
        self.text.push_str(text);
        self.end = document.end;
    }

    /// The byte of the chapter at which a byte of the content stands.
    #[must_use]
    pub fn position(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        self.place(byte, 0)
    }

    /// The byte of the chapter that is `more` bytes behind a byte of the content, within its piece.
    fn place(&self, byte: usize, more: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.content <= byte);
        match after.checked_sub(1).map(|index| self.pieces[index]) {
            Some(piece) => piece.document + (byte - piece.content + more).min(piece.length),
            None => self.end,
        }
    }

    /// The span in the chapter of a byte range of the content. It never leaves the line on which
    /// it starts a line break behind.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let from = self.position(start);
        let mut end = end.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        // Behind the last byte, not at the byte after it: that one may stand behind a container's
        // prefix on the next line.
        let to = match end {
            end if end > start => self.place(end - 1, 1),
            _ => from,
        };
        Span::new(self.chapter, from, to)
    }
}

/// The file that all of a block's text is included from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateFile {
    /// The file, absolute and without links.
    pub file: PathBuf,
    /// For each byte of the content its byte in the file; none for a line break of the chapter.
    pub offsets: Vec<Option<usize>>,
}

impl CrateFile {
    /// The byte range of the content that shows the start of a byte range of the file.
    #[must_use]
    pub fn content(&self, bytes: &Range<usize>) -> Option<(usize, usize)> {
        let start = self
            .offsets
            .iter()
            .position(|at| *at == Some(bytes.start))?;
        let shown = self.offsets[start..].iter().zip(bytes.clone());
        let length = shown.take_while(|(at, byte)| **at == Some(*byte)).count();
        Some((start, start + length))
    }
}

/// Finds the blocks of a chapter whose file is `path`, with what is wrong about them.
#[must_use]
pub fn find(parsed: &Parsed<'_>, path: &str) -> (Vec<Block>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut fences = Vec::new();
    for raw in raw_blocks(parsed) {
        let number = blocks.len() + 1;
        let (block, fence) =
            read_block(parsed.text, raw, &format!("{path}#{number}"), &mut findings);
        blocks.push(block);
        fences.extend(fence);
    }
    lost_fences(parsed, &fences, &mut findings);
    (blocks, findings)
}

/// The index of the block that holds a span. Blocks come in reading order and do not overlap, so it
/// is looked up: a book may have as many findings as blocks.
#[must_use]
pub fn holding(blocks: &[Block], span: &Span) -> Option<usize> {
    let starts = |block: &Block| (block.span.chapter, block.span.start);
    let after = blocks.partition_point(|block| starts(block) <= (span.chapter, span.start));
    let index = after.checked_sub(1)?;
    blocks[index].span.contains(span).then_some(index)
}

/// Two blocks with one id: the second one is at fault.
#[must_use]
pub fn same_ids(blocks: &[Block]) -> Vec<Finding> {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut findings = Vec::new();
    for block in blocks {
        if let Some(first) = seen.get(block.id.as_str()) {
            let message = format!("the id `{}` is taken", block.id);
            findings.push(
                Finding::at(Code::ID_TAKEN, block.info, message)
                    .related(crate::finding::Place::Chapter(*first), "by this block"),
            );
        } else {
            seen.insert(&block.id, block.info);
        }
    }
    findings
}

/// A block as the Markdown parser gives it.
struct RawBlock {
    fenced: bool,
    span: Span,
    content: Content,
}

fn raw_blocks(parsed: &Parsed<'_>) -> Vec<RawBlock> {
    let chapter = parsed.chapter;
    let mut found = Vec::new();
    let mut open: Option<RawBlock> = None;
    for (event, range) in &parsed.events {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                open = Some(RawBlock {
                    fenced: matches!(kind, CodeBlockKind::Fenced(_)),
                    span: Span::new(chapter, range.start, range.end),
                    content: Content::new(chapter, range.end),
                });
            }
            Event::Text(piece) => {
                if let Some(block) = &mut open {
                    block.content.push(piece, range.clone());
                }
            }
            Event::End(TagEnd::CodeBlock) => found.extend(open.take()),
            _ => {}
        }
    }
    found
}

/// Where a fence stands.
struct Fence {
    span: Span,
    /// The first byte of the opening backticks or tildes.
    opens: usize,
    mark: u8,
    length: usize,
    closed: bool,
}

impl Fence {
    /// The opening backticks or tildes.
    fn opening(&self) -> Span {
        Span::new(self.span.chapter, self.opens, self.opens + self.length)
    }
}

fn read_block(
    text: &str,
    raw: RawBlock,
    number: &str,
    findings: &mut Vec<Finding>,
) -> (Block, Option<Fence>) {
    let chapter = raw.span.chapter;
    let fence = raw.fenced.then(|| read_fence(text, &raw));
    let (info_text, info_span) = match &fence {
        Some(fence) => info_of(text, fence),
        None => ("", Span::new(chapter, raw.span.start, raw.span.start)),
    };
    let (info, mut wrong) = attrs::parse(info_text, chapter, info_span.start);
    findings.append(&mut wrong);
    match &fence {
        None => findings.push(
            Finding::at(
                Code::BLOCK_INDENTED,
                raw.span,
                "an indented code block has no language, so nothing can be checked about it",
            )
            .help("use a fence with a language, or remove the indentation"),
        ),
        Some(fence) => {
            let named = !info.language.value.is_empty();
            findings.extend(incomplete(fence, named));
            findings.extend(swallowed(fence, &raw.content));
        }
    }
    (assemble(raw, info, info_span, number, findings), fence)
}

/// What a fence lacks.
fn incomplete(fence: &Fence, named: bool) -> Vec<Finding> {
    let marks = marks(fence.mark);
    let mut findings = Vec::new();
    if !named {
        findings.push(
            Finding::at(
                Code::LANGUAGE_MISSING,
                fence.opening(),
                "a fence without a language",
            )
            .help(format!(
                "name the language after the {marks}, for instance `text`"
            )),
        );
    }
    if !fence.closed {
        findings.push(
            Finding::at(
                Code::FENCE_UNCLOSED,
                fence.opening(),
                "this fence is never closed",
            )
            .help(format!(
                "close it with the same number of {marks} on a line of their own"
            )),
        );
    }
    findings
}

fn assemble(
    raw: RawBlock,
    info: Info,
    info_span: Span,
    number: &str,
    findings: &mut Vec<Finding>,
) -> Block {
    let parts = role::read(&info, info_span, findings);
    Block {
        id: parts.id.map_or_else(|| number.to_owned(), |id| id.value),
        span: raw.span,
        info: info_span,
        language: info.language,
        role: parts.role,
        editions: parts.editions,
        base: parts.base,
        claims: parts.claims,
        fails: parts.fails,
        passed_on: info.passed_on,
        crate_file: None,
        content: raw.content,
    }
}

fn read_fence(text: &str, raw: &RawBlock) -> Fence {
    let bytes = text.as_bytes();
    let opens = skip(bytes, raw.span.start, |b| b == b' ' || b == b'\t');
    let mark = bytes.get(opens).copied().unwrap_or(b'`');
    let length = skip(bytes, opens, |b| b == mark) - opens;
    Fence {
        span: raw.span,
        opens,
        mark,
        length,
        closed: is_closed(text, raw, opens),
    }
}

/// The parser counts the closing fence to the block but not to its text: whatever the block has
/// behind its text is that fence.
fn is_closed(text: &str, raw: &RawBlock, opens: usize) -> bool {
    let block = &text[..raw.span.end];
    let content_ends = if raw.content.text.is_empty() {
        let line = block[opens..].find('\n');
        line.map_or(block.len(), |eol| opens + eol + 1)
    } else {
        raw.content.end
    };
    !block[content_ends..].trim().is_empty()
}

fn marks(mark: u8) -> &'static str {
    match mark {
        b'~' => "tildes",
        _ => "backticks",
    }
}

/// Characters that may stand before a fence on its line: quotes, list markers, white space.
fn is_container(c: char) -> bool {
    matches!(c, ' ' | '\t' | '>' | '-' | '*' | '+' | '.' | ')' | ':') || c.is_ascii_digit()
}

fn info_of<'a>(text: &'a str, fence: &Fence) -> (&'a str, Span) {
    let start = fence.opens + fence.length;
    let line = &text[start..fence.span.end];
    let line = line.split(['\n', '\r']).next().unwrap_or("");
    let trimmed = line.trim_start();
    let at = start + line.len() - trimmed.len();
    let trimmed = trimmed.trim_end();
    (
        trimmed,
        Span::new(fence.span.chapter, at, at + trimmed.len()),
    )
}

fn skip(bytes: &[u8], from: usize, matches: impl Fn(u8) -> bool) -> usize {
    let run = bytes[from.min(bytes.len())..].iter();
    from + run.take_while(|b| matches(**b)).count()
}

/// Lines of a fence's text that would close it but for the words or white space behind, such as
/// the start of the next fence. Any other line is text that the block shows.
fn swallowed(fence: &Fence, content: &Content) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut at = 0;
    for line in content.text.split_inclusive('\n') {
        let bytes = line.as_bytes();
        // With four spaces it could not be a fence.
        let indent = skip(bytes, 0, |b| b == b' ');
        let length = skip(bytes, indent, |b| b == fence.mark) - indent;
        if indent < 4 && length >= fence.length {
            let start = at + indent;
            findings.push(lost(content.span(start, start + length), fence.mark));
        }
        at += line.len();
    }
    findings
}

/// Lines outside the fences that start like a fence. They are what remains of a block that
/// Markdown did not see.
fn lost_fences(parsed: &Parsed<'_>, fences: &[Fence], findings: &mut Vec<Finding>) {
    let (text, chapter) = (parsed.text, parsed.chapter);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start_matches(is_container).len();
        at += line.len();
        for mark in *b"`~" {
            let length = skip(text.as_bytes(), start, |b| b == mark) - start;
            if length >= 3 && !is_in_fence(start, fences) {
                findings.push(lost(Span::new(chapter, start, start + length), mark));
            }
        }
    }
}

fn lost(span: Span, mark: u8) -> Finding {
    let message = format!(
        "Markdown does not read these {} as the start or end of a code block",
        marks(mark)
    );
    Finding::at(Code::FENCE_LOST, span, message)
        .help("an earlier fence is not closed, or the line stands inside HTML; around a block that shows fences use a longer fence")
}

fn is_in_fence(byte: usize, fences: &[Fence]) -> bool {
    let after = fences.partition_point(|fence| fence.span.start <= byte);
    // Containers nest, fences do not: only the last one that starts here or before can hold it.
    let fence = after.checked_sub(1).map(|index| &fences[index]);
    fence.is_some_and(|fence| byte < fence.span.end)
}

#[cfg(test)]
mod tests;
