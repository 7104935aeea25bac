//! Where the keys and values of YAML, JSON and TOML stand in their text.

use std::ops::Range;

use granit_parser::{Event, Parser, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::matter::Matter;

use super::At;

/// The places of a text's documents. YAML may have several, the others have one.
#[derive(Debug, Default)]
pub(super) struct Places {
    documents: Vec<Spot>,
}

/// A value and where it stands.
#[derive(Debug)]
struct Spot {
    range: Range<usize>,
    node: Node,
}

#[derive(Debug)]
enum Node {
    Scalar,
    List(Vec<Spot>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
struct Entry {
    key: String,
    range: Range<usize>,
    value: Spot,
}

/// What of an entry a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    /// Its key.
    Key,
    /// Its value.
    Value,
}

impl Places {
    /// The places of a text. What does not parse has none.
    pub(super) fn of(matter: Matter, text: &str) -> Self {
        let documents = match matter {
            // JSON is YAML in flow style, so one parser that knows places is enough.
            Matter::Yaml | Matter::Json => yaml(text),
            Matter::Toml => DeTable::parse(text).ok().map(|table| {
                vec![Spot {
                    range: table.span(),
                    node: of_table(table.get_ref()),
                }]
            }),
            _ => None,
        };
        Self {
            documents: documents.unwrap_or_default(),
        }
    }

    /// The bytes of a problem's place; none if it is about the whole text.
    pub(super) fn range(&self, at: &At) -> Option<Range<usize>> {
        match at {
            At::Whole => None,
            At::Bytes(range) => Some(range.clone()),
            At::Path {
                document,
                path,
                aspect,
            } => self.find(*document, path, *aspect),
        }
    }

    /// The bytes at which to show what is wrong with the value, or the key, at the end of a path.
    /// Where the path leads nowhere, the last step that does is shown; where not even the first one
    /// does, nothing.
    pub(super) fn find(
        &self,
        document: usize,
        path: &[String],
        aspect: Aspect,
    ) -> Option<Range<usize>> {
        let mut spot = self.documents.get(document)?;
        let mut shown = None;
        for (step, name) in path.iter().enumerate() {
            let wanted = if step + 1 == path.len() {
                aspect
            } else {
                Aspect::Value
            };
            match &spot.node {
                Node::Map(entries) => {
                    let Some(entry) = entry(entries, name) else {
                        break;
                    };
                    spot = &entry.value;
                    // A value of many lines, or of none, is shown by its key.
                    let plain = matches!(spot.node, Node::Scalar) && !spot.range.is_empty();
                    shown = Some(match wanted {
                        Aspect::Value if plain => spot.range.clone(),
                        _ => entry.range.clone(),
                    });
                }
                Node::List(items) => {
                    let index = name.parse::<usize>().ok();
                    let Some(item) = index.and_then(|index| items.get(index)) else {
                        break;
                    };
                    spot = item;
                    shown = Some(spot.head());
                }
                Node::Scalar => break,
            }
        }
        shown
    }
}

impl Spot {
    /// The value, or of one with entries the first key.
    fn head(&self) -> Range<usize> {
        match &self.node {
            Node::Map(entries) => entries.first().map(|entry| entry.range.clone()),
            Node::List(items) => items.first().map(Spot::head),
            Node::Scalar => None,
        }
        .unwrap_or_else(|| self.range.clone())
    }
}

/// The entry of this name; else the one whose name differs only by case, since some loaders do not
/// tell them apart.
fn entry<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Entry> {
    let exact = entries.iter().find(|entry| entry.key == name);
    let folded = name.to_lowercase();
    exact.or_else(|| {
        entries
            .iter()
            .find(|entry| entry.key.to_lowercase() == folded)
    })
}

fn yaml(text: &str) -> Option<Vec<Spot>> {
    // JSON has no limit on the length of a key.
    let options = granit_parser::options! {
        emit_comments: false,
        simple_key_max_lookahead: text.len().max(1024),
    };
    let mut events = Vec::new();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.ok()?;
        events.push((event, span));
    }
    let mut events = events.into_iter();
    let mut documents = Vec::new();
    while let Some((event, span)) = events.next() {
        if event.is_node() {
            documents.push(of_event(&event, &span, &mut events)?.0);
        }
    }
    Some(documents)
}

type Events<'a> = std::vec::IntoIter<(Event<'a>, Span)>;

/// The value that begins with an event, and its text if it is a scalar.
fn of_event(event: &Event<'_>, span: &Span, events: &mut Events<'_>) -> Option<(Spot, String)> {
    let mut range = span.byte_range()?;
    let mut text = String::new();
    let node = match event {
        Event::Scalar(value, ..) => {
            text = value.to_string();
            Node::Scalar
        }
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                let (event, span) = events.next()?;
                if event == Event::SequenceEnd {
                    range.end = span.byte_range()?.end;
                    break;
                }
                items.push(of_event(&event, &span, events)?.0);
            }
            Node::List(items)
        }
        Event::MappingStart(..) => {
            let mut entries = Vec::new();
            loop {
                let (event, span) = events.next()?;
                if event == Event::MappingEnd {
                    range.end = span.byte_range()?.end;
                    break;
                }
                let (key, name) = of_event(&event, &span, events)?;
                let (event, span) = events.next()?;
                entries.push(Entry {
                    key: name,
                    range: key.head(),
                    value: of_event(&event, &span, events)?.0,
                });
            }
            Node::Map(entries)
        }
        // An alias stands for a value that is somewhere else.
        _ => Node::Scalar,
    };
    Some((Spot { range, node }, text))
}

fn of_table(table: &DeTable<'_>) -> Node {
    let entries = table.iter().map(|(key, value)| Entry {
        key: key.get_ref().to_string(),
        range: key.span(),
        value: of_value(value),
    });
    Node::Map(entries.collect())
}

fn of_value(value: &Spanned<DeValue<'_>>) -> Spot {
    let node = match value.get_ref() {
        DeValue::Table(table) => of_table(table),
        DeValue::Array(items) => Node::List(items.iter().map(of_value).collect()),
        _ => Node::Scalar,
    };
    Spot {
        range: value.span(),
        node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a path of a text leads to, by key and by value.
    fn found<'a>(matter: Matter, text: &'a str, path: &str) -> (&'a str, &'a str) {
        let places = Places::of(matter, text);
        let path: Vec<_> = path.split('/').map(str::to_owned).collect();
        let part = |aspect| {
            let range = places.find(0, &path, aspect);
            range.map_or("nothing", |range| &text[range])
        };
        (part(Aspect::Key), part(Aspect::Value))
    }

    #[test]
    fn yaml_paths_lead_to_their_text() {
        let text = "# é\nrpc:\n  registerIP: \"127.0.0.1\"\n  ports: [ 1, 22 ]\n  empty:\nlist:\n  - name: a\n    \"odd key\": |\n      text\n  - name: b\n";
        let yaml = |path| found(Matter::Yaml, text, path);
        assert_eq!(yaml("rpc/registerIP"), ("registerIP", "\"127.0.0.1\""));
        assert_eq!(yaml("RPC/registerip"), ("registerIP", "\"127.0.0.1\""));
        assert_eq!(yaml("rpc/ports"), ("ports", "ports"));
        assert_eq!(yaml("rpc/ports/1"), ("22", "22"));
        assert_eq!(yaml("rpc/empty"), ("empty", "empty"));
        assert_eq!(yaml("list/1"), ("name", "name"));
        assert_eq!(yaml("list/1/name"), ("name", "b"));
        assert_eq!(yaml("list/0/odd key").0, "\"odd key\"");
        // Where a path ends before its time, the last step is shown.
        assert_eq!(yaml("rpc/missing"), ("rpc", "rpc"));
        assert_eq!(yaml("rpc/ports/9"), ("ports", "ports"));
        assert_eq!(yaml("missing"), ("nothing", "nothing"));
    }

    #[test]
    fn json_paths_lead_to_their_text() {
        let text = "{\n\t\"a\": {\"b\\u00e9\\/\": [true, {\"c\": null}]},\t\"e\": \"\\ud83d\\ude00\", \"f\": 1e3}";
        let json = |path| found(Matter::Json, text, path);
        let places = Places::of(Matter::Json, text);
        let path = ["a", "b\u{e9}/", "1", "c"].map(str::to_owned);
        assert_eq!(&text[places.find(0, &path, Aspect::Value).unwrap()], "null");
        assert_eq!(json("f"), ("\"f\"", "1e3"));
        assert_eq!(json("e").1, "\"\\ud83d\\ude00\"");
        let long = format!("{{\"{}\": {{\"x\": 1}}}}", "k".repeat(3000));
        assert_eq!(
            found(Matter::Json, &long, &format!("{}/x", "k".repeat(3000))).1,
            "1"
        );
    }

    #[test]
    fn toml_paths_lead_to_their_text() {
        let text = "a.b = 1\n[server]\nports = [\n  1,\n  22,\n]\n[[item]]\nname = \"x\"\n[[item]]\nname = 'y'\n";
        let toml = |path| found(Matter::Toml, text, path);
        assert_eq!(toml("a/b"), ("b", "1"));
        assert_eq!(toml("server/ports/1"), ("22", "22"));
        assert_eq!(toml("server"), ("server", "server"));
        assert_eq!(toml("item/1/name"), ("name", "'y'"));
    }

    #[test]
    fn documents_are_apart() {
        let text = "a: 1\n---\na: 22\n";
        let places = Places::of(Matter::Yaml, text);
        let path = ["a".to_owned()];
        assert_eq!(&text[places.find(1, &path, Aspect::Value).unwrap()], "22");
        assert_eq!(places.find(2, &path, Aspect::Value), None);
    }

    #[test]
    fn what_does_not_parse_has_no_places() {
        for matter in [Matter::Yaml, Matter::Json, Matter::Toml, Matter::Other] {
            for text in [
                "",
                "[",
                "a: [1",
                "{\"a\": ",
                "\u{feff}a",
                "a = \n= 1",
                "- - - x\n -",
            ] {
                assert_eq!(Places::of(matter, text).find(7, &[], Aspect::Key), None);
            }
        }
    }
}
