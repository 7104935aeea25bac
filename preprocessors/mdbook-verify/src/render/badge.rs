//! The badge beside a block: how it was proven, and on demand against what and when. Never more than
//! the evidence of this build says: what was recorded elsewhere is called so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::config::DEFAULT_BASE;
use crate::evidence::{Evidence, Kind, Origin};
use crate::recording::day;
use crate::report::{BlockState, Report};
use crate::verdict::BaseUsed;

use super::html::{escape, listed};

/// The badge of a block with these states, if it serves any edition. Where the book does not sum up what
/// each edition was proven on and what the kinds of evidence mean, the badge says so itself.
///
/// A page has dozens, and mdBook goes through each of their words and elements, for the search too: a
/// badge says nothing twice, and has no more elements than it needs.
pub(super) fn badge(report: &Report, states: &[&BlockState], summed_up: bool) -> Option<String> {
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
        "<details class=\"{class}\"{open}><summary>{}</summary>",
        in_brief(states)
    );
    for (details, alike) in by_details(report, states, summed_up) {
        let editions = alike.iter().map(|state| edition(report, state, summed_up));
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<p>{}: {details}</p>",
            listed(&editions.collect::<Vec<_>>())
        );
    }
    if !summed_up {
        let kinds = states.iter().flat_map(|state| strongest(state));
        for kind in kinds.map(|proof| proof.kind).collect::<BTreeSet<_>>() {
            let _ = write!(html, "<p>{}.</p>", meaning(kind));
        }
    }
    html.push_str("</details>");
    Some(html)
}

/// What the badge has said in a few words of all its states, so that their details need not.
struct Said {
    /// Of which kind their evidence is.
    kind: bool,
    /// Whether it was obtained here.
    how: bool,
}

/// The states by what is to be said of them: most editions of a block have the same.
fn by_details<'s>(
    report: &Report,
    states: &[&'s BlockState],
    summed_up: bool,
) -> Vec<(String, Vec<&'s BlockState>)> {
    let shown: Vec<_> = states.iter().flat_map(|state| strongest(state)).collect();
    let said = Said {
        kind: shown.windows(2).all(|pair| pair[0].kind == pair[1].kind),
        how: shown
            .windows(2)
            .all(|pair| pair[0].source == pair[1].source),
    };
    let mut all: Vec<(String, Vec<_>)> = Vec::new();
    for state in states {
        let details = details(report, state, &said, summed_up);
        match all.iter_mut().find(|(other, _)| *other == details) {
            Some((_, alike)) => alike.push(*state),
            None => all.push((details, vec![*state])),
        }
    }
    all
}

/// A state's edition, with the version that it was proven on where the badge does not say more of it.
fn edition(report: &Report, state: &BlockState, summed_up: bool) -> String {
    let name = escape(&state.edition);
    match bases(report, state).first().filter(|_| summed_up) {
        // Written as Go writes a module and its version.
        Some(base) if base.stand_in().is_empty() => format!("{name}@{}", escape(base.short())),
        Some(base) => format!("{name} ({}{})", base.stand_in(), escape(base.short())),
        None => name,
    }
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

/// The badge in a few words: the strongest evidence, whether obtained here, what is missing.
fn in_brief(states: &[&BlockState]) -> String {
    let missing: Vec<_> = states
        .iter()
        .filter(|state| !state.proven)
        .map(|state| escape(&state.edition))
        .collect();
    if missing.len() == states.len() {
        return "not proven".to_owned();
    }
    let mut by_kind: BTreeMap<Kind, Vec<Origin>> = BTreeMap::new();
    for proof in states.iter().filter_map(|state| proof(state)) {
        by_kind.entry(proof.kind).or_default().push(proof.source);
    }
    let words: Vec<_> = by_kind
        .into_iter()
        .map(|(kind, origins)| format!("{}, {}", kind.name(), how(&origins)))
        .collect();
    let not = if missing.is_empty() {
        String::new()
    } else {
        format!("; not proven for {}", listed(&missing))
    };
    format!("✓ {}{not}", words.join(" · "))
}

/// Whether evidence was obtained here.
fn how(origins: &[Origin]) -> &'static str {
    let is = |origin| origins.contains(&origin);
    match (is(Origin::Live), is(Origin::Recorded)) {
        (true, true) => "live and recorded",
        (true, false) => "live",
        _ => "recorded",
    }
}

/// What a state has, how and when it was had, and with which source, except for what the badge has
/// said of all; or why it is not proven.
fn details(report: &Report, state: &BlockState, said: &Said, summed_up: bool) -> String {
    if !state.proven {
        let reason = state.reason.as_deref();
        let reason = reason.unwrap_or("no evidence was obtained");
        return format!("not proven: {}", escape(reason));
    }
    let parts = strongest(state).map(|proof| {
        let kind = (!said.kind).then(|| proof.kind.name().to_owned());
        let how = (!said.how).then(|| how(&[proof.source]).to_owned());
        let words = [kind, how, Some(escape(day(&proof.at)))]
            .into_iter()
            .flatten();
        words.collect::<Vec<_>>().join(", ")
    });
    let parts: Vec<_> = parts.collect();
    let details = format!("{}.", parts.join("; "));
    match source(report, state, summed_up) {
        Some(source) => format!("{details} Source: {source}."),
        None => details,
    }
}

/// Of a state's evidence that was had in the same way, the strongest: it includes the rest.
fn strongest(state: &BlockState) -> impl Iterator<Item = &Evidence> {
    let alike = proofs(state).chunk_by(|a, b| how_and_when(a) == how_and_when(b));
    alike.filter_map(<[_]>::last)
}

fn how_and_when(proof: &Evidence) -> (Origin, &str) {
    (proof.source, day(&proof.at))
}

/// What proved more than that a parser accepts the text.
fn stronger(state: &BlockState) -> Option<&Evidence> {
    let mut proofs = proofs(state).iter();
    proofs.find(|proof| proof.kind > Kind::Parsed)
}

/// The bases that a state was proven on, the default one first; none if no base has to do with it.
fn bases<'r>(report: &'r Report, state: &BlockState) -> Vec<&'r BaseUsed> {
    if stronger(state).is_none() || report.blocks[state.block].crate_file.is_some() {
        return Vec::new();
    }
    let mut editions = report.editions.iter();
    let edition = editions.find(|edition| edition.name == state.edition);
    let mut bases: Vec<_> = edition
        .map_or(&[][..], |edition| &edition.bases)
        .iter()
        .collect();
    bases.sort_by_key(|base| base.name != DEFAULT_BASE);
    bases
}

/// What a state was proven on, if the badge has to say it: of bases only where no summary does.
fn source(report: &Report, state: &BlockState, summed_up: bool) -> Option<String> {
    let proof = stronger(state)?;
    let bases = bases(report, state);
    if bases.is_empty() {
        return Some(escape(&proof.against));
    }
    let bases = bases.iter().map(|base| escape(&base.describe_short()));
    (!summed_up).then(|| listed(&bases.collect::<Vec<_>>()))
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
