//! Files of the stitched trees as HTML, with the lines marked that the guide adds.

use std::ops::Range;

use crate::segments::Stitched;

use super::diff::{indented_by_tabs, language};
use super::html::code;

/// How a line stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not at all.
    None,
    /// It is the guide's.
    Added,
    /// It is what the block at hand adds or quotes.
    Now,
}

/// The block that each line comes from, if it does not come from upstream.
pub(super) fn origins(file: &Stitched) -> Vec<Option<usize>> {
    let mut at = 0;
    let lines = file.text().split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        file.origin(start).and_then(crate::segments::Origin::block)
    });
    lines.collect()
}

/// Lines of a file, coloured in its language.
pub(super) fn lines(path: &str, file: &Stitched, shown: Range<usize>, marks: &[Mark]) -> String {
    let all: Vec<_> = file.text().lines().collect();
    let shown = shown.start..shown.end.min(all.len());
    let tabs = match indented_by_tabs(all[shown.clone()].iter().copied()) {
        true => " verify-tabs",
        false => "",
    };
    let mut html = format!(
        "<pre class=\"verify-file\"><code class=\"{}{tabs}\">",
        language(path)
    );
    for (line, mark) in all[shown.clone()].iter().zip(&marks[shown]) {
        let line = code(line);
        html.push_str(&match mark {
            Mark::None => format!("{line}&#10;"),
            Mark::Added => format!("<ins>{line}&#10;</ins>"),
            Mark::Now => format!("<ins class=\"verify-now\">{line}&#10;</ins>"),
        });
    }
    html.push_str("</code></pre>");
    html
}
