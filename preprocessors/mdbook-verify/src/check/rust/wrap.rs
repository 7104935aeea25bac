//! A block of Rust as rustdoc makes a program of it: hidden lines uncovered, and a `fn main` around
//! what has none.
//!
//! Told apart by lines, as rustdoc itself does it where its parser gives up. Where a block is so
//! unusual that the two differ, the outcome is an error here, not a proof.

use crate::segments::{Origin, Stitched};

/// The program that rustdoc would make of a block's text.
pub(super) fn program(block: usize, text: &str) -> Stitched {
    let lines = Lines { block, text };
    let shown: Vec<Line> = lines.shown();
    let split = shown
        .iter()
        .position(|line| !belongs_before_main(line.text(text).trim()))
        .unwrap_or(shown.len());
    let (head, body) = shown.split_at(split);
    let mut program = Stitched::default();
    let made = Origin::Made { block };
    program.push("#![allow(unused)]\n", made);
    lines.push(head, &mut program);
    if body.iter().any(|line| has_main(line.text(text))) {
        lines.push(body, &mut program);
        return program;
    }
    let (before, after) = if returns(body, text) {
        (
            "fn main() { fn _inner() -> core::result::Result<(), impl core::fmt::Debug> {\n",
            "} _inner().unwrap() }\n",
        )
    } else {
        ("fn main() {\n", "}\n")
    };
    program.push(before, made);
    lines.push(body, &mut program);
    program.push(after, made);
    program
}

struct Lines<'a> {
    block: usize,
    text: &'a str,
}

/// What counts of a line: two byte ranges of the text, the second one behind a doubled `#`.
struct Line {
    first: std::ops::Range<usize>,
    second: std::ops::Range<usize>,
}

impl Line {
    fn text<'t>(&self, text: &'t str) -> &'t str {
        // Only a line with a doubled `#` has two parts, and then the first one is white space.
        if self.second.is_empty() {
            &text[self.first.clone()]
        } else {
            &text[self.second.clone()]
        }
    }
}

impl Lines<'_> {
    fn shown(&self) -> Vec<Line> {
        let mut at = 0;
        let mut lines = Vec::new();
        for line in self.text.split_inclusive('\n') {
            let end = at + line.trim_end_matches('\n').len();
            let start = at + line.len() - line.trim_start().len();
            let trimmed = line.trim();
            lines.push(if trimmed.starts_with("##") {
                Line {
                    first: at..start,
                    second: start + 1..end,
                }
            } else if trimmed == "#" {
                Line {
                    first: end..end,
                    second: end..end,
                }
            } else if trimmed.starts_with("# ") {
                Line {
                    first: start + 2..end,
                    second: end..end,
                }
            } else {
                Line {
                    first: at..end,
                    second: end..end,
                }
            });
            at += line.len();
        }
        lines
    }

    fn push(&self, lines: &[Line], program: &mut Stitched) {
        for line in lines {
            for part in [&line.first, &line.second] {
                let origin = Origin::Block {
                    block: self.block,
                    at: part.start,
                };
                program.push(&self.text[part.clone()], origin);
            }
            program.push("\n", Origin::Made { block: self.block });
        }
    }
}

/// Attributes of the crate and `extern crate` stand before everything else.
fn belongs_before_main(line: &str) -> bool {
    line.is_empty()
        || ["#![", "//", "extern crate ", "#[macro_use] extern crate "]
            .iter()
            .any(|start| line.starts_with(start))
}

fn has_main(line: &str) -> bool {
    line.split("//")
        .next()
        .is_some_and(|code| code.contains("fn main"))
}

/// Whether the block ends in `Ok::<(), E>(())`, so that it may use `?`.
fn returns(body: &[Line], text: &str) -> bool {
    let mut lines = body.iter().rev().map(|line| line.text(text).trim());
    let last = lines.find(|line| !line.is_empty());
    last.is_some_and(|line| line.ends_with("(())"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, wanted: &str) {
        let program = program(3, text);
        assert_eq!(program.text(), wanted);
        // Every byte that says it comes from the block stands there.
        for byte in 0..program.text().len() {
            if let Some(Origin::Block { at, .. }) = program.origin(byte) {
                assert_eq!(program.text().as_bytes()[byte], text.as_bytes()[at]);
            }
        }
    }

    #[test]
    fn statements_get_a_main() {
        check(
            "# let hidden = 1;\n#\nlet x = hidden;\n  ## [derive]\n#[allow(x)]\n",
            "#![allow(unused)]\nfn main() {\nlet hidden = 1;\n\nlet x = hidden;\n  # [derive]\n#[allow(x)]\n}\n",
        );
    }

    #[test]
    fn a_main_of_its_own_stays() {
        check("fn main() {}", "#![allow(unused)]\nfn main() {}\n");
        check(
            "// fn main\n1;",
            "#![allow(unused)]\n// fn main\nfn main() {\n1;\n}\n",
        );
    }

    #[test]
    fn attributes_of_the_crate_stand_first() {
        check(
            "# #![deny(warnings)]\n\nf();\n",
            "#![allow(unused)]\n#![deny(warnings)]\n\nfn main() {\nf();\n}\n",
        );
    }

    #[test]
    fn a_result_at_the_end_allows_the_question_mark() {
        let program = program(0, "f()?;\n# Ok::<(), ()>(())\n\n");
        assert!(program.text().contains("fn _inner()"), "{}", program.text());
        assert!(program.text().ends_with("_inner().unwrap() }\n"));
    }
}
