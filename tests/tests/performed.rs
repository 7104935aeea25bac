//! A guide that is performed: what a reader's folder holds then, what is kept of what was printed, and
//! what that is worth.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::process::Output;

use guide_tests::{FixtureBook, both, upstream};

/// A guide that clones, edits, starts something and asks it.
fn chapter() -> String {
    let (url, _) = upstream();
    let url = url.display();
    format!(
        "# A guide

```bash step id=clone cwd=..
git clone --quiet {url} server
```

```text file=notes.txt
one
two
```

```text file=notes.txt append
three
```

```diff file=notes.txt
 one
-two
+2
```

```bash step id=start background
sleep 2
cp notes.txt ready
exec sleep 600
```

```bash step id=ask
cat ready
```

```text output of=ask
{{{{#include answers/e/ask.txt}}}}
```

```bash step id=wrong fails=\"nothing added to commit\"
git commit -m again
```
"
    )
}

fn book(chapter: &str) -> FixtureBook {
    FixtureBook::new(&[("a.md", chapter)])
}

fn perform(book: &FixtureBook, args: &[&str]) -> Output {
    let mut command = book.verify(&["perform"]);
    command.args(args).output().unwrap()
}

#[track_caller]
fn performed(book: &FixtureBook) {
    let output = perform(book, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
}

/// That a guide with this step instead of that one cannot be performed, and what is said of it.
#[track_caller]
fn refused(step: &str, instead: &str, expected: &str) {
    let chapter = chapter();
    assert!(chapter.contains(step), "{step}");
    let book = book(&chapter.replace(step, instead));
    let output = perform(&book, &[]);
    let said = both(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(expected), "{said}");
    assert!(!book.path().join("proofs.lock").exists());
}

/// The evidence of a block, as `kind source`.
fn evidence(report: &serde_json::Value, id: &str) -> Vec<String> {
    let blocks = report["blocks"].as_array().unwrap();
    let block = blocks.iter().find(|block| block["id"] == id).unwrap();
    let evidence = block["evidence"].as_array().unwrap().iter();
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    evidence
        .map(|found| format!("{} {}", word(&found["kind"]), word(&found["source"])))
        .collect()
}

fn findings(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| format!("{} {}", finding["id"].as_str().unwrap(), finding["line"]))
        .collect()
}

#[test]
fn what_is_printed_is_kept_and_counts() {
    let book = book(&chapter());
    performed(&book);
    let answer = fs::read_to_string(book.path().join("src/answers/e/ask.txt")).unwrap();
    assert_eq!(answer, "one\n2\nthree\n");

    let (_, report) = book.report(&[]);
    assert_eq!(evidence(&report, "ask").last().unwrap(), "ran recorded");
    let blocks = report["blocks"].as_array().unwrap();
    let output = blocks
        .iter()
        .find(|block| block["role"] == "output")
        .unwrap();
    assert_eq!(output["proven"], true, "{output}");
    assert_eq!(output["evidence"][0]["kind"], "matched");

    // Again, and nothing is new.
    let output = perform(&book, &["--compare"]);
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));

    // Who types an answer is found out, also by the next performance.
    book.write("src/answers/e/ask.txt", "one\ntwo\nthree\n");
    let (status, report) = book.report(&[]);
    assert_eq!(status, 1);
    assert!(
        findings(&report).contains(&"V1012 32".to_owned()),
        "{:?}",
        findings(&report)
    );
    let output = perform(&book, &["--compare"]);
    let said = both(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("one\ntwo\nthree\nand now:\none\n2\nthree\n"),
        "{said}"
    );
}

#[test]
fn an_answer_to_other_blocks_is_none() {
    let guide = chapter();
    let book = book(&guide);
    performed(&book);
    book.write("src/a.md", &guide.replace("+2\n", "+zwei\n"));
    let (_, report) = book.report(&[]);
    let found = findings(&report);
    assert!(
        found.iter().any(|finding| finding.starts_with("V1303")),
        "{found:?}"
    );
    assert!(!evidence(&report, "ask").contains(&"ran recorded".to_owned()));
    let output = perform(&book, &["--compare"]);
    assert_eq!(output.status.code(), Some(2), "{}", both(&output));
    // Words around the blocks may change.
    book.write(
        "src/a.md",
        &guide.replace("# A guide", "# Another guide\n\nWords."),
    );
    let (_, report) = book.report(&[]);
    assert!(evidence(&report, "ask").contains(&"ran recorded".to_owned()));
}

#[test]
fn a_step_that_fails_is_named_with_its_place() {
    refused(
        "git commit -m again\n",
        "git status\n",
        "src/a.md:36: the step `wrong` ended well, where it should fail with `nothing added to commit`",
    );
    refused(
        "git clone --quiet",
        "git clone --no-such-flag",
        "src/a.md:3: the step `clone` ended with exit status 129",
    );
    refused(
        "exec sleep 600",
        "exit 7",
        "`start`, which should still run, has ended with exit status: 7",
    );
    refused(
        "+2\n",
        "+2\n-four\n",
        "src/a.md:16: notes.txt does not have this line here",
    );
    refused(
        "cwd=..",
        "cwd=../..",
        "src/a.md:3: cwd=../.. leads out of the reader's folder",
    );
}

#[test]
fn nothing_is_left_running() {
    let marker = format!("exec sleep 600.{}", std::process::id());
    let book = book(&chapter().replace("exec sleep 600", &marker));
    performed(&book);
    let listed = assert_cmd::Command::new("ps")
        .args(["-eo", "args"])
        .output()
        .unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let left = marker.trim_start_matches("exec ");
    assert!(!listed.contains(left), "{listed}");
}
