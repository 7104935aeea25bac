//! What `go vet -json` prints.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::finding::Code;

use super::complaint::{Complaint, position};

#[derive(Deserialize)]
struct Printed {
    posn: String,
    message: String,
}

/// Reads vet's output: for each package a comment line and a JSON object of analyzers, or, where a
/// package does not compile (its tests may be broken in upstream), one line `vet: place: message`.
/// Paths that are not absolute are relative to `root`.
pub(super) fn read(printed: &str, root: &Path) -> Result<Vec<Complaint>, String> {
    let mut found = Vec::new();
    let mut json = String::new();
    let mut package = "";
    let mut after_broken = false;
    for line in printed.lines() {
        // What the compiler adds to its message: the types that it has and wants.
        if after_broken && line.starts_with('\t') {
            continue;
        }
        after_broken = line.starts_with("vet: ");
        if let Some(name) = line.strip_prefix("# ") {
            // The second of two comments names the package with its tests, in brackets.
            package = plain(name.trim_matches(['[', ']']));
        } else if let Some(broken) = line.strip_prefix("vet: ") {
            found.extend(
                position(broken)
                    .map(|place| complaint(package, "it does not compile", place, root)),
            );
        } else if !line.starts_with("go: ") {
            // The go command says in such a line that it fetches a module.
            json.push_str(line);
            json.push('\n');
        }
    }
    for one in serde_json::Deserializer::from_str(&json).into_iter::<Packages>() {
        let one = one.map_err(|error| format!("go vet's answer cannot be read: {error}"))?;
        for (package, analyzers) in one {
            for (analyzer, diagnostics) in analyzers {
                for Printed { posn, message } in diagnostics {
                    let (path, line, column, _) = position(&posn).ok_or_else(|| {
                        format!("go vet names the place {posn:?}, which cannot be read")
                    })?;
                    found.push(complaint(
                        plain(&package),
                        &analyzer,
                        (path, line, column, &message),
                        root,
                    ));
                }
            }
        }
    }
    Ok(found)
}

type Packages = BTreeMap<String, BTreeMap<String, Vec<Printed>>>;

/// A package with its tests is named `path [path.test]`.
fn plain(package: &str) -> &str {
    package.split(' ').next().unwrap_or(package)
}

fn complaint(
    package: &str,
    analyzer: &str,
    (path, line, column, message): (&str, usize, usize, &str),
    root: &Path,
) -> Complaint {
    Complaint {
        code: Code::GO_VET,
        package: package.to_owned(),
        path: root.join(path),
        start: (line, column),
        end: None,
        message: format!("{message} (go vet: {analyzer})"),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_analyzers() {
        let root = Path::new("/x");
        let printed = "go: downloading example.com/c v1\n# example.com/a\n{}\n# example.com/b\n{\"example.com/b [example.com/b.test]\": {\"printf\": [{\"posn\": \"/x/b.go:3:7\", \"message\": \"bad\"}]}}\n";
        let found = read(printed, root).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].package.as_str(), found[0].start),
            ("example.com/b", (3, 7))
        );
        assert_eq!(found[0].message, "bad (go vet: printf)");
        let broken = read(
            "# example.com/a\n# [example.com/a]\nvet: a/x_test.go:20:18: not enough arguments in call to y\n\thave (string)\n\twant (string, int)\n",
            root,
        )
        .unwrap();
        assert_eq!(
            (broken[0].package.as_str(), broken[0].path.as_path()),
            ("example.com/a", Path::new("/x/a/x_test.go"))
        );
        assert!(read("{\"a\": 1}", root).is_err());
    }
}
