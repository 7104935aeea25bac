//! Settings about the text between the blocks.

use serde::Deserialize;

/// What inline code may say: `[preprocessor.verify.prose]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Prose {
    /// Inline code, or parts of it, that is meant as it is although it looks misspelt.
    pub known: Vec<String>,
}
