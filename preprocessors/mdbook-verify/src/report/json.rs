//! The report as JSON, for other programs. `schema` changes when the meaning of a field does.

use serde_json::{Value, json};

use crate::finding::{Finding, Related, Severity};

use super::{BlockState, Report};

/// The report as one JSON value.
#[must_use]
pub fn json(report: &Report) -> Value {
    let editions = report.editions.iter().map(|edition| {
        let bases = edition.bases.iter().map(|base| {
            json!({"name": base.name, "module": base.module, "version": base.version, "source": base.source})
        });
        json!({"name": edition.name, "bases": bases.collect::<Vec<_>>()})
    });
    let proven = report.states.iter().filter(|state| state.proven).count();
    json!({
        "schema": 1,
        "book": report.book,
        "tools": report.tools,
        "editions": editions.collect::<Vec<_>>(),
        "blocks": report.states.iter().map(|state| block(report, state)).collect::<Vec<_>>(),
        "findings": report.findings.iter().map(|one| finding(report, one)).collect::<Vec<_>>(),
        "totals": {
            "blocks": report.blocks.len(),
            "states": report.states.len(),
            "proven": proven,
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
        },
        "run": {"seconds": report.seconds, "cached": report.cached},
    })
}

fn block(report: &Report, state: &BlockState) -> Value {
    let block = &report.blocks[state.block];
    let place = report.located(&crate::finding::Place::Chapter(block.span));
    let place = place.as_ref();
    json!({
        "id": block.id,
        "chapter": report.chapter(block.span.chapter),
        "file": place.map(|place| &place.file),
        "line": place.map(|place| place.line),
        "end_line": place.map(|place| place.end_line),
        "language": block.language.value,
        "role": block.role.name(),
        "edition": state.edition,
        "target": block.role.target().map(|target| &target.value),
        "needs": state.needs,
        "evidence": state.evidence,
        "proven": state.proven,
        "reason": state.reason,
    })
}

fn finding(report: &Report, finding: &Finding) -> Value {
    let place = report.located(&finding.place);
    let place = place.as_ref();
    json!({
        "id": finding.code,
        "severity": finding.severity,
        "file": place.map(|place| &place.file),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "end_line": place.map(|place| place.end_line),
        "end_column": place.map(|place| place.end_column),
        "message": finding.message,
        "help": finding.help,
        "block": report.block_of(finding).map(|block| &block.id),
        "edition": finding.edition,
        "related": finding.related.iter().map(|other| related(report, other)).collect::<Vec<_>>(),
    })
}

fn related(report: &Report, related: &Related) -> Value {
    let place = report.located(&related.place);
    let place = place.as_ref();
    json!({
        "file": place.map(|place| &place.file),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "message": related.message,
    })
}
