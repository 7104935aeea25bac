//! What `go vet -json` prints.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::go::position;

/// One complaint of vet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Diagnostic {
    pub(super) package: String,
    pub(super) analyzer: String,
    pub(super) path: PathBuf,
    /// Line and column, from 1.
    pub(super) start: (usize, usize),
    pub(super) message: String,
}

#[derive(Deserialize)]
struct Printed {
    posn: String,
    message: String,
}

/// Reads vet's output: for each package a comment line and a JSON object of analyzers, or, where a
/// package does not compile (its tests may be broken in upstream), one line `vet: place: message`.
pub(super) fn read(printed: &str) -> Result<Vec<Diagnostic>, String> {
    let mut found = Vec::new();
    let mut json = String::new();
    let mut package = "";
    for line in printed.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            // The second of two comments names the package with its tests, in brackets.
            package = plain(name.trim_matches(['[', ']']));
        } else if let Some(broken) = line.strip_prefix("vet: ") {
            found.extend(position(broken).map(|place| diagnostic(package, "compile", place)));
        } else {
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
                    found.push(diagnostic(
                        plain(&package),
                        &analyzer,
                        (path, line, column, &message),
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

fn diagnostic(
    package: &str,
    analyzer: &str,
    (path, line, column, message): (&str, usize, usize, &str),
) -> Diagnostic {
    Diagnostic {
        package: package.to_owned(),
        analyzer: analyzer.to_owned(),
        path: path.into(),
        start: (line, column),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_analyzers() {
        let printed = "# example.com/a\n{}\n# example.com/b\n{\"example.com/b [example.com/b.test]\": {\"printf\": [{\"posn\": \"/x/b.go:3:7\", \"message\": \"bad\"}]}}\n";
        let found = read(printed).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].package.as_str(), found[0].start),
            ("example.com/b", (3, 7))
        );
        let broken =
            read("# example.com/a\n# [example.com/a]\nvet: a/x_test.go:20:18: undefined: y\n")
                .unwrap();
        assert_eq!(
            (broken[0].package.as_str(), broken[0].message.as_str()),
            ("example.com/a", "undefined: y")
        );
        assert!(read("{\"a\": 1}").is_err());
    }
}
