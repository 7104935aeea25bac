//! A Cargo package whose files the book shows, and all that its verdict depends on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// A Cargo package named in book.toml.
#[derive(Clone, Debug)]
pub struct Package {
    /// The folder as book.toml names it.
    pub name: String,
    /// The folder, absolute; without links, if it is there.
    pub folder: PathBuf,
}

/// What cargo and rustup read from a folder or those above it.
const SETTINGS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "rust-toolchain.toml",
];

impl Package {
    /// The package in `folder`, which is relative to the book's root.
    #[must_use]
    pub fn new(root: &Path, folder: &Path) -> Self {
        let path = root.join(folder);
        Self {
            name: folder.to_string_lossy().replace('\\', "/"),
            folder: path.canonicalize().unwrap_or(path),
        }
    }

    /// Whether this file, absolute and without links, is one of the package's folder.
    #[must_use]
    pub fn holds(&self, file: &Path) -> bool {
        file.starts_with(&self.folder)
    }

    /// A digest of the package, of those that it depends on by a path, and of the workspace that
    /// they belong to.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for file in self.sources() {
            // What cannot be read has no content; cargo will say why.
            let content = fs::read(&file).unwrap_or_default();
            hasher.update(file.as_os_str().as_encoded_bytes());
            hasher.update(blake3::hash(&content).as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }

    fn sources(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        let mut folders = vec![self.folder.clone()];
        let mut seen = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            if !seen.insert(folder.clone()) {
                continue;
            }
            files.extend(files_of(&folder));
            for above in folder.ancestors() {
                files.extend(SETTINGS.iter().map(|name| above.join(name)));
                folders.extend(dependencies(above));
            }
        }
        files
    }
}

/// The files of a folder, without hidden ones and what cargo built.
fn files_of(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = WalkDir::new(folder).into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name.starts_with('.') || name == "target")
    });
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
}

/// The folders that a folder's manifest names as paths of dependencies.
fn dependencies(folder: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let mut found = Vec::new();
    if let Ok(manifest) = toml::from_str::<toml::Table>(&text) {
        paths(&manifest, &mut |path| {
            found.extend(folder.join(path).canonicalize());
        });
    }
    found
}

/// All values of `path` keys that name folders; those of targets name files.
fn paths(table: &toml::Table, found: &mut impl FnMut(&str)) {
    for (key, value) in table {
        match value {
            toml::Value::String(path)
                if key == "path" && Path::new(path).extension().is_none_or(|end| end != "rs") =>
            {
                found(path);
            }
            toml::Value::Table(table) => paths(table, found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_anything_compiled_changes_the_digest() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n");
        write("a/Cargo.toml", "[dependencies]\nb = { path = \"../b\" }\n");
        write("a/src/lib.rs", "");
        write("b/Cargo.toml", "[dependencies]\na = { path = \"../a\" }\n");
        write("b/src/lib.rs", "");
        let package = Package::new(&root, Path::new("a"));
        let mut known = BTreeSet::from([package.digest()]);
        for path in [
            "a/src/lib.rs",
            "b/src/lib.rs",
            "Cargo.toml",
            "Cargo.lock",
            "a/new.txt",
        ] {
            write(path, "changed = 1\n");
            assert!(known.insert(package.digest()), "{path}");
        }
        write("a/target/debug/x", "built");
        write("c/src/lib.rs", "not of the package");
        assert!(!known.insert(package.digest()));
    }
}
