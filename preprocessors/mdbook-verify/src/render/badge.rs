//! The badge beside a block: how it was proven, and on demand against what and when. Never more than
//! the evidence of this build says: what was recorded elsewhere is called so.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::config::DEFAULT_BASE;
use crate::evidence::{Evidence, Kind, Origin};
use crate::recording::day;
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
    let (class, open) = match states.iter().filter(|state| state.proven).count() {
        // Why nothing is proven is not hidden behind a click.
        0 => ("verify-badge verify-unproven", " open"),
        count if count == states.len() => ("verify-badge", ""),
        _ => ("verify-badge verify-unproven", ""),
    };
    let mut html = format!(
        "<details class=\"{class}\"{open}><summary>{}</summary><ul>",
        summary(states)
    );
    for state in states {
        let edition = escape(&state.edition);
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<li><b>{edition}</b>: {}</li>",
            details(report, state)
        );
    }
    html.push_str("</ul>");
    for kind in kinds(states) {
        let _ = write!(html, "<p>{}.</p>", meaning(kind));
    }
    html.push_str("</details>");
    Some(html)
}

/// A state's evidence, if it is as strong as it must be.
fn proofs(state: &BlockState) -> &[Evidence] {
    if state.proven { &state.evidence } else { &[] }
}

/// The strongest of it.
pub(super) fn proof(state: &BlockState) -> Option<&Evidence> {
    proofs(state).last()
}

/// The kinds of evidence that these states have, each once, the weakest first.
pub(super) fn kinds(states: &[&BlockState]) -> BTreeSet<Kind> {
    let proofs = states.iter().flat_map(|state| proofs(state));
    proofs.map(|proof| proof.kind).collect()
}

/// The day of a proof; on demand the second.
pub(super) fn time(proof: &Evidence) -> String {
    let (at, day) = (escape(&proof.at), escape(day(&proof.at)));
    format!("<time datetime=\"{at}\">{day}</time>")
}

/// The badge in a few words: kinds of evidence, whether obtained here, what is missing.
fn summary(states: &[&BlockState]) -> String {
    let missing: Vec<_> = states
        .iter()
        .filter(|state| !state.proven)
        .map(|state| escape(&state.edition))
        .collect();
    if missing.len() == states.len() {
        return "not proven".to_owned();
    }
    let words: Vec<_> = kinds(states)
        .into_iter()
        .map(|kind| format!("{}, {}", kind.name(), how(states, kind)))
        .collect();
    let not = if missing.is_empty() {
        String::new()
    } else {
        format!("; not proven for {}", listed(&missing))
    };
    format!("✓ {}{not}", words.join(" · "))
}

/// Whether evidence of a kind was obtained here.
fn how(states: &[&BlockState], kind: Kind) -> &'static str {
    let is = |origin| {
        let mut proofs = states.iter().flat_map(|state| proofs(state));
        proofs.any(|proof| proof.kind == kind && proof.source == origin)
    };
    match (is(Origin::Live), is(Origin::Recorded)) {
        (true, true) => "live and recorded",
        (true, false) => "live",
        _ => "recorded",
    }
}

/// What a state has, how and when it was had, and with which source; or why it is not proven.
fn details(report: &Report, state: &BlockState) -> String {
    if !state.proven {
        let reason = state.reason.as_deref();
        let reason = reason.unwrap_or("no evidence was obtained");
        return format!("not proven: {}", escape(reason));
    }
    let mut parts = Vec::new();
    // What was had in the same way is said in one breath.
    for alike in state
        .evidence
        .chunk_by(|a, b| how_and_when(a) == how_and_when(b))
    {
        let kinds: Vec<_> = alike
            .iter()
            .map(|proof| proof.kind.name().to_owned())
            .collect();
        let how = match alike[0].source {
            Origin::Live => " in this build on",
            Origin::Recorded => ", recorded on",
        };
        parts.push(format!("{}{how} {}", listed(&kinds), time(&alike[0])));
    }
    let mut details = format!("{}.", parts.join("; "));
    if let Some(proof) = state
        .evidence
        .iter()
        .find(|proof| proof.kind > Kind::Parsed)
    {
        // Writing to a String cannot fail.
        let _ = write!(details, " Source: {}.", against(report, state, proof));
    }
    details
}

fn how_and_when(proof: &Evidence) -> (Origin, &str) {
    (proof.source, day(&proof.at))
}

/// The bases of a state's edition, unless it needs none.
fn against(report: &Report, state: &BlockState, proof: &Evidence) -> String {
    if report.blocks[state.block].crate_file.is_some() {
        return escape(&proof.against);
    }
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
