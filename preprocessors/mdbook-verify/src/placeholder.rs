//! Comments of the form `<!-- verify:NAME -->`, in whose place the page says what the verifier found.

use mdbook_markdown::pulldown_cmark::Event;

use crate::finding::{Code, Finding, Span, nearest};
use crate::markdown::Parsed;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// `proven`: how many blocks there are, and on what they are proven, in a sentence.
    Proven,
    /// `summary`: what is proven, by kind and edition; bases; tools.
    Summary,
    /// `editions`: what differs between the editions.
    Editions,
    /// `files`: the files that the blocks touch; their pages become the chapter's own.
    Files,
}

impl Placeholder {
    const ALL: [(&str, Self); 4] = [
        ("proven", Self::Proven),
        ("summary", Self::Summary),
        ("editions", Self::Editions),
        ("files", Self::Files),
    ];

    fn named(name: &str) -> Option<Self> {
        let named = Self::ALL.iter().find(|(known, _)| *known == name);
        named.map(|(_, placeholder)| *placeholder)
    }
}

/// How a placeholder starts.
const OPEN: &str = "<!-- verify:";

/// The placeholders of a chapter, and findings about those that stand for nothing.
#[must_use]
pub fn find(parsed: &Parsed<'_>) -> (Vec<(Placeholder, Span)>, Vec<Finding>) {
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for (event, range) in &parsed.events {
        let (Event::Html(html) | Event::InlineHtml(html)) = event else {
            continue;
        };
        let Some(name) = html.trim().strip_prefix(OPEN) else {
            continue;
        };
        let name = name.strip_suffix("-->").unwrap_or(name).trim();
        let end = range.start + parsed.text[range.clone()].trim_end().len();
        let span = Span::new(parsed.chapter, range.start, end);
        match Placeholder::named(name) {
            Some(placeholder) => known.push((placeholder, span)),
            None => unknown.push(stands_for_nothing(name, span)),
        }
    }
    (known, unknown)
}

fn stands_for_nothing(name: &str, span: Span) -> Finding {
    let known = || Placeholder::ALL.iter().map(|(name, _)| *name);
    let message = format!("`verify:{name}` stands for nothing");
    let help = match nearest(name, known()) {
        Some(near) => format!("did you mean `verify:{near}`?"),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Finding::at(Code::PLACEHOLDER_UNKNOWN, span, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::Markdown;

    #[test]
    fn placeholders_are_comments_of_the_text() {
        let text = "a <!-- verify:proven --> b\n\n<!-- verify:summary -->\n\n> <!-- verify:editions -->\n\n```html\n<!-- verify:files -->\n```\n\n`<!-- verify:files -->` <!-- other -->\n";
        let (known, unknown) = find(&Markdown::default().read(text, 3));
        let found: Vec<_> = known
            .iter()
            .map(|(placeholder, span)| (*placeholder, &text[span.start..span.end]))
            .collect();
        assert_eq!(
            found,
            [
                (Placeholder::Proven, "<!-- verify:proven -->"),
                (Placeholder::Summary, "<!-- verify:summary -->"),
                (Placeholder::Editions, "<!-- verify:editions -->"),
            ]
        );
        assert_eq!(unknown, []);
    }

    #[test]
    fn unknown_ones_are_findings() {
        let chapter = Markdown::default().read("<!-- verify:sumary -->\n", 0);
        let (known, unknown) = find(&chapter);
        assert_eq!(known, []);
        assert_eq!(unknown[0].code, Code::PLACEHOLDER_UNKNOWN);
        assert_eq!(
            unknown[0].help.as_deref(),
            Some("did you mean `verify:summary`?")
        );
        assert_eq!(unknown[0].span(), Some(Span::new(0, 0, 22)));
    }
}
