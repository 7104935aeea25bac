//! Neighbouring blocks of different editions, which a script makes tabs of. Without it all of them are
//! shown, each with the name of what it is for.

use std::fmt::Write as _;

use crate::blocks::Block;
use crate::report::Report;

use super::html::{escape, listed};

/// The part of a group that a block is.
pub(super) struct Panel {
    /// HTML before it, on the same line as what follows.
    pub(super) before: String,
    /// Lines behind it.
    pub(super) after: String,
}

/// The groups of blocks of a chapter: the indices of neighbours, two or more, that serve different
/// editions. `blocks` are the chapter's, with their indices.
pub(super) fn groups(text: &str, blocks: &[(usize, &Block)]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut open: Vec<(usize, &Block)> = Vec::new();
    for (index, block) in blocks {
        if !open.last().is_some_and(|(_, last)| {
            text[last.span.end..block.span.start].trim().is_empty()
                && open.iter().all(|(_, other)| differ(other, block))
        }) {
            groups.push(
                std::mem::take(&mut open)
                    .iter()
                    .map(|(index, _)| *index)
                    .collect(),
            );
        }
        if block.editions.is_some() && stands_alone(text, block) {
            open.push((*index, block));
        }
    }
    groups.push(open.iter().map(|(index, _)| *index).collect());
    groups.retain(|group| group.len() > 1);
    groups
}

/// Whether no edition is served by both.
fn differ(one: &Block, other: &Block) -> bool {
    let mut names = other.editions.iter().flatten();
    names.all(|name| !one.serves(&name.value))
}

/// Whether the block is a closed fence in no list and no quote: only around such a one other elements
/// can be put without reading Markdown once more.
fn stands_alone(text: &str, block: &Block) -> bool {
    let source = text[block.span.start..block.span.end].trim_end();
    let starts_line =
        text[..block.span.start].is_empty() || text[..block.span.start].ends_with('\n');
    let Some(mark) = source.chars().next().filter(|c| matches!(c, '`' | '~')) else {
        return false;
    };
    let closing = source.lines().skip(1).last().unwrap_or_default();
    starts_line && closing.len() >= 3 && closing.chars().all(|c| c == mark)
}

/// What goes around a block that is the part `number` of its group.
pub(super) fn panel(report: &Report, group: &[usize], block: usize) -> Panel {
    let mut panel = Panel {
        before: format!(
            "<div class=\"verify-edition\" data-verify-for=\"{}\">",
            names(report, |edition| report.blocks[block].serves(edition)).join(" ")
        ),
        after: "\n\n</div>\n".to_owned(),
    };
    if group.first() == Some(&block) {
        let all = names(report, |_| true).join(" ");
        panel.before = format!(
            "<div class=\"verify-editions\" data-verify-editions=\"{all}\">{}",
            panel.before
        );
    }
    if group.last() == Some(&block) {
        let served = |edition: &str| {
            group
                .iter()
                .any(|block| report.blocks[*block].serves(edition))
        };
        let absent = names(report, |edition| !served(edition));
        if !absent.is_empty() {
            // Shown by the script alone, where one edition is shown at a time.
            let _ = writeln!(
                panel.after,
                "<div class=\"verify-edition\" data-verify-for=\"{}\" hidden><p>Nothing to do here for {}.</p></div>",
                absent.join(" "),
                listed(&absent)
            );
        }
        panel.after.push_str("</div>\n");
    }
    panel
}

/// The names of the report's editions for which `which` holds.
fn names(report: &Report, which: impl Fn(&str) -> bool) -> Vec<String> {
    let editions = report.editions.iter().map(|edition| edition.name.as_str());
    editions.filter(|name| which(name)).map(escape).collect()
}

/// For which editions a block is, if not for all.
pub(super) fn label(block: &Block) -> Option<String> {
    let names = block.editions.as_ref()?.iter();
    let names: Vec<_> = names.map(|name| escape(&name.value)).collect();
    Some(format!(
        "<span class=\"verify-label\">{}</span> ",
        listed(&names)
    ))
}

/// Tells the script which editions there are, on pages without tabs too.
pub(super) fn editions(report: &Report) -> String {
    if report.editions.len() < 2 {
        return String::new();
    }
    let all = names(report, |_| true).join(" ");
    format!("\n\n<span data-verify-editions=\"{all}\" hidden></span>\n")
}
