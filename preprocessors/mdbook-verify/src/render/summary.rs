//! How the guide is verified, as numbers of this build.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::base::Source;
use crate::blocks::Block;
use crate::evidence::{self, Evidence, Kind, Origin};
use crate::matter::Matter;
use crate::recording::day;
use crate::report::{BlockState, Obtained, Report};
use crate::role::Role;
use crate::verdict::BaseUsed;

use super::badge::{self, meaning, proof};
use super::html::{breaking, escape, inline, listed};
use super::table::{group, row, table};

/// The place of the table that says what each edition was proven on.
pub(super) const SOURCES: &str = "#proven-on";

/// In a sentence or two: how many blocks, whether all are proven, and on what. `link` is the page that
/// says more.
pub(super) fn sentence(report: &Report, link: Option<&str>) -> String {
    let illustrative = |block: &&Block| matches!(block.role, Role::Illustrative(_));
    let blocks = report.blocks.iter();
    let blocks = match blocks.filter(|block| !illustrative(block)).count() {
        1 => "1 code block".to_owned(),
        count => format!("{count} code blocks"),
    };
    let mut missing = Vec::new();
    let mut whole = Vec::new();
    for edition in &report.editions {
        let states = report.states.iter();
        let states = states.filter(|state| state.edition == edition.name && state.needs.is_some());
        let name = inline(&edition.name);
        match states.filter(|state| !state.proven).count() {
            0 => {
                let how = how(report, &edition.name);
                whole.extend(how.map(|how| format!("{name} ({how})")));
            }
            count => missing.push(format!("{count} of {name}")),
        }
    }
    let whole = listed(&whole);
    let said = match (missing.is_empty(), whole.is_empty()) {
        (true, true) => format!("<b>{blocks}, of which nothing is proven</b>."),
        (true, false) => format!("<b>{blocks}, all proven</b> on the source of {whole}."),
        (false, true) => format!(
            "<b>{blocks}, not all proven</b>. Unproven: {}.",
            listed(&missing)
        ),
        (false, false) => format!(
            "<b>{blocks}, not all proven</b>. Unproven: {}. All that serve {whole} are proven.",
            listed(&missing)
        ),
    };
    let more = link.map(|link| format!(" <a href=\"{}\">How.</a>", escape(link)));
    said + &more.unwrap_or_default()
}

/// Whether the blocks of an edition are proven by this build or by what was recorded, and when.
fn how(report: &Report, edition: &str) -> Option<String> {
    let Obtained { live, recorded } = Obtained::of(report, edition);
    match (live.first(), recorded.first()) {
        (None, None) => None,
        (Some(here), None) => Some(format!("in this build, {}", time(here))),
        (None, Some(elsewhere)) => Some(format!("recorded {}", time(elsewhere))),
        (Some(_), Some(elsewhere)) => Some(format!(
            "{} in this build, {} recorded {}",
            live.len(),
            recorded.len(),
            time(elsewhere)
        )),
    }
}

/// The tables: blocks by kind, edition and evidence; what the evidence says; bases; tools.
pub(super) fn tables(report: &Report) -> String {
    [
        kinds(report),
        meanings(report),
        bases(report),
        tools(report),
    ]
    .concat()
}

fn kinds(report: &Report) -> String {
    let mut rows: BTreeMap<&str, BTreeMap<&str, Vec<&BlockState>>> = BTreeMap::new();
    for state in &report.states {
        let kind = kind(&report.blocks[state.block]);
        let row = rows.entry(kind).or_default();
        row.entry(&state.edition).or_default().push(state);
    }
    let names: Vec<_> = report
        .editions
        .iter()
        .map(|edition| edition.name.as_str())
        .collect();
    let heads: Vec<_> = ["blocks"]
        .iter()
        .chain(&names)
        .copied()
        .map(escape)
        .collect();
    let mut html = String::new();
    for (kind, of_kind) in &rows {
        let cells = names.iter().map(|name| {
            of_kind
                .get(name)
                .map_or(String::new(), |states| cell(states))
        });
        html.push_str(&row(&escape(kind), &cells.collect::<Vec<_>>()));
    }
    let totals = names.iter().map(|name| total(report, name));
    html.push_str(&row("all", &totals.collect::<Vec<_>>()));
    table(&heads, &[html])
}

/// How many blocks have which evidence.
fn cell(states: &[&BlockState]) -> String {
    let mut counts: BTreeMap<(Kind, Origin), usize> = BTreeMap::new();
    for proof in states.iter().filter_map(|state| proof(state)) {
        *counts.entry((proof.kind, proof.source)).or_default() += 1;
    }
    let count = |((kind, origin), count): (&(Kind, Origin), &usize)| match origin {
        Origin::Live => format!("{count} {}", kind.name()),
        Origin::Recorded => format!("{count} {} <small>recorded</small>", kind.name()),
    };
    let mut parts: Vec<_> = counts.iter().rev().map(count).collect();
    let is = |needed: bool| {
        let states = states.iter().filter(|state| !state.proven);
        states
            .filter(|state| state.needs.is_some() == needed)
            .count()
    };
    match is(true) {
        0 => {}
        count => parts.push(format!("<b>{count} not proven</b>")),
    }
    match is(false) {
        0 => {}
        count => parts.push(format!("{count} illustrative")),
    }
    parts.join(", ")
}

/// How many blocks of an edition are proven, and how.
fn total(report: &Report, edition: &str) -> String {
    let states = report.states.iter();
    let states = states.filter(|state| state.edition == edition && state.needs.is_some());
    let proven = states.clone().filter(|state| state.proven).count();
    let how = how(report, edition).map(|how| format!(": {how}"));
    format!(
        "<b>{proven} of {} proven</b>{}",
        states.count(),
        how.unwrap_or_default()
    )
}

/// What a block is to a reader.
fn kind(block: &Block) -> &'static str {
    if block.role.edit().is_some_and(|edit| edit.fails.is_some()) || block.fails.is_some() {
        return "mistakes, which must fail";
    }
    match (&block.role, evidence::matter(block)) {
        (Role::Illustrative(_), _) => "illustrative",
        (Role::Fragment(_), _) => "quotations from files",
        (Role::Step(_), _) => "commands",
        (Role::Output { .. }, _) => "outputs",
        (Role::Tree, _) => "lists of paths",
        (_, Matter::Go) => "Go",
        (_, Matter::Proto) => "protobuf",
        (_, Matter::Yaml) => "YAML",
        (_, Matter::Json) => "JSON",
        (_, Matter::Toml) => "TOML",
        (_, Matter::GoMod) => "go.mod",
        (_, Matter::Shell) => "shell scripts",
        (_, Matter::Rust) => "Rust",
        (_, Matter::Mermaid) => "diagrams",
        (_, Matter::Other) => "other text",
    }
}

/// What the kinds of evidence say that this report has.
fn meanings(report: &Report) -> String {
    let mut html = String::from("<ul>");
    let states: Vec<_> = report.states.iter().collect();
    for kind in badge::kinds(&states) {
        let _ = write!(html, "<li>{}.</li>", meaning(kind));
    }
    html + "</ul>"
}

/// The day of a proof.
fn time(proof: &Evidence) -> String {
    format!("<time>{}</time>", escape(day(&proof.at)))
}

/// Leads from the end of a page there: once, not from each badge.
pub(super) fn sources(link: &str) -> String {
    format!(
        "\n\n<p class=\"verify-sources\"><a href=\"{link}\">What each edition was proven on</a></p>\n"
    )
}

fn bases(report: &Report) -> String {
    let editions = report.editions.iter().map(|edition| {
        let mut rows: Vec<_> = edition.bases.iter().map(base).collect();
        if rows.is_empty() {
            let absent = "could not be had, and nothing that was recorded holds";
            rows.push(("–".to_owned(), vec![absent.to_owned()]));
        }
        group(&escape(&edition.name), &rows)
    });
    let heads = [
        "tree",
        "module or repository at a version or commit, its sum, and how it was had",
    ];
    format!(
        "<div id=\"{}\">{}</div>",
        &SOURCES[1..],
        table(&heads.map(str::to_owned), &editions.collect::<Vec<_>>())
    )
}

/// What a base is, and what of.
fn base(base: &BaseUsed) -> (String, Vec<String>) {
    let had = match base.source {
        Source::Module => "as a module, held against the sum",
        Source::Git => "by git, at this commit",
        Source::Directory => "a folder in its place, held against nothing",
        Source::Recorded => "not here; as it was recorded",
    };
    let what = format!("{} {}", breaking(&base.module), inline(&base.version));
    let sum = base.sum.as_deref().map(inline);
    let lines: Vec<_> = [Some(what), sum, Some(had.to_owned())]
        .into_iter()
        .flatten()
        .collect();
    (escape(&base.name), vec![lines.join("<br>")])
}

fn tools(report: &Report) -> String {
    let tools = report.tools.iter();
    let tools: Vec<_> = tools
        .map(|(name, version)| format!("{} {}", escape(name), inline(version)))
        .collect();
    format!("<p>Tools of this build: {}.</p>", listed(&tools))
}
