//! Hostile and odd books that are made, not kept: too large for a fixture, or with what no
//! repository should hold. For each of them the verifier has to end in time with its own finding at
//! the right place, and to change nothing outside of its workspace.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use guide_tests::{FixtureBook, both, committed};
use tempfile::TempDir;

/// A book in a folder of its own, and beside it a folder that is nobody's business.
struct Case {
    book: FixtureBook,
    surroundings: TempDir,
}

/// What is said of the data in these books, which claims nothing: one warning, at the first block.
const NO_SCHEMA: &str = "V0507 src/a.md:1:4";

/// What stands outside before a case.
const OUTSIDE: [&str; 2] = ["outside/keep.txt", "outside/greet/greet.go"];

impl Case {
    fn new(chapters: &[(&str, &str)]) -> Self {
        let surroundings = tempfile::tempdir().unwrap();
        for file in OUTSIDE {
            let path = surroundings.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "not yours").unwrap();
        }
        let book = FixtureBook::new_in(surroundings.path(), chapters);
        Self { book, surroundings }
    }

    fn of(chapter: &str) -> Self {
        Self::new(&[("a.md", chapter)])
    }

    fn outside(&self) -> PathBuf {
        self.surroundings.path().join("outside")
    }

    /// Checks the findings, as `ID file:line:column`, the exit status, and that nothing else changed.
    #[track_caller]
    fn finds(&self, status: i32, expected: &[&str]) {
        let before = snapshot(self.surroundings.path());
        let begun = Instant::now();
        let (ended, report) = self.book.report(&[]);
        let found: Vec<String> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(place)
            .collect();
        assert_eq!(found, expected);
        assert_eq!(ended, status);
        // The same as text, which shows the places, and through mdBook, which shows the pages.
        let text = self.book.verify(&["check"]).output().unwrap();
        assert_eq!(text.status.code(), Some(status), "{}", both(&text));
        assert!(!both(&text).contains("panicked"), "{}", both(&text));
        let mut pages = self.book.mdbook(&["build"]);
        let pages = pages.env("MDBOOK_BUILD__BUILD_DIR", "target/book").output();
        let pages = both(&pages.unwrap());
        assert!(!pages.contains("panicked"), "{pages}");
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "it took too long"
        );
        assert_eq!(
            snapshot(self.surroundings.path()),
            before,
            "something outside of the workspace changed"
        );
    }
}

fn place(finding: &serde_json::Value) -> String {
    let id = finding["id"].as_str().unwrap();
    match finding["file"].as_str() {
        Some(file) => format!("{id} {file}:{}:{}", finding["line"], finding["column"]),
        None => id.to_owned(),
    }
}

/// All files below a folder with what they hold, but for those below a book's `target`. Links are
/// noted and not followed.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            if kind.is_dir() && !path.ends_with("target") {
                pending.push(path.clone());
            }
            let content = if kind.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if kind.is_file() {
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
            } else {
                String::new()
            };
            found.insert(path, content);
        }
    }
    found
}

/// A block in which JSON breaks at the word `broken`, and nothing else does.
const BROKEN: &str = "```json\n{\"a\": broken}\n```\n";

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    const GREET: &str = "```go file=pkg/greet/more.go\npackage greet\n```\n";

    /// Runs once, so that the workspace is there, and plants a link to the folder outside in it.
    fn planted(place: &str, text: &str) -> Case {
        let case = Case::of(text);
        case.finds(0, &[]);
        plant(&case, place);
        // Another text, so that no verdict is there for it.
        case.book
            .write("src/a.md", &text.replace("greet\n", "greet // again\n"));
        case
    }

    fn plant(case: &Case, place: &str) {
        let link = case.book.path().join("target").join(place);
        if link.is_dir() {
            fs::remove_dir_all(&link).unwrap();
        }
        symlink(case.outside(), &link).unwrap();
    }

    #[test]
    fn in_the_tree_of_the_workspace_are_not_written_through() {
        for place in [
            "verify/v1/trees/e/server/x",
            "verify/v1/trees/e/server/pkg",
            "verify/v1/trees/e/server/pkg/greet",
        ] {
            planted(place, GREET).finds(0, &[]);
        }
    }

    #[test]
    fn in_place_of_the_verifiers_folders_are_refused() {
        for place in [
            "verify/v1/trees/e/server",
            "verify/v1/trees/e",
            "verify/v1/trees",
            "verify/v1/verdicts",
            "verify/v1",
            "verify",
        ] {
            planted(place, GREET).finds(0, &["V1402", "V0507 src/a.md:1:4"]);
            // What is found out about Rust serves all editions, and is kept before any of them.
            let rust = format!("{GREET}\n```rust\nfn main() {{}}\n```\n");
            planted(place, &rust).finds(0, &["V1402", "V0507 src/a.md:1:4"]);
        }
    }

    /// What is shown from a package is proven and kept for all editions at once.
    #[test]
    fn in_place_of_the_verifiers_folders_are_refused_for_packages_too() {
        for place in ["verify/v1/verdicts", "verify/v1/cargo", "verify/v1"] {
            let case = Case::of("```rust\n{{#include shown/src/lib.rs}}\n```\n");
            case.book
                .configure("\n[preprocessor.verify.rust]\npackages = [\"src/shown\"]\n");
            for (file, text) in [
                (
                    "Cargo.toml",
                    "[package]\nname = \"shown\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n",
                ),
                (
                    "Cargo.lock",
                    "version = 4\n\n[[package]]\nname = \"shown\"\nversion = \"1.0.0\"\n",
                ),
                ("src/lib.rs", "pub fn one() {}\n"),
            ] {
                case.book.write(&format!("src/shown/{file}"), text);
            }
            case.finds(0, &[]);
            plant(&case, place);
            case.book.write("src/shown/src/lib.rs", "pub fn two() {}\n");
            case.finds(0, &["V1402", "V0507 src/a.md:1:4"]);
        }
    }

    #[test]
    fn of_a_base_belong_to_no_tree() {
        let case = Case::of(
            "```diff file=link.txt\n-not yours\n+mine\n```\n\n```yaml file=folder/new.yml\nx\n```\n",
        );
        let upstream = tempfile::tempdir().unwrap();
        fs::write(
            upstream.path().join("go.mod"),
            "module example.com/up\n\ngo 1.25\n",
        )
        .unwrap();
        symlink(
            case.outside().join("keep.txt"),
            upstream.path().join("link.txt"),
        )
        .unwrap();
        symlink(case.outside(), upstream.path().join("folder")).unwrap();
        let commit = committed(upstream.path());
        case.book.configure_with(upstream.path(), &commit, "");
        case.finds(1, &["V0403 src/a.md:1:14", "V0507 src/a.md:6:4"]);
    }

    #[test]
    fn in_the_source_of_the_book_are_read() {
        let case = Case::new(&[("a.md", "# a\n"), ("b.md", "{{#include c.md}}\n")]);
        fs::write(
            case.outside().join("text.md"),
            format!("# linked\n\n{BROKEN}"),
        )
        .unwrap();
        for name in ["a.md", "c.md"] {
            let link = case.book.path().join("src").join(name);
            let _ = fs::remove_file(&link);
            symlink(case.outside().join("text.md"), link).unwrap();
        }
        case.finds(1, &["V0801 src/a.md:4:7", "V0801 src/c.md:4:7"]);
    }
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn odd_bytes() {
    // A byte order mark is no part of the first line's columns.
    Case::of(&format!("\u{feff}{BROKEN}")).finds(1, &["V0801 src/a.md:2:7"]);
    Case::of(&format!("# a\n\n{BROKEN}").replace('\n', "\r\n")).finds(1, &["V0801 src/a.md:4:7"]);
    Case::of("```json\n{\"a\": \0}\n```\n").finds(1, &["V0801 src/a.md:2:7"]);
    Case::of("```text file=a\0b.txt\nx\n```\n").finds(1, &["V0302 src/a.md:1:14"]);
    Case::of("```go file=pkg/greet/nul.go\npackage greet\n\nvar a\0b = 1\n```\n")
        .finds(1, &["V0601 src/a.md:4:6", "V0601 src/a.md:4:6"]);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let name = OsStr::from_bytes(b"\xff.txt");
    // One that nobody asks for is nobody's business.
    let case = Case::of(BROKEN);
    fs::write(case.book.path().join("src").join(name), "x").unwrap();
    case.finds(1, &["V0801 src/a.md:2:7"]);
    let upstream = tempfile::tempdir().unwrap();
    fs::write(upstream.path().join(name), "x").unwrap();
    let commit = committed(upstream.path());
    case.book.configure_with(upstream.path(), &commit, "");
    case.finds(0, &["V0502", "V0507 src/a.md:1:4"]);
}

#[test]
fn large_blocks() {
    let megabyte = "- 0123456789abc\n".repeat(1 << 16);
    Case::of(&format!(
        "```yaml file=large.yml\n{megabyte}```\n\n{BROKEN}"
    ))
    .finds(1, &[NO_SCHEMA, "V0801 src/a.md:65541:7"]);
    let line = "x".repeat(1 << 20);
    Case::of(&format!(
        "```json\n{{\"a\": \"{line}\", \"b\": broken}}\n```\n"
    ))
    .finds(1, &["V0801 src/a.md:2:1048592"]);
    Case::of(&format!(
        "```go file=pkg/greet/large.go\npackage greet\n\n{}var b = broken\n```\n",
        lines(50_000, |n| format!("var a{n} = {n}\n"))
    ))
    .finds(1, &["V0602 src/a.md:50004:9"]);
    // What recurses must stop before the stack ends.
    let nested = "[".repeat(1 << 20);
    for (language, start, column) in [("json", "", 128), ("yaml", "", 256), ("toml", "a = ", 85)] {
        let place = format!("V0801 src/a.md:2:{column}");
        Case::of(&format!("```{language}\n{start}{nested}\n```\n")).finds(1, &[&place]);
    }
}

#[test]
fn many_blocks() {
    let good = lines(10_000, |n| {
        format!("```yaml file=notes/n{n}.yml\n{n}\n```\n\n")
    });
    Case::of(&format!("{good}{BROKEN}")).finds(1, &[NO_SCHEMA, "V0801 src/a.md:40002:7"]);
    // As many findings, each at its own block.
    let wrong = lines(10_000, |_| format!("{BROKEN}\n"));
    let places: Vec<String> = (0..10_000)
        .map(|n| format!("V0801 src/a.md:{}:7", 4 * n + 2))
        .collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    Case::of(&wrong).finds(1, &places);
}

#[test]
fn many_chapters() {
    let chapters: Vec<(String, String)> = (0..200)
        .map(|n| {
            (
                format!("c{n}.md"),
                format!("# {n}\n\n```yaml file=notes/n{n}.yml\n{n}\n```\n"),
            )
        })
        .chain([("last.md".to_owned(), BROKEN.to_owned())])
        .collect();
    let chapters: Vec<(&str, &str)> = chapters
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    Case::new(&chapters).finds(1, &["V0507 src/c0.md:3:4", "V0801 src/last.md:2:7"]);
}

#[test]
fn deep_nesting() {
    let quotes = "> ".repeat(2_000);
    Case::of(&format!(
        "{quotes}```json\n{quotes}{{\"a\": broken}}\n{quotes}```\n"
    ))
    .finds(1, &["V0801 src/a.md:2:4007"]);
    let items = lines(500, |n| format!("{}- item\n", "  ".repeat(n)));
    let indent = "  ".repeat(500);
    Case::of(&format!(
        "{items}\n{indent}```json\n{indent}{{\"a\": broken}}\n{indent}```\n"
    ))
    .finds(1, &["V0801 src/a.md:503:1007"]);
}

#[test]
fn includes_without_end() {
    let case = Case::of("{{#include loop.md}}\n");
    case.book.write("src/loop.md", "{{#include loop.md}}\n");
    case.finds(1, &["V0103 src/loop.md:1:1"]);
    let case = Case::of("{{#include f0.md}}\n");
    for n in 0..10 {
        case.book.write(
            &format!("src/f{n}.md"),
            &lines(10, |_| format!("{{{{#include f{}.md}}}}\n", n + 1)),
        );
    }
    case.book.write("src/f10.md", BROKEN);
    // Ten billion blocks if mdBook went on; a hundred of them are said, and then no more is read.
    let places: Vec<String> = (0..100)
        .map(|n| format!("V0103 src/f9.md:{}:1", n % 10 + 1))
        .collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    case.finds(1, &places);
}

#[test]
fn huge_diffs() {
    let file = lines(10_000, |n| format!("line {n}: x\n"));
    let diff = lines(10_000, |n| format!("-line {n}: x\n+changed {n}: x\n"));
    let hunks = lines(1_000, |n| {
        format!(
            "@@ changed {}: x\n-changed {}: x\n+again {n}: x\n",
            2 * n,
            2 * n + 1
        )
    });
    let create = format!("```yaml file=notes/all.yml\n{file}```\n\n");
    Case::of(&format!(
        "{create}```diff file=notes/all.yml\n{diff}```\n\n```diff file=notes/all.yml\n{hunks}```\n"
    ))
    .finds(0, &[NO_SCHEMA]);
    let late = diff.replace("-line 9999: x\n", "-line 9998: x\n");
    Case::of(&format!("{create}```diff file=notes/all.yml\n{late}```\n"))
        .finds(1, &[NO_SCHEMA, "V0405 src/a.md:30003:2"]);
}

/// A book with a Go block, and tools that are a folder with this shell script in place of a program.
#[cfg(unix)]
fn with_tool(name: &str, script: &str, chapter: &str) -> (Case, TempDir) {
    use std::os::unix::fs::PermissionsExt;
    let tools = tempfile::tempdir().unwrap();
    let file = tools.path().join(name);
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let case = Case::of(chapter);
    let settings = fs::read_to_string(case.book.path().join("book.toml")).unwrap();
    let settings: Vec<String> = settings
        .lines()
        .map(|line| {
            if line.starts_with("tools = ") {
                format!("tools = \"{}\"\ntool-limit = 3", tools.path().display())
            } else {
                line.to_owned()
            }
        })
        .collect();
    case.book.write("book.toml", &settings.join("\n"));
    (case, tools)
}

/// Go that is itself until it is to build or to list: then it does something else.
#[cfg(unix)]
fn go_that(instead: &str) -> String {
    let path = std::env::var_os("PATH").unwrap();
    let go = std::env::split_paths(&path)
        .map(|folder| folder.join("go"))
        .find(|file| file.is_file())
        .unwrap();
    format!(
        "case $1 in env) exec {} \"$@\";; esac\n{instead}",
        go.display()
    )
}

#[cfg(unix)]
#[test]
fn tools_that_do_not_behave() {
    let block = "```go file=pkg/greet/more.go\npackage greet\n```\n";
    for instead in [
        "exec sleep 1000",
        "while :; do echo 0123456789; sleep 1; done",
        "exec head -c 104857600 /dev/zero",
        "exec head -c 104857600 /dev/zero >&2",
        "kill -9 $$",
        "exit 1",
    ] {
        let (case, _tools) = with_tool("go", &go_that(instead), block);
        case.finds(0, &["V0504", "V0507 src/a.md:1:4"]);
    }
    // It does not even say where its caches are.
    for script in [
        "exec sleep 1000",
        "exec head -c 104857600 /dev/zero",
        "echo nonsense",
    ] {
        let (case, _tools) = with_tool("go", script, block);
        case.finds(0, &["V0501", "V0507 src/a.md:1:4"]);
    }
    let proto = "```protobuf file=pkg/greet/greet.proto\nsyntax = \"proto3\";\npackage greet;\noption go_package = \"example.com/up/pkg/greet\";\nmessage Greet {}\n```\n";
    for script in ["cat >/dev/null; echo nonsense", "exit 1"] {
        let (case, _tools) = with_tool("protoc-gen-go", script, proto);
        case.finds(1, &["V0703 src/a.md:1:18"]);
    }
    let (case, _tools) = with_tool("protoc-gen-go", "exec head -c 104857600 /dev/zero", proto);
    case.finds(0, &["V0504", "V0507 src/a.md:1:4"]);
}

/// What cannot be read at all is a sentence and exit status 2.
#[test]
fn books_that_cannot_be_read() {
    let case = Case::of("x");
    fs::write(case.book.path().join("src/a.md"), b"# a\n\n\xff\n").unwrap();
    let cannot = |case: &Case, sentence: &str| {
        let output = case.book.verify(&["check"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", both(&output));
        assert!(both(&output).contains(sentence), "{}", both(&output));
    };
    cannot(&case, "src/a.md is not UTF-8 text (line 3)");
    fs::remove_file(case.book.path().join("src/a.md")).unwrap();
    cannot(&case, "src/a.md does not exist");
    fs::create_dir(case.book.path().join("src/a.md")).unwrap();
    cannot(&case, "src/a.md is not a file");
}

/// A folder in place of a base, which may hold anything.
#[test]
fn folders_that_are_no_base() {
    let case = Case::of("```go file=a.go\npackage a\n```\n");
    let empty = tempfile::tempdir().unwrap();
    let (status, report) = case
        .book
        .report(&["--base", &format!("e/server={}", empty.path().display())]);
    assert_eq!(status, 0);
    let found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(place)
        .collect();
    assert_eq!(found, ["V0509", "V0507 src/a.md:1:4"]);
}

/// More names than can be compared are said to be too many, instead of taking minutes.
#[test]
fn names_without_number() {
    let chapter = lines(1_500, |n| {
        format!("`reader{n:05}.conf`\n\n```yaml file=notes/{n:05}omega.yml\n{n}\n```\n\n")
    });
    Case::of(&chapter).finds(0, &["V0507 src/a.md:3:4", "V1401 src/a.md:3999:14"]);
}
