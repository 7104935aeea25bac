//! The trees as they stand at a step of the guide.

use std::collections::{BTreeMap, BTreeSet};

use crate::blocks::Block;
use crate::plan::Plan;

use super::{FileKey, Stitch, Tree, fold};

/// The trees of an edition before a block does its work: upstream's files, and those that earlier
/// blocks created.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    trees: &'a BTreeMap<String, Tree>,
    stitch: &'a Stitch,
    /// The block that comes next.
    block: usize,
}

impl<'a> Moment<'a> {
    /// The moment before the block with this index.
    #[must_use]
    pub fn before(block: usize, trees: &'a BTreeMap<String, Tree>, stitch: &'a Stitch) -> Self {
        Self {
            trees,
            stitch,
            block,
        }
    }

    /// Whether the tree of a base has this file.
    #[must_use]
    pub fn has_file(&self, base: &str, path: &str) -> bool {
        self.trees.get(base).is_some_and(|tree| tree.has(path))
            || self.created(base).any(|created| created == path)
    }

    /// Whether the tree of a base has this folder; its root has the path `""`.
    #[must_use]
    pub fn has_folder(&self, base: &str, path: &str) -> bool {
        let Some(tree) = self.trees.get(base) else {
            return false;
        };
        let below = |created: &str| {
            created
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        path.is_empty() || tree.is_folder(path) || self.created(base).any(below)
    }

    /// The paths of all files of a base's tree, in no order.
    pub fn files(&self, base: &'a str) -> impl Iterator<Item = &'a str> {
        let upstream = self.trees.get(base).into_iter().flat_map(Tree::names);
        upstream.chain(self.created(base))
    }

    /// The names of what stands directly in a folder; the root is `""`.
    #[must_use]
    pub fn children(&self, base: &'a str, folder: &str) -> BTreeSet<&'a str> {
        let below = self.files(base).filter_map(|path| match folder {
            "" => Some(path),
            folder => path.strip_prefix(folder)?.strip_prefix('/'),
        });
        below
            .map(|rest| rest.split('/').next().unwrap_or(rest))
            .collect()
    }

    /// The text of a file, as the edits before this block leave it. None if the trees do not have
    /// the file, or not as text.
    #[must_use]
    pub fn text(&self, plan: &Plan, blocks: &[Block], key: &FileKey) -> Option<String> {
        if !self.has_file(&key.base, &key.path) {
            return None;
        }
        // What a file says depends on the operations on it alone.
        let before = plan.ops.iter().filter(|op| {
            let applied = op.block < self.block && self.stitch.applied.contains(&op.block);
            applied && op.base == key.base && op.path == key.path
        });
        let plan = Plan {
            edition: plan.edition.clone(),
            ops: before.cloned().collect(),
        };
        let (mut stitch, _) = fold(&plan, self.trees, blocks);
        match stitch.files.remove(key) {
            Some(file) => Some(file.text().to_owned()),
            None => self.trees.get(&key.base)?.read(&key.path).ok(),
        }
    }

    fn created(self, base: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let block = self.block;
        let from = FileKey {
            base: base.to_owned(),
            path: String::new(),
        };
        let base = base.to_owned();
        self.stitch
            .created
            .range(from..)
            .take_while(move |(key, _)| key.base == base)
            .filter(move |(_, creator)| **creator < block)
            .map(|(key, _)| key.path.as_str())
    }
}
