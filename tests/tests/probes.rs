//! Probes: when they are built, and what becomes of one that never ends.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::time::SystemTime;

use guide_tests::{FixtureBook, both};

/// A probe that refuses what the package conf has embedded, if that is bad.
const PROBE: &str = "package main

import (
	\"fmt\"
	\"strings\"

	\"example.com/server/pkg/conf\"
)

func main() {
	if strings.Contains(conf.Text, \"bad\") {
		fmt.Println(`{\"message\": \"the embedded file is bad\"}`)
	}
	fmt.Println(`{\"checked\": true}`)
}
";

const CHAPTER: &str = "```go file=pkg/conf/conf.go
package conf

import _ \"embed\"

// Text is the file's.
//
//go:embed conf.yml
var Text string
```

```yaml file=pkg/conf/conf.yml as=any
a: good
```

```yaml file=config/other.yml as=any
b: good
```
";

fn book() -> FixtureBook {
    let book = FixtureBook::new(&[("a.md", CHAPTER)]);
    book.configure("[preprocessor.verify.schema.any]\nprobe = \"probes/any.go\"");
    book.write("probes/any.go", PROBE);
    book
}

/// The state of the built program.
fn built(book: &FixtureBook) -> SystemTime {
    let program = book.path().join("target/verify/v1/probes/e/0-any");
    fs::metadata(program).unwrap().modified().unwrap()
}

#[test]
fn a_probe_is_built_again_just_when_what_it_is_made_of_changes() {
    let book = book();
    // A quick check builds none, and says so.
    let output = book.verify(&["check", "--quick"]).output().unwrap();
    let said = both(&output);
    assert!(
        said.contains("2 blocks are not proven: a quick check builds no probe"),
        "{said}"
    );
    let (status, report) = book.report(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(report["totals"]["proven"], 3);
    let first = built(&book);
    // Data is no part of it, and a built one serves a quick check.
    book.write("src/a.md", &CHAPTER.replace("b: good", "b: better"));
    for args in [&[][..], &["--quick"]] {
        let (status, report) = book.report(args);
        assert_eq!(status, 0, "{report:#}");
        assert_eq!(report["blocks"][2]["evidence"][0]["kind"], "checked");
        assert_eq!(built(&book), first);
    }
    // Unless it is embedded.
    book.write("src/a.md", &CHAPTER.replace("a: good", "a: bad"));
    let (status, report) = book.report(&[]);
    assert_eq!(status, 1, "{report:#}");
    assert_eq!(report["findings"][0]["message"], "the embedded file is bad");
    assert_ne!(built(&book), first);
    // Its own text counts, too.
    let second = built(&book);
    book.write("probes/any.go", &PROBE.replace("\"bad\"", "\"worse\""));
    let (status, report) = book.report(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_ne!(built(&book), second);
}

#[test]
fn a_probe_that_never_ends_is_stopped() {
    let book = book();
    book.write(
        "probes/any.go",
        "package main\n\nimport \"time\"\n\nfunc main() { time.Sleep(time.Hour) }\n",
    );
    book.write("src/a.md", "```yaml as=any\na: 1\n```\n");
    let output = book.verify(&["check"]).output().unwrap();
    let said = both(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error[V0806]"), "{said}");
    assert!(
        said.contains("it did not finish within 10 s and was stopped"),
        "{said}"
    );
}
