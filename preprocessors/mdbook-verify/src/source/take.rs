//! What an include takes from its file, and what is wrong with the wish.

use std::ops::Range;

use super::complaint::Complaint;
use super::files::{FileId, SourceFile};
use super::link::{Include, Kind};
use super::trail::Traced;
use crate::finding::{Code, nearest};

/// mdBook says nothing of all this. It is an error where the reader sees other lines than were meant.
const CODE: Code = Code::INCLUDE_ANCHOR;

/// The part of a file that an include asks for.
#[derive(Debug, PartialEq)]
enum Part<'a> {
    All,
    /// Lines from 0, the end excluded and at most `usize::MAX`.
    Lines(usize, usize),
    Anchor(&'a str),
}

/// The text that an include shows, before links within it are expanded. `place` is where the include
/// stands; what is neither the file's nor the reader's own stands for it.
pub(super) fn take(
    include: &Include<'_>,
    place: (FileId, usize),
    id: FileId,
    file: &SourceFile,
) -> (Traced, Vec<Complaint>) {
    if include.kind == Kind::Playground {
        return (playground(include, place, id, file), Vec::new());
    }
    let mut complaints = Vec::new();
    if !include.words.is_empty() {
        complaints.push(ignored_words(include));
    }
    let hide = include.kind == Kind::Rustdoc;
    let mut runs = match Part::read(include.part, &mut complaints) {
        Part::All => vec![Run {
            lines: 0..file.line_count(),
            hidden: false,
        }],
        Part::Lines(start, end) => {
            complaints.extend(outside(start, end, file));
            within(start, end, file.line_count())
        }
        Part::Anchor(name) => anchored(name, file, hide, &mut complaints),
    };
    runs.retain(|run| hide || !run.hidden);
    (join(runs, id, file), complaints)
}

fn ignored_words(include: &Include<'_>) -> Complaint {
    let Include { path, words, .. } = include;
    Complaint::warning(
        CODE,
        format!(
            "has `{}` after the path, which mdBook ignores",
            words.join(" ")
        ),
    )
    .help(format!(
        "a path has no blanks, and lines or an anchor follow it after a colon: `{path}:2:5`"
    ))
}

impl<'a> Part<'a> {
    /// Reads what follows a path: `3`, `3:`, `:3`, `3:5` or the name of an anchor. mdBook makes
    /// something of anything else too.
    fn read(part: &'a str, complaints: &mut Vec<Complaint>) -> Self {
        let mut words = part.splitn(3, ':');
        let (first, second, third) = (words.next().unwrap_or(""), words.next(), words.next());
        let start = first.parse::<usize>();
        if start.is_err() && !first.is_empty() {
            complaints.extend(ignored(part[first.len()..].strip_prefix(':'), "the anchor"));
            return Self::Anchor(first);
        }
        complaints.extend(ignored(third, "the lines"));
        if start == Ok(0) {
            complaints.push(Complaint::warning(
                CODE,
                "counts lines from 0; mdBook takes 0 for 1",
            ));
        }
        let end = second.map(str::parse::<usize>);
        if let Some(word) = second.filter(|word| !word.is_empty() && word.parse::<usize>().is_err())
        {
            let message =
                format!("has `{word}` for a last line; mdBook takes all up to the end of the file");
            complaints.push(Complaint::error(CODE, message));
        }
        let start = start.ok().map(|line| line.saturating_sub(1));
        match (start, end) {
            (None, None | Some(Err(_))) => Self::All,
            (Some(start), None) => Self::Lines(start, start + 1),
            (Some(start), Some(Err(_))) => Self::Lines(start, usize::MAX),
            (start, Some(Ok(end))) => Self::Lines(start.unwrap_or(0), end),
        }
    }
}

fn ignored(rest: Option<&str>, behind: &str) -> Option<Complaint> {
    let rest = rest.filter(|rest| !rest.is_empty())?;
    Some(Complaint::warning(
        CODE,
        format!("has `:{rest}` after {behind}, which mdBook ignores"),
    ))
}

/// What is wrong with a range of lines.
fn outside(start: usize, end: usize, file: &SourceFile) -> Option<Complaint> {
    let (path, count, first) = (file.path.display(), file.line_count(), start + 1);
    let message = if end <= start {
        format!("asks for lines that end at {end}, before they start at {first}")
    } else if start >= count {
        format!("asks for lines from {first} on, but {path} has {count}")
    } else if end != usize::MAX && end > count {
        format!("asks for lines up to {end}, but {path} has {count}")
    } else {
        return None;
    };
    Some(Complaint::error(CODE, message))
}

/// Lines of a file, from 0, to be shown to the reader or only to rustdoc.
struct Run {
    lines: Range<usize>,
    hidden: bool,
}

/// The lines of a file split by a range, which for mdBook is empty if it ends before it starts.
fn within(start: usize, end: usize, count: usize) -> Vec<Run> {
    let start = start.min(count);
    let end = end.clamp(start, count);
    let run = |lines, hidden| Run { lines, hidden };
    vec![
        run(0..start, true),
        run(start..end, false),
        run(end..count, true),
    ]
}

/// The lines of a file split by `ANCHOR: name` and `ANCHOR_END: name`. Lines that name any anchor
/// are left out. `again`: also what follows a second `ANCHOR: name` is shown.
fn anchored(
    name: &str,
    file: &SourceFile,
    again: bool,
    complaints: &mut Vec<Complaint>,
) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut opened = Vec::new();
    let mut from = 0;
    let mut hidden = true;
    for marker in file.markers() {
        runs.push(Run {
            lines: from..marker.line,
            hidden,
        });
        from = marker.line + 1;
        if !hidden {
            hidden = marker.closes.as_deref() == Some(name);
        } else if marker.opens.as_deref() == Some(name) {
            opened.push(marker.line + 1);
            hidden = !again && opened.len() > 1;
        }
    }
    runs.push(Run {
        lines: from..file.line_count(),
        hidden,
    });
    complaints.extend(match opened[..] {
        [] => Some(no_anchor(name, file)),
        [.., last] if !hidden => Some(no_end(name, last, file)),
        [first, second, ..] if !again => Some(twice(name, [first, second], file)),
        _ => None,
    });
    runs
}

fn no_anchor(name: &str, file: &SourceFile) -> Complaint {
    let names = || {
        file.markers()
            .iter()
            .filter_map(|marker| marker.opens.as_deref())
    };
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names().next().is_none() => "it has no anchors at all".to_owned(),
        None => format!("it has: {}", names().collect::<Vec<_>>().join(", ")),
    };
    let path = file.path.display();
    Complaint::error(
        CODE,
        format!("asks for an anchor, but {path} has no line `ANCHOR: {name}`"),
    )
    .help(help)
}

fn no_end(name: &str, line: usize, file: &SourceFile) -> Complaint {
    let path = file.path.display();
    Complaint::error(
        CODE,
        format!("asks for the anchor of line {line}, which {path} never ends"),
    )
    .help(format!(
        "add a line with `ANCHOR_END: {name}`, or all up to the end of the file is shown"
    ))
}

fn twice(name: &str, [first, second]: [usize; 2], file: &SourceFile) -> Complaint {
    let path = file.path.display();
    Complaint::warning(
        CODE,
        format!(
            "shows only the first of the anchors `{name}` that {path} has on lines {first} and {second}"
        ),
    )
}

/// The lines with a newline between any two, as mdBook joins them: without carriage returns, and
/// without the last newline.
fn join(runs: Vec<Run>, id: FileId, file: &SourceFile) -> Traced {
    let mut joined = Traced::default();
    let mut last = None;
    for Run { lines, hidden } in runs {
        for line in lines {
            if let Some(last) = last {
                joined.copy("\n", id, file.newline(last));
            }
            let (offset, text) = file.line(line);
            if hidden {
                joined.make("# ", id, offset);
            }
            joined.copy(text, id, offset);
            last = Some(line);
        }
    }
    joined
}

/// The whole file in a Rust fence. Unlike the lines of other includes it keeps its carriage returns.
fn playground(
    include: &Include<'_>,
    place: (FileId, usize),
    id: FileId,
    file: &SourceFile,
) -> Traced {
    let comma = if include.words.is_empty() { "" } else { "," };
    let mut block = Traced::default();
    block.make(
        &format!("```rust{comma}{}\n", include.words.join(",")),
        place.0,
        place.1,
    );
    block.copy(&file.text, id, 0);
    if !file.text.ends_with('\n') {
        block.make("\n", id, file.text.len());
    }
    block.make("```\n", place.0, place.1);
    block
}
