//! What the reader sees: attributes removed from the fences, a caption before each block that says
//! what to do with it, and how it was proven. Splices byte ranges; never prints Markdown again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use crate::base::Source;
use crate::blocks::Block;
use crate::config::DEFAULT_BASE;
use crate::evidence::{Evidence, Origin};
use crate::matter::Matter;
use crate::recording;
use crate::report::{BlockState, Report};
use crate::role::Role;
use crate::verdict::BaseUsed;

/// The chapter's text to pass on; `name` is its title in SUMMARY.md.
#[must_use]
pub fn chapter(report: &Report, number: usize, name: &str, captions: bool) -> String {
    let document = &report.documents[number];
    let mut edits = Vec::new();
    let mut states: BTreeMap<usize, Vec<&BlockState>> = BTreeMap::new();
    for state in &report.states {
        if report.blocks[state.block].span.chapter == number {
            states.entry(state.block).or_default().push(state);
        }
    }
    for (index, block) in report
        .blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| block.span.chapter == number)
    {
        if captions {
            let states = states.get(&index).map_or(&[][..], Vec::as_slice);
            edits.extend(caption_edit(report, &document.text, states, block));
        }
        edits.push((block.info.start..block.info.end, info(block)));
    }
    document.splice(edits, name)
}

/// What mdBook and rustdoc may see of the info string. rustdoc silently skips a Rust block that has
/// any `key=value`, and mdBook makes CSS classes of all words. Rust that is compiled as a part of
/// its crate is no program of its own, which neither shall try to make of it.
fn info(block: &Block) -> String {
    let mut info = block.language.value.clone();
    let of_crate = block.crate_file.is_some() || block.role.target().is_some();
    let is_rust = Matter::named(&block.language.value) == Matter::Rust;
    let ignored = (of_crate && is_rust).then(|| "ignore".to_owned());
    for word in block.passed_on.iter().chain(&ignored) {
        info.push(',');
        info.push_str(word);
    }
    info
}

/// The caption goes before the fence, into the same list item or quote. What stands before the
/// fence on its line then stands before the caption, and the fence gets a line of its own that goes
/// on in the same containers. An empty line between the two ends the caption's HTML; in a quote it
/// keeps its `>`, since it would end the quote otherwise.
fn caption_edit(
    report: &Report,
    text: &str,
    states: &[&BlockState],
    block: &Block,
) -> Option<(Range<usize>, String)> {
    let caption = caption(report, states, block)?;
    let at = block.span.start;
    let line = text[..at].rfind('\n').map_or(0, |eol| eol + 1);
    let prefix = &text[line..at];
    let next = continued(prefix);
    let blank = next.trim_end();
    let is_fence = block.info.start > at;
    let (from, space) = if is_fence {
        (at, String::new())
    } else {
        less_indented(prefix, line)
    };
    Some((from..at, format!("{space}{caption}\n{blank}\n{next}")))
}

/// What a line starts with that goes on in the containers that `prefix` opens or goes on in.
fn continued(prefix: &str) -> String {
    let mut next = String::new();
    // Tab stops count from here.
    let mut origin = 0;
    let mut rest = prefix;
    while let Some(c) = rest.chars().next() {
        let mut behind = &rest[c.len_utf8()..];
        match c {
            '>' if behind.starts_with(['>', ' ', '\t']) || behind.is_empty() => next.push('>'),
            // The marker behind it becomes white space, of which a quote takes one column.
            '>' => {
                next.push_str("> ");
                origin += 1;
            }
            '\t' => next.push_str(&"    "[(next.len() - origin) % 4..]),
            // However long its label is, a footnote goes on at four columns, and the parser counts
            // columns anew behind it.
            '[' if behind.starts_with('^') => {
                next.push_str("    ");
                origin = next.len();
                let label = behind.find("]:").map_or(behind.len(), |end| end + 2);
                behind = behind[label..].trim_start_matches([' ', '\t']);
            }
            _ => next.push(' '),
        }
        rest = behind;
    }
    next
}

/// The place before an indented block's white space, and the white space without the four columns
/// that make it a block: with them, the caption would be code.
fn less_indented(prefix: &str, line: usize) -> (usize, String) {
    let container = prefix.trim_end_matches([' ', '\t']);
    let from = line + container.len();
    let columns = match container.chars().next_back() {
        None | Some('>') => {
            let before = continued(container).len();
            (continued(prefix).len() - before).saturating_sub(4)
        }
        // Behind a list marker more than one column would count to the marker.
        Some(_) => 1,
    };
    (from, " ".repeat(columns))
}

fn caption(report: &Report, states: &[&BlockState], block: &Block) -> Option<String> {
    let place = place(block);
    let proof = proof(report, states);
    let findings = report.findings_in(block);
    if place.is_none() && proof.is_none() && findings.is_empty() {
        return None;
    }
    let mut html = String::from("<div class=\"verify-caption\">");
    // Writing to a String cannot fail.
    if let Some(place) = place {
        let _ = write!(html, "<span class=\"verify-place\">{place}</span>");
    }
    if let Some(proof) = proof {
        let _ = write!(html, " {proof}");
    }
    for finding in findings {
        let _ = write!(
            html,
            "<div class=\"verify-finding\"><strong>{}</strong> {}",
            finding.code.id,
            escape(&finding.message)
        );
        if let Some(help) = &finding.help {
            let _ = write!(html, "<br>{}", escape(help));
        }
        html.push_str("</div>");
    }
    html.push_str("</div>");
    Some(html)
}

/// What to do with the block, in words.
fn place(block: &Block) -> Option<String> {
    let path = format!("<code>{}</code>", escape(&block.role.target()?.value));
    let place = match &block.role {
        Role::Append(_) => format!("append to {path}"),
        Role::Patch(_) => format!("edit {path}"),
        Role::Fragment(_) => format!("in {path}"),
        _ => format!("create {path}"),
    };
    let base = block
        .base
        .as_ref()
        .map(|base| format!(" ({})", escape(&base.value)))
        .unwrap_or_default();
    let fails = block.role.edit().and_then(|edit| edit.fails.as_ref());
    Some(match fails {
        Some(fails) => format!(
            "not to keep, in {path}{base}: fails with <code>{}</code>",
            escape(&fails.value)
        ),
        None => format!("{place}{base}"),
    })
}

/// What was proven, and what was not. Never more than the evidence of this build says: what was
/// recorded elsewhere is called so.
fn proof(report: &Report, states: &[&BlockState]) -> Option<String> {
    let mut proven: BTreeMap<String, Vec<&BlockState>> = BTreeMap::new();
    let mut unproven: BTreeMap<&str, Vec<&BlockState>> = BTreeMap::new();
    for state in states {
        if let (true, Some(evidence)) = (state.proven, state.evidence.last()) {
            let wording = wording(report, state, evidence);
            proven.entry(wording).or_default().push(state);
        } else {
            let reason = state.reason.as_deref();
            let reason = reason.unwrap_or("no evidence was obtained");
            unproven.entry(reason).or_default().push(state);
        }
    }
    let one_reason = proven.is_empty() && unproven.len() == 1;
    let proven = proven.iter().map(|(wording, states)| {
        let evidence = states.iter().filter_map(|state| state.evidence.last());
        let against: Vec<_> = evidence
            .map(|evidence| format!("{} on {}", evidence.against, evidence.at))
            .collect();
        format!(
            "<span class=\"verify-proof\" title=\"{}\">✓ {} for {}</span>",
            escape(&against.join("; ")),
            escape(wording),
            editions(states)
        )
    });
    let unproven = unproven.iter().map(|(reason, states)| {
        let reason = escape(reason);
        if states.iter().all(|state| state.needs.is_none()) {
            return format!("<span class=\"verify-illustrative\">{reason}</span>");
        }
        let editions = if one_reason {
            String::new()
        } else {
            format!(" for {}", editions(states))
        };
        format!("<span class=\"verify-unproven\">not proven{editions}: {reason}</span>")
    });
    let parts: Vec<_> = proven.chain(unproven).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// How a state was proven, in words that come before `for EDITION`.
fn wording(report: &Report, state: &BlockState, evidence: &Evidence) -> String {
    let kind = evidence.kind.name();
    let edition = report
        .editions
        .iter()
        .find(|edition| edition.name == state.edition);
    let bases = edition.map_or(&[][..], |edition| &edition.bases);
    match evidence.source {
        Origin::Live => {
            let folders = bases.iter().filter(|base| base.source == Source::Directory);
            let names: Vec<_> = folders.map(|base| base.name.as_str()).collect();
            if names.is_empty() {
                return kind.to_owned();
            }
            format!(
                "{kind} against a folder in place of {}",
                names.join(" and ")
            )
        }
        Origin::Recorded => {
            let main = bases.iter().find(|base| base.name == DEFAULT_BASE);
            let version = main.or(bases.first()).map(BaseUsed::short);
            format!(
                "{kind} against {} on {}, recorded,",
                version.unwrap_or_default(),
                recording::day(&evidence.at)
            )
        }
    }
}

fn editions(states: &[&BlockState]) -> String {
    let names: Vec<_> = states.iter().map(|state| escape(&state.edition)).collect();
    names.join(", ")
}

/// Text as HTML that Markdown leaves alone: on one line, with nothing that either would read.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' | '\r' => html.push(' '),
            // mdBook's links preprocessor runs after this one.
            '{' => html.push_str("&#123;"),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests;
