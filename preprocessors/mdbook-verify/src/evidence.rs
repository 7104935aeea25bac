//! What was proven about a block, against what, and when.

use serde::{Deserialize, Serialize};

use crate::blocks::Block;
use crate::matter::Matter;
use crate::role::Role;

/// How strong evidence is; later ones include the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A parser accepts it.
    Parsed,
    /// Types, schema or existence were checked. Of an edit of a file that no tool reads, existence:
    /// it found its place in the tree at its step. Of a listing, that its paths were there.
    Checked,
    /// The real toolchain compiled it with the real upstream.
    Compiled,
    /// It ran.
    Ran,
    /// What it printed was as shown.
    Matched,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Parsed => "parsed",
            Self::Checked => "checked",
            Self::Compiled => "compiled",
            Self::Ran => "ran",
            Self::Matched => "matched",
        }
    }
}

/// Whether evidence was obtained here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// By this run, or an earlier one here whose verdict still holds.
    #[default]
    Live,
    /// By a run elsewhere, kept in proofs.lock.
    Recorded,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// How strong.
    pub kind: Kind,
    /// Whether obtained here.
    pub source: Origin,
    /// Which upstream.
    pub against: String,
    /// When, in UTC.
    pub at: String,
}

/// What a block is made of: its file's kind if it has a file, else its language.
#[must_use]
pub fn matter(block: &Block) -> Matter {
    match block.role.target() {
        Some(path) => Matter::of_path(&path.value),
        None => Matter::named(&block.language.value),
    }
}

/// What a block must have in order to count as proven; none for an illustrative one.
#[must_use]
pub fn needs(block: &Block) -> Option<Kind> {
    match (&block.role, matter(block)) {
        (Role::Illustrative(_), _) => None,
        (
            Role::Create(_) | Role::Append(_) | Role::Patch(_) | Role::Plain,
            Matter::Go | Matter::Proto | Matter::Rust,
        ) => Some(Kind::Compiled),
        (Role::Plain, Matter::Mermaid) => Some(Kind::Parsed),
        (Role::Output { .. }, _) => Some(Kind::Matched),
        _ => Some(Kind::Checked),
    }
}
