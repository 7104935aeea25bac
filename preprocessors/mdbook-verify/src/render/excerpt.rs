//! The lines of a file around what a block adds to it, or quotes from it.

use std::ops::Range;

use crate::blocks::Block;
use crate::patch;
use crate::role::Role;
use crate::steps::Step;

use super::listing;

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
            listing::lines(&step.key.path, &step.file, range.clone(), &marks)
        )
    };
    ranges.into_iter().map(excerpt).collect()
}

/// For each line of the file whether the block adds or quotes it.
fn marks(step: &Step, block: &Block) -> Vec<bool> {
    let origins = listing::origins(&step.file);
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
