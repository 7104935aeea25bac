//! Commands of a shell, parsed: what a block of Bash says, with the place of every part of it.
//!
//! The grammar is tree-sitter's: it names the bytes of everything down to the text inside a quote
//! inside a `$(…)`, and goes on behind a mistake. What it accepts beyond Bash, such as a `done`
//! that ends nothing, is refused here.

mod lower;
mod value;

use std::ops::Range;

pub use lower::parse;
pub use value::{Known, Value, atom, shown};

/// Commands in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What is to be done.
    pub nodes: Vec<Node>,
    /// What cannot be read.
    pub errors: Vec<SyntaxError>,
}

/// What the parser cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// The word that may have been meant.
    pub meant: Option<&'static str>,
}

/// A part of a script. Both branches of a condition stand here as if they were done: what they say
/// has to be right whichever way a run takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// One command.
    Command(Command),
    /// Commands in a shell of their own, whose folder and variables end with it: `( … )`, the
    /// members of a pipe.
    Group(Vec<Node>),
    /// A function.
    Function {
        /// Its name.
        name: String,
        /// What it does.
        body: Vec<Node>,
    },
    /// `for NAME in …`.
    Loop {
        /// The variable.
        name: String,
        /// Its values.
        values: Vec<Word>,
        /// What is done with each.
        body: Vec<Node>,
    },
}

/// One command: assignments, a program with its arguments, and files for its streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// `NAME=value` before the program, or behind `export` and its kin.
    pub assignments: Vec<Assignment>,
    /// The program and its arguments; none for assignments alone.
    pub words: Vec<Word>,
    /// Its files.
    pub redirects: Vec<Redirect>,
}

/// `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// Where the variable's name stands.
    pub at: Range<usize>,
    /// The value.
    pub value: Word,
}

/// `> file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Whether the file is written.
    pub writes: bool,
    /// The file.
    pub file: Word,
}

/// A word: what the shell makes one argument of, unless it holds variables or patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, quotes included.
    pub at: Range<usize>,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text. Unless it is a single character behind a backslash, it stands in the script byte for byte.
    Text {
        /// As the program gets it.
        text: String,
        /// Where it stands.
        at: Range<usize>,
        /// Whether quotes or a backslash take their meaning from `*`, `?`, `[`, `{` and `~`.
        quoted: bool,
    },
    /// A variable's value.
    Variable {
        /// The variable.
        name: String,
        /// Where its name stands.
        at: Range<usize>,
        /// Whether the script itself provides for its absence: `${NAME:-default}`.
        guarded: bool,
        /// The whole expansion is more than the value: `${NAME%suffix}`.
        changed: bool,
        /// The whole of it.
        whole: Range<usize>,
    },
    /// What commands print: `$(…)`.
    Output {
        /// The commands.
        nodes: Vec<Node>,
        /// The whole of it.
        at: Range<usize>,
    },
    /// A number that the shell works out, and what it reads for that.
    Computed {
        /// What it reads.
        parts: Vec<Part>,
        /// The whole of it.
        at: Range<usize>,
    },
}

impl Script {
    /// Calls `visit` for every variable that the script reads.
    pub fn variables(&self, visit: &mut dyn FnMut(&str)) {
        variables(&self.nodes, visit);
    }
}

fn variables(nodes: &[Node], visit: &mut dyn FnMut(&str)) {
    for node in nodes {
        match node {
            Node::Group(nodes) | Node::Function { body: nodes, .. } => variables(nodes, visit),
            Node::Loop { values, body, .. } => {
                for word in values {
                    in_parts(&word.parts, visit);
                }
                variables(body, visit);
            }
            Node::Command(command) => {
                let values = command
                    .assignments
                    .iter()
                    .map(|assignment| &assignment.value);
                let files = command.redirects.iter().map(|redirect| &redirect.file);
                for word in values.chain(&command.words).chain(files) {
                    in_parts(&word.parts, visit);
                }
            }
        }
    }
}

fn in_parts(parts: &[Part], visit: &mut dyn FnMut(&str)) {
    for part in parts {
        match part {
            Part::Text { .. } => {}
            Part::Variable { name, .. } => visit(name),
            Part::Output { nodes, .. } => variables(nodes, visit),
            Part::Computed { parts, .. } => in_parts(parts, visit),
        }
    }
}

#[cfg(test)]
mod tests;
