//! Chapters: their expansion, their blocks, the words after a fence.

use std::fs;
use std::path::Path;

use crate::attrs;
use crate::blocks::{self, Block};
use crate::finding::{Code, Finding, Span};
use crate::markdown::Markdown;
use crate::source::{Document, Sources};

/// No block is lost, none overlaps another, and each byte of one is where it is said to be.
pub fn blocks(text: &str) {
    let (found, findings) = blocks::find(&Markdown::default().read(text, 0), "ch.md");
    for pair in found.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "blocks overlap");
    }
    for (index, block) in found.iter().enumerate() {
        content(text, block);
        assert_eq!(blocks::holding(&found, &block.span), Some(index));
        assert!(block.span.contains(&block.info), "{:?}", block.info);
        inside(text, &block.language.span);
    }
    for finding in &findings {
        inside(text, &finding.span().expect("it is in the chapter"));
    }
    fences(text, &found, &findings);
}

/// Each byte of a block's content stands in the chapter where the content says.
fn content(text: &str, block: &Block) {
    let content = &block.content;
    for (at, c) in content.text.char_indices() {
        let span = content.span(at, at + c.len_utf8());
        inside(text, &span);
        assert!(
            block.span.contains(&span),
            "byte {at} is outside of its block"
        );
        // A line break may stand for "\r\n", white space for a part of a tab, and the parser does
        // not hand on NUL.
        if !c.is_whitespace() && c != char::REPLACEMENT_CHARACTER {
            assert!(
                text[span.start..].starts_with(c),
                "byte {at} of {:?}",
                content.text
            );
        }
    }
}

/// A second opinion that knows nothing of Markdown: each line that starts with three backticks or
/// tildes is part of a block, or a finding speaks of it.
fn fences(text: &str, found: &[Block], findings: &[Finding]) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t']);
        let start = at + line.len() - bare.len();
        at += line.len();
        if !bare.starts_with("```") && !bare.starts_with("~~~") {
            continue;
        }
        let known = found
            .iter()
            .any(|block| block.span.start <= start && start < block.span.end);
        let said = findings.iter().any(|finding| {
            let span = finding.span().unwrap_or(Span::new(0, 0, 0));
            finding.code == Code::FENCE_LOST && span.start <= start && start < span.end
        });
        assert!(
            known || said,
            "the fence at byte {start} of {text:?} is lost"
        );
    }
}

fn inside(text: &str, span: &Span) {
    assert!(
        text.get(span.start..span.end).is_some(),
        "{span:?} is no part of the text"
    );
}

/// The parts of an info string stand where it is said, and what was read reads the same again.
pub fn attributes(info: &str) {
    const START: usize = 7;
    let (read, findings) = attrs::parse(info, 0, START);
    let at = |span: Span| &info[span.start - START..span.end - START];
    assert_eq!(at(read.language.span), read.language.value);
    let mut again = read.language.value.clone();
    for attribute in &read.attributes {
        assert_eq!(at(attribute.key.span), attribute.key.value);
        again.extend([" ", &attribute.key.value]);
        if let Some(value) = &attribute.value {
            assert_eq!(at(value.span), value.value);
            again.extend(["=\"", &value.value, "\""]);
        }
    }
    for word in &read.passed_on {
        again.extend([" ", word]);
    }
    for finding in &findings {
        let _ = at(finding.span().expect("it is in the info string"));
    }
    // Without a language the first attribute would be read as one; a quote would go on.
    if !read.language.value.is_empty() && !read.language.value.contains('"') {
        let (same, findings) = attrs::parse(&again, 0, 0);
        assert_eq!(findings, [], "{again:?} is read with findings");
        let values = |info: &attrs::Info| -> Vec<(String, Option<String>)> {
            let pair = |a: &attrs::Attribute| {
                (
                    a.key.value.clone(),
                    a.value.as_ref().map(|value| value.value.clone()),
                )
            };
            info.attributes.iter().map(pair).collect()
        };
        assert_eq!(values(&same), values(&read), "{again:?} is read otherwise");
        assert_eq!(same.passed_on, read.passed_on);
    }
}

/// Every byte of an expanded chapter comes from where it is said. The parts of `text`, separated by
/// NUL, are the chapter and the files `1.md`, `2.md` and so on that it may include.
pub fn expansion(folder: &Path, text: &str) {
    let mut parts = text.split('\0');
    let chapter = parts.next().unwrap_or_default();
    for (number, part) in parts.take(9).enumerate() {
        fs::write(folder.join(format!("{}.md", number + 1)), part).expect("a file can be written");
    }
    let mut sources = Sources::default();
    let path = folder.join("chapter.md");
    let (document, findings) = Document::expand(0, &path, chapter, folder, &mut sources);
    for finding in &findings {
        let span = finding.span().expect("it is in the chapter");
        inside(&document.text, &span);
        let (start, end) = document.positions(&(span.start..span.end), &sources);
        assert!((start.line, start.column) <= (end.line, end.column));
    }
    for (at, c) in document.text.char_indices() {
        let (file, offset) = document.origin(at);
        let source = &sources.get(file).text;
        // What no file holds, such as the fence of a playground, comes from the link that made it.
        let made = source[offset..].starts_with("{{") || c == '#' || c == ' ' || c == '\n';
        assert!(
            made || source[offset..].starts_with(c),
            "byte {at} of {:?}",
            document.text
        );
    }
    let _ = document.splice(vec![(0..0, "x".to_owned())], "name");
}
