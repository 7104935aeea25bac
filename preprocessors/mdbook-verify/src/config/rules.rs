//! The settings that can change what is found, as digests.
//!
//! Whatever is not known to change nothing counts, so that a setting added later cannot be
//! forgotten here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path};

use crate::verdict::{self, Key};

/// Settings that change nothing about a block's evidence: how findings are treated, where tools
/// are, and what mdBook reads. Editions are looked at one by one, and packages that are shown have a
/// verdict of their own.
const WITHOUT_EFFECT: [&str; 13] = [
    "strict",
    "findings",
    "illustrative-max",
    "tools",
    "edition",
    "perform",
    "prose",
    "command",
    "before",
    "after",
    "renderers",
    "optional",
    "rust",
];

/// The digests of the settings of the book in `root`, by name. A setting that names a file of the
/// book counts with what stands in the file.
#[must_use]
pub fn digests(settings: &toml::Table, root: &Path) -> BTreeMap<String, String> {
    let counting = settings
        .iter()
        .filter(|(name, _)| !WITHOUT_EFFECT.contains(&name.as_str()));
    let mut contents = BTreeMap::new();
    counting
        .map(|(name, value)| {
            let mut key = Key::default();
            add(value, root, &mut contents, &mut key);
            (name.clone(), key.finish())
        })
        .collect()
}

/// What stands in the files that texts of the settings name, each read once.
type Contents<'s> = BTreeMap<&'s str, String>;

fn add<'s>(value: &'s toml::Value, root: &Path, contents: &mut Contents<'s>, key: &mut Key) {
    key.add(value.type_str());
    match value {
        toml::Value::Table(table) => {
            let sorted: BTreeMap<_, _> = table.iter().collect();
            key.add(&sorted.len().to_string());
            for (name, value) in sorted {
                key.add(name);
                add(value, root, contents, key);
            }
        }
        toml::Value::Array(values) => {
            key.add(&values.len().to_string());
            for value in values {
                add(value, root, contents, key);
            }
        }
        toml::Value::String(text) => {
            key.add(text);
            let read = || content(text, root).unwrap_or_default();
            key.add(contents.entry(text).or_insert_with(read));
        }
        other => key.add(&other.to_string()),
    }
}

/// A digest of the file of the book, or of the files right in the folder, that a text names.
fn content(path: &str, root: &Path) -> Option<String> {
    let path = Path::new(path);
    let inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let named = root.join(path);
    if !inside {
        return None;
    }
    if !path.as_os_str().is_empty() && named.is_dir() {
        let entries = fs::read_dir(&named).ok()?.filter_map(Result::ok);
        let files: BTreeSet<_> = entries.map(|entry| entry.path()).collect();
        let mut key = Key::default();
        for file in files.iter().filter(|file| file.is_file()) {
            key.add(&file.file_name().unwrap_or_default().to_string_lossy());
            key.add(&verdict::content(file)?);
        }
        return Some(key.finish());
    }
    verdict::content(&named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, root: &Path) -> BTreeMap<String, String> {
        digests(&text.parse().unwrap(), root)
    }

    #[test]
    fn settings_count_whatever_their_order_with_the_files_that_they_name() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("probe.go");
        fs::write(&file, "one").unwrap();
        let one = of(
            "strict = true\n[schema.a]\nprobe = \"probe.go\"\nx = 1\n",
            root.path(),
        );
        assert_eq!(one.keys().collect::<Vec<_>>(), ["schema"]);
        let moved = of("[schema.a]\nx = 1\nprobe = \"probe.go\"\n", root.path());
        assert_eq!(one, moved);
        assert_ne!(
            one,
            of("[schema.a]\nx = 2\nprobe = \"probe.go\"\n", root.path())
        );
        fs::write(&file, "two").unwrap();
        assert_ne!(
            one,
            of("[schema.a]\nx = 1\nprobe = \"probe.go\"\n", root.path())
        );
        // A folder counts with all its files.
        let folder = root.path().join("probe");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.go"), "one").unwrap();
        let one = of("[schema.a]\nprobe = \"probe\"\n", root.path());
        fs::write(folder.join("b.go"), "two").unwrap();
        assert_ne!(one, of("[schema.a]\nprobe = \"probe\"\n", root.path()));
    }
}
