//! What to do with a block, in words: enter it, run it, or only read it.

use std::path::Path;

use crate::blocks::Block;
use crate::config::DEFAULT_BASE;
use crate::evidence;
use crate::matter::Matter;
use crate::patch::{self, Hunk, Mark};
use crate::role::{Edit, Role, Step};
use crate::source;

use super::html::{escape, inline};

/// What to do with the block of a book in this folder; none where that is plain without words.
pub(super) fn words(block: &Block, book: &Path) -> Option<String> {
    let base = block.base.as_ref().map(|base| base.value.as_str());
    let of_base = base.map(|base| format!(" ({})", escape(base)));
    let of_base = of_base.unwrap_or_default();
    let edited = |edit: &Edit, words: &str| {
        let path = inline(&edit.file.value);
        match &edit.fails {
            Some(fails) => format!(
                "Not to keep, in {path}{of_base}: fails with {}",
                inline(&fails.value)
            ),
            None => format!("{words} {path}{of_base}"),
        }
    };
    Some(match &block.role {
        Role::Create(edit) => edited(edit, "Create"),
        Role::Append(edit) => edited(edit, "Append to"),
        Role::Patch(edit) => edited(edit, "In") + &places(block, edit),
        Role::Fragment(path) => as_it_stands(&path.value) + &of_base,
        Role::Step(step) => run(step, base),
        // It stands behind its step, whose name no reader has seen.
        Role::Output { .. } => "What is printed".to_owned(),
        Role::Tree => format!("To read: paths in {}", inline(base.unwrap_or(DEFAULT_BASE))),
        Role::Plain => plain(block, book)?,
        Role::Illustrative(_) => return None,
    })
}

/// What is in its file already must not be entered once more, though it looks like what is.
fn as_it_stands(path: &str) -> String {
    format!("To read: {} as it stands", inline(path))
}

/// Of what belongs to no file of the procedure, only what could be taken for something to enter.
fn plain(block: &Block, book: &Path) -> Option<String> {
    if let Some(claims) = &block.claims {
        return Some(format!("Data for {}", inline(&claims.value)));
    }
    if let Some(shown) = &block.crate_file {
        let file = source::shown(&shown.file, book);
        // Where a folder of the machine stands tells readers nothing.
        let name = file.file_name().filter(|_| file.is_absolute());
        let file = name.unwrap_or(file.as_os_str());
        return Some(as_it_stands(&file.to_string_lossy()));
    }
    let of_gomod = evidence::matter(block) == Matter::GoMod;
    of_gomod.then(|| format!("To read: from {}", inline("go.mod")))
}

fn run(step: &Step, base: Option<&str>) -> String {
    let base = base.unwrap_or(DEFAULT_BASE);
    let before = match &step.stops {
        Some(_) => "End the earlier one, then run".to_owned(),
        None => "Run".to_owned(),
    };
    let folder = match step.cwd.as_ref().map(|cwd| cwd.value.as_str()) {
        None => inline(base),
        Some("..") => format!("the folder above {}", inline(base)),
        Some(folder) => inline(&format!("{base}/{folder}")),
    };
    let background = if step.background {
        ", and leave it running"
    } else {
        ""
    };
    let fails = step.fails.as_ref().map(|fails| inline(&fails.value));
    let fails = fails.map(|fails| format!("; it fails with {fails}"));
    format!(
        "{before} in {folder}{background}{}",
        fails.unwrap_or_default()
    )
}

/// Where in the file, if it is one place; a diff of several says so at each.
fn places(block: &Block, edit: &Edit) -> String {
    if edit.fails.is_some() {
        return String::new();
    }
    match patch::parse(&block.content.text).as_deref() {
        Ok([hunk]) => format!(", {}", position(&block.content.text, hunk)),
        Ok(hunks) => format!(", in {} places", hunks.len()),
        Err(_) => String::new(),
    }
}

/// Where a hunk goes, in words: after the line above its first change, or before the one below.
pub(super) fn position(diff: &str, hunk: &Hunk) -> String {
    let line = |line: &patch::Line| inline(diff[line.range.clone()].trim());
    let is_change = |line: &patch::Line| line.mark != Mark::Context;
    let first = hunk.lines.iter().position(is_change).unwrap_or_default();
    let replaced = hunk
        .lines
        .get(first)
        .filter(|line| line.mark == Mark::Minus);
    if let Some(replaced) = replaced {
        let is_added = hunk.lines.iter().any(|line| line.mark == Mark::Plus);
        let verb = if is_added { "in place of" } else { "remove" };
        return format!("{verb} {}", line(replaced));
    }
    let has_text = |line: &&patch::Line| !diff[line.range.clone()].trim().is_empty();
    if let Some(above) = hunk.lines[..first].iter().rfind(has_text) {
        return format!("after {}", line(above));
    }
    if let Some(below) = hunk.lines[first..]
        .iter()
        .find(|line| !is_change(line) && has_text(line))
    {
        let behind = hunk.after.clone().map(|after| inline(diff[after].trim()));
        let behind = behind.map(|behind| format!(", below {behind}"));
        return format!("before {}{}", line(below), behind.unwrap_or_default());
    }
    String::new()
}
