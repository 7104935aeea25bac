//! A diff as the reader sees it: one piece of code for each place, in the file's own language, with
//! lines that are new, gone, or there to find the place.
//!
//! What is copied is what is to be pasted: from the first changed line to the last, without those
//! that are gone.

use crate::blocks::Block;
use crate::matter::Matter;
use crate::patch::{self, Hunk, Mark};
use crate::role::Role;

use super::html::code;
use super::place::position;

/// The pieces of a diff, each HTML on one line; none if the block is no diff that can be read.
pub(super) fn pieces(block: &Block) -> Option<Vec<String>> {
    let Role::Patch(edit) = &block.role else {
        return None;
    };
    let diff = &block.content.text;
    let hunks = patch::parse(diff).ok()?;
    let language = language(&edit.file.value);
    let mut pieces = Vec::new();
    for hunk in &hunks {
        if hunks.len() > 1 {
            let position = position(diff, hunk);
            pieces.push(format!("<p class=\"verify-hunk\">{position}</p>"));
        }
        pieces.push(piece(diff, hunk, &language));
    }
    Some(pieces)
}

/// The class of a file's language, by which it is coloured.
pub(super) fn language(path: &str) -> String {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_word = extension.chars().all(|c| c.is_ascii_alphanumeric());
    let other = if is_word && !extension.is_empty() {
        extension
    } else {
        "plaintext"
    };
    let name = Matter::of_path(path).language().unwrap_or(other);
    format!("language-{name}")
}

fn piece(diff: &str, hunk: &Hunk, language: &str) -> String {
    let is_change = |line: &patch::Line| line.mark != Mark::Context;
    let first = hunk.lines.iter().position(is_change).unwrap_or_default();
    let last = hunk.lines.iter().rposition(is_change).unwrap_or_default();
    let pastes = hunk.lines.iter().any(|line| line.mark == Mark::Plus);
    let class = if pastes { "" } else { " verify-no-copy" };
    let tabs = if indented_by_tabs(hunk.lines.iter().map(|line| &diff[line.range.clone()])) {
        " verify-tabs"
    } else {
        ""
    };
    let mut html = format!("<pre class=\"verify-diff{class}\"><code class=\"{language}{tabs}\">");
    for (number, line) in hunk.lines.iter().enumerate() {
        let (open, close) = match line.mark {
            Mark::Plus => ("<ins>", "</ins>"),
            Mark::Minus => ("<del>", "</del>"),
            Mark::Context if (first..last).contains(&number) => {
                ("<span class=\"verify-between\">", "</span>")
            }
            Mark::Context => ("<span class=\"verify-around\">", "</span>"),
        };
        html.push_str(open);
        html.push_str(&code(&diff[line.range.clone()]));
        html.push_str("&#10;");
        html.push_str(close);
    }
    html.push_str("</code></pre>");
    html
}

/// Whether lines are indented by tabs alone. mdBook's page replaces the tabs at the start of lines by
/// four spaces each; only in such a text a script can tell how many they were, and put them back.
pub(super) fn indented_by_tabs<'t>(mut lines: impl Iterator<Item = &'t str> + Clone) -> bool {
    let has_tab = lines.clone().any(|line| line.starts_with('\t'));
    has_tab && lines.all(|line| !line.trim_start_matches('\t').starts_with(' '))
}
