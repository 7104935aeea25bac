//! Text that remembers where its bytes came from.

use std::ops::Range;

use super::files::FileId;

/// A run of bytes with one origin; it ends where the next one starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// First byte in the text.
    pub(super) start: usize,
    /// The file it came from.
    pub(super) file: FileId,
    /// The offset in that file.
    pub(super) offset: usize,
    /// Made up, not copied: such bytes all stand for the place `offset`.
    pub(super) made: bool,
}

impl Segment {
    /// The offset in the file of a byte of the text.
    fn at(&self, byte: usize) -> usize {
        if self.made {
            self.offset
        } else {
            self.offset + byte.saturating_sub(self.start)
        }
    }

    /// Whether `next`, put right behind, says nothing that this one would not say.
    fn continues(&self, next: &Segment) -> bool {
        self.file == next.file && self.made == next.made && self.at(next.start) == next.offset
    }
}

/// The origins of a text's bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    segments: Vec<Segment>,
    /// The length of the text.
    end: usize,
}

impl Trail {
    fn push(&mut self, length: usize, file: FileId, offset: usize, made: bool) {
        let segment = Segment {
            start: self.end,
            file,
            offset,
            made,
        };
        // Joining keeps a plain chapter at one segment, however many pieces it was copied in.
        if length > 0
            && !self
                .segments
                .last()
                .is_some_and(|last| last.continues(&segment))
        {
            self.segments.push(segment);
        }
        self.end += length;
    }

    /// Where a byte came from; the end of the text counts as part of its last segment.
    /// `None` only if there is no text.
    pub(super) fn origin(&self, byte: usize) -> Option<(FileId, usize)> {
        let segment = self.segments.get(self.index(byte))?;
        Some((segment.file, segment.at(byte)))
    }

    /// Where a range came from, as one range of the file in which it starts: up to its last byte
    /// if that came from the same file, else as far as the first origin goes.
    pub(super) fn region(&self, range: &Range<usize>) -> Option<(FileId, Range<usize>)> {
        let (file, start) = self.origin(range.start)?;
        if range.is_empty() {
            return Some((file, start..start));
        }
        let first = self.index(range.start);
        let last = self.segments[self.index(range.end - 1)];
        let end = if last.file == file && last.at(range.end) >= start {
            last.at(range.end)
        } else {
            self.segments[first].at(self.end_of(first))
        };
        Some((file, start..end))
    }

    /// The segments that make up a range, cut to it.
    fn cut(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Segment)> + '_ {
        let first = self.index(range.start);
        let touched = self.segments[first..]
            .iter()
            .take_while(move |segment| segment.start < range.end);
        touched.enumerate().map(move |(index, segment)| {
            let start = segment.start.max(range.start);
            let end = self.end_of(first + index).min(range.end);
            let offset = segment.at(start);
            (
                start..end,
                Segment {
                    start,
                    offset,
                    ..*segment
                },
            )
        })
    }

    /// All segments with their ranges.
    #[cfg(test)]
    pub(super) fn segments(&self) -> impl Iterator<Item = (Range<usize>, Segment)> + '_ {
        self.cut(0..self.end)
    }

    /// The index of the segment that holds `byte`.
    fn index(&self, byte: usize) -> usize {
        self.segments
            .partition_point(|segment| segment.start <= byte)
            .saturating_sub(1)
    }

    /// Where the segment with this index ends.
    fn end_of(&self, index: usize) -> usize {
        self.segments
            .get(index + 1)
            .map_or(self.end, |next| next.start)
    }
}

/// Text with its trail.
#[derive(Clone, Debug, Default)]
pub(super) struct Traced {
    pub(super) text: String,
    pub(super) trail: Trail,
}

impl Traced {
    /// Appends bytes that stand in `file` at `offset`.
    pub(super) fn copy(&mut self, text: &str, file: FileId, offset: usize) {
        self.text.push_str(text);
        self.trail.push(text.len(), file, offset, false);
    }

    /// Appends bytes that stand in no file, on behalf of a place in one.
    pub(super) fn make(&mut self, text: &str, file: FileId, offset: usize) {
        self.text.push_str(text);
        self.trail.push(text.len(), file, offset, true);
    }

    /// Appends a part of another text with its origins.
    pub(super) fn extend(&mut self, other: &Traced, range: Range<usize>) {
        for (piece, segment) in other.trail.cut(range) {
            self.text.push_str(&other.text[piece.clone()]);
            self.trail
                .push(piece.len(), segment.file, segment.offset, segment.made);
        }
    }
}
