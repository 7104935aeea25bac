//! Files of the stitched trees as HTML, without the lines that a block adds or quotes.

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

/// Lines of a file, coloured in its language. `marks` has one for each line of the file. Lines with a
/// mark stand beside the listing already; a sign stands in for each run of them.
pub(super) fn lines(path: &str, file: &Stitched, shown: Range<usize>, marks: &[bool]) -> String {
    let lines = file.text().lines().zip(marks);
    let lines = lines.skip(shown.start).take(shown.len());
    let beside = lines.clone().filter(|(_, mark)| !**mark);
    let tabs = if indented_by_tabs(beside.map(|(line, _)| line)) {
        " verify-tabs"
    } else {
        ""
    };
    let mut html = format!(
        "<pre class=\"verify-file\"><code class=\"{}{tabs}\">",
        language(path)
    );
    let mut lines = lines.peekable();
    while let Some((line, mark)) = lines.next() {
        if *mark {
            while lines.next_if(|(_, mark)| **mark).is_some() {}
            html.push_str("<ins>⋯&#10;</ins>");
        } else {
            html.push_str(&code(line));
            html.push_str("&#10;");
        }
    }
    html.push_str("</code></pre>");
    html
}
