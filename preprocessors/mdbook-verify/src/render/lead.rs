//! Where HTML goes that stands before a block or in its place: into the same list item or quote.

use std::ops::Range;

use crate::blocks::Block;

/// The start of a block's first line, into which HTML is put. What stands before the fence on its
/// line then stands before the HTML, and what follows gets a line of its own that goes on in the same
/// containers.
pub(super) struct Lead {
    /// Where the HTML goes.
    pub(super) from: usize,
    space: String,
    next: String,
}

impl Lead {
    /// The lead of a block of `text`.
    pub(super) fn of(text: &str, block: &Block) -> Self {
        let at = block.span.start;
        let line = text[..at].rfind('\n').map_or(0, |eol| eol + 1);
        let prefix = &text[line..at];
        let is_fence = block.info.start > at;
        let (from, space) = if is_fence {
            (at, String::new())
        } else {
            less_indented(prefix, line)
        };
        Self {
            from,
            space,
            next: continued(prefix),
        }
    }

    /// HTML before the block.
    pub(super) fn before(&self, block: &Block, html: &str) -> (Range<usize>, String) {
        let text = format!("{}{html}{}", self.space, self.gap());
        (self.from..block.span.start, text)
    }

    /// HTML in the place of the block, each part of which ends where the line ends.
    pub(super) fn instead(&self, block: &Block, parts: &[String]) -> (Range<usize>, String) {
        (self.from..block.span.end, parts.join(&self.gap()))
    }

    /// An empty line, which ends HTML; in a quote it keeps its `>`, since it would end the quote
    /// otherwise.
    fn gap(&self) -> String {
        format!("\n{}\n{}", self.next.trim_end(), self.next)
    }
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
