//! Data held against a message of the stitched .proto files, as Go reads it: by `encoding/json` into
//! the generated struct, whose JSON names are the fields' own names.

use std::collections::BTreeMap;

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

use super::places::Aspect;
use super::{At, Problem, did_you_mean};
use crate::check::Context;
use crate::matter::Matter;
use crate::proto::{self, Compiled};
use crate::workspace::Stitch;

/// The messages of an edition's stitched trees, by full name.
#[derive(Default)]
pub(super) struct Messages {
    by_name: BTreeMap<String, MessageDescriptor>,
    /// Whether a file of the guide does not compile, so that messages are missing.
    pub(super) broken: bool,
}

impl Messages {
    /// The messages of the .proto files that the guide changes, and of what they import: most claims
    /// are about those.
    pub(super) fn of_guide(context: &Context<'_>, stitch: &Stitch) -> Self {
        let mut messages = Self::default();
        for key in stitch.files.keys() {
            messages.broken |= !messages.add(context, &key.base, &key.path);
        }
        messages
    }

    /// Adds those of all other files. What does not compile there is upstream's affair.
    pub(super) fn add_upstream(&mut self, context: &Context<'_>) {
        for (base, tree) in context.trees {
            for path in tree.names() {
                self.add(context, base, path);
            }
        }
    }

    /// Adds the messages of a file, if it is a .proto file. False: it is one and does not compile.
    fn add(&mut self, context: &Context<'_>, base: &str, path: &str) -> bool {
        if Matter::of_path(path) != Matter::Proto {
            return true;
        }
        let compiled = proto::compile(&context.folders.base(base), &[path.to_owned()]);
        let messages = compiled.iter().flat_map(Compiled::messages);
        self.by_name
            .extend(messages.map(|message| (message.full_name().to_owned(), message)));
        compiled.is_ok()
    }

    /// The message of this name.
    pub(super) fn get(&self, name: &str) -> Option<&MessageDescriptor> {
        self.by_name.get(name)
    }

    /// All names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

/// What is wrong with the documents of a text.
pub(super) fn problems(message: &MessageDescriptor, documents: &[Value]) -> Vec<Problem> {
    let mut found = Vec::new();
    for (document, value) in documents.iter().enumerate() {
        let mut reader = Reader {
            document,
            path: Vec::new(),
            found: &mut found,
        };
        reader.message(message, value);
    }
    found
}

struct Reader<'a> {
    document: usize,
    path: Vec<String>,
    found: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, aspect: Aspect, message: String, help: Option<String>) {
        let at = At::Path {
            document: self.document,
            path: self.path.clone(),
            aspect,
        };
        self.found.push(Problem { at, message, help });
    }

    fn wants(&mut self, wanted: &str) {
        self.problem(Aspect::Value, format!("{wanted} is wanted here"), None);
    }

    fn below(&mut self, step: &str, read: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        read(self);
        self.path.pop();
    }

    fn message(&mut self, message: &MessageDescriptor, value: &Value) {
        let Value::Object(entries) = value else {
            return self.wants(&format!("an object, the message {}", message.full_name()));
        };
        for (name, value) in entries {
            self.below(name, |reader| match message.get_field_by_name(name) {
                Some(field) => reader.field(&field, value),
                None => reader.unknown(message, name),
            });
        }
    }

    fn unknown(&mut self, message: &MessageDescriptor, name: &str) {
        let known: Vec<_> = message
            .fields()
            .map(|field| field.name().to_owned())
            .collect();
        let of_go = message.get_field_by_json_name(name);
        let help = match of_go {
            Some(field) => Some(format!("Go calls it `{}`", field.name())),
            None => did_you_mean(name, &known, None),
        };
        let said = format!("the message {} has no field `{name}`", message.full_name());
        self.problem(Aspect::Key, said, help);
    }

    fn field(&mut self, field: &FieldDescriptor, value: &Value) {
        if field
            .containing_oneof()
            .is_some_and(|oneof| !oneof.is_synthetic())
        {
            let said = format!(
                "`{}` is one of several alternatives (oneof), which Go's encoding/json cannot read",
                field.name()
            );
            return self.problem(Aspect::Key, said, None);
        }
        match (field.kind(), value) {
            // Go leaves the field as it is.
            (_, Value::Null) => {}
            (Kind::Message(entry), _) if field.is_map() => self.map(&entry, value),
            (kind, Value::Array(items)) if field.is_list() => {
                for (index, item) in items.iter().enumerate() {
                    self.below(&index.to_string(), |reader| reader.single(&kind, item));
                }
            }
            _ if field.is_list() => self.wants("a list"),
            (kind, _) => self.single(&kind, value),
        }
    }

    fn map(&mut self, entry: &MessageDescriptor, value: &Value) {
        let Value::Object(entries) = value else {
            return self.wants("an object");
        };
        let key = entry.map_entry_key_field().kind();
        let kind = entry.map_entry_value_field().kind();
        for (name, value) in entries {
            self.below(name, |reader| {
                let fits = match key {
                    Kind::String => true,
                    Kind::Bool => false,
                    ref number => number_fits(number, name),
                };
                if !fits {
                    let said = format!("Go cannot read `{name}` as a key of type {}", scalar(&key));
                    reader.problem(Aspect::Key, said, None);
                }
                if !value.is_null() {
                    reader.single(&kind, value);
                }
            });
        }
    }

    fn single(&mut self, kind: &Kind, value: &Value) {
        let fits = match kind {
            Kind::Message(message) => return self.message(message, value),
            Kind::Bool => value.is_boolean(),
            Kind::String => value.is_string(),
            Kind::Bytes => value.as_str().is_some_and(is_base64),
            Kind::Double | Kind::Float => value.is_number(),
            number => value.is_number() && number_fits(number, &value.to_string()),
        };
        if !fits {
            self.wants(scalar(kind));
        }
    }
}

/// Whether Go reads these digits into a field of an integer type. An enum is one of 32 bits.
fn number_fits(kind: &Kind, digits: &str) -> bool {
    match kind {
        Kind::Uint32 | Kind::Fixed32 => digits.parse::<u32>().is_ok(),
        Kind::Uint64 | Kind::Fixed64 => digits.parse::<u64>().is_ok(),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => digits.parse::<i64>().is_ok(),
        _ => digits.parse::<i32>().is_ok(),
    }
}

/// The standard alphabet with padding, as `encoding/json` wants it.
fn is_base64(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    let alphabet = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    text.len().is_multiple_of(4) && padding <= 2 && bare.chars().all(alphabet)
}

/// What JSON holds a field of a type.
fn scalar(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false",
        Kind::String => "a text in quotes",
        Kind::Bytes => "a text in base64",
        Kind::Double | Kind::Float => "a number",
        Kind::Uint32 | Kind::Fixed32 => "an unsigned integer of 32 bits",
        Kind::Uint64 | Kind::Fixed64 => "an unsigned integer of 64 bits",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "an integer of 64 bits",
        Kind::Enum(_) => "the number of an enum value",
        Kind::Message(_) => "an object",
        _ => "an integer of 32 bits",
    }
}

#[cfg(test)]
mod tests {
    use protox::file::File;
    use protox::prost_reflect::DescriptorPool;
    use serde_json::json;

    use super::*;

    const PROTO: &str = "syntax = \"proto3\"; package t;
        enum E { Z = 0; }
        message M {
          string text = 1; int32 small = 2; uint64 big = 3; bool yes = 4; bytes data = 5;
          double real = 6; E e = 7; M inner = 8; repeated M list = 9; map<int32, string> names = 10;
          optional string may = 11; string user_id = 12;
          oneof either { string left = 13; string right = 14; }
        }";

    fn found(value: Value) -> Vec<String> {
        let mut pool = DescriptorPool::new();
        let file = File::from_source("t.proto", PROTO).unwrap();
        pool.add_file_descriptor_proto(file.into()).unwrap();
        let message = pool.get_message_by_name("t.M").unwrap();
        let show = |problem: &Problem| {
            let At::Path { path, aspect, .. } = &problem.at else {
                panic!("no path")
            };
            let help = problem.help.as_deref().unwrap_or("");
            format!("{} {aspect:?}: {} {help}", path.join("/"), problem.message)
        };
        problems(&message, &[value]).iter().map(show).collect()
    }

    #[test]
    fn what_go_reads_is_good() {
        let good = json!({
            "text": "a", "small": -1, "big": 18_446_744_073_709_551_615_u64, "yes": true, "data": "aGk=",
            "real": 1, "e": 0, "inner": {"inner": null}, "list": [{"text": "b"}], "names": {"1": "x"},
            "may": "c", "user_id": "d",
        });
        assert_eq!(found(good), Vec::<String>::new());
    }

    #[test]
    fn what_go_does_not_read_is_said() {
        for (value, wanted) in [
            (
                json!({"txet": "a"}),
                "txet Key: the message t.M has no field `txet` did you mean `text`?",
            ),
            (
                json!({"userId": "a"}),
                "userId Key: the message t.M has no field `userId` Go calls it `user_id`",
            ),
            (
                json!({"text": 1}),
                "text Value: a text in quotes is wanted here ",
            ),
            (
                json!({"small": "1"}),
                "small Value: an integer of 32 bits is wanted here ",
            ),
            (
                json!({"small": 2_147_483_648_u64}),
                "small Value: an integer of 32 bits is wanted here ",
            ),
            (
                json!({"big": -1}),
                "big Value: an unsigned integer of 64 bits is wanted here ",
            ),
            (
                json!({"data": "a"}),
                "data Value: a text in base64 is wanted here ",
            ),
            (
                json!({"e": "Z"}),
                "e Value: the number of an enum value is wanted here ",
            ),
            (json!({"list": {}}), "list Value: a list is wanted here "),
            (
                json!({"list": [{}, {"yes": 1}]}),
                "list/1/yes Value: true or false is wanted here ",
            ),
            (
                json!({"names": {"x": "y"}}),
                "names/x Key: Go cannot read `x` as a key of type an integer of 32 bits ",
            ),
            (
                json!({"left": "x"}),
                "left Key: `left` is one of several alternatives (oneof), which Go's encoding/json cannot read ",
            ),
            (
                json!([]),
                " Value: an object, the message t.M is wanted here ",
            ),
        ] {
            assert_eq!(found(value.clone()), [wanted], "{value}");
        }
    }
}
