//! Links, held against the pages that mdBook really makes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::fs;

use guide_tests::{FixtureBook, both};

const HEADINGS: &str = r"# The first: `code`, *emphasis* & more

## Twice

## Twice

## Twice-1

## Named {#own-id}

## Named

## Don't -- say ... 'this' ümläut 中文

## With ![an image](a.svg) and [a link](chapter.md) and <b>raw</b> HTML[^note]

Setext
with two lines
---

> ### In a quote
>
> - #### In a list

term
: definition

<h2>Raw</h2>
<h2 id='raw-id'>Raw</h2>

Again[^note].

[^note]: A note.

##

##
";

/// The ids of a page's own elements.
fn ids(html: &str) -> BTreeSet<String> {
    let main = html
        .split("<main>")
        .nth(1)
        .unwrap()
        .split("</main>")
        .next()
        .unwrap();
    let values = main.split(" id=\"").skip(1);
    values
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// The targets of the links that the verifier finds fault with.
fn refused(book: &FixtureBook, targets: &[String]) -> BTreeSet<String> {
    let links: Vec<_> = targets
        .iter()
        .map(|target| format!("[x](<{target}>)"))
        .collect();
    book.write("src/links.md", &links.join("\n\n"));
    let (_, report) = book.report(&[]);
    let line = |finding: &serde_json::Value| finding["line"].as_u64().unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["file"] == "src/links.md")
        .map(|finding| targets[usize::try_from(line(finding)).unwrap() / 2].clone())
        .collect()
}

#[test]
fn anchors_are_the_ids_that_mdbook_makes() {
    for options in ["", "[output.html]\nsmart-punctuation = false\n"] {
        let book = FixtureBook::new(&[("chapter.md", HEADINGS), ("links.md", "")]);
        book.write("src/a.svg", "<svg/>");
        let config = fs::read_to_string(book.path().join("book.toml")).unwrap();
        book.write("book.toml", &format!("{options}{config}"));
        let built = book.mdbook(&["build"]).output().unwrap();
        assert!(built.status.success(), "{}", both(&built));
        let html = fs::read_to_string(book.path().join("book/chapter.html")).unwrap();
        let good = ids(&html);
        assert!(good.len() > 15, "{good:?}");
        // Each id, and what each of them would be with a letter more.
        let targets: Vec<_> = good
            .iter()
            .filter(|id| !id.is_empty())
            .flat_map(|id| [format!("chapter.md#{id}"), format!("chapter.md#{id}x")])
            .collect();
        let wrong: BTreeSet<_> = targets
            .iter()
            .filter(|target| target.ends_with('x'))
            .cloned()
            .collect();
        assert_eq!(refused(&book, &targets), wrong);
    }
}

#[test]
fn links_lead_to_what_mdbook_publishes() {
    let chapters = [
        ("README.md", ""),
        ("chapter.md", ""),
        ("deep/README.md", ""),
        ("deep/page.md", ""),
        ("links.md", ""),
    ];
    let book = FixtureBook::new(&chapters);
    for file in ["a.svg", "deep/b c.svg", "raw/index.html", "other.md"] {
        book.write(&format!("src/{file}"), "x");
    }
    let built = book.mdbook(&["build"]).output().unwrap();
    assert!(built.status.success(), "{}", both(&built));
    let mut wrong = BTreeSet::new();
    let mut targets = Vec::new();
    for (target, page) in [
        ("README.md", "README.html"),
        ("index.md", "index.html"),
        ("index.html", "index.html"),
        ("chapter.md", "chapter.html"),
        ("chapter.html", "chapter.html"),
        ("Chapter.md", "Chapter.html"),
        ("deep/README.md", "deep/README.html"),
        ("deep/index.md", "deep/index.html"),
        ("deep/", "deep/index.html"),
        ("deep", "deep/index.html"),
        ("deep/page.md", "deep/page.html"),
        ("./deep/../deep/page.md", "deep/page.html"),
        ("page.md", "page.html"),
        ("a.svg", "a.svg"),
        ("A.svg", "A.svg"),
        ("deep/b%20c.svg", "deep/b c.svg"),
        ("deep/a.svg", "deep/a.svg"),
        ("raw/", "raw/index.html"),
        ("raw/index.html", "raw/index.html"),
        ("other.md", "other.html"),
        ("print.html", "print.html"),
        ("404.html", "404.html"),
        ("SUMMARY.md", "SUMMARY.html"),
    ] {
        targets.push(target.to_owned());
        if !book.path().join("book").join(page).is_file() {
            wrong.insert(target.to_owned());
        }
    }
    assert_eq!(wrong.len(), 8, "{wrong:?}");
    assert_eq!(refused(&book, &targets), wrong);
}
