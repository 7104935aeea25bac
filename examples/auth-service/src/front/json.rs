//! Request bodies as Go's `encoding/json` reads them, since that is what OpenIM's API does: names
//! of fields without regard to case, unknown ones ignored, null for a value left out.
//!
//! Of what is ignored nothing is kept: as a tree of values a body would take many times its length.

use std::convert::Infallible;
use std::{fmt, iter};

use axum::body::Body;
use futures_util::stream;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

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

/// The texts of these fields in a body that should be this message: of each the last one if there
/// are several; without any, the empty text.
pub(super) fn texts<const N: usize>(
    body: &[u8],
    message: &'static str,
    names: [&'static str; N],
) -> Result<[String; N], Error> {
    // Go replaces what is no UTF-8 too.
    let text = String::from_utf8_lossy(body);
    // As Go does, first to the end whether it is JSON, and only then what it holds.
    let value: &RawValue = serde_json::from_str(&text).map_err(|error| Error::of(&error))?;
    match kind(value) {
        "object" => {
            let mut json = serde_json::Deserializer::from_str(value.get());
            let texts = json.deserialize_map(Texts { message, names });
            texts.map_err(|error| Error::of(&error))?
        }
        "null" => Ok([const { String::new() }; N]),
        found => Err(Error::Kind {
            found,
            wanted: format!("value of type authservice.{message}"),
        }),
    }
}

/// Takes the texts of some fields out of an object.
struct Texts<const N: usize> {
    message: &'static str,
    names: [&'static str; N],
}

impl<'de, const N: usize> Visitor<'de> for Texts<N> {
    type Value = Result<[String; N], Error>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut texts = [const { String::new() }; N];
        let mut wrong = None;
        while let Some(Text(key)) = object.next_key()? {
            let mut fields = self.names.iter().zip(&mut texts);
            let asked = fields.find(|(name, _)| key.eq_ignore_ascii_case(name));
            let Some((name, text)) = asked else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: &RawValue = object.next_value()?;
            match kind(value) {
                "string" => {
                    let found = serde_json::from_str(value.get());
                    Text(*text) = found.map_err(A::Error::custom)?;
                }
                "null" => {}
                // The first is told of, even if a good one follows.
                found => {
                    wrong.get_or_insert_with(|| Error::Kind {
                        found,
                        wanted: format!("struct field {}.{name} of type string", self.message),
                    });
                }
            }
        }
        Ok(wrong.map_or(Ok(texts), Err))
    }
}

/// A text in which U+FFFD stands for each half of a surrogate pair, as Go has it. JSON can spell
/// halves, and a `String` cannot hold them.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Of bytes it is not asked that they be UTF-8.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text(without_halves(bytes)))
    }
}

/// The text that these bytes are but for halves of surrogate pairs.
fn without_halves(mut bytes: &[u8]) -> String {
    /// How long such a half is, written as if it were a character.
    const HALF: usize = 3;
    let mut text = String::with_capacity(bytes.len());
    while let Some(chunk) = bytes.utf8_chunks().next() {
        text.push_str(chunk.valid());
        let rest = &bytes[chunk.valid().len()..];
        if !rest.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        bytes = rest.get(HALF..).unwrap_or_default();
    }
    text
}

/// The kind of a value, in Go's words. It is known to be a value.
fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes() {
        [b'n', ..] => "null",
        [b't' | b'f', ..] => "bool",
        [b'"', ..] => "string",
        [b'[', ..] => "array",
        [b'{', ..] => "object",
        _ => "number",
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

/// JSON as the body of an answer, escaped as Go does. Escaped it may be six times as long: a long
/// one is escaped piece by piece, when there is room for the next.
pub(super) fn escaped(json: String) -> Body {
    const PIECE: usize = 16 * 1024;
    if json.len() <= PIECE {
        return Body::from(escape_html(&json));
    }
    let mut at = 0;
    let pieces = iter::from_fn(move || {
        let end = json.floor_char_boundary(at + PIECE);
        let piece = escape_html(&json[at..end]);
        at = end;
        (!piece.is_empty()).then_some(Ok::<_, Infallible>(piece))
    });
    Body::from_stream(stream::iter(pieces))
}

/// JSON with the characters escaped that mean something in HTML or end a line in JavaScript, as Go
/// does. In JSON they occur in texts only.
fn escape_html(json: &str) -> String {
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
        match texts(body, "EchoReq", ["message"]) {
            Ok([text]) => format!("{text:?}"),
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
    fn what_is_ignored_may_be_anything() {
        let deep = ["[".repeat(200), "]".repeat(200)].concat();
        for ignored in ["1e999", r#""\ud800""#, r#"{"message":7}"#, &deep] {
            let body = format!(r#"{{"x":{ignored},"\ud800":0,"message":"a"}}"#);
            assert_eq!(message(body.as_bytes()), r#""a""#, "{ignored}");
        }
    }

    #[test]
    fn halves_of_surrogate_pairs_are_replaced_one_by_one() {
        for (json, text) in [
            (r"a\ud800b", "a\u{fffd}b"),
            (r"\udc00", "\u{fffd}"),
            (r"\ud800\ud800\u0041", "\u{fffd}\u{fffd}A"),
            (r"\ud83d\ude00\ud83d", "\u{1f600}\u{fffd}"),
        ] {
            let body = format!(r#"{{"message":"{json}"}}"#);
            assert_eq!(message(body.as_bytes()), format!("{text:?}"));
        }
        // Bytes that are none are no reason to panic.
        assert_eq!(without_halves(b"a\xed\xa0"), "a\u{fffd}");
    }

    #[test]
    fn the_first_field_of_another_kind_is_told_of_and_syntax_before_it() {
        let wrong = |kind| {
            format!(
                "json: cannot unmarshal {kind} into Go struct field EchoReq.message of type string"
            )
        };
        assert_eq!(message(br#"{"message":7,"message":"a"}"#), wrong("number"));
        assert_eq!(message(br#"{"message":1e999}"#), wrong("number"));
        assert_eq!(message(br#"{"message":true,"message":[]}"#), wrong("bool"));
        assert_eq!(message(br#"{"message":7,"#), "unexpected end of JSON input");
        assert_eq!(message(b"[7,"), "unexpected end of JSON input");
    }

    #[tokio::test]
    async fn what_is_escaped_in_pieces_is_whole() {
        // Of two bytes, of three, and of one that become six: pieces end amid none of them.
        let text = "aé\u{2028}<".repeat(20_000);
        let body = axum::body::to_bytes(escaped(text), usize::MAX).await;
        let body = body.expect("a body");
        assert_eq!(body, "aé\\u2028\\u003c".repeat(20_000).as_bytes());
    }

    #[test]
    fn several_fields_are_told_apart() {
        let texts = texts(br#"{"b":"2","a":"1","B":null}"#, "M", ["a", "b", "c"]);
        assert_eq!(texts, Ok(["1", "2", ""].map(str::to_owned)));
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
