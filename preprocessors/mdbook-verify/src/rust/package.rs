//! A Cargo package whose files the book shows, and all that its verdict depends on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

/// A Cargo package named in book.toml.
#[derive(Clone, Debug)]
pub struct Package {
    /// The folder as book.toml names it.
    pub name: String,
    /// The folder, absolute; without links, if it is there.
    pub folder: PathBuf,
    /// The book's root, likewise.
    root: PathBuf,
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
            root: root.canonicalize().unwrap_or(root.to_path_buf()),
        }
    }

    /// Whether this file, absolute and without links, is one of the package's folder.
    #[must_use]
    pub fn holds(&self, file: &Path) -> bool {
        file.starts_with(&self.folder)
    }

    /// A digest of the package, of those that it depends on by a path, and of the workspace that
    /// they belong to. It is the same wherever the book's folder stands.
    #[must_use]
    pub fn digest(&self) -> String {
        let contents = self.sources().into_par_iter().filter_map(|file| {
            // What cannot be read, or is not there, has no content; cargo will say why.
            let content = fs::read(&file).ok()?;
            Some((file, blake3::hash(&content)))
        });
        let mut hasher = blake3::Hasher::new();
        for (file, content) in contents.collect::<Vec<_>>() {
            let name = file.strip_prefix(&self.root).unwrap_or(&file);
            hasher.update(name.as_os_str().as_encoded_bytes());
            hasher.update(content.as_bytes());
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
            }
            folders.extend(dependencies(&folder));
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

/// The folders of the packages that a manifest depends on by a path, be it the workspace's that has
/// the path.
fn dependencies(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let manifest = manifest(folder);
    paths(&manifest, &mut |path| {
        found.extend(folder.join(path).canonicalize());
    });
    let mut inherited = Vec::new();
    names(&manifest, &mut |name| inherited.push(name.to_owned()));
    for above in folder.ancestors().skip(1).filter(|_| !inherited.is_empty()) {
        let offered = inheritable(above);
        for path in inherited.iter().filter_map(|name| {
            let path = offered.get(name)?.get("path")?;
            path.as_str()
        }) {
            found.extend(above.join(path).canonicalize());
        }
    }
    found
}

fn manifest(folder: &Path) -> toml::Table {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// What a workspace's packages may inherit: `[workspace.dependencies]`.
fn inheritable(folder: &Path) -> toml::Table {
    let mut manifest = manifest(folder);
    let workspace = manifest.remove("workspace");
    let dependencies = workspace.and_then(|mut workspace| {
        let workspace = workspace.as_table_mut()?;
        workspace.remove("dependencies")
    });
    match dependencies {
        Some(toml::Value::Table(table)) => table,
        _ => toml::Table::new(),
    }
}

/// The names of all tables that say `workspace = true`.
fn names(table: &toml::Table, found: &mut impl FnMut(&str)) {
    for (key, value) in table {
        if let toml::Value::Table(table) = value {
            if table.get("workspace") == Some(&toml::Value::Boolean(true)) {
                found(key);
            }
            names(table, found);
        }
    }
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
    fn the_digest_does_not_depend_on_the_folder_of_the_book() {
        let digest = || {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir_all(dir.path().join("a/src")).unwrap();
            fs::write(dir.path().join("Cargo.toml"), "[workspace]\n").unwrap();
            fs::write(dir.path().join("a/src/lib.rs"), "").unwrap();
            Package::new(dir.path(), Path::new("a")).digest()
        };
        assert_eq!(digest(), digest());
    }

    #[test]
    fn a_change_of_anything_compiled_changes_the_digest() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "Cargo.toml",
            "[workspace.dependencies]\nd = { path = \"d\" }\ne = { path = \"e\" }\n",
        );
        write(
            "a/Cargo.toml",
            "[dependencies]\nb = { path = \"../b\" }\nd.workspace = true\n",
        );
        write("d/src/lib.rs", "");
        write("a/src/lib.rs", "");
        write("b/Cargo.toml", "[dependencies]\na = { path = \"../a\" }\n");
        write("b/src/lib.rs", "");
        let package = Package::new(&root, Path::new("a"));
        let mut known = BTreeSet::from([package.digest()]);
        for path in [
            "a/src/lib.rs",
            "b/src/lib.rs",
            "d/src/lib.rs",
            "Cargo.lock",
            "a/new.txt",
        ] {
            write(path, "changed = 1\n");
            assert!(known.insert(package.digest()), "{path}");
        }
        write("a/target/debug/x", "built");
        write("c/src/lib.rs", "not of the package");
        write("e/src/lib.rs", "another member's");
        assert!(!known.insert(package.digest()));
        write("Cargo.toml", "[workspace]\n");
        assert!(known.insert(package.digest()));
    }
}
