//! Diffs: reading them and applying them by context.

use std::ops::Range;

use crate::finding::comparable;
use crate::segments::{Origin, Stitched};

/// What a line of a diff does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Stands in the file before and after.
    Context,
    /// Stands in the file before.
    Minus,
    /// Stands in the file after.
    Plus,
}

/// A line of a diff, without its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it does.
    pub mark: Mark,
    /// Its bytes in the diff, line break excluded.
    pub range: Range<usize>,
}

/// A place and its change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The text after `@@`, as bytes in the diff; the search starts behind this line of the file.
    pub after: Option<Range<usize>>,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Hunk {
    fn behind(after: Option<Range<usize>>) -> Self {
        Self {
            after,
            lines: Vec::new(),
        }
    }

    fn old<'a>(&'a self, diff: &'a str) -> Vec<&'a str> {
        let old = self.lines.iter().filter(|line| line.mark != Mark::Plus);
        old.map(|line| &diff[line.range.clone()]).collect()
    }

    /// The bytes of the diff's old side, for pointing at.
    fn old_range(&self) -> Range<usize> {
        let mut old = self.lines.iter().filter(|line| line.mark != Mark::Plus);
        let first = old.next().map_or(0..0, |line| line.range.clone());
        first.start..old.next_back().map_or(first.end, |line| line.range.end)
    }
}

/// Why a diff cannot be read or applied. Ranges are bytes of the diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchError {
    /// A line that starts with none of the marks.
    Unmarked(Range<usize>),
    /// A line that git puts around the changes.
    FromGit(Range<usize>),
    /// No `+` and no `-` line, in a hunk or in the whole diff.
    NoChange(Range<usize>),
    /// Only `+` lines: nothing says where they go.
    NoOldSide(Range<usize>),
    /// The line after `@@` occurs not once in the file, but this often.
    After {
        /// The text after `@@`.
        range: Range<usize>,
        /// How often a line with this text occurs.
        count: usize,
    },
    /// The old side does not occur.
    Missing {
        /// The line of the old side from which on the file differs at the best candidate.
        range: Range<usize>,
        /// The file's line there, its number from 1 and its text, if a candidate exists.
        instead: Option<(usize, String)>,
    },
    /// The old side occurs more than once.
    Ambiguous {
        /// The old side.
        range: Range<usize>,
        /// The lines of the file, from 1, at which it starts.
        lines: Vec<usize>,
    },
    /// Two hunks change the same lines.
    Overlap(Range<usize>),
}

/// Reads a diff. An empty line counts as empty context, since editors trim it.
///
/// # Errors
/// Every line and hunk that cannot be used.
pub fn parse(diff: &str) -> Result<Vec<Hunk>, Vec<PatchError>> {
    let mut errors = Vec::new();
    let mut hunks = vec![Hunk::behind(None)];
    let lines: Vec<_> = diff.split_inclusive('\n').collect();
    let mut at = 0;
    // Whether only git's lines stand above.
    let mut header = true;
    for (number, line) in lines.iter().enumerate() {
        let range = at..at + line.trim_end_matches('\n').len();
        at += line.len();
        let from_git = is_from_git(&lines[..=number], lines.get(number + 1), header);
        header = from_git;
        if line.starts_with("@@") {
            let text = trimmed(diff, range.start + 2..range.end);
            hunks.push(Hunk::behind(Some(text).filter(|text| !text.is_empty())));
        }
        if from_git {
            errors.push(PatchError::FromGit(range));
        } else if let Some(mark) = mark(line) {
            let range = (range.start + 1).min(range.end)..range.end;
            if let Some(hunk) = hunks.last_mut() {
                hunk.lines.push(Line { mark, range });
            }
        } else if !line.starts_with("@@") {
            errors.push(PatchError::Unmarked(range));
        }
    }
    // Before the first @@ there need not be a hunk.
    if hunks.len() > 1 && hunks[0].lines.is_empty() {
        hunks.remove(0);
    }
    errors.extend(hunks.iter().filter_map(|hunk| unusable(hunk, diff)));
    if errors.is_empty() {
        Ok(hunks)
    } else {
        Err(errors)
    }
}

fn mark(line: &str) -> Option<Mark> {
    match line.bytes().next() {
        Some(b'+') => Some(Mark::Plus),
        Some(b'-') => Some(Mark::Minus),
        Some(b' ' | b'\n') | None => Some(Mark::Context),
        Some(_) => None,
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}

/// Whether the last of `lines` is one that git puts around the changes. `--- a/x` and `+++ b/x` could
/// be changes themselves: they are git's only as a pair, and where no change stands above, which
/// `header` says.
fn is_from_git(lines: &[&str], next: Option<&&str>, header: bool) -> bool {
    let Some((line, above)) = lines.split_last() else {
        return false;
    };
    let starts = |line: Option<&&str>, with| line.is_some_and(|line| line.starts_with(with));
    line.starts_with("diff --git ")
        || line.starts_with("index ") && line.contains("..")
        || line.starts_with("new file mode ")
        || line.starts_with("\\ No newline at end of file")
        || is_git_range(line)
        || header && line.starts_with("--- ") && starts(next, "+++ ")
        || header && line.starts_with("+++ ") && starts(above.last(), "--- ")
}

/// `@@ -1,3 +1,4 @@`, whatever stands behind.
fn is_git_range(line: &str) -> bool {
    let numbers = |word: &str, sign| {
        word.strip_prefix(sign).is_some_and(|numbers| {
            let mut numbers = numbers.split(',');
            numbers.all(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        })
    };
    let words: Vec<_> = line.split_whitespace().take(4).collect();
    matches!(words[..], ["@@", old, new, "@@"] if numbers(old, '-') && numbers(new, '+'))
}

fn unusable(hunk: &Hunk, diff: &str) -> Option<PatchError> {
    let whole = match (hunk.lines.first(), hunk.lines.last()) {
        (Some(first), Some(last)) => first.range.start..last.range.end,
        _ => hunk.after.clone().unwrap_or(0..diff.len()),
    };
    if hunk.lines.iter().all(|line| line.mark == Mark::Context) {
        return Some(PatchError::NoChange(whole));
    }
    let no_old_side = hunk.lines.iter().all(|line| line.mark == Mark::Plus);
    no_old_side.then_some(PatchError::NoOldSide(whole))
}

/// Applies the hunks of `diff`, the content of `block`. All of them look for their place in `file`
/// as it is before the diff.
///
/// # Errors
/// Every hunk that has no place, more than one, or one that another hunk changes too.
pub fn apply(
    file: &Stitched,
    diff: &str,
    hunks: &[Hunk],
    block: usize,
) -> Result<Stitched, Vec<PatchError>> {
    let lines = Lines::new(file.text());
    let mut errors = Vec::new();
    let mut places = Vec::new();
    for hunk in hunks {
        match locate(&lines, hunk, diff) {
            Ok(first) => places.push((first, hunk)),
            Err(error) => errors.push(error),
        }
    }
    places.sort_by_key(|(first, _)| *first);
    for pair in places.windows(2) {
        let (first, hunk) = pair[0];
        if first + hunk.old(diff).len() > pair[1].0 {
            errors.push(PatchError::Overlap(pair[1].1.old_range()));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut result = Stitched::default();
    let mut line = 0;
    for (first, hunk) in places {
        result.push_part(file, lines.start(line)..lines.start(first));
        line = first;
        for change in &hunk.lines {
            match change.mark {
                Mark::Context => {
                    end_line(&mut result, block);
                    result.push_part(file, lines.start(line)..lines.start(line + 1));
                    line += 1;
                }
                Mark::Minus => line += 1,
                Mark::Plus => push_line(&mut result, diff, change, block),
            }
        }
    }
    if line < lines.count() {
        end_line(&mut result, block);
    }
    result.push_part(file, lines.start(line)..file.text().len());
    Ok(result)
}

fn push_line(result: &mut Stitched, diff: &str, line: &Line, block: usize) {
    end_line(result, block);
    let with_break = line.range.start..(line.range.end + 1).min(diff.len());
    let at = with_break.start;
    result.push(&diff[with_break], Origin::Block { block, at });
    // Where a block ends without a line break, its last line still is a line, even an empty one.
    if line.range.end == diff.len() {
        result.push("\n", Origin::Made { block });
    }
}

/// The last line of a file may lack its line break; a line that comes after it needs one.
pub(crate) fn end_line(file: &mut Stitched, block: usize) {
    if !file.text().is_empty() && !file.text().ends_with('\n') {
        file.push("\n", Origin::Made { block });
    }
}

struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        if starts.last() == Some(&text.len()) {
            starts.pop();
        }
        Self { text, starts }
    }

    fn count(&self) -> usize {
        self.starts.len()
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// The lines from the line `from` on that are `wanted`. Searching the text for it takes a fraction
    /// of looking at each line.
    fn equal_to(&self, wanted: &str, from: usize) -> Vec<usize> {
        let is_equal = |line: &usize| self.get(*line) == wanted;
        if wanted.is_empty() {
            return (from..self.count()).filter(is_equal).collect();
        }
        let start = self.start(from);
        let found = self.text[start..].match_indices(wanted);
        found
            .filter_map(|(at, _)| self.starts.binary_search(&(start + at)).ok())
            .filter(is_equal)
            .collect()
    }

    fn get(&self, line: usize) -> &'a str {
        let text = &self.text[self.start(line)..self.start(line + 1)];
        text.strip_suffix('\n').unwrap_or(text)
    }
}

/// The line of the file, from 0, at which the old side of a hunk starts.
fn locate(lines: &Lines<'_>, hunk: &Hunk, diff: &str) -> Result<usize, PatchError> {
    let from = match &hunk.after {
        None => 0,
        Some(range) => after(lines, range.clone(), diff)?,
    };
    let old = hunk.old(diff);
    let mut places = Vec::new();
    let mut best = (0, 0);
    let start = old.first().copied().unwrap_or_default();
    for first in lines.equal_to(start, from) {
        let count = in_common((first..lines.count()).map(|line| lines.get(line)), &old);
        if count == old.len() {
            places.push(first);
        } else if count > best.0 {
            best = (count, first);
        }
    }
    match places.as_slice() {
        [place] => Ok(*place),
        [] => Err(missing(lines, hunk, diff, from, best)),
        _ => Err(PatchError::Ambiguous {
            range: hunk.old_range(),
            lines: places.iter().map(|place| place + 1).collect(),
        }),
    }
}

/// How many lines of `wanted` the file has at a place, from the first one on.
fn in_common<'a>(file: impl Iterator<Item = &'a str>, wanted: &[&str]) -> usize {
    file.zip(wanted)
        .take_while(|(line, wanted)| line == *wanted)
        .count()
}

fn after(lines: &Lines<'_>, range: Range<usize>, diff: &str) -> Result<usize, PatchError> {
    let wanted = &diff[range.clone()];
    let mut found = (0..lines.count()).filter(|line| lines.get(*line).trim() == wanted);
    match (found.next(), found.count()) {
        (Some(line), 0) => Ok(line + 1),
        (first, more) => Err(PatchError::After {
            range,
            count: usize::from(first.is_some()) + more,
        }),
    }
}

/// Points at the first line of the old side that the file does not have at the best candidate, and
/// at what the file has there. Without a candidate: at the line of the file most like the first.
fn missing(
    lines: &Lines<'_>,
    hunk: &Hunk,
    diff: &str,
    from: usize,
    best: (usize, usize),
) -> PatchError {
    let (count, first) = best;
    let mut old = hunk.lines.iter().filter(|line| line.mark != Mark::Plus);
    let range = old.nth(count).map_or(0..0, |line| line.range.clone());
    let wanted = &diff[range.clone()];
    let instead = if count > 0 {
        Some(first + count).filter(|line| *line < lines.count())
    } else {
        most_alike(
            wanted.trim(),
            (from..lines.count()).map(|line| (line, lines.get(line).trim())),
        )
    };
    PatchError::Missing {
        range,
        instead: instead.map(|line| (line + 1, lines.get(line).to_owned())),
    }
}

/// The line most like `wanted`, if one is like enough.
fn most_alike<'a>(wanted: &str, lines: impl Iterator<Item = (usize, &'a str)>) -> Option<usize> {
    comparable(wanted, lines, |(_, line)| line)
        .map(|(number, line)| (strsim::normalized_levenshtein(line, wanted), number))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, number)| number)
}

/// Whole lines of `text` that equal `fragment`: the line, from 1, of each place where they start.
#[must_use]
pub fn occurrences(text: &str, fragment: &str) -> Vec<usize> {
    let wanted = fragment.strip_suffix('\n').unwrap_or(fragment);
    if wanted.is_empty() {
        return Vec::new();
    }
    let wanted: Vec<_> = wanted.split('\n').collect();
    let lines: Vec<_> = text.split('\n').collect();
    (0..lines.len())
        .filter(|first| in_common(lines[*first..].iter().copied(), &wanted) == wanted.len())
        .map(|first| first + 1)
        .collect()
}

#[cfg(test)]
mod tests;
