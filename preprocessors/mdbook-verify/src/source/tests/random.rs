//! Chapters and files put together at random from what matters to mdBook's link syntax.

use super::*;

const CHAPTERS: u64 = 2000;

/// Pieces of a chapter. `2.md` and the like include only files with a higher number, so that
/// nothing is a loop.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{",
    "}",
    "#",
    "\\",
    "\\{{#",
    "{{#",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    ":",
    "1",
    "2",
    "a",
    "x",
    "ü",
    "\u{feff}",
    "include ",
    "rustdoc_include ",
    "playground ",
    "playpen ",
    "title ",
    "inlcude ",
    "foo ",
    "include\n",
    "{{#include ",
    "{{ #include ",
    "\\{{#include ",
    "{{#rustdoc_include ",
    "{{#playground ",
    "{{#title T}}",
    "{{#title ",
    "6.md",
    "7.md",
    "8.md",
    "../other/9.md",
    "gone.md",
    "8.md:2",
    "8.md:a",
    "7.md:1:2",
    "9.md",
    ":a",
    ":2:",
    "6.md}}",
    "8.md:a}}",
    "../other/9.md:2:}}",
    "{{#include 6.md}}",
    "{{#include 7.md}}",
    "{{#include 8.md:a}}",
    "{{#include ../other/9.md}}",
    "{{#rustdoc_include 8.md:a}}",
    "{{#playground 7.md x}}",
    "ANCHOR: a",
    "ANCHOR_END: a",
    "\nANCHOR: a\n",
    "\nANCHOR_END: a\n",
    "text",
];

/// Files, by the number below which a piece may be used in them.
const RANDOM_FILES: &[(&str, usize)] = &[
    ("part/6.md", 7),
    ("part/7.md", 8),
    ("part/8.md", 9),
    ("other/9.md", 10),
];

/// A small generator of random numbers (xorshift64*), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    fn text(&mut self, allowed: impl Fn(&str) -> bool) -> String {
        let count = self.below(25);
        (0..count)
            .map(|_| PIECES[self.below(PIECES.len())])
            .filter(|piece| allowed(piece))
            .collect()
    }
}

fn includes_only_from(first: usize) -> impl Fn(&str) -> bool {
    move |piece| !(6..first).any(|number| piece.contains(&format!("{number}.md")))
}

#[test]
fn random_chapters_expand_as_mdbook_does() {
    let lab = Lab::new(&[]);
    for seed in 1..=CHAPTERS {
        let random = &mut Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        if seed % 10 == 1 {
            for (path, first) in RANDOM_FILES {
                lab.write(path, random.text(includes_only_from(*first)).as_bytes());
            }
        }
        let chapter = random.text(|_| true);
        lab.check(&chapter);
        check_edits(&lab, &chapter, random);
    }
}

/// Random edits of a chapter come through mdBook as they were made.
fn check_edits(lab: &Lab, chapter: &str, random: &mut Random) {
    let (document, ..) = lab.expand(chapter);
    let mut bounds: Vec<usize> = (0..4)
        .map(|_| {
            document
                .text
                .floor_char_boundary(random.below(document.text.len() + 1))
        })
        .collect();
    bounds.sort_unstable();
    let edits = vec![
        (bounds[0]..bounds[1], random.text(|_| true)),
        (bounds[2]..bounds[3], random.text(|_| true)),
    ];
    let mut edited = document.text.clone();
    for (range, new) in edits.iter().rev() {
        edited.replace_range(range.clone(), new);
    }
    let passed_on = document.splice(edits, NAME);
    assert_eq!(
        lab.mdbook(&passed_on).0,
        edited,
        "passed on as {passed_on:?}"
    );
}
