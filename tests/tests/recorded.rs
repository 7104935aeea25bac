//! Recorded evidence: what `record` writes, what it refuses, and what a recording is worth.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use guide_tests::{FixtureBook, both, copy, git, only, upstream};
use serde_json::Value;
use tempfile::TempDir;

const GOOD: &str = "```go file=pkg/a/a.go\npackage a\n```\n\n```json as=any\n{}\n```\n";

/// The upstream of the edition `far`: a checkout, and its commit, which no other edition has.
fn distant() -> (&'static Path, &'static str) {
    static DISTANT: LazyLock<(TempDir, String)> = LazyLock::new(|| {
        let dir = tempfile::tempdir().unwrap();
        copy(upstream().0, dir.path());
        fs::write(dir.path().join("README.md"), "far\n").unwrap();
        git(dir.path(), &["add", "."]);
        git(dir.path(), &["commit", "--quiet", "--message", "far"]);
        let commit = git(dir.path(), &["rev-parse", "HEAD"]);
        (dir, commit)
    });
    (DISTANT.0.path(), &DISTANT.1)
}

/// A book with two editions: `far`, whose repository is nowhere, and `e`, which can be had.
fn book() -> FixtureBook {
    let book = FixtureBook::new(&[("a.md", GOOD)]);
    book.configure(&far("gone"));
    book.write("any.json", "{}");
    book
}

/// The schema that the JSON of [`GOOD`] claims, and the edition `far`.
fn far(url: &str) -> String {
    let schema = "\n[preprocessor.verify.schema.any]\njson-schema = \"any.json\"\n";
    format!("{schema}{}", edition(url))
}

fn edition(url: &str) -> String {
    let commit = distant().1;
    format!(
        "\n[[preprocessor.verify.edition]]\nname = \"far\"\n[preprocessor.verify.edition.base.server]\ngit = \"{url}\"\ncommit = \"{commit}\"\n"
    )
}

fn with_folder(dir: &Path) -> String {
    format!("far/server={}", dir.display())
}

#[track_caller]
fn record(book: &FixtureBook) {
    let base = with_folder(distant().0);
    let output = book
        .verify(&["record", "--edition", "far", "--base", &base])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
}

fn recordings(book: &FixtureBook) -> String {
    fs::read_to_string(book.path().join("proofs.lock")).unwrap()
}

fn states<'r>(report: &'r Value, edition: &str) -> Vec<&'r Value> {
    let blocks = report["blocks"].as_array().unwrap().iter();
    blocks.filter(|block| block["edition"] == edition).collect()
}

fn ids(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["id"].as_str().unwrap())
        .collect()
}

#[test]
fn what_was_recorded_counts_where_the_base_cannot_be_had() {
    let book = book();
    record(&book);
    let (status, report) = book.report(&["--strict"]);
    assert_eq!((status, ids(&report)), (0, vec![]), "{report:#}");
    let blocks = states(&report, "far");
    assert_eq!(blocks.len(), 2);
    for block in &blocks {
        assert_eq!(block["proven"], true, "{block}");
        assert_eq!(block["evidence"][0]["source"], "recorded");
    }
    assert_eq!(blocks[0]["evidence"][0]["kind"], "compiled");
    assert_eq!(report["editions"][0]["bases"][0]["source"], "recorded");
    assert_eq!(states(&report, "e")[0]["evidence"][0]["source"], "live");

    let day = &blocks[0]["evidence"][0]["at"].as_str().unwrap()[..10];
    let commit = &distant().1[..9];
    book.mdbook(&["build"]).assert().success();
    let page = fs::read_to_string(book.path().join("book/a.html")).unwrap();
    for wanted in [
        "<summary>✓ compiled, live and recorded</summary>",
        &format!(": recorded, {day}"),
        &format!("{commit}."),
    ] {
        let captions = page.lines().filter(|line| line.contains("verify-caption"));
        assert!(page.contains(wanted), "{:#?}", captions.collect::<Vec<_>>());
    }

    let list = both(&book.verify(&["list"]).output().unwrap());
    assert!(
        list.contains(&format!(
            "\tfar\tneeds compiled\thas compiled, recorded on {day}\tproven"
        )),
        "{list}"
    );
    let text = both(&book.verify(&["check"]).output().unwrap());
    assert!(
        text.contains(&format!("2 of 2 blocks proven for far (recorded on {day})")),
        "{text}"
    );
}

#[test]
fn what_is_shown_from_a_package_is_proven_here_and_not_recorded() {
    let shown = "\n```rust\n{{#include shown/src/lib.rs}}\n```\n";
    let book = FixtureBook::new(&[("a.md", &format!("{GOOD}{shown}"))]);
    let packages = "\n[preprocessor.verify.rust]\npackages = [\"src/shown\"]\n";
    book.configure(&format!("{packages}{}", far("gone")));
    book.write("any.json", "{}");
    book.write(
        "src/shown/Cargo.toml",
        "[package]\nname = \"shown\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n",
    );
    book.write(
        "src/shown/Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"shown\"\nversion = \"1.0.0\"\n",
    );
    book.write("src/shown/src/lib.rs", "pub fn one() {}\n");
    record(&book);
    assert!(
        !recordings(&book).contains("shown"),
        "{}",
        recordings(&book)
    );

    assert_eq!(book.report(&["--strict"]).0, 0);
    let verdicts = || {
        let kept = book.path().join("target/verify/v1/verdicts");
        fs::read_dir(kept).unwrap().count()
    };
    let before = verdicts();
    book.write("src/shown/src/lib.rs", "pub fn two() {}\n");
    let (status, report) = book.report(&["--strict"]);
    // The package alone is examined again: nothing of an edition depends on it.
    assert_eq!(verdicts(), before + 1);
    assert_eq!((status, ids(&report)), (0, vec![]), "{report:#}");
    let block = states(&report, "far")[2].clone();
    assert_eq!(block["evidence"][0]["kind"], "compiled", "{block}");
    assert_eq!(block["evidence"][0]["source"], "live");
    assert_eq!(
        block["evidence"][0]["against"],
        "the package in this repository that it is shown from"
    );

    book.write("src/shown/src/lib.rs", "pub fn two() -> u8 {}\n");
    let (status, report) = book.report(&["--strict"]);
    assert_eq!((status, ids(&report)), (1, vec!["V1201"]), "{report:#}");
    for block in ["far", "e"].map(|edition| states(&report, edition)[2]) {
        assert_eq!(block["proven"], false, "{block}");
    }
}

#[test]
fn a_missing_tool_is_missing_whatever_was_recorded() {
    let book = book();
    record(&book);
    let path = only(&["go"]);
    for (args, status) in [(&["check"][..], 0), (&["check", "--strict"], 2)] {
        let output = book
            .verify(args)
            .args(["--edition", "far", "--format", "json"])
            .env("PATH", path.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", both(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(ids(&report), ["V0501"], "{report:#}");
        assert!(
            states(&report, "far")
                .iter()
                .all(|block| block["proven"] == true),
            "{report:#}"
        );
    }
}

/// The state of proofs.lock.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lock {
    Missing,
    Current,
    Stale,
}

/// The exit status and the findings.
type Outcome = (i32, &'static [&'static str]);

#[test]
fn exit_statuses() {
    // Lock, whether the base can be had, then the status and findings of a check that is not strict,
    // and of a strict one.
    let table: [(Lock, bool, Outcome, Outcome); 6] = [
        (Lock::Missing, true, (0, &[]), (0, &[])),
        (Lock::Current, true, (0, &[]), (0, &[])),
        (Lock::Stale, true, (0, &["V1303"]), (1, &["V1303"])),
        (
            Lock::Missing,
            false,
            (0, &["V0502", "V0507"]),
            (2, &["V0502", "V0507"]),
        ),
        (Lock::Current, false, (0, &[]), (0, &[])),
        (Lock::Stale, false, (0, &["V1303"]), (1, &["V1303"])),
    ];
    for (lock, reachable, relaxed, strict) in table {
        let book = book();
        if lock != Lock::Missing {
            record(&book);
        }
        if lock == Lock::Stale {
            book.write("src/a.md", &GOOD.replace("{}", "[]"));
        }
        if reachable {
            book.configure(&far(distant().0.to_str().unwrap()));
        }
        for (args, (status, wanted)) in [
            (&["--edition", "far"][..], relaxed),
            (&["--edition", "far", "--strict"], strict),
        ] {
            let (found, report) = book.report(args);
            assert_eq!(
                (found, ids(&report)),
                (status, wanted.to_vec()),
                "{lock:?} {reachable} {args:?}: {report:#}"
            );
            let proven = states(&report, "far")
                .iter()
                .all(|block| block["proven"] == true);
            assert_eq!(
                proven,
                reachable || lock == Lock::Current,
                "{lock:?} {reachable}: {report:#}"
            );
            assert!(states(&report, "e").is_empty());
        }
        // The other edition has nothing to do with it.
        let (status, report) = book.report(&["--edition", "e", "--strict"]);
        assert_eq!(
            (status, ids(&report)),
            (0, vec![]),
            "{lock:?} {reachable}: {report:#}"
        );
        // Of the whole book, the worst counts.
        let (status, _) = book.report(&["--strict"]);
        assert_eq!(status, strict.0, "{lock:?} {reachable}");
    }
}

#[test]
fn a_stale_recording_says_what_changed() {
    let book = book();
    record(&book);
    let changes = [
        (
            GOOD.replace("{}", "[]"),
            "1 block changed since the recording of ",
        ),
        (
            GOOD.replace("package a", "package b").replace("{}", "[]"),
            "proofs.lock has none of this book's blocks for the edition far",
        ),
        (
            format!("{GOOD}\n```json as=any\n[]\n```\n"),
            "1 block was added since",
        ),
        (GOOD[..36].to_owned(), "1 block was removed since"),
        (
            format!("{}\n{}", &GOOD[36..], &GOOD[..36]),
            "the order of the blocks changed since",
        ),
        (GOOD.replace("json", "json as=x"), "1 block changed since"),
    ];
    for (text, sentence) in changes {
        book.write("src/a.md", &text);
        let (_, report) = book.report(&["--edition", "far"]);
        let finding = &report["findings"][0];
        assert!(
            finding["message"].as_str().unwrap().starts_with(sentence),
            "{report:#}"
        );
        assert_eq!(
            (&finding["file"], &finding["line"]),
            (&"proofs.lock".into(), &5.into())
        );
        let help = finding["help"].as_str().unwrap();
        assert!(
            help.contains("mdbook-verify record --edition far; here gone at "),
            "{help}"
        );
        // Not even the blocks that are as they were: they prove something in their tree only.
        assert!(
            states(&report, "far")
                .iter()
                .all(|block| block["proven"] == false),
            "{report:#}"
        );
    }
    // Prose, other editions and illustrative blocks change nothing.
    let same = GOOD.replace(
        "```json",
        "# Title\n\n```text illustrative=\"no\"\nx\n```\n\n```json edition=far,e",
    );
    book.configure(&format!("illustrative-max = 1{}", far("gone")));
    book.write("src/a.md", &same);
    let (status, report) = book.report(&["--edition", "far", "--strict"]);
    assert_eq!((status, ids(&report)), (0, vec![]), "{report:#}");
    // Settings and pins do.
    let rules = "\n[preprocessor.verify.proto.server]\nstrip-omitempty = true\n";
    book.write("src/a.md", GOOD);
    book.configure(&(far("gone") + rules));
    let (_, report) = book.report(&["--edition", "far"]);
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.starts_with("the setting `proto` changed since"),
        "{message}"
    );
    book.configure(&far("gone").replace(distant().1, &"1".repeat(40)));
    let (_, report) = book.report(&["--edition", "far"]);
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.starts_with("the pin of the base server changed since"),
        "{message}"
    );
}

#[test]
fn record_writes_the_same_for_the_same() {
    let book = book();
    record(&book);
    let first = recordings(&book);
    assert!(
        first.contains("name = \"far\"\n") && !first.contains("name = \"e\"\n"),
        "{first}"
    );
    assert!(
        first.contains("[[edition.block]]\nid = \"a.md#1\"\n"),
        "{first}"
    );
    record(&book);
    let without_time = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("at = "));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(without_time(&first), without_time(&recordings(&book)));
    // Another edition leaves it alone, and comes behind it, as in book.toml.
    book.verify(&["record", "--edition", "e"]).assert().code(0);
    let both_editions = recordings(&book);
    let at = |name: &str| both_editions.find(&format!("name = \"{name}\"\n")).unwrap();
    assert!(at("far") < at("e"), "{both_editions}");
    assert!(
        without_time(&both_editions).starts_with(&without_time(&first)),
        "{both_editions}"
    );
    let (status, report) = book.report(&["--strict"]);
    assert_eq!((status, ids(&report)), (0, vec![]), "{report:#}");
}

#[test]
fn only_what_is_proven_is_recorded() {
    let book = book();
    let base = with_folder(distant().0);
    let args = ["record", "--edition", "far", "--base", &base];
    let cases = [
        (
            "```go file=pkg/a/a.go\npackage a\n\nvar x = y\n```\n",
            1,
            "error[V0602]",
        ),
        ("```text\nwords\n```\n", 1, "warning[V0507]"),
    ];
    for (text, status, said) in cases {
        book.write("src/a.md", text);
        let output = book.verify(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", both(&output));
        assert!(both(&output).contains(said), "{}", both(&output));
        assert!(
            both(&output).contains("proofs.lock is as it was"),
            "{}",
            both(&output)
        );
        assert!(!book.path().join("proofs.lock").exists());
    }
    // Nothing that is recorded already may stand in.
    book.write("src/a.md", GOOD);
    record(&book);
    let output = book
        .verify(&["record", "--edition", "far"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", both(&output));
    assert!(both(&output).contains("gone at "), "{}", both(&output));
    let output = book.verify(&["record"]).output().unwrap();
    assert!(
        both(&output).contains("name an edition"),
        "{}",
        both(&output)
    );
    // Nor may a stitched tree be made of it.
    let output = book
        .verify(&["stitch", "--edition", "far", "--out", "out"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", both(&output));
    assert!(!book.path().join("out").exists());
}

#[test]
fn a_folder_must_be_a_clean_checkout_of_the_commit() {
    let book = book();
    let scratch = tempfile::tempdir().unwrap();
    let checkout = |name: &str| {
        let dir = scratch.path().join(name);
        copy(distant().0, &dir);
        dir
    };
    let changed = checkout("changed");
    fs::write(changed.join("pkg/greet/greet.go"), "package greet\n").unwrap();
    let hidden = checkout("hidden");
    fs::write(hidden.join("pkg/greet/greet.go"), "package greet\n").unwrap();
    git(
        &hidden,
        &["update-index", "--assume-unchanged", "pkg/greet/greet.go"],
    );
    let untracked = checkout("untracked");
    fs::create_dir(untracked.join("new")).unwrap();
    fs::write(untracked.join("new/a.go"), "package new\n").unwrap();
    let ignored = checkout("ignored");
    fs::write(ignored.join(".git/info/exclude"), "*.go\n").unwrap();
    fs::write(ignored.join("pkg/greet/b.go"), "package greet\n").unwrap();
    let elsewhere = checkout("elsewhere");
    git(
        &elsewhere,
        &["commit", "--quiet", "--allow-empty", "--message", "more"],
    );
    let plain = checkout("plain");
    fs::remove_dir_all(plain.join(".git")).unwrap();
    let inside = distant().0.join("pkg");
    let cases = [
        (
            changed,
            "is not clean, so it is not the commit alone:  M pkg/greet/greet.go",
        ),
        (
            hidden.clone(),
            "is not clean, so it is not the commit alone:  M pkg/greet/greet.go",
        ),
        (
            untracked,
            "is not clean, so it is not the commit alone: ?? new/a.go",
        ),
        (
            ignored,
            "is not clean, so it is not the commit alone: !! pkg/greet/b.go",
        ),
        (elsewhere, ", book.toml pins "),
        (plain, "is no git checkout: "),
        (
            inside,
            "is a folder inside a git checkout, not the checkout itself",
        ),
    ];
    for (dir, sentence) in cases {
        let args = ["record", "--edition", "far", "--base", &with_folder(&dir)];
        let output = book.verify(&args).output().unwrap();
        let said = both(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("V1305") && said.contains(sentence), "{said}");
        assert!(!book.path().join("proofs.lock").exists());
    }
    // The checkout's own index is left alone.
    assert!(git(&hidden, &["ls-files", "-v", "pkg/greet"]).starts_with("h "));
    // A check takes any folder, and says so.
    let (status, report) = book.report(&[
        "--edition",
        "far",
        "--base",
        &with_folder(&scratch.path().join("plain")),
    ]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(report["editions"][0]["bases"][0]["source"], "directory");
    let against = report["blocks"][0]["evidence"][0]["against"]
        .as_str()
        .unwrap();
    assert!(
        against.starts_with("a folder in place of gone "),
        "{against}"
    );
}

#[test]
fn a_tree_that_was_fetched_must_still_be_the_commit() {
    let book = book();
    book.verify(&["record", "--edition", "e"]).assert().code(0);
    let tree = book.path().join("target/verify/v1/git").join(upstream().1);
    fs::write(tree.join("pkg/greet/greet.go"), "package greet\n").unwrap();
    let output = book.verify(&["record", "--edition", "e"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", both(&output));
    assert!(
        both(&output).contains("remove the folder; it is fetched again"),
        "{}",
        both(&output)
    );
}

#[test]
fn a_folder_must_have_the_sum_of_the_module() {
    // The helper's own go.sum pins it, and it is in the module cache.
    let sums =
        fs::read_to_string(guide_tests::root().join("preprocessors/mdbook-verify/go/go.sum"))
            .unwrap();
    let sum = sums
        .lines()
        .find(|line| line.starts_with("golang.org/x/sync v") && !line.contains("/go.mod"))
        .unwrap();
    let [module, version, sum] = sum.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{sum}")
    };
    let book = FixtureBook::new(&[("a.md", "```go file=a/a.go\npackage a\n```\n")]);
    book.write(
        "book.toml",
        &format!(
            "[preprocessor.verify]\n[[preprocessor.verify.edition]]\nname = \"e\"\n\
             [preprocessor.verify.edition.base.server]\nmodule = \"{module}\"\nversion = \"{version}\"\nsum = \"{sum}\"\n"
        ),
    );
    // As the module proxy serves it.
    book.verify(&["record"]).assert().code(0);
    let cached = assert_cmd::Command::new("go")
        .args(["env", "GOMODCACHE"])
        .output()
        .unwrap();
    let cached = Path::new(String::from_utf8(cached.stdout).unwrap().trim())
        .join(format!("{module}@{version}"));
    let base = |dir: &Path| format!("e/server={}", dir.display());
    book.verify(&["record", "--base", &base(&cached)])
        .assert()
        .code(0);
    let scratch = tempfile::tempdir().unwrap();
    copy(&cached, scratch.path());
    fs::write(scratch.path().join("more.txt"), "").unwrap();
    let output = book
        .verify(&["record", "--base", &base(scratch.path())])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", both(&output));
    assert!(
        both(&output).contains(" has the sum h1:"),
        "{}",
        both(&output)
    );
}

#[test]
fn a_file_that_cannot_be_read_is_not_written_over() {
    let book = book();
    book.write("proofs.lock", "<<<<<<< ours\n");
    let base = with_folder(distant().0);
    let output = book
        .verify(&["record", "--edition", "far", "--base", &base])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", both(&output));
    assert!(
        both(&output).contains("proofs.lock has the marks of a merge conflict"),
        "{}",
        both(&output)
    );
    assert_eq!(recordings(&book), "<<<<<<< ours\n");
}

/// A server that takes connections and never answers.
fn silent_host() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/repository", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn a_host_that_does_not_answer_costs_a_moment() {
    let book = book();
    let (_listener, url) = silent_host();
    // Two editions of one host: it is asked once.
    let other = edition(&url)
        .replace("\"far\"", "\"farther\"")
        .replace(distant().1, &"2".repeat(40));
    book.configure(&(far(&url) + other.as_str()));
    let begun = Instant::now();
    let (status, report) = book.report(&["--strict"]);
    assert_eq!(status, 2, "{report:#}");
    assert!(
        report["findings"][0]["message"]
            .as_str()
            .unwrap()
            .ends_with("no answer within 10 s"),
        "{report:#}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(18),
        "{:?}",
        begun.elapsed()
    );
    // While pages are served it is left alone for a while.
    let begun = Instant::now();
    assert_eq!(book.report(&[]).0, 0);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}
