//! Reads values of the types that are wanted, notes what is of another type, and remembers which
//! keys were asked for, so that the others are known to be unknown.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::problem::{Notes, Place, Problem};
use super::yaml::{self, Node, Value};

/// Looks up an environment variable.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// One file.
pub(super) struct File<'a> {
    path: PathBuf,
    /// What the names of its variables begin with.
    prefix: String,
    root: Option<Node>,
    environment: Environment<'a>,
    problems: &'a Notes,
    asked: RefCell<Vec<String>>,
}

impl<'a> File<'a> {
    /// Reads a file. What is wrong with it is noted; then it counts as empty.
    pub(super) fn read(
        folder: &Path,
        name: &str,
        environment: Environment<'a>,
        problems: &'a Notes,
    ) -> Self {
        let stem = name.trim_end_matches(".yml").to_uppercase();
        let mut file = Self {
            path: folder.join(name),
            prefix: format!("IMENV_{}", stem.replace('-', "_")),
            root: None,
            environment,
            problems,
            asked: RefCell::default(),
        };
        match super::read(&file.path) {
            Err(message) => file.problem(&message),
            Ok(text) => match yaml::parse(&text) {
                Err((place, message)) => file.problem_at(place, &message),
                Ok(root) => file.root = Some(root),
            },
        }
        file
    }

    /// Whether there is nothing to be read of it.
    pub(super) fn is_broken(&self) -> bool {
        self.root.is_none()
    }

    /// All of it.
    pub(super) fn root(&self) -> Section<'_> {
        let section = Section {
            file: self,
            path: String::new(),
            node: self.root.as_ref(),
        };
        section.expect_map();
        section
    }

    /// Notes something about the file as a whole.
    pub(super) fn problem(&self, message: &str) {
        self.note(self.path.clone(), None, message);
    }

    /// Notes every key that nobody has asked for.
    pub(super) fn refuse_unknown_keys(&self) {
        if let Some(root) = &self.root {
            self.refuse_unknown(root, "");
        }
    }

    fn refuse_unknown(&self, node: &Node, path: &str) {
        let Value::Map(entries) = &node.value else {
            return;
        };
        for entry in entries {
            let key = join(path, &entry.key);
            let asked = self.asked.borrow();
            if asked.iter().any(|asked| yaml::same_key(asked, &key)) {
                drop(asked);
                self.refuse_unknown(&entry.value, &key);
                continue;
            }
            let message = match nearest(&key, &asked) {
                Some(name) => format!("{key} is not a key of this file; did you mean {name}?"),
                None => format!("{key} is not a key of this file"),
            };
            self.problem_at(entry.place, &message);
        }
    }

    fn problem_at(&self, place: Place, message: &str) {
        self.note(self.path.clone(), Some(place), message);
    }

    fn note(&self, source: PathBuf, place: Option<Place>, message: &str) {
        self.problems.add(Problem {
            source,
            place,
            message: message.to_owned(),
        });
    }
}

/// A part of a file.
pub(super) struct Section<'a> {
    file: &'a File<'a>,
    /// The keys that lead here, with dots between them.
    path: String,
    node: Option<&'a Node>,
}

impl<'a> Section<'a> {
    /// The part below a key.
    pub(super) fn section(&self, key: &str) -> Section<'a> {
        self.known(key);
        let section = Section {
            file: self.file,
            path: self.path(key),
            node: self.entry(key).map(|(_, node)| node),
        };
        section.expect_map();
        section
    }

    /// The key with all those above it.
    pub(super) fn path(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Notes that the key may be there.
    fn known(&self, key: &str) {
        self.file.asked.borrow_mut().push(self.path(key));
    }

    /// Notes something about a key.
    pub(super) fn problem(&self, key: &str, message: &str) {
        if self.variable(key).is_some() {
            return self
                .file
                .note(self.variable_name(key).into(), None, message);
        }
        match (self.entry(key), self.node) {
            (Some((place, _)), _) => self.file.problem_at(place, message),
            (None, Some(node)) => self.file.problem_at(node.place, message),
            (None, None) if self.file.is_broken() => {}
            (None, None) => self.file.problem(message),
        }
    }

    /// A text; an empty one is none.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match self.value(key)? {
            Found::Variable(text) | Found::Plain(text) | Found::Quoted(text) => Some(text),
            Found::Other(kind) => self.wrong(key, "a text", &kind),
        }
        .filter(|text| !text.is_empty())
    }

    /// A text with a meaning of its own.
    pub(super) fn parsed<T: FromStr>(&self, key: &str, wanted: &str) -> Option<T> {
        let text = self.text(key)?;
        let parsed = text.parse().ok();
        parsed.or_else(|| self.wrong(key, wanted, &format!("{text:?}")))
    }

    /// True or false; false if it is not there.
    pub(super) fn flag(&self, key: &str) -> bool {
        let Some(found) = self.value(key) else {
            return false;
        };
        let flag = match &found {
            Found::Variable(text) | Found::Plain(text) => go_bool(text),
            _ => None,
        };
        flag.or_else(|| self.wrong(key, "true or false", &found.name()))
            .unwrap_or_default()
    }

    /// A number from 0.
    pub(super) fn number(&self, key: &str) -> Option<u32> {
        self.numeric(key, "a whole number")
    }

    /// A number with or without a fraction.
    pub(super) fn decimal(&self, key: &str) -> Option<f64> {
        self.numeric(key, "a number")
    }

    fn numeric<T: FromStr>(&self, key: &str, wanted: &str) -> Option<T> {
        let found = self.value(key)?;
        let number = match &found {
            Found::Variable(text) | Found::Plain(text) => text.parse().ok(),
            _ => None,
        };
        number.or_else(|| self.wrong(key, wanted, &found.name()))
    }

    /// A list of texts. In a variable, commas part them.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        let items = self.list(key, "a list of texts").unwrap_or_default();
        let texts = items.into_iter().filter_map(|item| match item.found {
            Found::Variable(text) | Found::Plain(text) | Found::Quoted(text) => Some(text),
            Found::Other(kind) => self.wrong_item(key, item.place, "a text", &kind),
        });
        texts.collect()
    }

    /// A list of ports.
    pub(super) fn ports(&self, key: &str) -> Vec<u16> {
        let items = self
            .list(key, "a list of ports such as [ 10340 ]")
            .unwrap_or_default();
        let ports = items.into_iter().filter_map(|item| {
            let port = match &item.found {
                Found::Variable(text) | Found::Plain(text) => text.parse().ok(),
                _ => None,
            };
            port.filter(|port| *port != 0).or_else(|| {
                let name = item.found.name();
                self.wrong_item(key, item.place, "ports, numbers from 1 to 65535", &name)
            })
        });
        ports.collect()
    }

    fn list(&self, key: &str, wanted: &str) -> Option<Vec<Item>> {
        self.known(key);
        if let Some(text) = self.variable(key) {
            let parts = text.split(',').map(|part| Item {
                place: None,
                found: Found::Variable(part.trim().to_owned()),
            });
            return Some(parts.collect());
        }
        match &self.entry(key)?.1.value {
            Value::Null => None,
            Value::List(items) => {
                let items = items.iter().map(|node| Item {
                    place: Some(node.place),
                    found: Found::of(node).unwrap_or_else(|| Found::Other("nothing".to_owned())),
                });
                Some(items.collect())
            }
            _ => {
                let name = Found::of(self.entry(key)?.1).map(|found| found.name());
                self.wrong(key, wanted, &name.unwrap_or_default())
            }
        }
    }

    fn value(&self, key: &str) -> Option<Found> {
        self.known(key);
        match self.variable(key) {
            Some(text) => Some(Found::Variable(text)),
            None => Found::of(self.entry(key)?.1),
        }
    }

    fn entry(&self, key: &str) -> Option<(Place, &'a Node)> {
        let Value::Map(entries) = &self.node?.value else {
            return None;
        };
        let entry = entries.iter().find(|entry| yaml::same_key(&entry.key, key));
        entry.map(|entry| (entry.place, &entry.value))
    }

    fn variable_name(&self, key: &str) -> String {
        let path = self.path(key).replace('.', "_").to_uppercase();
        format!("{}_{path}", self.file.prefix)
    }

    /// An empty variable is as good as none, as upstream has it.
    fn variable(&self, key: &str) -> Option<String> {
        (self.file.environment)(&self.variable_name(key)).filter(|text| !text.is_empty())
    }

    fn expect_map(&self) {
        let Some(node) = self.node else { return };
        if let Some(found) = Found::of(node)
            && !matches!(node.value, Value::Map(_))
        {
            let what = match self.path.as_str() {
                "" => "the file",
                path => path,
            };
            let message = format!("{what} has to be keys with values, and is {}", found.name());
            self.file.problem_at(node.place, &message);
        }
    }

    fn wrong<T>(&self, key: &str, wanted: &str, found: &str) -> Option<T> {
        let message = format!("{} has to be {wanted}, and is {found}", self.path(key));
        match self.entry(key) {
            Some((_, node)) if self.variable(key).is_none() => {
                self.file.problem_at(node.place, &message);
            }
            _ => self.problem(key, &message),
        }
        None
    }

    fn wrong_item<T>(
        &self,
        key: &str,
        place: Option<Place>,
        wanted: &str,
        found: &str,
    ) -> Option<T> {
        let message = format!("{} has to hold {wanted}, and holds {found}", self.path(key));
        match place {
            Some(place) => self.file.problem_at(place, &message),
            None => self.problem(key, &message),
        }
        None
    }
}

struct Item {
    place: Option<Place>,
    found: Found,
}

/// A value as it was found.
enum Found {
    Variable(String),
    Plain(String),
    Quoted(String),
    Other(String),
}

impl Found {
    fn of(node: &Node) -> Option<Self> {
        Some(match &node.value {
            Value::Null => return None,
            Value::Plain(text) => Self::Plain(text.clone()),
            Value::Quoted(text) => Self::Quoted(text.clone()),
            Value::List(_) => Self::Other("a list".to_owned()),
            Value::Map(_) => Self::Other("keys with values".to_owned()),
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Variable(text) | Self::Plain(text) => text.clone(),
            Self::Quoted(text) => format!("the text {text:?}"),
            Self::Other(kind) => kind.clone(),
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// What Go's `strconv.ParseBool` takes, and nothing else: OpenIM's services read variables with it.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Some(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// The known key that a person may have meant.
fn nearest(key: &str, known: &[String]) -> Option<String> {
    const ENOUGH: f64 = 0.7;
    let near = |name: &String| {
        strsim::normalized_damerau_levenshtein(&key.to_lowercase(), &name.to_lowercase())
    };
    let best = known
        .iter()
        .max_by(|one, other| near(one).total_cmp(&near(other)))?;
    (near(best) >= ENOUGH).then(|| best.clone())
}
