//! The commands of `mdbook-verify`, and its side of mdBook's protocol.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use guide_tests::{FixtureBook, both};
use serde_json::{Value, json};

const CHAPTER: &str = "# Title\n\n```go file=pkg/a/a.go id=first\npackage a\n```\n\n- item\n\n  ```text\n  words\n  ```\n";

fn book() -> FixtureBook {
    FixtureBook::new(&[("a.md", CHAPTER)])
}

/// mdBook's request as mdBook 0.5.4 sends it.
fn request(book: &FixtureBook, renderer: &str) -> String {
    let config: Value = serde_json::to_value(toml_of(book)).unwrap();
    let chapter = json!({"Chapter": {
        "name": "a", "content": CHAPTER, "number": [1], "sub_items": [], "path": "a.md", "source_path": "a.md", "parent_names": [],
    }});
    let context = json!({"root": book.path(), "config": config, "renderer": renderer, "mdbook_version": "0.5.4"});
    json!([context, {"items": [chapter]}]).to_string()
}

fn toml_of(book: &FixtureBook) -> toml::Table {
    fs::read_to_string(book.path().join("book.toml"))
        .unwrap()
        .parse()
        .unwrap()
}

fn content(answer: &[u8]) -> String {
    let book: Value = serde_json::from_slice(answer).unwrap();
    book["items"][0]["Chapter"]["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_protocol_is_pinned() {
    let book = book();
    let html = book
        .verify(&[])
        .write_stdin(request(&book, "html"))
        .output()
        .unwrap();
    assert!(html.status.success(), "{}", both(&html));
    let page = content(&html.stdout);
    assert!(
        page.starts_with("# Title\n\n<div class=\"verify-caption\" id=\"block-1\">"),
        "{page}"
    );
    assert!(page.contains("Create <code>pkg/a/a.go</code>"), "{page}");
    assert!(page.contains("\n\n```go\npackage a\n```\n"), "{page}");
    // Inside a list item the caption stands inside, too.
    assert!(
        page.contains("- item\n\n  <div class=\"verify-caption\" id=\"block-2\">"),
        "{page}"
    );
    // Rustdoc sees the author's text without attributes, and no captions.
    let test = book
        .verify(&[])
        .write_stdin(request(&book, "test"))
        .output()
        .unwrap();
    assert_eq!(
        content(&test.stdout),
        CHAPTER.replace(" file=pkg/a/a.go id=first", "")
    );
}

#[test]
fn every_renderer_is_supported() {
    let book = book();
    book.verify(&["supports", "html"]).assert().success();
    book.verify(&["supports", "whatever"]).assert().success();
}

#[test]
fn what_is_no_request_is_refused_with_nothing_on_standard_output() {
    let output = book().verify(&[]).write_stdin("{}").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(
        both(&output).contains("standard input holds no request of mdBook's"),
        "{}",
        both(&output)
    );
}

#[test]
fn rustdoc_tests_rust_blocks_that_have_attributes() {
    let book = FixtureBook::new(&[("a.md", "```rust id=assertion\nassert_eq!(1, 2);\n```\n")]);
    let output = book.mdbook(&["test"]).output().unwrap();
    assert!(!output.status.success());
    assert!(
        both(&output).contains("assertion `left == right` failed"),
        "{}",
        both(&output)
    );
}

#[test]
fn findings_can_be_shown_on_the_page_instead_of_failing() {
    let book = FixtureBook::new(&[(
        "a.md",
        "```go file=pkg/a/a.go\npackage a\n\nvar x = {{ y\n```\n",
    )]);
    let failing = book.mdbook(&["build"]).output().unwrap();
    assert!(!failing.status.success());
    let shown = book
        .mdbook(&["build"])
        .env("MDBOOK_PREPROCESSOR__VERIFY__FINDINGS", "show")
        .output()
        .unwrap();
    assert!(shown.status.success(), "{}", both(&shown));
    assert!(both(&shown).contains("error[V0601]"), "{}", both(&shown));
    let page = fs::read_to_string(book.path().join("book/a.html")).unwrap();
    assert!(page.contains("<strong>V0601</strong>"), "{page}");
}

#[test]
fn strict_mode_fails_on_what_is_unproven() {
    let book = FixtureBook::new(&[("a.md", "```text\nwords\n```\n")]);
    book.verify(&["check"]).assert().code(0);
    book.verify(&["check", "--strict"]).assert().code(1);
    book.mdbook(&["build"]).assert().success();
    book.mdbook(&["build"])
        .env("MDBOOK_PREPROCESSOR__VERIFY__STRICT", "true")
        .assert()
        .failure();
}

#[test]
fn the_report_says_what_is_proven() {
    let (status, report) = book().report(&[]);
    assert_eq!(status, 0);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["editions"][0]["bases"][0]["source"], "git");
    let block = &report["blocks"][0];
    assert_eq!(block["id"], "first");
    assert_eq!((&block["line"], &block["end_line"]), (&json!(3), &json!(5)));
    assert_eq!(
        (&block["needs"], &block["proven"]),
        (&json!("compiled"), &json!(true))
    );
    assert_eq!(block["evidence"][0]["kind"], "compiled");
    assert_eq!(block["evidence"][0]["source"], "live");
    assert_eq!(report["blocks"][1]["proven"], false);
    // A quick check compiles nothing, and claims nothing else.
    let (_, quick) = book().report(&["--quick"]);
    assert_eq!(quick["blocks"][0]["evidence"][0]["kind"], "checked");
    assert_eq!(quick["blocks"][0]["proven"], false);
}

/// The names in an object, in their order.
fn keys(value: &Value) -> Vec<&str> {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("no object: {value}"));
    object.keys().map(String::as_str).collect()
}

/// Other programs read it: what is added or renamed here is a new schema.
#[test]
fn the_shape_of_the_report_is_pinned() {
    let text =
        format!("{CHAPTER}\n```diff file=pkg/greet/greet.go\n-x\n+y\n```\n\n```json\n{{\n```\n");
    let (_, report) = FixtureBook::new(&[("a.md", &text)]).report(&[]);
    let shape = [
        (
            &report,
            &[
                "schema", "book", "tools", "editions", "blocks", "findings", "totals", "run",
            ][..],
        ),
        (&report["tools"], &["go", "mdbook-verify"]),
        (&report["editions"][0], &["name", "bases"]),
        (
            &report["editions"][0]["bases"][0],
            &["name", "module", "version", "source"],
        ),
        (
            &report["blocks"][0],
            &[
                "id", "chapter", "file", "line", "end_line", "language", "role", "edition",
                "target", "needs", "evidence", "proven", "reason",
            ],
        ),
        (
            &report["findings"][0],
            &[
                "id",
                "severity",
                "file",
                "line",
                "column",
                "end_line",
                "end_column",
                "message",
                "help",
                "block",
                "edition",
                "related",
            ],
        ),
        (
            &report["totals"],
            &["blocks", "states", "proven", "errors", "warnings"],
        ),
        (&report["run"], &["seconds", "cached"]),
    ];
    for (value, wanted) in shape {
        assert_eq!(keys(value), wanted, "{report:#}");
    }
    let blocks = report["blocks"].as_array().unwrap();
    let with_evidence = blocks
        .iter()
        .find_map(|block| block["evidence"].get(0))
        .unwrap();
    assert_eq!(keys(with_evidence), ["kind", "source", "against", "at"]);
    assert_eq!(
        (&report["schema"], &blocks[0]["chapter"]),
        (&json!(1), &json!("src/a.md"))
    );
}

#[test]
fn other_formats_end_alike() {
    let book = FixtureBook::new(&[("a.md", "```json\n{\n```\n")]);
    let github = book
        .verify(&["check", "--format", "github"])
        .output()
        .unwrap();
    assert_eq!(github.status.code(), Some(1));
    let text = String::from_utf8(github.stdout).unwrap();
    assert!(
        text.starts_with("::error file=src/a.md,line=2,endLine=2,col=1,endColumn=2,title=V0801 "),
        "{text}"
    );
    assert!(
        text.lines()
            .nth(1)
            .unwrap()
            .starts_with("0 of 1 blocks proven for e; 1 error ("),
        "{text}"
    );
    // In a repository its paths are relative to that.
    let inside = book.path().join("src");
    let workspace = [
        ("GITHUB_WORKSPACE", book.path().parent().unwrap()),
        ("GITHUB_WORKSPACE", &inside),
    ];
    let folder = book.path().file_name().unwrap().to_str().unwrap();
    for (env, wanted) in workspace
        .into_iter()
        .zip([format!("{folder}/src/a.md"), "src/a.md".to_owned()])
    {
        let output = book
            .verify(&["check", "--format", "github"])
            .envs([env])
            .output()
            .unwrap();
        assert!(
            both(&output).contains(&format!(" file={wanted},")),
            "{}",
            both(&output)
        );
    }
    let junit = book
        .verify(&["check", "--format", "junit"])
        .output()
        .unwrap();
    assert_eq!(junit.status.code(), Some(1));
    let text = String::from_utf8(junit.stdout).unwrap();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mdbook-verify\" tests=\"1\""), "{text}");
    assert!(
        text.contains("<testcase name=\"a.md#1\" classname=\"src/a.md\">"),
        "{text}"
    );
}

#[test]
fn a_directory_stands_in_for_a_base() {
    let upstream = tempfile::tempdir().unwrap();
    fs::write(
        upstream.path().join("go.mod"),
        "module example.com/other\n\ngo 1.22\n",
    )
    .unwrap();
    let base = format!("e/server={}", upstream.path().display());
    let (status, report) = book().report(&["--base", &base]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(report["editions"][0]["bases"][0]["source"], "directory");
    // Its content counts: what held for one content is not taken for another.
    fs::create_dir_all(upstream.path().join("pkg/a")).unwrap();
    fs::write(upstream.path().join("pkg/a/b.go"), "package b\n").unwrap();
    let (status, report) = book().report(&["--base", &base]);
    assert_eq!(status, 1, "{report:#}");
}

#[test]
fn every_block_is_listed() {
    let output = book().verify(&["list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0]
            .starts_with("first\tsrc/a.md:3\tgo\tcreate\te\tneeds compiled\thas compiled\tproven"),
        "{text}"
    );
    assert!(
        lines[1].starts_with("a.md#2\tsrc/a.md:9\ttext\tplain\te\tneeds checked\thas nothing\t"),
        "{text}"
    );
}

#[test]
fn stitch_writes_the_finished_trees() {
    let book = book();
    let out = book.path().join("out");
    book.verify(&["stitch", "--edition", "e", "--out", "out"])
        .assert()
        .success();
    assert_eq!(
        fs::read_to_string(out.join("server/pkg/a/a.go")).unwrap(),
        "package a\n"
    );
    assert!(out.join("server/pkg/greet/greet.go").is_file());
    assert!(
        fs::read_to_string(out.join("go.work"))
            .unwrap()
            .contains("use ./server")
    );
    let again = book
        .verify(&["stitch", "--edition", "e", "--out", "out"])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert!(both(&again).contains("is not empty"), "{}", both(&again));
}

#[test]
fn every_finding_is_explained() {
    let output = book().verify(&["explain", "v0405"]).output().unwrap();
    assert!(
        both(&output).starts_with("V0405: context that the file does not have\n"),
        "{}",
        both(&output)
    );
}
