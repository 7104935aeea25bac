//! The service's rules. Nothing here knows of gRPC, HTTP or generated types, so that the rules can
//! be read, tested and changed alone.

use std::fmt;

// ANCHOR: message
/// A message to echo: never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(String);
// ANCHOR_END: message

/// The value that belongs to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(String);

/// Why the service refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to echo.
    MessageRequired,
}

/// What the service does. A store or a connection to another service becomes a field of it.
#[derive(Clone, Debug, Default)]
pub struct AuthService {}

impl AuthService {
    /// The message, unchanged.
    #[must_use]
    pub fn echo(&self, message: Message) -> Message {
        message
    }

    /// The same value for every key, until there is a store to look it up in.
    #[must_use]
    pub fn config(&self, _key: &str) -> Value {
        Value("example-value".to_owned())
    }
}

// ANCHOR: refusal
impl TryFrom<String> for Message {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::MessageRequired);
        }
        Ok(Self(text))
    }
}
// ANCHOR_END: refusal

impl From<Message> for String {
    fn from(message: Message) -> Self {
        message.0
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        value.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MessageRequired => "message required",
        })
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_message_is_refused() {
        assert_eq!(
            Message::try_from(String::new()),
            Err(Error::MessageRequired)
        );
    }

    #[test]
    fn a_message_comes_back_unchanged() -> Result<(), Error> {
        for text in [" ", "hello", "Grüße, 世界 👋", &"long ".repeat(100_000)] {
            let message = Message::try_from(text.to_owned())?;
            assert_eq!(String::from(AuthService::default().echo(message)), text);
        }
        Ok(())
    }
}
