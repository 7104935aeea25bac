//! The way back: text that mdBook's links preprocessor leaves as it is meant to be read.

use std::ops::Range;

use super::link::{Link, next_link};

/// The text that mdBook's links preprocessor turns into `text`.
///
/// Where that preprocessor would find a link, a backslash escapes it. mdBook knows no escape for a
/// link with a blank or a line break between `{{` and `}}` in the wrong place (`{{ #include x}}`);
/// there `nothing`, a link that shows nothing, goes between the two braces. Its `}}` must not be on
/// the line on which it starts, or escapes earlier on that line would reach up to there.
pub(super) fn escape(text: &str, nothing: Option<&str>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    while let Some((range, link)) = next_link(text, at) {
        if let Some(end) = escapable(text, &range, &link) {
            result.push_str(&text[copied..range.start]);
            result.push('\\');
            copied = range.start;
            at = end;
        } else if let Some(nothing) = nothing {
            at = range.start + 1;
            result.push_str(&text[copied..at]);
            result.push_str(nothing);
            copied = at;
        } else {
            at = range.end;
        }
    }
    result.push_str(&text[copied..]);
    result
}

/// Where the effect of a backslash before a link ends, if it has any: an escape begins with `{{#`
/// and reaches to the last `}}` of the line.
fn escapable(text: &str, range: &Range<usize>, link: &Link<'_>) -> Option<usize> {
    if *link == Link::Escaped {
        return Some(range.end);
    }
    let rest = &text[range.start..];
    let first = rest
        .split('\n')
        .next()
        .filter(|first| first.starts_with("{{#"))?;
    first.rfind("}}").map(|close| range.start + close + 2)
}
