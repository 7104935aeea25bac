//! The links of a chapter, and the ids that its elements have.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use mdbook_markdown::pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use regex::Regex;

use super::html;
use crate::blocks::Content;
use crate::finding::Span;
use crate::markdown::Parsed;

/// A link or image, or a label.
#[derive(Debug)]
pub(super) struct Link {
    /// Where it leads, entities and escapes resolved.
    pub(super) target: String,
    /// Where its target stands.
    pub(super) span: Span,
    /// Whether it stands there byte for byte.
    verbatim: bool,
}

impl Link {
    fn new(text: &str, target: &str, span: Span) -> Self {
        Self {
            target: target.to_owned(),
            span,
            verbatim: text.get(span.start..span.end) == Some(target),
        }
    }

    /// Where a part of the target stands.
    pub(super) fn part(&self, start: usize, length: usize) -> Span {
        if self.verbatim && length > 0 {
            let from = self.span.start + start;
            Span::new(self.span.chapter, from, from + length)
        } else {
            self.span
        }
    }
}

/// What a chapter has of links and their ends.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The ids of its elements.
    pub(super) ids: BTreeSet<String>,
    /// Its links and images.
    pub(super) links: Vec<Link>,
    /// Labels in `[text][label]` that nothing defines.
    pub(super) undefined: Vec<Link>,
}

impl Page {
    pub(crate) fn read(parsed: &Parsed<'_>) -> Self {
        let mut reader = Reader::new(parsed.text, parsed.chapter);
        for (target, range) in &parsed.definitions {
            reader.definition(target, range.clone());
        }
        for (event, range) in &parsed.events {
            reader.event(event, range);
        }
        reader.flush();
        reader.page.links.sort_by_key(|link| link.span);
        reader.page
    }
}

/// A link whose end has not come yet.
struct Open {
    is_inline: bool,
    target: String,
    /// The end of the text that it shows, so far.
    shown: usize,
}

struct Reader<'t> {
    text: &'t str,
    chapter: usize,
    page: Page,
    open: Vec<Open>,
    /// Images around this place; their text is no text of the page.
    images: usize,
    /// The heading around this place: the id that it names, and its text so far.
    heading: Option<(Option<String>, String)>,
    /// The ids made of headings.
    made: HashSet<String>,
    /// The number of each footnote, in the order in which they are referred to, and how often.
    footnotes: BTreeMap<String, (usize, usize)>,
    /// The block of HTML around this place.
    html: Option<Content>,
    /// A run of text and code without a gap.
    run: Range<usize>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, chapter: usize) -> Self {
        Self {
            text,
            chapter,
            page: Page::default(),
            open: Vec::new(),
            images: 0,
            heading: None,
            made: HashSet::new(),
            footnotes: BTreeMap::new(),
            html: None,
            run: 0..0,
        }
    }

    fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        self.run(event, range);
        if let Some(open) = self.open.last_mut()
            && !matches!(event, Event::End(TagEnd::Link | TagEnd::Image))
        {
            open.shown = range.end;
        }
        match event {
            Event::Start(tag) => self.start(tag, range.start),
            Event::End(tag) => self.end(*tag, range),
            Event::Text(text) | Event::Html(text) if self.html.is_some() => {
                if let Some(html) = &mut self.html {
                    html.push(text, range.clone());
                }
            }
            Event::Text(text) | Event::Code(text) => self.say(text),
            Event::SoftBreak => self.say("\n"),
            Event::InlineHtml(html) => {
                let mut content = Content::new(self.chapter, range.start);
                content.push(html, range.clone());
                self.html(&content);
            }
            Event::FootnoteReference(name) => self.footnote(name),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, at: usize) {
        match tag {
            Tag::Heading { id, .. } => {
                self.heading = Some((id.as_ref().map(ToString::to_string), String::new()));
            }
            Tag::DefinitionListTitle => self.heading = Some((None, String::new())),
            Tag::HtmlBlock => self.html = Some(Content::new(self.chapter, at)),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => self.open(*link_type, dest_url, at),
            Tag::Image {
                link_type,
                dest_url,
                ..
            } => {
                self.images += 1;
                self.open(*link_type, dest_url, at);
            }
            _ => {}
        }
    }

    fn open(&mut self, link_type: LinkType, target: &str, start: usize) {
        self.open.push(Open {
            is_inline: link_type == LinkType::Inline,
            target: target.to_owned(),
            shown: start,
        });
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Heading(_) | TagEnd::DefinitionListTitle => {
                if let Some((id, text)) = self.heading.take() {
                    let id = id.unwrap_or_else(|| unique(&id_of(&text), &mut self.made));
                    self.page.ids.insert(id);
                }
            }
            TagEnd::HtmlBlock => {
                if let Some(content) = self.html.take() {
                    self.html(&content);
                }
            }
            TagEnd::Link => self.close(range),
            TagEnd::Image => {
                self.images = self.images.saturating_sub(1);
                self.close(range);
            }
            _ => {}
        }
    }

    /// Text of the heading, if there is one.
    fn say(&mut self, text: &str) {
        if let Some((_, heading)) = self.heading.as_mut().filter(|_| self.images == 0) {
            heading.push_str(text);
        }
    }

    fn footnote(&mut self, name: &str) {
        let next = self.footnotes.len() + 1;
        let (number, count) = self.footnotes.entry(name.to_owned()).or_insert((next, 0));
        *count += 1;
        self.page.ids.insert(format!("fr-{name}-{count}"));
        self.page.ids.insert(format!("footnote-{name}"));
        let number = number.to_string();
        self.say(&number);
    }

    /// The end of a link. Links by a label are what their definitions are.
    fn close(&mut self, range: &Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        if let Some(outer) = self.open.last_mut() {
            outer.shown = range.end;
        }
        if !open.is_inline {
            return;
        }
        let tail = &self.text[open.shown..range.end];
        let from = tail.find("](").map_or(0, |at| at + 2);
        let at = open.shown + from;
        self.link(&open.target, at..range.end);
    }

    fn definition(&mut self, target: &str, range: Range<usize>) {
        let from = self.text[range.clone()].find("]:").map_or(0, |at| at + 2);
        self.link(target, range.start + from..range.end);
    }

    /// A link whose target stands first in a range, but for white space and brackets.
    fn link(&mut self, target: &str, range: Range<usize>) {
        let text = &self.text[range.clone()];
        let (start, length) = match text.find(target) {
            Some(at) if !target.is_empty() => (at, target.len()),
            _ => {
                let at = text.len() - text.trim_start_matches(['<', ' ', '\n']).len();
                let end = text[at..].find(|c: char| c.is_whitespace() || matches!(c, ')' | '>'));
                (at, end.unwrap_or(text.len() - at))
            }
        };
        let start = range.start + start;
        let span = Span::new(self.chapter, start, start + length);
        self.page.links.push(Link::new(self.text, target, span));
    }

    fn html(&mut self, content: &Content) {
        for attribute in html::attributes(&content.text) {
            let tag = attribute.tag.to_ascii_lowercase();
            let name = attribute.name.to_ascii_lowercase();
            match (tag.as_str(), name.as_str()) {
                (_, "id") | ("a", "name") => {
                    self.page.ids.insert(attribute.value.to_owned());
                }
                ("a", "href" | "xlink:href")
                | ("img" | "audio" | "video" | "source" | "iframe", "src") => {
                    let span = content.span(attribute.at.start, attribute.at.end);
                    let target = attribute.value.replace("&amp;", "&");
                    self.page
                        .links
                        .push(Link::new(self.text, target.trim(), span));
                }
                _ => {}
            }
        }
    }

    /// Text that Markdown leaves as it is may hold `[text][label]`.
    fn run(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let goes_on = matches!(event, Event::Text(_) | Event::Code(_)) && self.html.is_none();
        if goes_on && range.start == self.run.end {
            self.run.end = range.end;
        } else {
            self.flush();
            self.run = if goes_on {
                range.clone()
            } else {
                range.end..range.end
            };
        }
    }

    fn flush(&mut self) {
        static LABEL: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"[^\[\]]\]\[(?<label>[A-Za-z][^\[\]]*)\]").expect("the pattern is valid")
        });
        let run = std::mem::replace(&mut self.run, 0..0);
        // Code fences are runs too, and hold no links. Where there is no `][`, the pattern is not even
        // compiled.
        let may_hold = |text: &&str| text.contains("][") && !text.contains('\n');
        let Some(text) = self.text.get(run.clone()).filter(may_hold) else {
            return;
        };
        for found in LABEL
            .captures_iter(text)
            .filter_map(|found| found.name("label"))
        {
            let start = run.start + found.start();
            let span = Span::new(self.chapter, start, run.start + found.end());
            self.page
                .undefined
                .push(Link::new(self.text, found.as_str(), span));
        }
    }
}

/// The id that mdBook makes of a heading's text.
fn id_of(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let characters = text.chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || matches!(c, '_' | '-') => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    characters.collect()
}

/// The id, with the first number behind it that makes it one of its own.
fn unique(id: &str, made: &mut HashSet<String>) -> String {
    let numbered = (1_u32..).map(|number| format!("{id}-{number}"));
    let mut candidates = std::iter::once(id.to_owned()).chain(numbered);
    candidates
        .find(|id| made.insert(id.clone()))
        .unwrap_or_default()
}
