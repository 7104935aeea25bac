//! The lines of a file around what a block adds to it, or quotes from it.

use std::ops::Range;

use crate::blocks::Block;
use crate::patch;
use crate::role::Role;
use crate::steps::Step;

use super::listing::{self, Mark};

/// How many lines are shown before and after.
const AROUND: usize = 5;

/// The excerpts around a block, each HTML on one line; none where the whole file is the block.
pub(super) fn excerpts(step: &Step, block: &Block) -> Vec<String> {
    let marks = marks(step, block);
    let is_marked = |line: &usize| marks[*line] == Mark::Now;
    if !(0..marks.len()).any(|line| marks[line] != Mark::Now) {
        return Vec::new();
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for line in (0..marks.len()).filter(is_marked) {
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

fn marks(step: &Step, block: &Block) -> Vec<Mark> {
    let origins = listing::origins(&step.file);
    let now = |is: bool| if is { Mark::Now } else { Mark::None };
    if !matches!(block.role, Role::Fragment(_)) {
        return origins
            .iter()
            .map(|origin| now(*origin == Some(step.block)))
            .collect();
    }
    let length = block.content.text.lines().count();
    let quoted = patch::occurrences(step.file.text(), &block.content.text);
    let is_quoted = |line: usize| {
        let mut quoted = quoted.iter().map(|first| first - 1);
        quoted.any(|first| (first..first + length).contains(&line))
    };
    (0..origins.len()).map(|line| now(is_quoted(line))).collect()
}
