//! Small books, broken: what is found, what survives, and what the task says of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::process::Output;

use assert_cmd::Command;
use guide_tests::{FixtureBook, both, mdbook_verify, root};

/// Runs the task on a book.
fn mutants(book: &FixtureBook, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guide-mutants"))
        .arg("--book")
        .arg(book.path())
        .arg("--verifier")
        .arg(mdbook_verify())
        .arg("--tools")
        .arg(root().join("target/tools"))
        .args(args)
        .output()
        .unwrap()
}

/// Compiled Go, and a diff. That `you` is misspelt, no tool can know.
const CODE: &str = r#"
This creates `internal/api/use.go`.

```go file=internal/api/use.go
package api

import "example.com/server/pkg/greet"

var _ = []greet.Name{greet.Name(Route("you"))}
```

```diff file=internal/api/router.go
@@ // Route answers a path.
 	switch path {
+	case greet.Bye("you"):
+		return string(greet.Bye("you"))
 	case "/hello":
```
"#;

#[test]
fn a_survivor_needs_a_reason_and_a_reason_a_survivor() {
    let book = FixtureBook::new(&[("a.md", CODE)]);
    let block = ["--block", "a.md#1"];

    let output = mutants(&book, &block);
    let said = both(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let survivors = said.split("Survivors without a reason:").nth(1).unwrap();
    let survivors: Vec<_> = survivors
        .lines()
        .filter(|line| line.starts_with("  src/"))
        .collect();
    assert_eq!(survivors.len(), 1, "{said}");
    assert!(survivors[0].contains("a.md#1 value `you` -> "), "{said}");

    book.write(
        "tests/mutants.toml",
        "[[survivor]]\nblock = \"a.md#1\"\nclass = \"value\"\ntoken = \"you\"\nreason = \"any text greets\"\n",
    );
    let output = mutants(&book, &block);
    let said = both(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("because any text greets"), "{said}");
    // The first run has left nothing to try.
    assert!(said.contains("\n0 mutants to try, "), "{said}");

    book.write(
        "tests/mutants.toml",
        "[[survivor]]\nblock = \"a.md#1\"\nclass = \"value\"\nreason = \"any text greets\"\n\
         [[survivor]]\nblock = \"a.md#1\"\nclass = \"import\"\nreason = \"x\"\n\
         [[survivor]]\nblock = \"a.md#9\"\nclass = \"import\"\nreason = \"y\"\n",
    );
    let output = mutants(&book, &block);
    let said = both(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Reasons that no survivor needs"), "{said}");
    assert!(said.contains("a.md#1 import, all its tokens: x"), "{said}");
    assert!(said.contains("a.md#9 import, all its tokens: y"), "{said}");
}

/// Texts of every other kind, quoted from a file: no letter of a quotation may differ.
const QUOTED: &[(&str, &str)] = &[
    ("yaml", "app:\n  name: hello\n  ports: [ 8080 ]"),
    ("json", "{\"name\": \"x\", \"port\": 1}"),
    ("toml", "[server]\nport = 10"),
    ("bash", "go build --tags=x -o out/app ./cmd/app echo 80"),
    ("gomod", "replace a.b/c => ../c v1.2.3"),
    ("mermaid", "api[The API] --> auth"),
    ("protobuf", "message Hello {\n  string name = 1;\n}"),
    (
        "rust",
        "use std::fmt;\nfn main() { let n: u32 = 10; call(\"x\"); }",
    ),
    ("text", "some words"),
];

const IN_QUOTATIONS: &[&str] = &[
    "target",
    "attribute",
    "identifier",
    "type",
    "import",
    "key",
    "value",
    "number",
    "field-number",
    "program",
    "flag",
    "argument",
    "path",
    "arrow",
    "brace",
];

#[test]
fn a_defect_of_every_class_is_made_and_found() {
    let whole: Vec<_> = QUOTED.iter().map(|(_, text)| *text).collect();
    let whole = format!("```text file=all.txt\n{}\n```\n", whole.join("\n"));
    let quote = |(language, text)| format!("\n```{language} fragment=all.txt\n{text}\n```\n");
    let chapter: String = std::iter::once(whole)
        .chain(QUOTED.iter().copied().map(quote))
        .collect();
    let book = FixtureBook::new(&[("b.md", &chapter)]);
    let blocks: Vec<_> = (0..QUOTED.len())
        .map(|number| format!("b.md#{}", number + 2))
        .collect();
    assert_found(&book, &blocks, IN_QUOTATIONS);

    let book = FixtureBook::new(&[("a.md", CODE)]);
    assert_found(
        &book,
        &["a.md#2".to_owned()],
        &["language", "context", "anchor"],
    );
}

/// Of each class there is a mutant in these blocks, and none survives.
fn assert_found(book: &FixtureBook, blocks: &[String], classes: &[&str]) {
    let blocks = blocks.iter().flat_map(|id| ["--block", id]);
    let classes_given = classes.iter().flat_map(|class| ["--class", class]);
    let args: Vec<_> = blocks.chain(classes_given).collect();
    let output = mutants(book, &args);
    let said = both(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for class in classes {
        let mut rows = said.lines().map(str::split_whitespace);
        let row: Vec<_> = rows
            .find_map(|mut row| (row.next() == Some(class)).then_some(row))
            .unwrap_or_else(|| panic!("no {class} in {said}"))
            .collect();
        assert_ne!(row[0], "0", "{said}");
        assert_eq!(row[3..], ["0", "0"], "{said}");
    }
}

#[test]
fn the_same_sample_has_the_same_mutants() {
    let book = FixtureBook::new(&[("a.md", CODE)]);
    let list = |seed| {
        let output = mutants(&book, &["--list", "--sample", "5", "--seed", seed]);
        assert_eq!(output.status.code(), Some(0), "{}", both(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(list("a").lines().count(), 5);
    assert_eq!(list("a"), list("a"));
    assert_ne!(list("a"), list("b"));
}

#[test]
fn a_book_that_has_findings_cannot_be_judged() {
    let book = FixtureBook::new(&[("a.md", "```yaml\na: [\n```\n")]);
    let output = mutants(&book, &[]);
    let said = both(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("the book has errors before anything is broken"),
        "{said}"
    );
}
