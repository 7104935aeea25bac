//! Files with the origin of every byte.

use crate::segments::{Origin, Stitched, byte_at, line_column};

/// A file put together by any steps has the origins that a list of one origin a byte has. The bytes
/// of `steps` say what to do.
pub fn segments(text: &str, steps: &[u8]) {
    let base = Stitched::from_base(text);
    let model = |file: &Stitched| -> Vec<(u8, Origin)> {
        let origin = |at| file.origin(at).expect("it has an origin");
        file.text()
            .bytes()
            .enumerate()
            .map(|(at, byte)| (byte, origin(at)))
            .collect()
    };
    let mut file = Stitched::default();
    let mut expected: Vec<(u8, Origin)> = Vec::new();
    for step in steps.chunks_exact(3).take(30) {
        let (from, to) = (usize::from(step[1]), usize::from(step[2]));
        match step[0] % 3 {
            0 => {
                let piece = &text[boundary(text, from)..boundary(text, from.max(to))];
                let at = boundary(text, from);
                file.push(piece, Origin::Block { block: to, at });
                let origin = |n| Origin::Block {
                    block: to,
                    at: at + n,
                };
                expected.extend(piece.bytes().enumerate().map(|(n, byte)| (byte, origin(n))));
            }
            1 => {
                file.push("\n", Origin::Made { block: from });
                expected.push((b'\n', Origin::Made { block: from }));
            }
            _ => {
                // A part of what stands already, or of the base.
                let other = if from % 2 == 0 {
                    file.clone()
                } else {
                    base.clone()
                };
                let start = boundary(other.text(), from);
                let part = start..boundary(other.text(), from.max(to));
                file.push_part(&other, part.clone());
                expected.extend(&model(&other)[part]);
            }
        }
    }
    assert_eq!(model(&file), expected);
    let mut blocks = file.blocks();
    blocks.sort_unstable();
    let mut wanted: Vec<_> = expected
        .iter()
        .filter_map(|(_, origin)| origin.block())
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    assert_eq!(blocks, wanted);
    for at in 0..=file.text().len() {
        let (line, column) = line_column(file.text(), at);
        assert_eq!(byte_at(file.text(), line, column), at);
    }
}

/// A place in the text between two characters.
fn boundary(text: &str, wanted: usize) -> usize {
    text.floor_char_boundary(wanted.min(text.len()))
}
