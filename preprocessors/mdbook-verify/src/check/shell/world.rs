//! What is there when a command runs: the trees as they stand at the step, and what earlier
//! commands have left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use globset::GlobBuilder;

use crate::config::Pattern;
use crate::finding::nearest;
use crate::shell::{atom, shown};
use crate::workspace::Moment;

/// Where a path starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    /// The tree of a base.
    Base(String),
    /// The folder in which the trees stand side by side.
    Beside,
    /// The reader's machine.
    Machine,
    /// What only a run can tell, such as `$HOME`.
    Atom(String),
}

/// A place that a path names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Location {
    pub(super) root: Root,
    pub(super) path: Vec<String>,
}

impl Location {
    pub(super) fn base(name: &str) -> Self {
        Self {
            root: Root::Base(name.to_owned()),
            path: Vec::new(),
        }
    }

    pub(super) fn child(&self, name: &str) -> Self {
        let mut child = self.clone();
        child.path.push(name.to_owned());
        child
    }

    pub(super) fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        match (parent.path.pop(), &self.root) {
            (Some(_), _) => Some(parent),
            (None, Root::Base(_)) => Some(Self {
                root: Root::Beside,
                path: Vec::new(),
            }),
            (None, _) => None,
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.path.last().map(String::as_str)
    }

    fn joined(&self) -> String {
        self.path.join("/")
    }

    fn is_below(&self, other: &Self) -> bool {
        self.root == other.root && self.path.starts_with(&other.path)
    }
}

/// What a command left somewhere.
#[derive(Clone, Debug)]
enum Made {
    File,
    Folder,
    /// All that another place has: a copy, a clone.
    Like(Location),
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    Nothing,
    File,
    Folder,
    /// book.toml says that something is there.
    Declared,
    /// Only a run can tell.
    Unsure,
}

/// The places of one edition, and what commands did to them.
#[derive(Clone, Default)]
pub(super) struct World {
    made: BTreeMap<Location, Made>,
    removed: BTreeSet<Location>,
    /// Patterns of what commands leave behind, and where they start.
    patterns: Vec<(Location, Pattern)>,
    /// What atoms stand for.
    pub(super) places: BTreeMap<String, Location>,
}

/// A world at a moment.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) world: &'a World,
    pub(super) moment: Moment<'a>,
    pub(super) bases: &'a [String],
    /// The bases that Go's module cache has, by their path there.
    pub(super) cached: &'a BTreeMap<String, String>,
    /// Paths on the reader's machine.
    pub(super) paths: &'a [Pattern],
}

impl World {
    pub(super) fn file(&mut self, at: Location) {
        self.make(at, Made::File);
    }

    pub(super) fn folder(&mut self, at: Location) {
        self.make(at, Made::Folder);
    }

    pub(super) fn like(&mut self, at: Location, other: Location) {
        if at != other {
            self.make(at, Made::Like(other));
        }
    }

    pub(super) fn pattern(&mut self, from: Location, pattern: Pattern) {
        self.patterns.push((from, pattern));
    }

    fn make(&mut self, at: Location, made: Made) {
        self.removed.remove(&at);
        self.made.insert(at, made);
    }

    pub(super) fn remove(&mut self, at: Location) {
        self.made.retain(|other, _| !other.is_below(&at));
        self.removed.insert(at);
    }
}

impl View<'_> {
    /// The place that a path names, seen from a folder.
    pub(super) fn resolve(&self, cwd: &Location, path: &str) -> Location {
        let mut parts = path.split('/');
        let mut at = cwd.clone();
        if path.starts_with('/') {
            at = Location {
                root: Root::Machine,
                path: Vec::new(),
            };
        } else if path.starts_with(ATOM) {
            let first = parts.next().unwrap_or_default().to_owned();
            at = match self.world.places.get(&first) {
                Some(place) => place.clone(),
                None => Location {
                    root: Root::Atom(first),
                    path: Vec::new(),
                },
            };
        }
        for part in parts {
            match part {
                "" | "." => {}
                ".." => match at.parent() {
                    Some(parent) => at = parent,
                    None if at.root == Root::Machine => {}
                    None => {
                        let above = format!("{}/..", Self::display(&at));
                        at.root = Root::Atom(atom(&above));
                    }
                },
                part => at = self.enter(&at, part),
            }
        }
        at
    }

    fn enter(&self, at: &Location, part: &str) -> Location {
        let child = at.child(part);
        if self.world.made.contains_key(&child) {
            return self.real(&child);
        }
        // The trees stand side by side, each under its name.
        if at.root == Root::Beside
            && at.path.is_empty()
            && self.bases.iter().any(|base| base == part)
        {
            return Location::base(part);
        }
        if Self::is_cache(&child) {
            return match self.cached.get(&child.joined()) {
                Some(base) => Location::base(base),
                None => child,
            };
        }
        child
    }

    /// A clone of a base is that base, wherever it stands.
    fn real(&self, at: &Location) -> Location {
        match self.world.made.get(at) {
            Some(Made::Like(other))
                if matches!(other.root, Root::Base(_)) && other.path.is_empty() =>
            {
                other.clone()
            }
            _ => at.clone(),
        }
    }

    /// Whether a place is in Go's module cache.
    fn is_cache(at: &Location) -> bool {
        matches!(&at.root, Root::Atom(atom) if shown(atom) == MODULE_CACHE)
    }

    pub(super) fn what(&self, at: &Location) -> There {
        self.look(at, 0)
    }

    pub(super) fn is_folder(&self, at: &Location) -> bool {
        matches!(
            self.what(at),
            There::Folder | There::Declared | There::Unsure
        )
    }

    fn look(&self, at: &Location, depth: usize) -> There {
        // Copies of copies of one another would never end.
        if depth > 8 {
            return There::Unsure;
        }
        let mut above = at.clone();
        let mut rest = Vec::new();
        loop {
            match self.world.made.get(&above) {
                Some(Made::Like(other)) => {
                    let mut there = other.clone();
                    there.path.extend(rest.iter().rev().cloned());
                    let found = self.look(&there, depth + 1);
                    if found != There::Nothing {
                        return found;
                    }
                }
                Some(Made::File) if rest.is_empty() => return There::File,
                Some(Made::Folder) if rest.is_empty() => return There::Folder,
                _ => {}
            }
            if self.world.removed.contains(&above) {
                break;
            }
            let Some(name) = above.path.pop() else {
                match self.before(at) {
                    There::Nothing => break,
                    found => return found,
                }
            };
            rest.push(name);
        }
        // What is below a place stands behind it.
        let mut behind = self
            .world
            .made
            .range((Bound::Excluded(at), Bound::Unbounded));
        if behind.next().is_some_and(|(made, _)| made.is_below(at)) {
            return There::Folder;
        }
        let left_behind = self.world.patterns.iter().any(|(from, pattern)| {
            at.is_below(from) && pattern.0.is_match(at.path[from.path.len()..].join("/"))
        });
        if left_behind {
            There::Declared
        } else {
            There::Nothing
        }
    }

    /// What is at a place before any command has run.
    fn before(&self, at: &Location) -> There {
        let path = at.joined();
        match &at.root {
            Root::Base(base) if self.moment.has_file(base, &path) => There::File,
            Root::Base(base) if self.moment.has_folder(base, &path) => There::Folder,
            Root::Base(_) => There::Nothing,
            _ if at.path.is_empty() => There::Folder,
            Root::Atom(_) if Self::is_cache(at) => {
                let below = format!("{path}/");
                if self.cached.keys().any(|known| known.starts_with(&below)) {
                    There::Folder
                } else {
                    There::Nothing
                }
            }
            Root::Beside => There::Nothing,
            Root::Machine if MACHINE.contains(&path.as_str()) => There::Folder,
            Root::Machine if DEVICES.contains(&path.as_str()) => There::File,
            Root::Machine | Root::Atom(_) => {
                let name = Self::display(at);
                let named = self.paths.iter().any(|pattern| pattern.0.is_match(&name));
                let told = match &at.root {
                    Root::Atom(atom) => shown(atom).starts_with("$HOME"),
                    _ => true,
                };
                match (named, told) {
                    (true, _) => There::Declared,
                    (_, true) => There::Nothing,
                    (_, false) => There::Unsure,
                }
            }
        }
    }

    /// A place for people.
    pub(super) fn display(at: &Location) -> String {
        let path = shown(&at.joined());
        match &at.root {
            Root::Base(_) if path.is_empty() => ".".into(),
            Root::Base(_) => path,
            Root::Beside => format!("../{path}"),
            Root::Machine => format!("/{path}"),
            Root::Atom(atom) if path.is_empty() => shown(atom),
            Root::Atom(atom) => format!("{}/{path}", shown(atom)),
        }
    }

    /// All files and folders below a place, relative to it.
    pub(super) fn below(&self, at: &Location) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.collect(at, "", 0, &mut found);
        found
    }

    fn collect(&self, at: &Location, prefix: &str, depth: usize, found: &mut BTreeSet<String>) {
        if depth > 4 {
            return;
        }
        let mut add = |path: &str| {
            for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
                found.insert(format!("{prefix}{}", &path[..end]));
            }
        };
        if let Root::Base(base) = &at.root {
            let below = at.joined();
            for file in self.moment.files(base) {
                match below.as_str() {
                    "" => add(file),
                    below => {
                        let rest = file.strip_prefix(below);
                        if let Some(rest) = rest.and_then(|rest| rest.strip_prefix('/')) {
                            add(rest);
                        }
                    }
                }
            }
        }
        let mut copies = Vec::new();
        for (made, what) in &self.world.made {
            if !made.is_below(at) {
                continue;
            }
            let path = made.path[at.path.len()..].join("/");
            if !path.is_empty() {
                add(&path);
            }
            if let Made::Like(other) = what {
                let slash = if path.is_empty() { "" } else { "/" };
                copies.push((format!("{prefix}{path}{slash}"), other));
            }
        }
        for (prefix, other) in copies {
            self.collect(other, &prefix, depth + 1, found);
        }
    }

    /// Whether something matches a pattern with `*` and its kin.
    pub(super) fn matches(&self, cwd: &Location, pattern: &str) -> There {
        let special = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
        let folder = pattern[..special]
            .rfind('/')
            .map_or("", |at| &pattern[..=at]);
        let from = self.resolve(cwd, folder);
        let rest = &pattern[folder.len()..];
        let glob = GlobBuilder::new(rest).literal_separator(true).build();
        let Ok(glob) = glob.map(|glob| glob.compile_matcher()) else {
            return There::Unsure;
        };
        if let Some(found) = self.below(&from).iter().find(|path| glob.is_match(path)) {
            return match self.what(&self.resolve(&from, found)) {
                There::Nothing => There::File,
                there => there,
            };
        }
        let sample = rest.replace('*', "x");
        match self.what(&self.resolve(&from, &sample)) {
            there @ (There::Declared | There::Unsure) => there,
            _ => There::Nothing,
        }
    }

    /// A path near to one that is not there, as it would be written.
    pub(super) fn near(&self, cwd: &Location, path: &str) -> Option<String> {
        let dots = if path.starts_with("./") { "./" } else { "" };
        let clean = path.trim_start_matches("./").trim_end_matches('/');
        let found = self.below(cwd);
        let near =
            nearest(clean, found.iter().map(String::as_str)).filter(|near| *near != clean)?;
        Some(shown(&format!("{dots}{near}")))
    }
}

/// What stands for the folder of Go's module cache.
const MODULE_CACHE: &str = "$(go env GOMODCACHE)";

/// Begins what only a run can tell.
const ATOM: char = '\u{1}';

/// Folders that every machine has.
const MACHINE: [&str; 12] = [
    "tmp",
    "dev",
    "etc",
    "home",
    "opt",
    "root",
    "usr",
    "usr/bin",
    "usr/local",
    "usr/local/bin",
    "var",
    "bin",
];

/// What stands below `/dev` and means the same everywhere.
const DEVICES: [&str; 7] = [
    "dev/null",
    "dev/stdin",
    "dev/stdout",
    "dev/stderr",
    "dev/tty",
    "dev/zero",
    "dev/urandom",
];
