//! One line for each block and edition, for people and for `grep`.

use std::fmt::Write as _;

use crate::evidence::{Evidence, Origin};
use crate::finding::Place;
use crate::recording;

use super::{BlockState, Report};

/// The blocks: id, place, language, role, edition, needs, evidence, and whether it is proven,
/// separated by tabs.
#[must_use]
pub fn list(report: &Report) -> String {
    let mut text = String::new();
    for state in &report.states {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line(report, state));
    }
    text
}

fn line(report: &Report, state: &BlockState) -> String {
    let block = &report.blocks[state.block];
    let place = report.located(&Place::Chapter(block.span));
    let place = place.map(|place| format!("{}:{}", place.file, place.line));
    let needs = state.needs.map_or("nothing", |needs| needs.name());
    let proof = if state.proven {
        "proven"
    } else {
        state.reason.as_deref().unwrap_or("not proven")
    };
    [
        &block.id,
        &place.unwrap_or_default(),
        &block.language.value,
        block.role.name(),
        &state.edition,
        &format!("needs {needs}"),
        &format!("has {}", has(&state.evidence)),
        // A tool's complaint may have several lines.
        proof.lines().next().unwrap_or_default(),
    ]
    .join("\t")
}

fn has(evidence: &[Evidence]) -> String {
    match evidence.last() {
        None => "nothing".to_owned(),
        Some(evidence) => match evidence.source {
            Origin::Live => evidence.kind.name().to_owned(),
            Origin::Recorded => {
                let day = recording::day(&evidence.at);
                format!("{}, recorded on {day}", evidence.kind.name())
            }
        },
    }
}
