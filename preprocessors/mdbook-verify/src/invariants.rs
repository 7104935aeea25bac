//! What must hold of any text whatever. Property tests call these with texts made to be likely, the
//! fuzzer (`fuzz/`) with any; each panics where something does not hold.

#![expect(
    clippy::missing_panics_doc,
    reason = "to panic where a law does not hold is what they are for"
)]

mod diffs;
mod documents;
mod segments;

pub use diffs::diff;
pub use documents::{attributes, blocks, expansion};
pub use segments::segments;

use crate::check;
use crate::matter::Matter;

/// A parser's error points into the text, at whole characters.
pub fn data(text: &str) {
    for matter in [Matter::Json, Matter::Toml, Matter::Yaml] {
        if let Some(range) = check::error_in_data(matter, text) {
            assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
        }
    }
}

#[cfg(test)]
mod tests;
