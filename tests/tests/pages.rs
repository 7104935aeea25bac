//! What the verifier puts on the pages of a whole book: placeholders, captions that lead to files, and
//! the pages of files.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use guide_tests::{FixtureBook, both, committed, copy, upstream};
use tempfile::TempDir;

const CHAPTER: &str = r"# Steps

```diff file=pkg/greet/greet.go
 package greet
+
+// One is added.
```

```diff file=pkg/greet/greet.go
 // One is added.
+// Two is added.
```

```go file=pkg/a/a.go edition=e
package a
```

```go file=pkg/a/a.go edition=far
package a // far
```
";

const PROOF: &str =
    "# Proof\n\n<!-- verify:proven -->\n\n<!-- verify:summary -->\n\n<!-- verify:editions -->\n";

/// The terms of the fixture's upstream, with what must not become HTML.
const LICENCE: &str = "\nMade-up Licence <b>1</b>\n\nDo {{#include what}} you like.\n";

/// A book with the edition `e`, whose tree has a licence, and `far`, whose tree is nowhere.
struct Book {
    book: FixtureBook,
    _upstream: TempDir,
}

impl Book {
    fn built(chapter: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(upstream().0, folder.path());
        fs::remove_dir_all(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join("LICENSE"), LICENCE).unwrap();
        let commit = committed(folder.path());
        let book = FixtureBook::new(&[
            ("chapters/a.md", chapter),
            ("proof.md", PROOF),
            ("files/index.md", "# Files\n\n<!-- verify:files -->\n"),
        ]);
        let far = format!(
            "\n[output.html.search.chapter]\n\"files\" = {{ enable = false }}\n\n\
             [[preprocessor.verify.edition]]\nname = \"far\"\n[preprocessor.verify.edition.base.server]\ngit = \"gone\"\ncommit = \"{}\"\n",
            "0".repeat(40)
        );
        book.configure_with(folder.path(), &commit, &far);
        let book = Self {
            book,
            _upstream: folder,
        };
        book.build();
        book
    }

    fn build(&self) {
        let output = self.book.mdbook(&["build"]).output().unwrap();
        assert!(output.status.success(), "{}", both(&output));
    }

    /// What stands between `<main>` and `</main>`.
    fn page(&self, path: &str) -> String {
        let path = self.book.path().join("book").join(path);
        let page = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
        let main = page.split("<main>").nth(1).unwrap();
        main.split("</main>").next().unwrap().to_owned()
    }
}

#[test]
fn what_the_guide_creates_is_under_no_terms_of_upstreams() {
    let book = Book::built("# Steps\n\n```go file=pkg/a/a.go edition=e\npackage a\n```\n");
    let files = book.page("files/e/server.html");
    assert!(files.contains("id=\"pkg/a/a.go\""), "{files}");
    for part in ["terms", "Made-up"] {
        assert!(!files.contains(part), "{part}: {files}");
    }
}

#[test]
fn a_tree_has_a_page_of_its_files_at_each_step() {
    let book = Book::built(CHAPTER);
    let tree = book.page("files/e/server.html");
    for part in [
        "<ins>// One is added.",
        "<ins class=\"v2\">// Two is added.",
        "id=\"pkg/greet/greet.go:step-1\"",
        "id=\"pkg/greet/greet.go:end\"",
        "href=\"../../chapters/a.html#block-1\"",
        "id=\"pkg/a/a.go\"",
        "id=\"pkg/a/a.go:end\"",
        "href=\"../../files/e/server.html#//terms\">Made-up Licence &lt;b&gt;1&lt;/b&gt;</a>",
        "id=\"//terms\"",
        "Upstream's terms</a></h2>",
        "<code>LICENSE</code> of ",
        "Do {{#include what}} you like.",
    ] {
        assert!(tree.contains(part), "{part}: {tree}");
    }

    let chapter = book.page("chapters/a.html");
    for link in [
        "../files/e/server.html#pkg/greet/greet.go:step-1\">at this step",
        "../files/e/server.html#pkg/greet/greet.go:end\">at the end",
        "../files/e/server.html#pkg/a/a.go:end\">at this step, its last",
    ] {
        assert!(chapter.contains(link), "{link}: {chapter}");
    }
    // The lines around the first step, which are upstream's; its own stand beside them.
    let (_, around) = chapter.split_once("lines 1 to 7 of 17").unwrap();
    let (around, _) = around.split_once("</details>").unwrap();
    assert!(around.contains("package greet\n<ins>⋯\n</ins>"), "{around}");
    assert!(!around.contains("One is added"), "{around}");

    // A tree that cannot be had has no pages, and the book says so.
    let files = book.page("files/index.html");
    for link in [
        "../files/e/server.html#pkg/greet/greet.go\"",
        "../files/e/server.html#pkg/a/a.go\"",
    ] {
        assert!(files.contains(link), "{link}: {files}");
    }
    assert!(
        files.contains("could not be had where this book was built for <b>far</b>"),
        "{files}"
    );
    assert!(!book.book.path().join("book/files/far").exists());

    // Upstream's text is not what a search in the guide finds.
    let folder = fs::read_dir(book.book.path().join("book")).unwrap();
    let names = folder.map(|entry| entry.unwrap().path());
    let is_index = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("searchindex")
    };
    let index = fs::read_to_string(names.into_iter().find(is_index).unwrap()).unwrap();
    assert!(index.contains("chapters/a.html"));
    assert!(!index.contains("server.html") && !index.contains("Made-up"));

    // Where nothing changed, the pages are made of what was kept.
    let kept = book.book.path().join("target/verify/v1/upstream/e");
    let names = || -> Vec<_> {
        let entries = fs::read_dir(&kept).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    };
    let before = names();
    assert_eq!(before.len(), 1);
    book.build();
    assert_eq!(book.page("files/e/server.html"), tree);
    assert_eq!(names(), before);
}

#[test]
fn placeholders_say_what_the_report_says() {
    let book = Book::built(CHAPTER);
    let (_, report) = book.book.report(&[]);
    let states = report["blocks"].as_array().unwrap();
    let count = |edition: &str, proven: bool| {
        let own = states.iter().filter(|state| state["edition"] == edition);
        own.filter(|state| state["proven"] == proven).count()
    };
    assert_eq!(
        (count("e", true), count("far", false)),
        (3, 3),
        "{report:#}"
    );
    let page = book.page("proof.html");
    for part in [
        "<b>4 code blocks, not all proven</b>. Unproven: 3 of <code>far</code>. All that serve <code>e</code> (in this build, ",
        "<b>3 of 3 proven</b>: in this build, ",
        "<td><b>0 of 3 proven</b></td>",
        "<td><b>3 not proven</b></td><td>3 compiled</td>",
        "could not be had, and nothing that was recorded holds",
        "2 of the 4 code blocks serve all editions.",
        "<th scope=\"row\">create <code>pkg/<wbr>a/<wbr>a.go</code></th>\
         <td><a href=\"chapters/a.html?edition=far#block-4\">block\u{a0}4</a></td>\
         <td><a href=\"chapters/a.html?edition=e#block-3\">block\u{a0}3</a></td>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("verify:"), "{page}");
}
