//! YAML as a tree that knows where everything stands.

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::problem::Place;

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Nothing, as after a key with nothing behind it.
    Null,
    /// A word or a number.
    Plain(String),
    /// A text in quotes.
    Quoted(String),
    /// Several values.
    List(Vec<Node>),
    /// Values with keys.
    Map(Vec<Entry>),
}

/// A value with a key.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) value: Node,
}

/// Why a text is no configuration, and where.
pub(super) type Refusal = (Place, String);

/// The one document of a text.
pub(super) fn parse(text: &str) -> Result<Node, Refusal> {
    let options = granit_parser::options! { emit_comments: false };
    let mut events = Events(Parser::new_from_str_with_options(text, options));
    let mut document = None;
    while let Some((event, span)) = events.next()? {
        if !event.is_node() {
            continue;
        }
        if document.is_some() {
            return refuse(&span, "a second document begins here; there can be one");
        }
        document = Some(events.node(&event, &span)?);
    }
    Ok(document.unwrap_or(Node {
        place: Place { line: 1, column: 1 },
        value: Value::Null,
    }))
}

struct Events<'a>(Parser<'a, granit_parser::StrInput<'a>>);

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Refusal> {
        self.0
            .next_event()
            .transpose()
            .map_err(|error| (place(error.marker()), error.info()))
    }

    fn expect(&mut self) -> Result<(Event<'a>, Span), Refusal> {
        self.next()?.ok_or_else(|| {
            (
                Place { line: 1, column: 1 },
                "the text ends too early".to_owned(),
            )
        })
    }

    /// The value that begins with an event.
    fn node(&mut self, event: &Event<'a>, span: &Span) -> Result<Node, Refusal> {
        let value = match event {
            Event::Scalar(text, style, ..) => scalar(text, *style),
            Event::SequenceStart(..) => self.list()?,
            Event::MappingStart(..) => self.map()?,
            _ => return refuse(span, "references to other values are not supported here"),
        };
        Ok(Node {
            place: place(&span.start),
            value,
        })
    }

    fn list(&mut self) -> Result<Value, Refusal> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.expect()?;
            if event == Event::SequenceEnd {
                return Ok(Value::List(items));
            }
            items.push(self.node(&event, &span)?);
        }
    }

    fn map(&mut self) -> Result<Value, Refusal> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.expect()?;
            if event == Event::MappingEnd {
                return Ok(Value::Map(entries));
            }
            let Event::Scalar(key, ..) = &event else {
                return refuse(&span, "a key has to be a word");
            };
            if key == "<<" {
                return refuse(&span, "keys of other values cannot be taken over here");
            }
            let key = key.to_string();
            if entries.iter().any(|entry| same_key(&entry.key, &key)) {
                return refuse(&span, &format!("{key} was there before"));
            }
            let (event, value) = self.expect()?;
            entries.push(Entry {
                key,
                place: place(&span.start),
                value: self.node(&event, &value)?,
            });
        }
    }
}

/// Keys are the same without regard to case, as OpenIM's services take them.
pub(super) fn same_key(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Quoted(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        text => Value::Plain(text.to_owned()),
    }
}

fn place(marker: &Marker) -> Place {
    Place {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

fn refuse<T>(span: &Span, message: &str) -> Result<T, Refusal> {
    Err((place(&span.start), message.to_owned()))
}
