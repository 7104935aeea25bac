//! The steps of an edition, for its pages. What they need of upstream is kept: the files that the
//! blocks touch and the licences, so that a book in which nothing changed fetches and lists no tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::base::{Base, Fetcher, Source};
use crate::config::Edition;
use crate::plan::Plan;
use crate::steps::{Licence, Steps};
use crate::verdict::Key;
use crate::workspace::{self, Tree, put};

use super::{Run, Upstream};

/// Names of files with the terms of use.
const LICENCES: [&str; 4] = ["LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING"];

impl Run<'_> {
    /// The steps of an edition; none if its trees cannot be had.
    pub(super) fn steps(
        &self,
        edition: &Edition,
        plan: &Plan,
        upstream: &Upstream<'_>,
    ) -> Option<Steps> {
        let all = self.cache.join("upstream");
        let of_edition = all.join(&edition.name);
        if all.is_symlink() || of_edition.is_symlink() {
            return None;
        }
        let kept = of_edition.join(kept_name(edition, plan, upstream.fetcher)?);
        if !kept.is_dir() {
            keep(&of_edition, &kept, plan, upstream.trees().ok()?).ok()?;
        }
        let trees = read(edition, &kept)?;
        Some(Steps {
            edition: edition.name.clone(),
            steps: workspace::steps(plan, &trees, &self.reading.blocks),
            licences: trees
                .iter()
                .filter_map(|(name, tree)| Some((name.clone(), licence(tree)?)))
                .collect(),
        })
    }
}

/// The name of the folder in which upstream's files are kept, made of all that can change them.
fn kept_name(edition: &Edition, plan: &Plan, fetcher: &Fetcher<'_>) -> Option<String> {
    let mut key = Key::default();
    for (name, spec) in &edition.base {
        key.add(name);
        key.add(&fetcher.digest(name, spec).ok()?);
    }
    for op in &plan.ops {
        key.add(&op.base);
        key.add(&op.path);
    }
    Some(key.finish())
}

/// Keeps of each tree what the plan touches, and its licence; and nothing else of this edition.
fn keep(
    of_edition: &Path,
    kept: &Path,
    plan: &Plan,
    trees: &BTreeMap<String, Tree>,
) -> anyhow::Result<()> {
    let _ = fs::remove_dir_all(of_edition);
    let aside = of_edition.join("incomplete");
    for (name, tree) in trees {
        let folder = aside.join(name);
        fs::create_dir_all(&folder)?;
        let touched = plan.ops.iter().filter(|op| op.base == *name);
        let touched = touched.map(|op| op.path.as_str()).chain(LICENCES);
        let touched: BTreeSet<_> = touched.filter(|path| tree.has(path)).collect();
        for path in touched {
            put(&folder.join(path), &fs::read(tree.base.dir.join(path))?)?;
        }
    }
    Ok(fs::rename(&aside, kept)?)
}

fn read(edition: &Edition, kept: &Path) -> Option<BTreeMap<String, Tree>> {
    let tree = |name: &String| {
        let dir: PathBuf = kept.join(name);
        let base = Base {
            dir,
            source: Source::Module,
            digest: String::new(),
        };
        Some((name.clone(), Tree::new(base).ok()?))
    };
    edition.base.keys().map(tree).collect()
}

fn licence(tree: &Tree) -> Option<Licence> {
    let file = LICENCES.into_iter().find(|name| tree.has(name))?;
    Some(Licence {
        file: file.to_owned(),
        text: tree.read(file).ok()?,
    })
}
