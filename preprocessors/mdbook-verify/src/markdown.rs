//! Markdown, read as mdBook reads it, and once a chapter: to read it takes as long as all that is then
//! done with it.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::Event;
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

/// Options of the book that change how Markdown is read.
#[derive(Clone, Copy, Debug)]
pub struct Markdown {
    /// `output.html.definition-lists`.
    pub definition_lists: bool,
    /// `output.html.admonitions`.
    pub admonitions: bool,
    /// `output.html.smart-punctuation`: changes the ids of headings.
    pub smart_punctuation: bool,
}

impl Markdown {
    /// Reads the text of a chapter, which is the book's `chapter`th from 0.
    #[must_use]
    pub fn read(self, text: &str, chapter: usize) -> Parsed<'_> {
        let events = new_cmark_parser(text, &self.options()).into_offset_iter();
        let definitions = events.reference_definitions().iter();
        let definitions = definitions
            .map(|(_, definition)| (definition.dest.to_string(), definition.span.clone()));
        Parsed {
            text,
            chapter,
            definitions: definitions.collect(),
            events: events.collect(),
        }
    }

    /// The parser's options.
    fn options(self) -> MarkdownOptions {
        let mut options = MarkdownOptions::default();
        options.definition_lists = self.definition_lists;
        options.admonitions = self.admonitions;
        options.smart_punctuation = self.smart_punctuation;
        options
    }
}

impl Default for Markdown {
    fn default() -> Self {
        Self {
            definition_lists: true,
            admonitions: true,
            smart_punctuation: true,
        }
    }
}

/// A chapter as the parser gives it.
#[derive(Debug)]
pub struct Parsed<'t> {
    /// Its text.
    pub text: &'t str,
    /// Its index in the book, in reading order.
    pub chapter: usize,
    /// Where each label leads, and the place of its definition.
    pub definitions: Vec<(String, Range<usize>)>,
    /// What it consists of, in reading order, and where that stands.
    pub events: Vec<(Event<'t>, Range<usize>)>,
}
