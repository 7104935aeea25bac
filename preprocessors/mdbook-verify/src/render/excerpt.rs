//! The lines of a file around what a block adds to it, or quotes from it.

use std::ops::Range;

use crate::blocks::Block;
use crate::patch;
use crate::role::Role;
use crate::segments::{Origin, Stitched};
use crate::steps::Step;

use super::diff::{indented_by_tabs, language};
use super::html::code;

/// How many lines are shown before and after: as many as in a diff.
const AROUND: usize = 3;

/// The excerpts around a block, each HTML on one line; none where the whole file is the block.
pub(super) fn excerpts(step: &Step, block: &Block) -> Vec<String> {
    let marks = marks(step, block);
    if marks.iter().all(|marked| *marked) {
        return Vec::new();
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for line in (0..marks.len()).filter(|line| marks[*line]) {
        let range = line.saturating_sub(AROUND)..(line + AROUND + 1).min(marks.len());
        match ranges.last_mut() {
            Some(last) if last.end >= range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    let excerpt = |range: Range<usize>| {
        format!(
            "<p class=\"verify-hunk\">lines {} to {} of {}</p>{}",
            range.start + 1,
            range.end,
            marks.len(),
            lines(&step.key.path, &step.file, range.clone(), &marks)
        )
    };
    ranges.into_iter().map(excerpt).collect()
}

/// For each line of the file whether the block adds or quotes it.
fn marks(step: &Step, block: &Block) -> Vec<bool> {
    let origins = origins(&step.file);
    if !matches!(block.role, Role::Fragment(_)) {
        return origins.map(|origin| origin == Some(step.block)).collect();
    }
    let length = block.content.text.lines().count();
    let quoted = patch::occurrences(step.file.text(), &block.content.text);
    let is_quoted = |line: usize| {
        let mut quoted = quoted.iter().map(|first| first - 1);
        quoted.any(|first| (first..first + length).contains(&line))
    };
    (0..origins.count()).map(is_quoted).collect()
}

/// The block that each line comes from, if it does not come from upstream.
fn origins(file: &Stitched) -> impl Iterator<Item = Option<usize>> {
    let mut at = 0;
    file.text().split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        file.origin(start).and_then(Origin::block)
    })
}

/// Lines of a file, coloured in its language. `marks` has one for each line of the file. Lines with a
/// mark stand beside the listing already; a sign stands in for each run of them.
fn lines(path: &str, file: &Stitched, shown: Range<usize>, marks: &[bool]) -> String {
    let lines = file.text().lines().zip(marks);
    let lines = lines.skip(shown.start).take(shown.len());
    let beside = lines.clone().filter(|(_, mark)| !**mark);
    let tabs = if indented_by_tabs(beside.map(|(line, _)| line)) {
        " verify-tabs"
    } else {
        ""
    };
    let mut html = format!(
        "<pre class=\"verify-file\"><code class=\"{}{tabs}\">",
        language(path)
    );
    let mut lines = lines.peekable();
    while let Some((line, mark)) = lines.next() {
        if *mark {
            while lines.next_if(|(_, mark)| **mark).is_some() {}
            html.push_str("<ins>⋯&#10;</ins>");
        } else {
            html.push_str(&code(line));
            html.push_str("&#10;");
        }
    }
    html.push_str("</code></pre>");
    html
}
