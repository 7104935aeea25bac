//! Writing trees to disk. Every file is written aside and renamed, so that a killed run or a full
//! disk leaves whole files only; the next run puts right what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Tree;
use crate::base;

/// A file that could not be written.
#[derive(Debug)]
pub struct WriteError {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cannot be written: {}",
            self.path.display(),
            self.error
        )
    }
}

impl std::error::Error for WriteError {}

fn at(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    move |error| WriteError {
        path: path.to_path_buf(),
        error,
    }
}

/// Makes `folder` hold exactly the tree with the changed files. What is there already and right is
/// not touched, so that build caches stay warm.
///
/// # Errors
/// The first file that could not be written.
pub fn sync(folder: &Path, tree: &Tree, changed: &BTreeMap<&str, &str>) -> Result<(), WriteError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    remove_links(folder)?;
    let there = base::files(folder).map_err(at(folder))?;
    let wanted: BTreeSet<&str> = tree.names().chain(changed.keys().copied()).collect();
    for name in there.iter().filter(|name| !wanted.contains(name.as_str())) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(at(&path))?;
        remove_empty_folders(folder, &path);
    }
    for name in wanted {
        let path = folder.join(name);
        if let Some(text) = changed.get(name) {
            put(&path, text.as_bytes())?;
        } else {
            let original = tree.base.dir.join(name);
            let content = fs::read(&original).map_err(at(&original))?;
            put(&path, &content)?;
            executable_like(&original, &path)?;
        }
    }
    Ok(())
}

/// Writes these files into a folder that [`sync`] filled.
///
/// # Errors
/// The first file that could not be written.
pub fn update(folder: &Path, changed: &BTreeMap<&str, &str>) -> Result<(), WriteError> {
    changed
        .iter()
        .try_for_each(|(name, text)| put(&folder.join(name), text.as_bytes()))
}

/// Copies the stitched trees of an edition, with the file modes that upstream gave them.
///
/// # Errors
/// The first file that could not be copied.
pub fn copy(from: &Path, to: &Path) -> Result<(), WriteError> {
    for name in base::files(from).map_err(at(from))? {
        let target = to.join(&name);
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(at(folder))?;
        fs::copy(from.join(&name), &target).map_err(at(&target))?;
    }
    Ok(())
}

/// Writes a file, unless it has this content.
pub(crate) fn put(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    if is(path, content) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let mut aside = tempfile::Builder::new()
        .prefix(".verify-")
        .tempfile_in(folder)
        .map_err(at(path))?;
    aside.write_all(content).map_err(at(path))?;
    readable(aside.as_file()).map_err(at(path))?;
    aside.persist(path).map_err(|error| at(path)(error.error))?;
    Ok(())
}

fn is(path: &Path, content: &[u8]) -> bool {
    let same_size = fs::symlink_metadata(path)
        .is_ok_and(|meta| meta.is_file() && meta.len() == content.len() as u64);
    same_size && fs::read(path).is_ok_and(|there| there == content)
}

/// Temporary files are private to their owner; the files of a tree are not.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn executable_like(original: &Path, copy: &Path) -> Result<(), WriteError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(original)
        .map_err(at(original))?
        .permissions()
        .mode();
    let already = fs::metadata(copy).map_err(at(copy))?.permissions().mode() & 0o111 != 0;
    if mode & 0o111 == 0 || already {
        return Ok(());
    }
    fs::set_permissions(copy, fs::Permissions::from_mode(0o755)).map_err(at(copy))
}

#[cfg(not(unix))]
fn executable_like(_: &Path, _: &Path) -> Result<(), WriteError> {
    Ok(())
}

/// Removes what is neither folder nor file: nobody but a stranger put it there, and to write through
/// a link would be to write elsewhere.
fn remove_links(folder: &Path) -> Result<(), WriteError> {
    for entry in WalkDir::new(folder) {
        let entry = entry.map_err(io::Error::from).map_err(at(folder))?;
        if !entry.file_type().is_dir() && !entry.file_type().is_file() {
            fs::remove_file(entry.path()).map_err(at(entry.path()))?;
        }
    }
    Ok(())
}

fn remove_empty_folders(root: &Path, removed: &Path) {
    let mut folder = removed.parent();
    while let Some(path) = folder.filter(|path| *path != root) {
        // Fails for a folder that is not empty, which is where to stop.
        if fs::remove_dir(path).is_err() {
            return;
        }
        folder = path.parent();
    }
}
