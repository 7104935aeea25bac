//! The settings under `[preprocessor.verify.shell]`: what the commands of a guide may speak of
//! that neither the tree nor a tool's help can tell.

use std::collections::BTreeMap;
use std::fmt;

use regex_lite::Regex;
use serde::Deserialize;

use crate::help::Style;

use super::Pattern;

/// What commands may speak of.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ShellSettings {
    /// Further programs, and how they are asked for their help.
    pub tool: BTreeMap<String, ToolSettings>,
    /// Programs that steps build, with the help that they would print.
    pub program: Vec<ProgramSettings>,
    /// Names that must be those of something in the tree.
    pub name: Vec<NameSettings>,
    /// Servers that requests may go to.
    pub server: Vec<ServerSettings>,
    /// Variables of the reader's environment, or that programs read.
    pub variables: Vec<String>,
    /// Paths on the reader's machine, outside of the trees.
    pub paths: Vec<Pattern>,
    /// URLs outside of the guide.
    pub urls: Vec<String>,
    /// Go modules beside those that `go.mod` requires.
    pub modules: Vec<String>,
    /// Branches, tags and commits that repositories have.
    pub refs: Vec<String>,
    /// Repositories that are a base, by URL: a fork of it, or where the guide publishes it.
    pub clones: BTreeMap<String, String>,
    /// What commands leave behind, such as `"./gen.sh" = ["*/*.pb.go"]`.
    pub makes: BTreeMap<String, Vec<Pattern>>,
}

/// How a program is asked for its help.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ToolSettings {
    /// The words that make it print its help.
    pub help: Vec<String>,
    /// The words that make it list its commands, if its help does not.
    pub list: Vec<String>,
    /// The words that make it print a command's help; `{}` stands for the command.
    pub command: Vec<String>,
    /// How it reads its arguments.
    pub style: Style,
    /// Its help, for a program that prints none.
    pub text: Option<String>,
}

/// A program that a step builds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProgramSettings {
    /// What its path ends in, such as `openim-*`.
    pub name: Pattern,
    /// Its help. A value called FILE or DIR must exist.
    pub help: String,
    /// How it reads its arguments.
    #[serde(default)]
    pub style: Style,
}

/// Names that must be those of something in the tree.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NameSettings {
    /// What they name, in a word: `service`.
    pub what: String,
    /// Words that are such names for certain. Other words count when they are almost one.
    #[serde(default)]
    pub pattern: Option<Expression>,
    /// Paths whose `{}` is a name: `cmd/*/{}`.
    #[serde(default)]
    pub paths: Vec<String>,
    /// A file of the tree whose text has names.
    #[serde(default)]
    pub file: Option<String>,
    /// What names look like in that text; the first group is the name.
    #[serde(default)]
    pub known: Option<Expression>,
    /// Names as such.
    #[serde(default)]
    pub names: Vec<String>,
    /// The base of the paths and the file; the edition's default unless told.
    #[serde(default)]
    pub base: Option<String>,
}

/// A server that requests may go to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServerSettings {
    /// What it is called in messages.
    pub name: String,
    /// Its hosts; `localhost` and `127.0.0.1` unless told.
    #[serde(default = "local")]
    pub hosts: Vec<String>,
    /// Its port.
    pub port: PortSettings,
    /// Its routes, read from source.
    #[serde(default)]
    pub routes: Option<RouteSettings>,
    /// Paths that it answers besides.
    #[serde(default)]
    pub paths: Vec<String>,
    /// The base of the files; the edition's default unless told.
    #[serde(default)]
    pub base: Option<String>,
}

fn local() -> Vec<String> {
    vec!["localhost".to_owned(), "127.0.0.1".to_owned()]
}

/// A port, or where it stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum PortSettings {
    /// The port.
    Number(u16),
    /// The first group of a pattern in a file of the tree.
    InFile {
        /// The file.
        file: String,
        /// The pattern.
        pattern: Expression,
    },
}

/// How routes are written in source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RouteSettings {
    /// The file.
    pub file: String,
    /// A route, with the groups `path` and, if they are there, `on` and `method`.
    pub route: Expression,
    /// What gives routes a prefix, with the groups `name`, `path` and perhaps `on`.
    #[serde(default)]
    pub group: Option<Expression>,
}

/// A regular expression, whose `\w`, `\d` and `\s` are those of ASCII.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Expression(pub Regex);

impl TryFrom<String> for Expression {
    type Error = regex_lite::Error;

    fn try_from(text: String) -> Result<Self, regex_lite::Error> {
        Regex::new(&text).map(Self)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_str().fmt(f)
    }
}
