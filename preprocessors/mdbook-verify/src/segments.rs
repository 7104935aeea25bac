//! Files of the stitched tree, with the origin of every byte.
//!
//! Tools report `file:line:column` in the stitched tree. The segment map turns that into the
//! place in the guide's text, or in upstream's. Nothing else in the crate does.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Where bytes of a stitched file come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Upstream's file of the same path, from this byte on.
    Base(usize),
    /// The content of a block, from this byte on.
    Block {
        /// Index of the block.
        block: usize,
        /// Byte of its content.
        at: usize,
    },
    /// Made from a block by a tool or by the verifier: generated code, a line break that joins
    /// two texts.
    Made {
        /// Index of the block.
        block: usize,
    },
}

impl Origin {
    fn advanced(self, by: usize) -> Self {
        match self {
            Self::Base(at) => Self::Base(at + by),
            Self::Block { block, at } => Self::Block { block, at: at + by },
            made @ Self::Made { .. } => made,
        }
    }

    /// The block that these bytes come from, if they do not come from upstream.
    #[must_use]
    pub fn block(self) -> Option<usize> {
        match self {
            Self::Base(_) => None,
            Self::Block { block, .. } | Self::Made { block } => Some(block),
        }
    }
}

/// A run of bytes of one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    start: usize,
    origin: Origin,
}

/// A text file of the stitched tree. Copies share their content until one of them grows: the tree is
/// remembered as it stands at each block that must fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stitched {
    text: Arc<String>,
    segments: Arc<Vec<Segment>>,
}

impl Stitched {
    /// A file as upstream has it.
    #[must_use]
    pub fn from_base(text: &str) -> Self {
        let mut file = Self::default();
        file.push(text, Origin::Base(0));
        file
    }

    /// A file made by a tool from a block.
    #[must_use]
    pub fn made(text: &str, block: usize) -> Self {
        let mut file = Self::default();
        file.push(text, Origin::Made { block });
        file
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Appends text of one origin.
    pub fn push(&mut self, text: &str, origin: Origin) {
        if text.is_empty() {
            return;
        }
        Arc::make_mut(&mut self.segments).push(Segment {
            start: self.text.len(),
            origin,
        });
        Arc::make_mut(&mut self.text).push_str(text);
    }

    /// Appends a part of another file, origins included.
    pub fn push_part(&mut self, other: &Self, part: Range<usize>) {
        let first = other.segments.partition_point(|s| s.start <= part.start);
        let mut from = part.start;
        let mut index = first.saturating_sub(1);
        while from < part.end {
            let Some(segment) = other.segments.get(index) else {
                return;
            };
            let next = other
                .segments
                .get(index + 1)
                .map_or(other.text.len(), |s| s.start);
            let to = next.min(part.end);
            self.push(
                &other.text[from..to],
                segment.origin.advanced(from - segment.start),
            );
            from = to;
            index += 1;
        }
    }

    /// The origin of a byte; of the last one for the end of the file. None for an empty file.
    #[must_use]
    pub fn origin(&self, byte: usize) -> Option<Origin> {
        let byte = byte.min(self.text.len().checked_sub(1)?);
        let after = self.segments.partition_point(|s| s.start <= byte);
        let segment = self.segments[after.checked_sub(1)?];
        Some(segment.origin.advanced(byte - segment.start))
    }

    /// The byte at a line and column (bytes), both from 1. A place behind the end of its line or
    /// of the file is moved to that end.
    #[must_use]
    pub fn byte_at(&self, line: usize, column: usize) -> usize {
        byte_at(&self.text, line, column)
    }

    /// The blocks that had a hand in the file, each once, in the order of their text.
    #[must_use]
    pub fn blocks(&self) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        let blocks = self.segments.iter().filter_map(|s| s.origin.block());
        blocks.filter(|block| seen.insert(*block)).collect()
    }
}

/// The byte at a line and column (bytes) of `text`, both from 1.
#[must_use]
pub fn byte_at(text: &str, line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => text
            .match_indices('\n')
            .nth(breaks)
            .map_or(text.len(), |(at, _)| at + 1),
    };
    let length = text[start..].find('\n').unwrap_or(text.len() - start);
    start + column.saturating_sub(1).min(length)
}

/// Line and column (bytes) of a byte of `text`, both from 1.
#[must_use]
pub fn line_column(text: &str, byte: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..byte.min(text.len())];
    let start = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let line = before.split(|b| *b == b'\n').count();
    (line, before.len() - start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_survive_cutting_and_joining() {
        let base = Stitched::from_base("one\ntwo\nthree\n");
        let mut file = Stitched::default();
        file.push_part(&base, 0..4);
        file.push("new\n", Origin::Block { block: 7, at: 10 });
        file.push_part(&base, 4..14);
        assert_eq!(file.text(), "one\nnew\ntwo\nthree\n");
        assert_eq!(file.origin(1), Some(Origin::Base(1)));
        assert_eq!(file.origin(5), Some(Origin::Block { block: 7, at: 11 }));
        assert_eq!(file.origin(8), Some(Origin::Base(4)));
        // A part that begins inside a segment and ends inside another one.
        let mut part = Stitched::default();
        part.push_part(&file, 2..9);
        assert_eq!(part.text(), "e\nnew\nt");
        assert_eq!(part.origin(0), Some(Origin::Base(2)));
        assert_eq!(part.origin(2), Some(Origin::Block { block: 7, at: 10 }));
        assert_eq!(part.origin(99), Some(Origin::Base(4)));
        assert_eq!(part.blocks(), [7]);
    }

    #[test]
    fn lines_and_columns() {
        let text = "ab\ncd\n";
        assert_eq!(byte_at(text, 1, 1), 0);
        assert_eq!(byte_at(text, 2, 2), 4);
        assert_eq!(byte_at(text, 2, 99), 5);
        assert_eq!(byte_at(text, 9, 1), 6);
        for byte in 0..=text.len() {
            let (line, column) = line_column(text, byte);
            assert_eq!(byte_at(text, line, column), byte);
        }
        assert_eq!(Stitched::default().origin(0), None);
    }
}
