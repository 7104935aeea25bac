//! Request bodies as Go's `encoding/json` reads them, since that is what OpenIM's API does: names
//! of fields without regard to case, unknown ones ignored, null for a value left out.

use std::fmt;

use serde_json::{Map, Value};

/// Why a body is not the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// It ends too early; an empty one at once.
    Ended,
    /// It is not JSON.
    Syntax(String),
    /// It is JSON and another kind of value than wanted.
    Kind {
        /// What it is.
        found: &'static str,
        /// What it should be, in Go's words.
        wanted: String,
    },
}

/// An object whose fields are asked for by name.
#[derive(Debug)]
pub(super) struct Object {
    fields: Map<String, Value>,
    message: &'static str,
}

impl Object {
    /// The object in a body that should be this message.
    pub(super) fn parse(body: &[u8], message: &'static str) -> Result<Self, Error> {
        // Go replaces what is no UTF-8 too.
        let text = String::from_utf8_lossy(body);
        let value = serde_json::from_str(&text).map_err(|error| Error::of(&error))?;
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            other => {
                return Err(Error::Kind {
                    found: kind(&other),
                    wanted: format!("value of type authservice.{message}"),
                });
            }
        };
        Ok(Self { fields, message })
    }

    /// The text of a field, the last one if there are several; without it, the empty text.
    pub(super) fn string(&self, name: &str) -> Result<String, Error> {
        let mut text = "";
        for (key, value) in &self.fields {
            if !key.eq_ignore_ascii_case(name) {
                continue;
            }
            match value {
                Value::String(found) => text = found,
                Value::Null => {}
                other => {
                    return Err(Error::Kind {
                        found: kind(other),
                        wanted: format!("struct field {}.{name} of type string", self.message),
                    });
                }
            }
        }
        Ok(text.to_owned())
    }
}

impl Error {
    fn of(error: &serde_json::Error) -> Self {
        if error.is_eof() {
            return Self::Ended;
        }
        Self::Syntax(error.to_string())
    }
}

/// In Go's words, but for syntax: of that Go names a character, and this a line and a column.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("unexpected end of JSON input"),
            Self::Syntax(message) => write!(f, "invalid JSON: {message}"),
            Self::Kind { found, wanted } => {
                write!(f, "json: cannot unmarshal {found} into Go {wanted}")
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// JSON with the characters escaped that mean something in HTML or end a line in JavaScript, as Go
/// does. In JSON they occur in texts only.
pub(super) fn escape_html(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &[u8]) -> String {
        let object = Object::parse(body, "EchoReq");
        match object.and_then(|object| object.string("message")) {
            Ok(text) => format!("{text:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn fields_are_found_as_go_finds_them() {
        assert_eq!(message(br#"{"message":"a"}"#), r#""a""#);
        assert_eq!(message(br#"{"MESSAGE":"a","x":{}} "#), r#""a""#);
        assert_eq!(message(br#"{"message":"a","Message":"b"}"#), r#""b""#);
        assert_eq!(message(br#"{"message":"a","Message":null}"#), r#""a""#);
        assert_eq!(message(b"{}"), r#""""#);
        assert_eq!(message(b"null"), r#""""#);
        assert_eq!(message(b"{\"message\":\"\xff\"}"), "\"\u{fffd}\"");
    }

    #[test]
    fn what_is_no_request_is_named() {
        assert_eq!(message(b""), "unexpected end of JSON input");
        assert_eq!(message(br#"{"message":"#), "unexpected end of JSON input");
        assert_eq!(
            message(br#"{"message":7}"#),
            "json: cannot unmarshal number into Go struct field EchoReq.message of type string"
        );
        assert_eq!(
            message(b"[]"),
            "json: cannot unmarshal array into Go value of type authservice.EchoReq"
        );
        assert_eq!(
            message(b"{x}"),
            "invalid JSON: key must be a string at line 1 column 2"
        );
    }
}
