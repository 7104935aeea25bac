//! What the surroundings do to a run: missing tools, no network, a wrong sum, no room, another run,
//! a killed run. Each is a plain sentence with a way out, the right exit status, and nothing lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use guide_tests::{FixtureBook, both, mdbook_verify, only};

const GOOD: &str = "```go file=pkg/a/a.go\npackage a\n```\n";

fn good() -> FixtureBook {
    FixtureBook::new(&[("a.md", GOOD)])
}

/// Checks what a run says of its surroundings: warnings and status 0, in strict mode status 2.
#[track_caller]
fn assert_environment(book: &FixtureBook, env: &[(&str, &str)], id: &str, sentence: &str) {
    for (args, status) in [(&["check"][..], 0), (&["check", "--strict"], 2)] {
        let output = book
            .verify(args)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let said = both(&output);
        assert_eq!(output.status.code(), Some(status), "{said}");
        assert!(said.contains(id), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
    let built = book
        .mdbook(&["build"])
        .envs(env.iter().copied())
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", both(&built));
    let page = fs::read_to_string(book.path().join("book/a.html")).unwrap();
    assert!(page.contains("not proven: "), "{page}");
}

#[test]
fn without_rust() {
    let path = only(&["git"]);
    let text = "```rust\nlet x = 1;\n```\n";
    assert_environment(
        &FixtureBook::new(&[("a.md", text)]),
        &[("PATH", path.path().to_str().unwrap())],
        "V0501",
        "Rust is not installed",
    );
}

#[test]
fn without_go() {
    let path = only(&["git"]);
    assert_environment(
        &good(),
        &[("PATH", path.path().to_str().unwrap())],
        "V0501",
        "Go is not installed",
    );
}

#[test]
fn without_git() {
    let path = only(&["go"]);
    assert_environment(
        &good(),
        &[("PATH", path.path().to_str().unwrap())],
        "V0501",
        "git is not installed",
    );
}

/// What later commands say of the code that was not generated is no mistake of theirs.
#[test]
fn without_the_plugins_of_protoc() {
    let path = only(&["git", "go", "ls"]);
    let proto = "```protobuf file=note/note.proto\nsyntax = \"proto3\";\npackage note;\noption go_package = \"example.com/server/note\";\nmessage Note {}\n```\n";
    let steps = "```bash step\nls note/*.pb.go\ngo vet ./note\n```\n";
    let none = path.path().join("none");
    let book = FixtureBook::new(&[("a.md", &format!("{proto}\n{steps}"))]);
    assert_environment(
        &book,
        &[
            ("PATH", path.path().to_str().unwrap()),
            ("MDBOOK_PREPROCESSOR__VERIFY__TOOLS", none.to_str().unwrap()),
        ],
        "V0501",
        "protoc-gen-go is not installed",
    );
}

/// The version and sum of a small module, from the helper's own go.sum.
fn sync() -> (String, String) {
    let sums =
        fs::read_to_string(guide_tests::root().join("preprocessors/mdbook-verify/go/go.sum"))
            .unwrap();
    let mut modules = sums.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let module = modules
        .find(|words| words[0] == "golang.org/x/sync" && !words[1].ends_with("/go.mod"))
        .unwrap();
    (module[1].to_owned(), module[2].to_owned())
}

/// A book whose base is that module, pinned to a sum.
fn module_book(sum: &str) -> FixtureBook {
    let book = FixtureBook::new(&[("a.md", "```go file=a/a.go\npackage a\n```\n")]);
    let version = sync().0;
    book.write(
        "book.toml",
        &format!(
            "[book]\ntitle = \"m\"\n[preprocessor.verify]\nbefore = [\"links\"]\nrenderers = [\"html\", \"test\"]\n[[preprocessor.verify.edition]]\nname = \"e\"\n\
             [preprocessor.verify.edition.base.server]\nmodule = \"golang.org/x/sync\"\nversion = \"{version}\"\nsum = \"{sum}\"\n"
        ),
    );
    book
}

#[test]
fn a_module_is_held_to_its_sum() {
    let right = module_book(&sync().1)
        .verify(&["check", "--strict"])
        .output()
        .unwrap();
    assert_eq!(right.status.code(), Some(0), "{}", both(&right));
    let wrong = module_book("h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    for args in [&["check"][..], &["check", "--strict"]] {
        let output = wrong.verify(args).output().unwrap();
        let said = both(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("error[V0503]"), "{said}");
        assert!(said.contains(" arrived with the sum h1:"), "{said}");
    }
}

#[test]
fn without_network() {
    let empty = tempfile::tempdir().unwrap();
    let env = [
        ("GOPROXY", "off"),
        ("GOMODCACHE", empty.path().to_str().unwrap()),
    ];
    assert_environment(&module_book(&sync().1), &env, "V0502", " cannot be fetched");
}

#[test]
fn a_workspace_that_cannot_be_written() {
    let book = good();
    fs::remove_dir_all(book.path().join("target")).unwrap();
    book.write("target", "in the way");
    assert_environment(&book, &[], "V0506", "cannot be written");
}

#[test]
fn two_runs_take_turns() {
    let book = good();
    let lock = book.path().join("target/verify/v1/e.lock");
    let held = fs::File::create(&lock).unwrap();
    held.lock().unwrap();
    let run = start(book.path());
    thread::sleep(Duration::from_secs(4));
    held.unlock().unwrap();
    let output = run.wait_with_output().unwrap();
    let said = both(&output);
    assert!(
        said.contains("waiting for another run on this book"),
        "{said}"
    );
    assert!(said.contains("1 of 1 blocks proven"), "{said}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "assert_cmd cannot leave a program running"
)]
fn start(book: &Path) -> std::process::Child {
    Command::new(mdbook_verify())
        .args(["check", "--no-cache"])
        .current_dir(book)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_run_leaves_nothing_behind() {
    let book = good();
    let mut killed = 0;
    for milliseconds in [5, 20, 40, 80, 160, 320] {
        let mut run = start(book.path());
        thread::sleep(Duration::from_millis(milliseconds));
        killed += usize::from(run.try_wait().unwrap().is_none());
        run.kill().unwrap();
        run.wait().unwrap();
        let begun = Instant::now();
        let (status, report) = book.report(&["--no-cache"]);
        assert_eq!((status, &report["findings"]), (0, &serde_json::json!([])));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
    assert!(killed > 0, "every run ended before it was killed");
    let trees = book.path().join("target/verify/v1/trees/e/server");
    let left: Vec<PathBuf> = walk(&trees)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains(".verify-"))
        .collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

/// A stand-in for Go that starts another program and never ends.
#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_end_ends_its_tools() {
    use std::os::unix::fs::PermissionsExt;
    let book = good();
    let bin = book.path().join("bin");
    let written = book.path().join("written");
    let script = format!(
        "#!/bin/sh\n(while :; do echo x >> '{}'; sleep 0.05; done) &\nsleep 600\n",
        written.display()
    );
    book.write("bin/go", &script);
    fs::set_permissions(bin.join("go"), fs::Permissions::from_mode(0o755)).unwrap();
    book.configure("");
    let config = fs::read_to_string(book.path().join("book.toml")).unwrap();
    let tools = config
        .lines()
        .find(|line| line.starts_with("tools = "))
        .unwrap();
    book.write("book.toml", &config.replace(tools, "tools = \"bin\""));
    let length = || fs::metadata(&written).map_or(0, |meta| meta.len());
    for signal in ["-TERM", "-INT"] {
        fs::write(&written, "").unwrap();
        let mut run = start(book.path());
        let begun = Instant::now();
        while length() == 0 {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "Go was never asked"
            );
            thread::sleep(Duration::from_millis(20));
        }
        let kill = assert_cmd::Command::new("kill")
            .args([signal, &run.id().to_string()])
            .output()
            .unwrap();
        assert!(kill.status.success(), "{}", both(&kill));
        assert_eq!(run.wait().unwrap().code(), None, "it ended by the signal");
        thread::sleep(Duration::from_millis(200));
        let before = length();
        thread::sleep(Duration::from_millis(400));
        assert_eq!(length(), before, "somebody still writes after {signal}");
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let cases = [
        (
            "[preprocessor.verify]\nstict = true\n",
            "unknown field `stict`",
        ),
        (
            "[preprocessor.verify]\n",
            "no [[preprocessor.verify.edition]] is given",
        ),
        ("", "book.toml has no [preprocessor.verify]"),
    ];
    for (text, sentence) in cases {
        let book = good();
        book.write("book.toml", text);
        let output: Output = book.verify(&["check"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(both(&output).contains(sentence), "{}", both(&output));
    }
}

#[test]
fn usage_that_cannot_be_understood() {
    let book = good();
    let cases: [(&[&str], &str); 5] = [
        (&["check", "--edition", "f"], "the book has no edition f"),
        (
            &["check", "--base", "e/other=x"],
            "the edition e has no base other",
        ),
        (&["check", "--base", "nonsense"], "write EDITION/BASE=DIR"),
        (
            &["check", "no/such/folder"],
            "no/such/folder cannot be read",
        ),
        (&["explain", "V9999"], "no finding has the id V9999"),
    ];
    for (args, sentence) in cases {
        let output = book.verify(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(both(&output).contains(sentence), "{}", both(&output));
    }
}
