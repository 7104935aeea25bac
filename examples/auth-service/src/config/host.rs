//! What others call this instance by.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address or a name that others can call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// An address of this machine.
    Address(IpAddr),
    /// A name that leads to one.
    Name(String),
}

/// What is no address and no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoHost;

impl FromStr for Host {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        match text.parse::<IpAddr>() {
            // Whoever calls this one calls itself.
            Ok(address) if address.is_unspecified() => Err(NoHost),
            Ok(address) => Ok(Self::Address(address)),
            Err(_) if is_name(text) => Ok(Self::Name(text.to_owned())),
            Err(_) => Err(NoHost),
        }
    }
}

/// Whether it may be a name. What has digits and dots alone is a mistyped address.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes().all(fits) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// As it stands before a colon and a port.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_call() {
        for (text, shown) in [
            ("10.0.0.7", "10.0.0.7"),
            ("::1", "[::1]"),
            ("2001:db8::7", "[2001:db8::7]"),
            ("auth-1.example", "auth-1.example"),
        ] {
            let host = text.parse::<Host>().map(|host| host.to_string());
            assert_eq!(host.as_deref(), Ok(shown));
        }
    }

    #[test]
    fn what_nobody_can_call() {
        for text in [
            "",
            "0.0.0.0",
            "::",
            "10.0.0",
            "10.0.0.777",
            "10.0.0.7:10340",
            "[::1]",
            "http://auth",
            "two words",
            "openim/auth",
        ] {
            assert_eq!(text.parse::<Host>(), Err(NoHost), "{text:?}");
        }
    }
}
