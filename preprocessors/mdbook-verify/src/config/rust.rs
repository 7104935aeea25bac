//! Settings for Rust: `[preprocessor.verify.rust]`.

use std::path::PathBuf;

use serde::Deserialize;

/// What the checks of Rust need to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RustRules {
    /// Folders of Cargo packages, relative to the book's root, whose files blocks include: such a
    /// block is proven by the package, which compiles, and not by a doctest of its own.
    pub packages: Vec<PathBuf>,
}
