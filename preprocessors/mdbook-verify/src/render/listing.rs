//! Files of the stitched trees as HTML, with the lines marked that a block adds or quotes.

use std::fmt::Write as _;
use std::ops::Range;

use crate::segments::Stitched;

use super::diff::{indented_by_tabs, language};
use super::html::code;

/// The block that each line comes from, if it does not come from upstream.
pub(super) fn origins(file: &Stitched) -> impl Iterator<Item = Option<usize>> {
    let mut at = 0;
    file.text().split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        file.origin(start).and_then(crate::segments::Origin::block)
    })
}

/// Lines of a file, coloured in its language. `marks` has one for each line of the file.
pub(super) fn lines(path: &str, file: &Stitched, shown: Range<usize>, marks: &[bool]) -> String {
    let all: Vec<_> = file.text().lines().collect();
    let shown = shown.start..shown.end.min(all.len());
    let tabs = if indented_by_tabs(all[shown.clone()].iter().copied()) {
        " verify-tabs"
    } else {
        ""
    };
    let mut html = format!(
        "<pre class=\"verify-file\"><code class=\"{}{tabs}\">",
        language(path)
    );
    for (line, mark) in all[shown.clone()].iter().zip(&marks[shown]) {
        let line = code(line);
        let (open, close) = if *mark { ("<ins>", "</ins>") } else { ("", "") };
        // Writing to a String cannot fail.
        let _ = write!(html, "{open}{line}&#10;{close}");
    }
    html.push_str("</code></pre>");
    html
}
