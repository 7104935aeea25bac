//! The badge beside a block: how it was proven, and on demand against what and when. Never more than
//! the evidence of this build says: what was recorded elsewhere is called so.

use std::fmt::Write as _;

use crate::config::DEFAULT_BASE;
use crate::evidence::{Evidence, Kind, Origin};
use crate::report::{BlockState, Report};
use crate::verdict::BaseUsed;

use super::html::{escape, listed};

/// The badge of a block with these states, if it serves any edition.
pub(super) fn badge(report: &Report, states: &[&BlockState]) -> Option<String> {
    let first = states.first()?;
    if states.iter().all(|state| state.needs.is_none()) {
        let reason = escape(first.reason.as_deref().unwrap_or("illustrative"));
        return Some(format!(
            "<span class=\"verify-badge verify-illustrative\">{reason}</span>"
        ));
    }
    let unproven: Vec<_> = states.iter().filter(|state| !state.proven).collect();
    // What is missing is not hidden behind a click.
    let (class, open) = match unproven.len() {
        0 => ("verify-badge", ""),
        _ => ("verify-badge verify-unproven", " open"),
    };
    let mut html = format!(
        "<details class=\"{class}\"{open}><summary>{}</summary><ul>",
        summary(states)
    );
    for state in states {
        let edition = escape(&state.edition);
        // Writing to a String cannot fail.
        let _ = write!(html, "<li><b>{edition}</b> {}</li>", details(report, state));
    }
    html.push_str("</ul>");
    let mut kinds: Vec<_> = states.iter().filter_map(|state| proof(state)).collect();
    kinds.sort_unstable_by_key(|proof| proof.kind);
    kinds.dedup_by_key(|proof| proof.kind);
    for proof in kinds {
        let _ = write!(html, "<p>{}.</p>", meaning(proof.kind));
    }
    html.push_str("</details>");
    Some(html)
}

/// A state's evidence, if it is as strong as it must be.
pub(super) fn proof(state: &BlockState) -> Option<&Evidence> {
    state.evidence.last().filter(|_| state.proven)
}

/// The badge in a few words: kinds of evidence, whether obtained here, what is missing.
fn summary(states: &[&BlockState]) -> String {
    let proofs: Vec<_> = states.iter().filter_map(|state| proof(state)).collect();
    let mut kinds: Vec<_> = proofs.iter().map(|proof| proof.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let missing: Vec<_> = states
        .iter()
        .filter(|state| !state.proven)
        .map(|state| escape(&state.edition))
        .collect();
    let not = match (kinds.is_empty(), missing.is_empty()) {
        (_, true) => String::new(),
        (true, false) => "not proven".to_owned(),
        (false, false) => format!("; not proven for {}", listed(&missing)),
    };
    if kinds.is_empty() {
        return not;
    }
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.name().to_owned()).collect();
    let is = |origin| proofs.iter().any(|proof| proof.source == origin);
    let how = match (is(Origin::Live), is(Origin::Recorded)) {
        (true, true) => "live and recorded",
        (true, false) => "live",
        _ => "recorded",
    };
    format!("✓ {}, {how}{not}", listed(&kinds))
}

/// What a state has, against what, and when; or why it is not proven.
fn details(report: &Report, state: &BlockState) -> String {
    let Some(proof) = proof(state) else {
        let reason = state.reason.as_deref();
        let reason = reason.unwrap_or("no evidence was obtained");
        return format!("not proven: {}", escape(reason));
    };
    let how = match proof.source {
        Origin::Live => "here",
        Origin::Recorded => "elsewhere, and recorded; nothing it speaks of has changed since",
    };
    format!(
        "{} against {}. Done <time>{}</time> {how}.",
        proof.kind.name(),
        against(report, state, proof),
        escape(&proof.at)
    )
}

/// The bases of a state's edition.
fn against(report: &Report, state: &BlockState, proof: &Evidence) -> String {
    let edition = report
        .editions
        .iter()
        .find(|edition| edition.name == state.edition);
    let bases = edition.map_or(&[][..], |edition| &edition.bases);
    if bases.is_empty() {
        return escape(&proof.against);
    }
    let mut bases: Vec<_> = bases.iter().collect();
    bases.sort_by_key(|base| base.name != DEFAULT_BASE);
    let bases = bases.iter().map(|base| escape(&base.describe_short()));
    listed(&bases.collect::<Vec<_>>())
}

/// What evidence of a kind says.
pub(super) fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Parsed => "Parsed: a parser accepts it",
        Kind::Checked => "Checked: what it names is there, and of the right type",
        Kind::Compiled => "Compiled: the real toolchain builds it with the real source",
        Kind::Ran => "Ran: it was run",
        Kind::Matched => "Matched: it is what was printed",
    }
}

impl BaseUsed {
    /// The base for a line of text.
    pub(super) fn describe_short(&self) -> String {
        self.describe().replace(&self.version, self.short())
    }
}
