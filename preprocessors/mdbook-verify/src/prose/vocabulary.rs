//! What is known: the paths of the trees, the words of the code, the flags of the steps.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::blocks::Block;
use crate::finding::is_near;
use crate::matter::Matter;
use crate::role::Role;
use crate::source::Document;
use crate::workspace::{Stitch, Tree, put};

use super::token::{tokens, words};

/// The shortest word and flag that can be told from another one a letter away.
const SHORTEST: usize = 4;

/// Names that inline code may mean.
pub struct Vocabulary {
    /// The paths of all files and folders at the end of the guide, in all bases.
    paths: BTreeSet<String>,
    /// What these paths end in, from any of their parts on.
    ends: BTreeSet<String>,
    /// The module paths of the bases.
    modules: Vec<String>,
    /// Words of the guide's blocks and of the paths, by how they sound.
    said: BTreeMap<String, String>,
    /// Words of upstream's source, likewise.
    upstream: BTreeMap<String, String>,
    /// Flags of the guide's steps.
    flags: BTreeSet<String>,
}

impl Vocabulary {
    /// What is known in an edition. `modules` are the paths of the bases that are Go modules,
    /// `upstream` the words of their source.
    #[must_use]
    pub fn new(
        trees: &BTreeMap<String, Tree>,
        stitch: &Stitch,
        modules: Vec<String>,
        upstream: &[String],
        blocks: &[Block],
        documents: &[Document],
    ) -> Self {
        let files = trees.values().flat_map(Tree::names).map(str::to_owned);
        let created = stitch.created.keys().map(|key| key.path.clone());
        let generated = stitch.files.keys().flat_map(|key| generated(&key.path));
        let files = files.chain(created).chain(generated);
        let paths: BTreeSet<String> = files.flat_map(with_folders).collect();
        let of_blocks = blocks.iter().flat_map(|block| {
            let document = &documents[block.span.chapter].text;
            words_of(&document[block.span.start..block.span.end])
        });
        let of_paths = paths.iter().flat_map(|path| words_of(path));
        Self {
            said: by_sound(of_blocks.chain(of_paths)),
            ends: paths.iter().flat_map(|path| ends(path)).collect(),
            paths,
            modules,
            upstream: by_sound(upstream.iter().map(String::as_str)),
            flags: blocks.iter().flat_map(flags).collect(),
        }
    }

    /// The path of a tree that a text claims to be, if it looks like one.
    pub(super) fn path_claimed<'t>(&self, text: &'t str) -> Option<&'t str> {
        let of_module = self
            .modules
            .iter()
            .find_map(|module| text.strip_prefix(module.as_str())?.strip_prefix('/'));
        let path = of_module.unwrap_or(text);
        let path = path.strip_prefix("./").unwrap_or(path);
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
        let parts = path.strip_suffix('/').unwrap_or(path).split('/');
        let is_part = |part: &str| !matches!(part, "" | "." | "..");
        let first = path.split('/').next().unwrap_or(path);
        // A host's name, as in `github.com/x`.
        let is_hosted = first.len() < path.len() && first.contains('.') && !first.starts_with('.');
        let is_path = path.contains('/') || crate::names::looks_like_file(path);
        (is_path && path.chars().all(is_plain) && parts.clone().all(is_part) && !is_hosted)
            .then_some(path)
    }

    /// Whether a tree has a path, or one that ends in it.
    pub(super) fn has_path(&self, path: &str) -> bool {
        self.ends.contains(path.trim_end_matches('/'))
    }

    /// The path, or the end of one of as many parts, that another path nearly is.
    pub(super) fn near_path(&self, path: &str) -> Option<&str> {
        let path = path.trim_end_matches('/');
        let depth = |path: &str| path.matches('/').count();
        let ends = self.ends.iter().map(String::as_str);
        let comparable = ends.filter(|end| may_be_near(path, end));
        nearest(
            path,
            comparable.filter(|end| depth(end) == depth(path) && alike(path, end)),
        )
    }

    /// Whether a path can only be one of the trees: it names a file, in a folder that a root has.
    pub(super) fn is_at_home(&self, path: &str) -> bool {
        let folder = path.split_once('/').map(|(folder, _)| folder);
        folder.is_some_and(|folder| self.paths.contains(folder))
            && crate::names::looks_like_file(path)
    }

    /// The word that another one nearly is, if it is none itself. Any word may be one of the guide's
    /// blocks; but only what is written like an identifier is held against all of upstream's words.
    pub(super) fn near_word(&self, word: &str) -> Option<&str> {
        let sound = sound(word);
        if sound.len() < SHORTEST
            || self.said.contains_key(&sound)
            || self.upstream.contains_key(&sound)
        {
            return None;
        }
        let said = near_sound(&self.said, &sound);
        said.or_else(|| {
            let near = near_sound(&self.upstream, &sound)?;
            (is_identifier(word) || is_slip(word, near)).then_some(near)
        })
    }

    /// Whether a step has this flag.
    pub(super) fn has_flag(&self, flag: &str) -> bool {
        self.flags.contains(flag)
    }

    /// The flag of a step that another one nearly is. Flags are short, and programs have many, so
    /// one letter is all that may differ.
    pub(super) fn near_flag(&self, flag: &str) -> Option<&str> {
        let flags = self.flags.iter().map(String::as_str);
        let mut long = flags.filter(|known| known.len() > SHORTEST);
        long.find(|known| strsim::osa_distance(known, flag) == 1)
    }
}

fn near_sound<'w>(words: &'w BTreeMap<String, String>, sound: &str) -> Option<&'w str> {
    let near = nearest(sound, words.keys().map(String::as_str))?;
    words.get(near).map(String::as_str)
}

/// Written as only identifiers are: with an upper-case letter or an underscore.
fn is_identifier(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_uppercase() || c == '_')
}

/// Whether a plain word, which may be any language's, can only be another one with a slip inside.
/// Words that end differently, such as `adapter` and `adapted`, are two words.
fn is_slip(word: &str, other: &str) -> bool {
    const LONG: usize = 7;
    let ends = |text: &str| (text.chars().next(), text.chars().next_back());
    word.len() >= LONG && ends(word) == ends(other) && strsim::osa_distance(word, other) == 1
}

/// The nearest of some texts that is near at all.
fn nearest<'t>(text: &str, candidates: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    candidates
        .filter(|candidate| {
            candidate.len() >= SHORTEST && may_be_near(text, candidate) && is_near(text, candidate)
        })
        .min_by_key(|candidate| strsim::osa_distance(text, candidate))
}

/// Rules most candidates out at little cost: what is misspelt begins and ends as it should.
fn may_be_near(text: &str, other: &str) -> bool {
    const CHANGED: usize = 4;
    let longer = text.len().max(other.len());
    if longer - text.len().min(other.len()) > 2 {
        return false;
    }
    let same = |a: &mut dyn Iterator<Item = (u8, u8)>| a.take_while(|(a, b)| a == b).count();
    let start = same(&mut text.bytes().zip(other.bytes()));
    let end = same(&mut text.bytes().rev().zip(other.bytes().rev()));
    start + end + CHANGED >= longer
}

/// How a word sounds: `AuthService`, `authService` and `auth_service` alike.
fn sound(word: &str) -> String {
    word.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn by_sound<'w>(words: impl Iterator<Item = &'w str>) -> BTreeMap<String, String> {
    let mut by_sound: BTreeMap<String, String> = BTreeMap::new();
    for word in words {
        let spelling = by_sound
            .entry(sound(word))
            .or_insert_with(|| word.to_owned());
        // Of several spellings always the same one; names come before plain words.
        if word < spelling.as_str() {
            word.clone_into(spelling);
        }
    }
    by_sound
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    words(text).map(|word| &text[word])
}

/// A path and the folders that it leads through.
fn with_folders(path: String) -> Vec<String> {
    let folders = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
    let mut all: Vec<_> = folders.collect();
    all.push(path);
    all
}

/// The files that a reader's generators make of a .proto file.
fn generated(path: &str) -> Vec<String> {
    match path.strip_suffix(".proto") {
        Some(stem) => vec![format!("{stem}.pb.go"), format!("{stem}_grpc.pb.go")],
        None => Vec::new(),
    }
}

/// Whether two paths can be one misspelt: an extension is too short to be misspelt by two letters.
fn alike(path: &str, other: &str) -> bool {
    let extension = |path: &str| {
        path.rsplit_once('.')
            .map(|(_, extension)| extension.to_owned())
    };
    match (extension(path), extension(other)) {
        (Some(one), Some(other)) => is_near(&one, &other),
        _ => true,
    }
}

/// The last parts of a path, from the last one to all of them.
fn ends(path: &str) -> impl Iterator<Item = String> {
    let slashes = path.match_indices('/').map(|(at, _)| at + 1);
    slashes.chain([0]).map(|at| path[at..].to_owned())
}

/// The flags of a block with commands.
fn flags(block: &Block) -> Vec<String> {
    let is_step = matches!(block.role, Role::Step(_))
        || Matter::named(&block.language.value) == Matter::Shell;
    let text = if is_step {
        block.content.text.as_str()
    } else {
        ""
    };
    let flags = tokens(text).into_iter().filter_map(|token| token.flag);
    flags.collect()
}

/// The words of a tree's text files. They are kept below `cache`, under the tree's digest.
#[must_use]
pub fn words_of_tree(tree: &Tree, cache: &Path) -> Vec<String> {
    let name = blake3::hash(tree.base.digest.as_bytes()).to_hex();
    let kept = cache.join("words").join(&name.as_str()[..32]);
    if let Ok(text) = fs::read_to_string(&kept) {
        return text.lines().map(str::to_owned).collect();
    }
    let mut found = BTreeSet::new();
    for text in tree.names().filter_map(|path| tree.read(path).ok()) {
        for word in words_of(&text) {
            if word.len() >= SHORTEST && !found.contains(word) {
                found.insert(word.to_owned());
            }
        }
    }
    let mut lines = String::new();
    for word in &found {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{word}");
    }
    // That it could not be kept costs time in the next run, nothing else.
    let _ = put(&kept, lines.as_bytes());
    found.into_iter().collect()
}

#[cfg(test)]
mod tests;
