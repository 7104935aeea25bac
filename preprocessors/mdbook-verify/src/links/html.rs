//! Tags of raw HTML, with the places of their attributes' values.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// An attribute of an opening tag.
pub(super) struct Attribute<'t> {
    /// The tag, such as `a`.
    pub(super) tag: &'t str,
    pub(super) name: &'t str,
    pub(super) value: &'t str,
    /// The bytes of the value.
    pub(super) at: Range<usize>,
}

/// The attributes of all tags of a text, which the white space of HTML parts; comments and scripts have none.
pub(super) fn attributes(text: &str) -> Vec<Attribute<'_>> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?is)<!--.*?(?:-->|$)|<(?:script|style)(?-u:\b).*?(?:</(?:script|style)|$)|<(?<tag>[a-z][^ \t\r\n\f/>]*)(?<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>"#,
        )
        .expect("the pattern is valid")
    });
    static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?s)(?<name>[^ \t\r\n\f"'<>/=]+)(?-u:\s)*=(?-u:\s)*(?:"(?<a>[^"]*)"|'(?<b>[^']*)'|(?<c>[^ \t\r\n\f"'=<>`]+))"#,
        )
        .expect("the pattern is valid")
    });
    // To compile the patterns takes longer than most chapters.
    if !text.contains('=') {
        return Vec::new();
    }
    let tags = TAG.captures_iter(text).filter_map(|found| {
        let tag = found.name("tag")?.as_str();
        Some((tag, found.name("rest")?))
    });
    let mut attributes = Vec::new();
    for (tag, rest) in tags {
        for found in ATTRIBUTE.captures_iter(rest.as_str()) {
            let value = ["a", "b", "c"].iter().find_map(|group| found.name(group));
            if let (Some(name), Some(value)) = (found.name("name"), value) {
                attributes.push(Attribute {
                    tag,
                    name: name.as_str(),
                    value: value.as_str(),
                    at: rest.start() + value.start()..rest.start() + value.end(),
                });
            }
        }
    }
    attributes
}
