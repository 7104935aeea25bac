//! The classes of tokens. Of each, every block that has it gets a defect.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What a token is, as far as the verifier has another way to notice that it is misspelt.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Class {
    /// The language of the fence.
    Language,
    /// The path in the fence: `file=`, `fragment=`, `cwd=`.
    Target,
    /// Any other word of the fence.
    Attribute,
    /// A name in code.
    Identifier,
    /// A name in code that stands for a type.
    Type,
    /// What code imports.
    Import,
    /// The left side of data.
    Key,
    /// The right side of data, or a text in code.
    Value,
    /// Digits.
    Number,
    /// The number of a field in a protobuf message.
    FieldNumber,
    /// The program of a command.
    Program,
    /// A flag of a command.
    Flag,
    /// Any other word of a command.
    Argument,
    /// The path of a file, a folder or a module.
    Path,
    /// A line that a diff expects.
    Context,
    /// A line that a diff searches behind, after `@@`.
    Anchor,
    /// The arrow of a diagram, or of a line in go.mod.
    Arrow,
    /// A brace or bracket.
    Brace,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.pad(value.as_ref().map_or("", |value| value.get_name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_and_the_file_of_reasons_have_the_same_names() {
        for class in Class::value_variants() {
            let json = serde_json::to_value(class).unwrap();
            assert_eq!(json, class.to_string());
        }
    }
}
