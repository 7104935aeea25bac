//! Patterns for paths, as several settings have them.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

/// A pattern for paths: `*` is anything but a slash, `**` anything.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(pub GlobMatcher);

impl TryFrom<String> for Pattern {
    type Error = globset::Error;

    fn try_from(text: String) -> Result<Self, globset::Error> {
        let glob = GlobBuilder::new(&text).literal_separator(true).build()?;
        Ok(Self(glob.compile_matcher()))
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.glob().glob().fmt(f)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.glob() == other.0.glob()
    }
}

impl Eq for Pattern {}
