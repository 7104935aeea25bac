//! Mermaid diagrams: parsed by merman, which follows Mermaid's own grammars, and looked through for
//! what Mermaid accepts but no author means.

mod names;
mod refused;

use std::ops::Range;

use merman_core::{
    EditorSemanticSymbol, Error, ParsedEditorFacts, SemanticParseOutcome, SemanticParser,
    SemanticSnapshotCapture,
};

use crate::evidence::{self, Kind};
use crate::finding::{Code, Finding, nearest};
use crate::matter::Matter;
use crate::role::Role;

use super::{Context, Outcome};

pub(super) fn check(context: &Context<'_>, outcome: &mut Outcome) {
    for (index, block) in context.blocks.iter().enumerate() {
        let serves = block.serves(&context.edition.name);
        if !serves || block.role != Role::Plain || evidence::matter(block) != Matter::Mermaid {
            continue;
        }
        let at = |code, objection: Objection| {
            let span = block.content.span(objection.at.start, objection.at.end);
            Finding::at(code, span, objection.message)
                .maybe_help(objection.help)
                .for_edition(&context.edition.name)
        };
        match parse(&block.content.text) {
            Ok(symbols) => {
                outcome.proven(index, Kind::Parsed);
                let doubts = names::doubts(&block.content.text, &symbols);
                outcome
                    .findings
                    .extend(doubts.into_iter().map(|doubt| Finding {
                        severity: crate::finding::Severity::Warning,
                        ..at(Code::MERMAID_NAME, doubt)
                    }));
            }
            Err(objection) => outcome.findings.push(at(Code::MERMAID_SYNTAX, objection)),
        }
    }
}

/// What a diagram is objected to for.
#[derive(Debug, PartialEq, Eq)]
struct Objection {
    /// The bytes of the diagram that are at fault.
    at: Range<usize>,
    message: String,
    help: Option<String>,
}

/// The names in a diagram, or why there is none to see.
fn parse(text: &str) -> Result<Vec<EditorSemanticSymbol>, Objection> {
    let snapshot = match SemanticParser::new().capture_diagram_snapshot_sync(text) {
        SemanticSnapshotCapture::Snapshot(snapshot) => snapshot,
        SemanticSnapshotCapture::Failed { error, .. } => return Err(objection(text, &error)),
        SemanticSnapshotCapture::Panicked { .. } => return Err(unreadable(text)),
    };
    match snapshot.outcome() {
        SemanticParseOutcome::Parsed(_) => {}
        SemanticParseOutcome::Failed(error) => return Err(objection(text, error)),
        SemanticParseOutcome::Panicked(_) => return Err(unreadable(text)),
    }
    if let Some(objection) = refused::by_mermaid_alone(text) {
        return Err(objection);
    }
    Ok(match snapshot.editor_facts() {
        ParsedEditorFacts::Available(facts) => facts.symbols.clone(),
        ParsedEditorFacts::Unavailable => Vec::new(),
    })
}

fn unreadable(text: &str) -> Objection {
    Objection {
        at: first_line(text),
        message: "the parser cannot read this diagram".into(),
        help: None,
    }
}

fn objection(text: &str, error: &Error) -> Objection {
    let Error::DiagramParse { diagnostic, .. } = error else {
        return no_diagram(text, error);
    };
    let at = match diagnostic.span() {
        Some(span) => visible(text, span.start..span.end),
        None => first_line(text),
    };
    Objection {
        at,
        message: format!("Mermaid cannot draw this: {}", plain(diagnostic.message())),
        help: None,
    }
}

/// The first words of diagrams.
const KINDS: &[&str] = &[
    "flowchart",
    "graph",
    "sequenceDiagram",
    "classDiagram",
    "stateDiagram-v2",
    "stateDiagram",
    "erDiagram",
    "gantt",
    "pie",
    "gitGraph",
    "mindmap",
    "timeline",
    "journey",
    "quadrantChart",
    "requirementDiagram",
    "C4Context",
    "C4Container",
    "C4Component",
    "C4Dynamic",
    "C4Deployment",
    "sankey-beta",
    "xychart-beta",
    "block-beta",
    "packet-beta",
    "kanban",
    "architecture-beta",
    "radar-beta",
    "treemap-beta",
];

/// Front matter or a directive that cannot be read, or a first word that names no kind of diagram.
fn no_diagram(text: &str, error: &Error) -> Objection {
    let Error::DetectType(_) = error else {
        return Objection {
            at: first_line(text),
            message: format!("Mermaid cannot draw this: {}", plain(&error.to_string())),
            help: None,
        };
    };
    let at = kind(text);
    let word = &text[at.clone()];
    Objection {
        message: if word.is_empty() {
            "an empty diagram".into()
        } else {
            format!("Mermaid has no diagram of the kind `{word}`")
        },
        help: nearest(word, KINDS.iter().copied()).map(|near| format!("did you mean `{near}`?")),
        at,
    }
}

/// The word that says what the diagram is: the first one behind front matter, directives and
/// comments.
fn kind(text: &str) -> Range<usize> {
    let mut at = 0;
    let mut front_matter = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let trimmed = line.trim();
        if trimmed == "---" && (number == 0 || front_matter) {
            front_matter = !front_matter;
        } else if !front_matter && !trimmed.is_empty() && !trimmed.starts_with("%%") {
            let start = at + line.len() - line.trim_start().len();
            let word = trimmed
                .split(|c: char| c.is_whitespace() || c == ';')
                .next();
            return start..start + word.unwrap_or_default().len();
        }
        at += line.len();
    }
    0..0
}

/// Something to see at a place that the parser names: not the line break before it, and not the end
/// of the text behind the last line, but that line.
fn visible(text: &str, at: Range<usize>) -> Range<usize> {
    let whole = |mut byte: usize| {
        byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    };
    let (start, end) = (whole(at.start), whole(at.end.max(at.start)));
    let shown = &text[start..end];
    let start = end - shown.trim_start().len();
    let end = start + shown.trim().len();
    if start < end {
        return start..end;
    }
    let word = text[start..]
        .find(char::is_whitespace)
        .unwrap_or(text.len() - start);
    if word > 0 {
        return start..start + word;
    }
    line_before(text, start)
}

/// The text of the last line that has some before this byte.
fn line_before(text: &str, byte: usize) -> Range<usize> {
    let before = text[..byte].trim_end();
    let line = before.rfind('\n').map_or(0, |eol| eol + 1);
    let indent = before[line..].len() - before[line..].trim_start().len();
    line + indent..before.len()
}

fn first_line(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    let line = text[start..].lines().next().unwrap_or_default();
    start..start + line.trim_end().len()
}

/// A parser's message on one line, and without a list of all that could stand here. Where something
/// is not closed, `end` of that list is what is missing.
fn plain(message: &str) -> String {
    const FEW: usize = 4;
    let line = message.lines().next().unwrap_or_default();
    match line.split_once("; expected ") {
        Some((what, list)) if list.split(", ").count() > FEW => {
            let unclosed = what.ends_with("end of input") && list.contains("\"end\"");
            let missing = if unclosed { "; expected \"end\"" } else { "" };
            format!("{what}{missing}")
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
