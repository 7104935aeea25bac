//! Files that take the place of others in one call of the go command.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// An overlay as the go command reads it. The files that it writes are gone when it is dropped.
pub(super) struct Overlay {
    folder: TempDir,
}

impl Overlay {
    /// Writes an overlay of contents below `cache`.
    pub(super) fn new(cache: &Path, contents: BTreeMap<PathBuf, String>) -> Result<Self, String> {
        let folder = tempfile::tempdir_in(cache).map_err(|error| error.to_string())?;
        let mut replace = BTreeMap::new();
        for (number, (path, text)) in contents.into_iter().enumerate() {
            let file = folder.path().join(format!("{number}.go"));
            write(&file, &text)?;
            replace.insert(path, file);
        }
        Self::listing(folder, &replace)
    }

    /// Writes an overlay of files that are there already: the tools name these, where they speak of
    /// the ones that are laid over.
    pub(super) fn of_files(
        cache: &Path,
        replace: &BTreeMap<PathBuf, PathBuf>,
    ) -> Result<Self, String> {
        let folder = tempfile::tempdir_in(cache).map_err(|error| error.to_string())?;
        Self::listing(folder, replace)
    }

    fn listing(folder: TempDir, replace: &BTreeMap<PathBuf, PathBuf>) -> Result<Self, String> {
        let json = serde_json::json!({ "Replace": replace }).to_string();
        write(&folder.path().join(LIST), &json)?;
        Ok(Self { folder })
    }

    /// The arguments for `go build` or `go vet`.
    pub(super) fn args(&self) -> [OsString; 2] {
        ["-overlay".into(), self.folder.path().join(LIST).into()]
    }
}

/// The list of an overlay's files.
const LIST: &str = "overlay.json";

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
