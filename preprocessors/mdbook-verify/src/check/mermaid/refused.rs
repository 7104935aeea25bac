//! Diagrams that Mermaid refuses and merman lets pass, as far as comparing the two has shown a
//! defect that an author makes: a brace or bracket left out.

use std::ops::Range;

use super::{Objection, kind};

/// What Mermaid objects to.
pub(super) fn by_mermaid_alone(text: &str) -> Option<Objection> {
    match &text[kind(text)] {
        "classDiagram" | "classDiagram-v2" => class_in_class(text),
        "flowchart" | "graph" => title_of_subgraph(text),
        _ => None,
    }
}

/// The lines with their places, without white space around them.
fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        (start..start + line.trim().len(), line.trim())
    })
}

/// A class that begins in the body of another one: that one's brace is missing.
fn class_in_class(text: &str) -> Option<Objection> {
    let mut open: Option<&str> = None;
    for (at, line) in lines(text).filter(|(_, line)| !line.starts_with("%%")) {
        match open {
            Some(name) if line.contains('{') => {
                return Some(Objection {
                    at,
                    message: format!(
                        "Mermaid cannot draw this: the body of {name} is not closed here"
                    ),
                    help: Some("close it with `}` before".into()),
                });
            }
            Some(_) if line.contains('}') => open = None,
            None if line.starts_with("class ") && line.ends_with('{') => {
                open = Some(line.trim_end_matches('{').trim_end());
            }
            _ => {}
        }
    }
    None
}

/// The title of a subgraph in a bracket that is not opened or not closed.
fn title_of_subgraph(text: &str) -> Option<Objection> {
    lines(text).find_map(|(at, line)| {
        let title = line.strip_prefix("subgraph ")?;
        let quoted = title.contains('"');
        let unbalanced = title.matches('[').count() != title.matches(']').count();
        (unbalanced && !quoted).then(|| Objection {
            at,
            message: "Mermaid cannot draw this: the title of this subgraph opens or closes a bracket too few".into(),
            help: Some("write `subgraph ID [TITLE]`".into()),
        })
    })
}
