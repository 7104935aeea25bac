//! Code blocks of a chapter: every fenced and every indented one, also in lists and quotes.

use std::collections::BTreeMap;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::attrs::{self, Info, Spanned};
use crate::finding::{Code, Finding, Span};
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
    /// Words that mdBook or rustdoc read.
    pub passed_on: Vec<String>,
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
}

impl Content {
    fn new(chapter: usize, at: usize) -> Self {
        Self {
            chapter,
            end: at,
            ..Self::default()
        }
    }

    fn push(&mut self, text: &str, document: std::ops::Range<usize>) {
        self.pieces.push(Piece {
            content: self.text.len(),
            document: document.start,
        });
        self.text.push_str(text);
        self.end = document.end;
    }

    /// The byte of the chapter at which a byte of the content stands.
    #[must_use]
    pub fn position(&self, byte: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.content <= byte);
        match after.checked_sub(1).map(|index| self.pieces[index]) {
            Some(piece) => (piece.document + byte - piece.content).min(self.end),
            None => self.end,
        }
    }

    /// The span in the chapter of a byte range of the content. It never leaves the line on which
    /// it starts a line break behind.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let from = self.position(start);
        // The last byte's place, not the place after it: that one may stand behind a container's
        // prefix on the next line.
        let to = match end {
            end if end > start => self.position(end - 1) + 1,
            _ => from,
        };
        Span::new(self.chapter, from, to)
    }
}

/// Options of the book that change how Markdown is read.
#[derive(Clone, Copy, Debug)]
pub struct Markdown {
    /// `output.html.definition-lists`.
    pub definition_lists: bool,
    /// `output.html.admonitions`.
    pub admonitions: bool,
}

impl Default for Markdown {
    fn default() -> Self {
        Self {
            definition_lists: true,
            admonitions: true,
        }
    }
}

/// Finds the blocks of a chapter whose file is `path`, with what is wrong about them.
#[must_use]
pub fn find(
    text: &str,
    chapter: usize,
    path: &str,
    markdown: Markdown,
) -> (Vec<Block>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut fences = Vec::new();
    for raw in raw_blocks(text, chapter, markdown) {
        let number = blocks.len() + 1;
        let (block, fence) = read_block(text, raw, &format!("{path}#{number}"), &mut findings);
        blocks.push(block);
        fences.extend(fence);
    }
    lost_fences(text, chapter, &fences, &mut findings);
    (blocks, findings)
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

fn raw_blocks(text: &str, chapter: usize, markdown: Markdown) -> Vec<RawBlock> {
    let mut options = MarkdownOptions::default();
    options.definition_lists = markdown.definition_lists;
    options.admonitions = markdown.admonitions;
    let mut found = Vec::new();
    let mut open: Option<RawBlock> = None;
    for (event, range) in new_cmark_parser(text, &options).into_offset_iter() {
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
                    block.content.push(&piece, range);
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
    /// The first byte of the opening backticks.
    opens: usize,
    /// The first byte of the closing ones, if it is closed.
    closes: Option<usize>,
    mark: u8,
    length: usize,
}

fn read_block(
    text: &str,
    raw: RawBlock,
    number: &str,
    findings: &mut Vec<Finding>,
) -> (Block, Option<Fence>) {
    let chapter = raw.span.chapter;
    let fence = raw.fenced.then(|| read_fence(text, raw.span));
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
            if info.language.value.is_empty() {
                let span = Span::new(chapter, fence.opens, fence.opens + fence.length);
                findings.push(
                    Finding::at(Code::LANGUAGE_MISSING, span, "a fence without a language")
                        .help("name the language after the backticks, for instance `text`"),
                );
            }
            if fence.closes.is_none() {
                let span = Span::new(chapter, fence.opens, fence.opens + fence.length);
                findings.push(
                    Finding::at(Code::FENCE_UNCLOSED, span, "this fence is never closed")
                        .help("close it with the same number of backticks on a line of their own"),
                );
            }
        }
    }
    (assemble(raw, info, info_span, number, findings), fence)
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
        passed_on: info.passed_on,
        content: raw.content,
    }
}

fn read_fence(text: &str, span: Span) -> Fence {
    let bytes = text.as_bytes();
    let opens = skip(bytes, span.start, |b| b == b' ' || b == b'\t');
    let mark = bytes.get(opens).copied().unwrap_or(b'`');
    let length = skip(bytes, opens, |b| b == mark) - opens;
    let closes = closing_fence(&text[..span.end], opens, mark, length);
    Fence {
        span,
        opens,
        closes,
        mark,
        length,
    }
}

/// The closing fence is the last line of the block, if that line is nothing but backticks.
fn closing_fence(text: &str, opens: usize, mark: u8, length: usize) -> Option<usize> {
    let body = text.trim_end_matches(['\n', '\r', ' ', '\t']);
    let start = body.trim_end_matches(char::from(mark)).len();
    let on_its_own_line = text[opens..]
        .find('\n')
        .is_some_and(|eol| start > opens + eol);
    let alone = {
        let line = body[..start].rfind('\n').map_or(0, |eol| eol + 1);
        body[line..start].chars().all(is_container)
    };
    (on_its_own_line && alone && body.len() - start >= length).then_some(start)
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

/// Lines that start with three backticks and are neither end of a fence nor text inside a longer
/// or different one. They are what remains of a block that Markdown did not see.
fn lost_fences(text: &str, chapter: usize, fences: &[Fence], findings: &mut Vec<Finding>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start_matches(is_container).len();
        at += line.len();
        let length = skip(text.as_bytes(), start, |b| b == b'`') - start;
        if length < 3 || is_accounted_for(start, length, fences) {
            continue;
        }
        let span = Span::new(chapter, start, start + length);
        findings.push(
            Finding::at(
                Code::FENCE_LOST,
                span,
                "Markdown does not read these backticks as the start or end of a code block",
            )
            .help("an earlier fence is not closed, or the line stands inside HTML; around a block that shows fences use a longer fence"),
        );
    }
}

fn is_accounted_for(start: usize, length: usize, fences: &[Fence]) -> bool {
    let after = fences.partition_point(|fence| fence.span.start <= start);
    // Containers nest, fences do not: only the last one that starts here or before can hold it.
    let Some(fence) = after.checked_sub(1).map(|index| &fences[index]) else {
        return false;
    };
    let shown_inside = start < fence.span.end && (fence.mark != b'`' || length < fence.length);
    fence.opens == start || fence.closes == Some(start) || shown_inside
}

#[cfg(test)]
mod tests;
