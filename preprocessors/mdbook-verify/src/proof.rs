//! What is proven about each block, from an edition's verdict, and why the rest is not.

use std::collections::{BTreeMap, BTreeSet};

use crate::blocks::{self, Block};
use crate::check;
use crate::config::Edition;
use crate::evidence::{self, Evidence, Kind, Origin};
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::report::{BlockState, Report};
use crate::role::Role;
use crate::verdict::{BaseUsed, Frame, Verdict};
use crate::verify::Reading;

/// What performing the guide has shown of an edition's blocks.
#[derive(Debug, Default)]
pub struct Performed {
    /// When, in UTC.
    pub at: String,
    /// That a step ran, that an output is what was printed.
    pub evidence: BTreeMap<usize, Kind>,
    /// Why an output is not proven.
    pub reasons: BTreeMap<usize, String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// What the blocks shown from a package are proven against.
const THIS_REPOSITORY: &str = "the package in this repository that it is shown from";

/// What is proven about each block of an edition, from the verdict on the edition and, for blocks
/// shown from a package, the one on those.
#[must_use]
pub fn states(
    edition: &Edition,
    reading: &Reading,
    verdict: &Verdict,
    shown: &Verdict,
    performed: &Performed,
    quick: bool,
) -> Vec<BlockState> {
    let bases = verdict
        .bases
        .iter()
        .map(BaseUsed::describe)
        .collect::<Vec<_>>()
        .join(", ");
    let frame = Frame::new(&reading.blocks, &edition.name);
    let faulty: BTreeSet<_> = verdict
        .findings
        .iter()
        .chain(&shown.findings)
        .chain(&performed.findings)
        .chain(&reading.findings)
        .filter_map(Finding::span)
        .filter_map(|span| blocks::holding(&reading.blocks, &span))
        .collect();
    let state = |(index, block): (usize, &Block)| {
        let needs = evidence::needs(block);
        let (verdict, against) = if block.crate_file.is_some() {
            (shown, THIS_REPOSITORY)
        } else {
            (verdict, bases.as_str())
        };
        let checked = verdict.evidence.get(&index).map(|kind| Evidence {
            kind: *kind,
            source: verdict.source,
            against: against.to_owned(),
            at: verdict.at.clone(),
        });
        let seen = performed.evidence.get(&index).map(|kind| Evidence {
            kind: *kind,
            source: Origin::Recorded,
            against: against.to_owned(),
            at: performed.at.clone(),
        });
        let evidence: Vec<_> = checked.into_iter().chain(seen).collect();
        let at_fault = faulty.contains(&index);
        let enough = |needs| evidence.iter().any(|evidence| evidence.kind >= needs);
        let proven = needs.is_some_and(enough) && !at_fault;
        let known = performed.reasons.get(&index);
        let known = known.or_else(|| verdict.reasons.get(&index));
        BlockState {
            block: index,
            edition: edition.name.clone(),
            needs,
            evidence,
            proven,
            reason: (!proven).then(|| reason(block, at_fault, known, quick)),
        }
    };
    frame.blocks().map(state).collect()
}

fn reason(block: &Block, at_fault: bool, known: Option<&String>, quick: bool) -> String {
    match (&block.role, known) {
        (Role::Illustrative(reason), _) => format!("illustrative: {}", reason.value),
        _ if at_fault => "it has a finding".into(),
        (_, Some(known)) => known.clone(),
        (Role::Create(_) | Role::Append(_) | Role::Patch(_), None)
            if quick && evidence::needs(block) == Some(Kind::Compiled) =>
        {
            check::QUICK.into()
        }
        (Role::Plain, None)
            if evidence::needs(block) == Some(Kind::Compiled)
                && evidence::matter(block) != Matter::Rust =>
        {
            "it belongs to no file (file=PATH), so nothing compiled it".into()
        }
        (role, None) => format!(
            "nothing checks a block yet that is {} in {}",
            role.name(),
            language(block)
        ),
    }
}

fn language(block: &Block) -> &str {
    match block.language.value.as_str() {
        "" => "no language",
        language => language,
    }
}

/// One warning for each reason for which blocks are unproven. Blocks that have a finding of their
/// own, or belong to a tree that has one, were spoken of already.
#[must_use]
pub fn unproven(blocks: &[Block], states: &[BlockState], findings: &[Finding]) -> Vec<Finding> {
    let broken = findings.iter().any(Report::is_error);
    let faulty: BTreeSet<_> = findings
        .iter()
        .filter_map(Finding::span)
        .filter_map(|span| blocks::holding(blocks, &span))
        .collect();
    let mut by_reason: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for state in states
        .iter()
        .filter(|state| !state.proven && state.needs.is_some())
    {
        let reason = state
            .reason
            .as_deref()
            .unwrap_or("no evidence was obtained");
        let own = faulty.contains(&state.block);
        let follows = broken && [check::BROKEN_TREE, check::BROKEN_DATA].contains(&reason);
        // Whoever asks for a quick check knows it; the summary says how many.
        let stale = |finding: &Finding| {
            [Code::RECORDING_STALE, Code::RECORDING_FOREIGN].contains(&finding.code)
                && finding.message == reason
        };
        let known = findings.iter().any(stale);
        if !own && !follows && !known && reason != check::QUICK {
            by_reason
                .entry((reason, &state.edition))
                .or_default()
                .push(state.block);
        }
    }
    let warning = |((reason, edition), unproven): ((&str, &str), Vec<usize>)| {
        // The rest of a tool's complaint stands in a finding of its own.
        let reason = reason.lines().next().unwrap_or_default();
        let message = match unproven.len() {
            1 => format!("this block is not proven: {reason}"),
            count => format!("{count} blocks are not proven: {reason}"),
        };
        let mut finding = Finding::warning(
            Code::UNPROVEN,
            Place::Chapter(blocks[unproven[0]].info),
            message,
        );
        for other in &unproven[1..] {
            finding = finding.related(Place::Chapter(blocks[*other].info), "this one too");
        }
        finding.for_edition(edition)
    };
    by_reason.into_iter().map(warning).collect()
}
