//! All states of a file in one listing: each line once, with the steps at which it stands there. A
//! style shows those of one step; a listing for each would make the pages as many times as long.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::segments::{Origin, Stitched};
use crate::steps::Step;

use super::address::Address;
use super::diff::{indented_by_tabs, language};
use super::html::{self, escape};

/// How many steps the style knows.
const STEPS: usize = 9;

/// A line, with the steps, from 0, at which the file has it.
struct Line<'a> {
    text: &'a str,
    /// Where its first byte comes from, which no other line has.
    origin: Option<Origin>,
    at: BTreeSet<usize>,
}

/// The states that are shown.
pub(super) fn shown<'a, 'b>(states: &'a [&'b Step]) -> &'a [&'b Step] {
    &states[states.len().saturating_sub(STEPS)..]
}

/// The listing of the last of these states, as many as the style knows, HTML that starts a line. Where
/// the file `is_new`, all lines are the guide's, and none is marked.
pub(super) fn listing(path: &str, all: &[&Step], address: &Address, is_new: bool) -> String {
    let states = shown(all);
    let last = states.len() - 1;
    let lines = union(states);
    let upstream = (all.len() == states.len()).then_some(0);
    let tabs = if indented_by_tabs(lines.iter().map(|line| line.text)) {
        " verify-tabs"
    } else {
        ""
    };
    let new = if is_new { " verify-new" } else { "" };
    let mut html = format!("<pre class=\"verify-file{new}\">");
    // Beside the code and not in it, whose elements the page's highlighter makes anew.
    for (number, step) in states.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<span class=\"verify-label{}\" id=\"{}\" style=\"--line:{}\">Step {} of {}</span>",
            state(number, states.len()),
            escape(&address.anchor(number, states.len())),
            first_change(&lines, number, step.block, upstream),
            number + 1,
            states.len()
        );
    }
    let _ = write!(html, "<code class=\"{}{tabs}\">", language(path));
    for line in lines {
        let text = html::lines(line.text);
        let always = line.at.len() == states.len();
        let of_guide = line.origin.and_then(Origin::block).is_some();
        if always && (is_new || !of_guide) {
            let _ = writeln!(html, "{text}");
            continue;
        }
        let mut classes: Vec<_> = Vec::new();
        if !always {
            classes.extend(line.at.iter().map(|at| format!("v{}", at + 1)));
        }
        let stays = line.at.contains(&last);
        // What the guide writes and takes out again is its own as long as it stands there.
        let tag = if of_guide || stays { "ins" } else { "del" };
        if of_guide && !stays {
            classes.push("gone".to_owned());
        }
        let class = match classes.as_slice() {
            [] => String::new(),
            classes => format!(" class=\"{}\"", classes.join(" ")),
        };
        let _ = write!(html, "<{tag}{class}>{text}\n</{tag}>");
    }
    html + "</code></pre>"
}

/// The class by which the style shows the lines of a state that is not the last.
fn state(number: usize, count: usize) -> String {
    if number + 1 == count {
        String::new()
    } else {
        format!(" s{}", number + 1)
    }
}

/// At which line, from 0, of the file after a step the step has changed something.
/// `upstream` is where upstream's file begins, if the first state is made of that.
fn first_change(lines: &[Line], number: usize, block: usize, mut upstream: Option<usize>) -> usize {
    let is_new = |line: &Line| line.origin.and_then(Origin::block) == Some(block);
    let was_there = |line: &Line| {
        number
            .checked_sub(1)
            .is_some_and(|at| line.at.contains(&at))
    };
    // A line of upstream's that is gone has left a gap.
    let mut behind_a_gap = |line: &Line| match (line.origin, &mut upstream) {
        (Some(Origin::Base(at)), Some(next)) if number == 0 => {
            let is_behind = at != *next;
            *next = at + line.text.len() + "\n".len();
            is_behind
        }
        _ => false,
    };
    let mut changes = |line: &&Line| {
        if line.at.contains(&number) {
            is_new(line) || behind_a_gap(line)
        } else {
            was_there(line)
        }
    };
    let before = lines.iter().take_while(|line| !changes(line));
    before.filter(|line| line.at.contains(&number)).count()
}

/// The lines of all states, in an order that is that of each.
fn union<'a>(states: &[&'a Step]) -> Vec<Line<'a>> {
    let mut union: Vec<Line<'a>> = Vec::new();
    for (number, step) in states.iter().enumerate() {
        let mut old = union.into_iter().peekable();
        let mut merged = Vec::new();
        for (text, origin) in lines(&step.file) {
            let is_new = origin.and_then(Origin::block) == Some(step.block) || number == 0;
            if is_new {
                merged.push(Line {
                    text,
                    origin,
                    at: BTreeSet::from([number]),
                });
                continue;
            }
            // What stands before it and is not it, this step has removed, or an earlier one.
            for mut line in old.by_ref() {
                let is_it = line.origin == origin;
                if is_it {
                    line.at.insert(number);
                }
                merged.push(line);
                if is_it {
                    break;
                }
            }
        }
        merged.extend(old);
        union = merged;
    }
    union
}

fn lines(file: &Stitched) -> impl Iterator<Item = (&str, Option<Origin>)> {
    let mut at = 0;
    file.text().split_inclusive('\n').map(move |line| {
        let origin = file.origin(at);
        at += line.len();
        (line.strip_suffix('\n').unwrap_or(line), origin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::FileKey;

    fn step(block: usize, file: Stitched) -> Step {
        Step {
            block,
            key: FileKey {
                base: "server".into(),
                path: "a.go".into(),
            },
            file,
            stays: true,
        }
    }

    fn listing(states: &[&Step]) -> String {
        let address = Address::of("files", "e", &states[0].key);
        super::listing("a.go", states, &address, false)
    }

    #[test]
    fn each_state_can_be_read_off() {
        let upstream = Stitched::from_base("one\ntwo\none\nthree");
        let mut first = Stitched::default();
        first.push_part(&upstream, 0..4);
        first.push("new\nold\n", Origin::Block { block: 1, at: 0 });
        first.push_part(&upstream, 4..17);
        let mut second = Stitched::default();
        second.push_part(&first, 0..8);
        second.push_part(&first, 16..25);
        second.push("\n", Origin::Made { block: 2 });
        second.push("one\n", Origin::Block { block: 2, at: 0 });
        let states = [step(1, first), step(2, second)];
        let states: Vec<_> = states.iter().collect();
        let union = union(&states);
        for (number, step) in states.iter().enumerate() {
            let shown = union.iter().filter(|line| line.at.contains(&number));
            let shown: Vec<_> = shown.map(|line| line.text).collect();
            let wanted: Vec<_> = step.file.text().lines().collect();
            assert_eq!(shown, wanted);
        }
        let html = listing(&states);
        // The first step adds below the first line, the second takes out what stood below the second.
        for anchor in [
            "id=\"a.go:step-1\" style=\"--line:1\"",
            "id=\"a.go:end\" style=\"--line:2\"",
        ] {
            assert!(html.contains(anchor), "{html}");
        }
        assert!(
            html.contains("<ins>new\n</ins><ins class=\"v1 gone\">old\n</ins>"),
            "{html}"
        );
        assert!(html.contains("<ins class=\"v2\">one\n</ins>"), "{html}");
    }

    #[test]
    fn a_first_step_that_only_takes_away_is_seen_where_it_did() {
        let upstream = Stitched::from_base("one\ntwo\nthree\nfour\n");
        let mut first = Stitched::default();
        first.push_part(&upstream, 0..4);
        first.push_part(&upstream, 8..19);
        let html = listing(&[&step(1, first.clone())]);
        assert!(
            html.contains("id=\"a.go:end\" style=\"--line:1\""),
            "{html}"
        );
        // Of more steps than are shown, the first that is shown is not the one that did.
        let mut states = vec![step(1, first)];
        for block in 2..=STEPS + 1 {
            let before = &states[states.len() - 1].file;
            let mut after = Stitched::default();
            after.push_part(before, 0..before.text().len());
            after.push("new\n", Origin::Block { block, at: 0 });
            states.push(step(block, after));
        }
        let html = listing(&states.iter().collect::<Vec<_>>());
        assert!(
            html.contains("id=\"a.go:step-1\" style=\"--line:3\""),
            "{html}"
        );
    }
}
