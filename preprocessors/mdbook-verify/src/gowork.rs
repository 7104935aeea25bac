//! The Go workspace that joins an edition's trees.
//!
//! The tree of the default base is used; those of the other bases replace their modules. So a
//! `replace` line of the guide, whose host need not exist, is applied as printed and still builds:
//! replacements in `go.work` win over those in `go.mod`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::config::Edition;
use crate::workspace::{FileKey, Stitch, Tree, put};

/// A base that is a Go module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The base.
    pub base: String,
    /// The module's path.
    pub path: String,
    /// The Go version that it asks for.
    go: String,
    /// How the workspace takes it in.
    pub used: Use,
}

/// How a workspace takes a module in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// As a module of the workspace.
    Used,
    /// In place of the module of its path.
    Replaces,
}

/// The bases of an edition that are Go modules, by their stitched go.mod.
#[must_use]
pub fn modules(edition: &Edition, trees: &BTreeMap<String, Tree>, stitch: &Stitch) -> Vec<Module> {
    let module = |(base, tree): (&String, &Tree)| {
        let key = FileKey {
            base: base.clone(),
            path: "go.mod".to_owned(),
        };
        let text = match stitch.files.get(&key) {
            Some(file) => file.text().to_owned(),
            None => fs::read_to_string(tree.base.dir.join("go.mod")).ok()?,
        };
        let used = if base == edition.default_base() {
            Use::Used
        } else {
            Use::Replaces
        };
        Some(Module {
            base: base.clone(),
            path: directive(&text, "module")?,
            go: directive(&text, "go").unwrap_or_else(|| "1.21".into()),
            used,
        })
    };
    trees.iter().filter_map(module).collect()
}

/// The pattern of the package in a folder of a base, for a call of `go` beside `go.work`.
#[must_use]
pub fn package(modules: &[Module], base: &str, folder: &str) -> String {
    let module = modules.iter().find(|module| module.base == base);
    match module {
        Some(module) if module.used == Use::Replaces => format!("{}/{folder}", module.path),
        _ => format!("./{base}/{folder}"),
    }
}

/// Writes `go.work`, if any base is a Go module.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    edition: &Edition,
    trees: &BTreeMap<String, Tree>,
    stitch: &Stitch,
    root: &Path,
) -> Result<(), String> {
    let modules = modules(edition, trees, stitch);
    if modules.is_empty() {
        return Ok(());
    }
    put(&root.join("go.work"), text(&modules).as_bytes()).map_err(|error| error.to_string())
}

fn text(modules: &[Module]) -> String {
    let newest = modules
        .iter()
        .map(|module| module.go.as_str())
        .max_by_key(|go| numbers(go));
    let mut text = format!("go {}\n", newest.unwrap_or("1.21"));
    for module in modules {
        // Writing to a String cannot fail.
        let _ = match module.used {
            Use::Used => writeln!(text, "\nuse ./{}", module.base),
            Use::Replaces => writeln!(text, "\nreplace {} => ./{}", module.path, module.base),
        };
    }
    text
}

fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

/// The word after a directive that stands on a line of its own.
fn directive(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next()? == name)
            .then(|| words.next().map(|word| word.trim_matches('"').to_owned()))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_go_wins_and_other_modules_are_replaced() {
        let module = |base: &str, go: &str, used| Module {
            base: base.into(),
            path: format!("example.com/{base}"),
            go: go.into(),
            used,
        };
        assert_eq!(
            text(&[
                module("protocol", "1.9", Use::Replaces),
                module("server", "1.22.7", Use::Used)
            ]),
            "go 1.22.7\n\nreplace example.com/protocol => ./protocol\n\nuse ./server\n"
        );
    }

    #[test]
    fn directives_are_read() {
        let text = "// comment\nmodule \"example.com/a\"\n\ngo 1.22.7\n\nrequire x v1\n";
        assert_eq!(directive(text, "module").as_deref(), Some("example.com/a"));
        assert_eq!(directive(text, "go").as_deref(), Some("1.22.7"));
    }
}
