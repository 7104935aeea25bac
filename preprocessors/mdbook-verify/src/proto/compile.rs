//! Reads files and what they import, and resolves their types.
//!
//! This is what `protox::Compiler` does, from protox's own parser and descriptor pool. The compiler
//! gives up at the first file with an error; here every file is read and every file whose imports
//! are sound is resolved, so that one run shows what there is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use prost_types::FileDescriptorProto;
use protox::file::{File, FileResolver, GoogleFileResolver};
use protox::prost_reflect::DescriptorPool;

use super::scope::{self, Scope};
use super::{Compiled, Kind, Problem, explain, place, stays_inside};

/// A file that could be parsed. A well-known one has no text.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) descriptor: FileDescriptorProto,
}

/// The parsed files by name.
pub(super) type Sources = BTreeMap<String, Source>;

/// Compiles the files (paths relative to `tree`, which is the import root), resolving imports in
/// `tree` and among the well-known types.
///
/// # Errors
/// All problems that could be found, also in imported files, ordered by file and place. A file
/// whose imports are broken is parsed, but its types are not looked at: they would look broken too.
pub fn compile(tree: &Path, files: &[String]) -> Result<Compiled, Vec<Problem>> {
    let mut loader = Loader {
        tree,
        sources: Sources::new(),
        problems: Vec::new(),
    };
    loader.load_all(files);
    let mut linker = Linker {
        tree,
        sources: &loader.sources,
        pool: DescriptorPool::new(),
        states: BTreeMap::new(),
        problems: loader.problems,
    };
    for file in loader.sources.keys() {
        linker.link(file);
    }
    if linker.problems.is_empty() {
        return Ok(Compiled { pool: linker.pool });
    }
    let mut problems = linker.problems;
    problems.sort_by(|a, b| (&a.file, a.range.start).cmp(&(&b.file, b.range.start)));
    Err(problems)
}

/// Reads and parses.
struct Loader<'a> {
    tree: &'a Path,
    sources: Sources,
    problems: Vec<Problem>,
}

/// What came of a name.
enum Load {
    /// It is among the sources, and was read just now.
    New,
    /// It was read before.
    Known,
    /// It is there but cannot be used; the problem is noted.
    Broken,
    /// There is no such file.
    Missing,
}

impl Loader<'_> {
    fn load_all(&mut self, files: &[String]) {
        let mut queue = VecDeque::new();
        let mut broken = BTreeSet::new();
        for file in files {
            match self.load(file) {
                Load::New => queue.push_back(file.clone()),
                Load::Known => {}
                Load::Broken => drop(broken.insert(file.clone())),
                Load::Missing => self.missing_file(file),
            }
        }
        while let Some(name) = queue.pop_front() {
            for (index, import) in self.imports(&name).into_iter().enumerate() {
                if broken.contains(&import) {
                    continue;
                }
                match self.load(&import) {
                    Load::New => queue.push_back(import),
                    Load::Known => {}
                    Load::Broken => drop(broken.insert(import)),
                    Load::Missing => self.missing_import(&name, index, &import),
                }
            }
        }
    }

    fn imports(&self, name: &str) -> Vec<String> {
        self.sources
            .get(name)
            .map(|source| source.descriptor.dependency.clone())
            .unwrap_or_default()
    }

    fn load(&mut self, name: &str) -> Load {
        if self.sources.contains_key(name) {
            return Load::Known;
        }
        let parsed = match read(self.tree, name) {
            Ok(Some(bytes)) => parse(name, bytes),
            Ok(None) => match GoogleFileResolver::new().open_file(name) {
                Ok(file) => Ok((String::new(), file.into())),
                Err(_) => return Load::Missing,
            },
            Err(error) => {
                let message = format!("`{name}` cannot be read: {error}");
                Err(vec![problem(name, 0..0, message, None)])
            }
        };
        match parsed {
            Ok((text, descriptor)) => {
                let name = name.to_owned();
                self.sources.insert(
                    name.clone(),
                    Source {
                        name,
                        text,
                        descriptor,
                    },
                );
                Load::New
            }
            Err(problems) => {
                self.problems.extend(problems);
                Load::Broken
            }
        }
    }

    fn missing_file(&mut self, name: &str) {
        let message = format!("there is no file `{name}` in the tree");
        self.problems.push(problem(
            name,
            0..0,
            message,
            scope::nearest_file(self.tree, name),
        ));
    }

    fn missing_import(&mut self, importer: &str, index: usize, import: &str) {
        let Some(source) = self.sources.get(importer) else {
            return;
        };
        let message = format!("the imported file `{import}` does not exist");
        let help = scope::nearest_file(self.tree, import).or_else(|| {
            Some(
                "an import is a path from the root of the tree, such as `folder/file.proto`"
                    .to_owned(),
            )
        });
        self.problems.push(problem(
            importer,
            import_range(source, index),
            message,
            help,
        ));
    }
}

fn read(tree: &Path, name: &str) -> io::Result<Option<Vec<u8>>> {
    if !stays_inside(name) {
        return Ok(None);
    }
    match fs::read(tree.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(name: &str, bytes: Vec<u8>) -> Result<(String, FileDescriptorProto), Vec<Problem>> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        vec![problem(
            name,
            at..at + 1,
            "the file is not UTF-8 text".to_owned(),
            None,
        )]
    })?;
    // protoc skips a byte order mark, protox does not; as many spaces keep all places.
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => format!("   {rest}"),
        None => text,
    };
    match File::from_source(name, &text) {
        Ok(file) => Ok((text, file.into())),
        Err(error) => Err(explain::parse_error(name, &text, &error)),
    }
}

/// Resolves types, each file after its imports.
struct Linker<'a> {
    tree: &'a Path,
    sources: &'a Sources,
    pool: DescriptorPool,
    states: BTreeMap<&'a str, State>,
    problems: Vec<Problem>,
}

/// How far a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its imports are being resolved; to meet it again is a cycle.
    Open,
    /// It is in the pool.
    Good,
    /// It, or something it imports, has a problem.
    Bad,
}

impl<'a> Linker<'a> {
    fn link(&mut self, name: &str) -> State {
        if let Some(state) = self.states.get(name) {
            return *state;
        }
        let Some(source) = self.sources.get(name) else {
            return State::Bad;
        };
        self.states.insert(&source.name, State::Open);
        let state = if self.link_imports(source) {
            self.resolve(source)
        } else {
            State::Bad
        };
        self.states.insert(&source.name, state);
        state
    }

    fn link_imports(&mut self, source: &'a Source) -> bool {
        let mut sound = true;
        let mut seen = BTreeSet::new();
        for (index, import) in source.descriptor.dependency.iter().enumerate() {
            let twice = !seen.insert(import);
            let state = self.link(import);
            sound &= state == State::Good && !twice;
            let message = match state {
                _ if twice => format!("`{import}` is imported twice"),
                State::Open => format!("importing `{import}` closes a circle of imports"),
                State::Good | State::Bad => continue,
            };
            self.problems.push(problem(
                &source.name,
                import_range(source, index),
                message,
                None,
            ));
        }
        sound
    }

    fn resolve(&mut self, source: &Source) -> State {
        match self
            .pool
            .add_file_descriptor_proto(source.descriptor.clone())
        {
            Ok(()) => State::Good,
            Err(error) => {
                // Plugins get the descriptors as protoc makes them, so the places that it leaves out
                // are added only to ask again.
                let mut located = source.descriptor.clone();
                place::add_map_types(&source.text, &mut located);
                let error = self
                    .pool
                    .add_file_descriptor_proto(located)
                    .err()
                    .unwrap_or(error);
                let scope = Scope {
                    tree: self.tree,
                    sources: self.sources,
                    source,
                };
                self.problems
                    .extend(explain::descriptor_error(&scope, error));
                State::Bad
            }
        }
    }
}

/// The path of an import, without its quotes.
fn import_range(source: &Source, index: usize) -> Range<usize> {
    let import = source
        .descriptor
        .dependency
        .get(index)
        .map_or("", String::as_str);
    place::of_value(
        &source.text,
        &source.descriptor,
        &place::import(index),
        import,
    )
}

/// What is wrong with the language of a file.
pub(super) fn problem(
    file: &str,
    range: Range<usize>,
    message: String,
    help: Option<String>,
) -> Problem {
    Problem {
        file: file.to_owned(),
        range,
        kind: Kind::Syntax,
        message,
        help,
    }
}
