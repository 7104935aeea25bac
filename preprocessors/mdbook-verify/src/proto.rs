//! Protocol buffers: compiles .proto files, checks them against the rules of their repository, and
//! has protoc's plugins generate code from them, all without protoc.
//!
//! It works on a tree on disk and reports problems at byte ranges of that tree's files; what they
//! mean to a reader is the caller's business.
//!
//! | file | job |
//! |---|---|
//! | `compile.rs` | reads files and what they import, resolves types |
//! | `explain.rs` | turns protox's errors into problems with exact ranges |
//! | `scope.rs` | which types a file sees, for suggestions |
//! | `place.rs` | from the descriptors' lines and columns to bytes |
//! | `rules.rs` | layout, `package` and `go_package` |
//! | `generate.rs` | protoc's plugin protocol |

use std::ops::Range;
use std::path::{Component, Path};

use protox::prost_reflect::{DescriptorPool, MessageDescriptor};

mod compile;
mod explain;
mod generate;
mod place;
mod rules;
mod scope;

pub use compile::compile;
pub use generate::{GenerateError, generate, strip_omitempty};
pub use rules::check_rules;

/// What is wrong with a .proto file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's path in the tree, with forward slashes. It can be an imported one.
    pub file: String,
    /// The bytes of the file's text; `0..0` if it is about the file as a whole.
    pub range: Range<usize>,
    /// What it offends against.
    pub kind: Kind,
    /// What is wrong, in one plain sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What a problem offends against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The language: the file cannot be read, parsed or resolved.
    Syntax,
    /// The rules of the repository.
    Rule,
    /// The code generator, which refused the file or did not answer.
    Generate,
}

/// Files that compile, with all that they import.
#[derive(Clone, Debug)]
pub struct Compiled {
    pool: DescriptorPool,
}

impl Compiled {
    /// The messages of the files and of all that they import.
    pub fn messages(&self) -> impl Iterator<Item = MessageDescriptor> + '_ {
        self.pool.all_messages()
    }
}

/// Whether a path, as a document or a plugin gives it, stays inside the folder that it is joined to.
fn stays_inside(path: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    // The second look is the system's own: what a drive or a root is depends on it.
    path.split('/').all(plain)
        && !path.contains('\\')
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests;
