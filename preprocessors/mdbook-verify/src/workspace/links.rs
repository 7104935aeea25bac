//! Symbolic links in the verifier's own folders. A book may come from a stranger, with a folder
//! `target/verify` that leads somewhere else.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::Edition;

/// The only folder that may be a link: several books may share the Go helper, and all that is
/// written there is named by its own content.
const SHARED: &str = "helper";

/// The first of the folders and files that every run writes to which is a link. `target` itself may be
/// one, since some people keep what is built on another disk.
#[must_use]
pub fn link_in_cache(cache: &Path) -> Option<PathBuf> {
    let folder = cache.parent().map(Path::to_path_buf);
    folder
        .into_iter()
        .chain([cache.to_path_buf()])
        .chain(entries(cache))
        .find(|path| path.is_symlink())
}

/// The same of those that only a run on this edition writes to.
#[must_use]
pub fn link_in_trees(cache: &Path, edition: &Edition) -> Option<PathBuf> {
    let of_edition = cache.join("trees").join(&edition.name);
    let bases = edition.base.keys().map(|name| of_edition.join(name));
    let mut own = [of_edition.clone()].into_iter().chain(bases);
    own.find(|path| path.is_symlink())
}

/// What stands in the cache, but for what may be shared.
fn entries(cache: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    let own = entries.filter(|entry| entry.file_name() != SHARED);
    own.map(|entry| entry.path())
}
