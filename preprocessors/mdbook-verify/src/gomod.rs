//! Lines of a go.mod, with the place of every word.
//!
//! Go's own parser has the last word on a whole file. This one reads pieces too, goes on after the
//! first problem, and says which word is at fault.

mod version;

pub(crate) use version::is_major;
mod words;

use std::ops::Range;

use crate::finding::nearest;

pub use self::words::Word;
use self::words::{Line, lines};

/// What a line of a go.mod says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directive {
    /// `module PATH`
    Module(Word),
    /// `go 1.23`
    Go(Word),
    /// `toolchain go1.23.4`
    Toolchain(Word),
    /// `require PATH VERSION`
    Require(Word, Word),
    /// `exclude PATH VERSION`
    Exclude(Word, Word),
    /// `replace PATH [VERSION] => …`
    Replace {
        /// What is replaced.
        old: Word,
        /// Of which version; none for all of them.
        version: Option<Word>,
        /// What takes its place.
        new: Replacement,
    },
    /// `retract …`, `tool PATH`, `ignore PATH`, `godebug KEY=VALUE`: about no other module's version.
    Other,
}

/// What takes a module's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The module of this path.
    Module(Word),
    /// What stands in a folder.
    Folder(Word),
}

impl Replacement {
    /// The module's path.
    #[must_use]
    pub fn module(&self) -> Option<&Word> {
        match self {
            Self::Module(path) => Some(path),
            Self::Folder(_) => None,
        }
    }
}

/// What is wrong with a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The word.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
}

impl Problem {
    fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            help: None,
        }
    }

    fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// Parsed lines of a go.mod.
#[derive(Clone, Debug, Default)]
pub struct GoMod {
    /// What they say.
    pub directives: Vec<Directive>,
}

impl GoMod {
    /// The module that the file is of.
    #[must_use]
    pub fn module(&self) -> Option<&Word> {
        self.directives
            .iter()
            .find_map(|directive| match directive {
                Directive::Module(path) => Some(path),
                _ => None,
            })
    }

    /// The version that is asked for of a module.
    #[must_use]
    pub fn required(&self, module: &str) -> Option<&str> {
        self.directives
            .iter()
            .find_map(|directive| match directive {
                Directive::Require(path, version) if path.text == module => {
                    Some(version.text.as_str())
                }
                _ => None,
            })
    }

    /// All modules that are named, also those that take the place of others.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        let words = self
            .directives
            .iter()
            .flat_map(|directive| match directive {
                Directive::Module(path)
                | Directive::Require(path, _)
                | Directive::Exclude(path, _) => [Some(path), None],
                Directive::Replace { old, new, .. } => [Some(old), new.module()],
                Directive::Go(_) | Directive::Toolchain(_) | Directive::Other => [None, None],
            });
        words.flatten().map(|word| word.text.as_str())
    }
}

/// Parses lines of a go.mod, a whole one or a piece.
#[must_use]
pub fn parse(text: &str) -> (GoMod, Vec<Problem>) {
    let mut parser = Parser::default();
    for line in lines(text, &mut parser.problems) {
        parser.line(line);
    }
    if let Some((verb, _)) = parser.block {
        let problem = Problem::new(
            verb.at,
            format!("the block of `{}` is never closed", verb.text),
        );
        parser
            .problems
            .push(problem.help(Some("close it with `)` on a line of its own".into())));
    }
    (parser.found, parser.problems)
}

/// The directives that Go knows.
const VERBS: [&str; 10] = [
    "module",
    "go",
    "toolchain",
    "godebug",
    "require",
    "exclude",
    "replace",
    "retract",
    "tool",
    "ignore",
];

#[derive(Default)]
struct Parser {
    found: GoMod,
    problems: Vec<Problem>,
    /// The directive whose block is open, and whether it is known.
    block: Option<(Word, bool)>,
}

impl Parser {
    fn line(&mut self, line: Line) {
        let Line { words, at } = line;
        let is = |word: Option<&Word>, text: &str| word.is_some_and(|word| word.text == text);
        if let Some((verb, known)) = self.block.take() {
            if words.len() == 1 && is(words.first(), ")") {
                return;
            }
            if known {
                self.directive(&verb, &words, at);
            }
            self.block = Some((verb, known));
            return;
        }
        let mut words = words.into_iter();
        let Some(verb) = words.next() else { return };
        let known = self.is_verb(&verb);
        let words: Vec<Word> = words.collect();
        if words.len() == 1 && is(words.first(), "(") {
            self.block = Some((verb, known));
        } else if known {
            self.directive(&verb, &words, at);
        }
    }

    fn is_verb(&mut self, verb: &Word) -> bool {
        let known = VERBS.contains(&verb.text.as_str());
        if !known {
            let help = nearest(&verb.text, VERBS).map(|near| format!("did you mean `{near}`?"));
            let message = format!("`{}` is no directive of a go.mod", verb.text);
            self.problems
                .push(Problem::new(verb.at.clone(), message).help(help));
        }
        known
    }

    /// Reads the words behind a directive; `at` is the whole line.
    fn directive(&mut self, verb: &Word, words: &[Word], at: Range<usize>) {
        let read = match (verb.text.as_str(), words) {
            ("module", [path]) => self.path(path).map(Directive::Module),
            ("go", [version]) => self.go(version),
            ("toolchain", [name]) => self.toolchain(name),
            ("require", [path, version]) => self
                .versioned(path, version)
                .map(|(path, version)| Directive::Require(path, version)),
            ("exclude", [path, version]) => self
                .versioned(path, version)
                .map(|(path, version)| Directive::Exclude(path, version)),
            ("replace", words) => self.replace(words, at),
            ("retract", words) => self.retract(words, at),
            ("tool" | "ignore", [_]) => Some(Directive::Other),
            ("godebug", [setting]) if setting.text.contains('=') => Some(Directive::Other),
            (verb, _) => {
                let form = match verb {
                    "module" => "module PATH",
                    "go" => "go VERSION",
                    "toolchain" => "toolchain NAME",
                    "require" => "require PATH VERSION",
                    "exclude" => "exclude PATH VERSION",
                    "godebug" => "godebug KEY=VALUE",
                    _ => "one path",
                };
                self.wrong(at, format!("`{verb}` is written `{form}`"))
            }
        };
        self.found.directives.extend(read);
    }

    fn wrong<T>(&mut self, at: Range<usize>, message: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new(at, message));
        None
    }

    fn go(&mut self, word: &Word) -> Option<Directive> {
        if version::is_go(&word.text) {
            return Some(Directive::Go(word.clone()));
        }
        let help = word.text.strip_prefix("go").or(word.text.strip_prefix('v'));
        let help = help
            .filter(|rest| version::is_go(rest))
            .map(|rest| format!("write `go {rest}`"));
        let message = format!(
            "`{}` is no version of Go, such as 1.23 or 1.23.4",
            word.text
        );
        self.problems
            .push(Problem::new(word.at.clone(), message).help(help));
        None
    }

    fn toolchain(&mut self, word: &Word) -> Option<Directive> {
        let good = match word.text.strip_prefix("go") {
            Some(rest) => version::is_go(rest.split('-').next().unwrap_or(rest)),
            None => word.text == "default",
        };
        if good {
            return Some(Directive::Toolchain(word.clone()));
        }
        let message = format!("`{}` is no toolchain, such as go1.23.4", word.text);
        self.wrong(word.at.clone(), message)
    }

    fn path(&mut self, word: &Word) -> Option<Word> {
        match version::path_problem(&word.text) {
            None => Some(word.clone()),
            Some(why) => {
                let message = format!("`{}` is no module path: {why}", word.text);
                self.wrong(word.at.clone(), message)
            }
        }
    }

    /// A module and one of its versions.
    fn versioned(&mut self, path: &Word, version: &Word) -> Option<(Word, Word)> {
        let path = self.path(path);
        let version = self.version(version);
        let (path, version) = (path?, version?);
        match version::major_problem(&path.text, &version.text) {
            None => Some((path, version)),
            Some(why) => self.wrong(version.at, why),
        }
    }

    fn version(&mut self, word: &Word) -> Option<Word> {
        match version::problem(&word.text) {
            None => Some(word.clone()),
            Some(why) => self.wrong(word.at.clone(), why),
        }
    }

    fn replace(&mut self, words: &[Word], at: Range<usize>) -> Option<Directive> {
        let arrow = words.iter().position(|word| word.text == "=>");
        let sides = arrow.map(|arrow| (&words[..arrow], &words[arrow + 1..]));
        let Some((old @ ([_] | [_, _]), new @ ([_] | [_, _]))) = sides else {
            let form = "`replace` is written `replace PATH [VERSION] => PATH VERSION` or `replace PATH [VERSION] => ./FOLDER`";
            return self.wrong(at, form);
        };
        let (old, version) = match old {
            [path, version] => {
                let (path, version) = self.versioned(path, version)?;
                (path, Some(version))
            }
            _ => (self.path(&old[0])?, None),
        };
        let new = match new {
            [folder] if is_folder(&folder.text) => Replacement::Folder(folder.clone()),
            [folder, version] if is_folder(&folder.text) => {
                let message = format!("the folder {} has no version", folder.text);
                return self.wrong(version.at.clone(), message);
            }
            // The module that takes the place may have another major version than its path says.
            [path, version] => {
                let (path, version) = (self.path(path), self.version(version));
                version?;
                Replacement::Module(path?)
            }
            rest => {
                let word = &rest[0];
                let message = format!(
                    "`{}` needs a version; a folder starts with ./ or ../",
                    word.text
                );
                return self.wrong(word.at.clone(), message);
            }
        };
        Some(Directive::Replace { old, version, new })
    }

    fn retract(&mut self, words: &[Word], at: Range<usize>) -> Option<Directive> {
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        let versions = match texts.as_slice() {
            [_] => vec![&words[0]],
            ["[", _, ",", _, "]"] => vec![&words[1], &words[3]],
            _ => {
                let form = "`retract` is written `retract VERSION` or `retract [FIRST, LAST]`";
                return self.wrong(at, form);
            }
        };
        for version in versions {
            self.version(version)?;
        }
        Some(Directive::Other)
    }
}

/// Whether a path is that of a folder, and not of a module.
pub(crate) fn is_folder(path: &str) -> bool {
    matches!(path, "." | "..")
        || path.starts_with("./")
        || path.starts_with("../")
        || path.starts_with('/')
}

#[cfg(test)]
mod tests;
