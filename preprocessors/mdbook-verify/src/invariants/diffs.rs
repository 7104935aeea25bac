//! Diffs and what comes of them.

use crate::patch::{self, Hunk, Mark};
use crate::segments::{Origin, Stitched};

/// Where a diff applies, the result is what a second, simpler implementation makes of it, each byte
/// of it is from where it is said to be, and the diff the other way round undoes it.
pub fn diff(file: &str, diff: &str) {
    let Ok(hunks) = patch::parse(diff) else {
        return;
    };
    lines_are_marked(diff, &hunks);
    let before = Stitched::from_base(file);
    let Ok(after) = patch::apply(&before, diff, &hunks, 3) else {
        return;
    };
    origins(file, diff, &after);
    assert_eq!(ended(after.text()), model(file, diff, &hunks));
    undone(file, diff, &hunks, &after);
}

fn lines_are_marked(diff: &str, hunks: &[Hunk]) {
    for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
        let before = &diff[..line.range.start];
        match line.mark {
            Mark::Plus => assert!(before.ends_with('+')),
            Mark::Minus => assert!(before.ends_with('-')),
            // An empty line is context too.
            Mark::Context => assert!(line.range.is_empty() || before.ends_with(' ')),
        }
    }
}

fn origins(file: &str, diff: &str, after: &Stitched) {
    let mut last = None;
    for (at, byte) in after.text().bytes().enumerate() {
        match after.origin(at) {
            Some(Origin::Base(from)) => {
                assert_eq!(file.as_bytes()[from], byte);
                assert!(last < Some(from), "upstream's bytes are out of order");
                last = Some(from);
            }
            Some(Origin::Block { block, at }) => {
                assert_eq!((block, diff.as_bytes()[at]), (3, byte));
            }
            Some(Origin::Made { block }) => assert_eq!((block, byte), (3, b'\n')),
            None => panic!("byte {at} is from nowhere"),
        }
    }
}

/// The lines of the file with the old side of each hunk replaced by its new side.
fn model(file: &str, diff: &str, hunks: &[Hunk]) -> String {
    let lines: Vec<&str> = file
        .strip_suffix('\n')
        .unwrap_or(file)
        .split('\n')
        .collect();
    let side = |hunk: &Hunk, other: Mark| -> Vec<&str> {
        let lines = hunk.lines.iter().filter(|line| line.mark != other);
        lines.map(|line| &diff[line.range.clone()]).collect()
    };
    let mut new: Vec<Vec<&str>> = lines.iter().map(|line| vec![*line]).collect();
    for hunk in hunks {
        let old = side(hunk, Mark::Plus);
        let from = hunk.after.as_ref().map_or(0, |range| {
            let wanted = &diff[range.clone()];
            1 + lines
                .iter()
                .position(|line| line.trim() == wanted)
                .expect("the line was found")
        });
        let places: Vec<_> = (from..lines.len())
            .filter(|at| lines[*at..].starts_with(&old))
            .collect();
        assert_eq!(places.len(), 1, "the place is not the only one");
        let place = places[0]..places[0] + old.len();
        new[place.clone()].fill(Vec::new());
        new[place.start] = side(hunk, Mark::Minus);
    }
    new.concat().join("\n") + "\n"
}

fn undone(file: &str, diff: &str, hunks: &[Hunk], after: &Stitched) {
    // The line after @@ may be changed itself.
    if hunks.iter().any(|hunk| hunk.after.is_some()) {
        return;
    }
    let swapped: Vec<String> = diff
        .split('\n')
        .map(|line| match line.as_bytes().first() {
            Some(b'+') => format!("-{}", &line[1..]),
            Some(b'-') => format!("+{}", &line[1..]),
            _ => line.to_owned(),
        })
        .collect();
    let swapped = swapped.join("\n");
    // What only took lines away has no old side now, or has it more than once.
    if let Ok(hunks) = patch::parse(&swapped)
        && let Ok(back) = patch::apply(after, &swapped, &hunks, 4)
    {
        assert_eq!(ended(back.text()), ended(file));
    }
}

/// The text with a last line break, which an edit may add.
fn ended(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    format!("{text}\n")
}
