//! No block is lost: another Markdown parser counts the code blocks of the sources, and finds as
//! many as the report has ids.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use guide_tests::{FixtureBook, chapters, report_of, root};

/// The code blocks of a chapter, fenced and indented ones.
fn count(text: &str) -> usize {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.footnotes = true;
    options.extension.tasklist = true;
    options.extension.description_lists = true;
    options.extension.alerts = true;
    let arena = Arena::new();
    let document = parse_document(&arena, text, &options);
    let is_code = |node: &NodeValue| matches!(node, NodeValue::CodeBlock(_));
    document
        .descendants()
        .filter(|node| is_code(&node.data().value))
        .count()
}

/// How many different blocks a report has in each file.
fn reported(book: &Path) -> BTreeMap<String, usize> {
    let (_, report) = report_of(book, &["--quick"]);
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for block in report["blocks"].as_array().unwrap() {
        let text = |key: &str| block[key].as_str().unwrap().to_owned();
        ids.entry(text("file")).or_default().insert(text("id"));
    }
    ids.into_iter()
        .map(|(file, ids)| (file, ids.len()))
        .collect()
}

/// Compares both counts, file by file; says how many blocks there are.
fn compare(book: &Path) -> usize {
    let reported = reported(book);
    let mut total = 0;
    for chapter in chapters(&book.join("src")) {
        let text = fs::read_to_string(book.join("src").join(&chapter)).unwrap();
        let file = format!("src/{chapter}");
        let counted = count(&text);
        assert_eq!(
            reported.get(&file).copied().unwrap_or(0),
            counted,
            "{file} of {}",
            book.display()
        );
        total += counted;
    }
    total
}

#[test]
fn every_block_of_the_guide_is_in_the_report() {
    let blocks = compare(&root());
    println!("{blocks} blocks");
    assert!(blocks > 0);
}

#[test]
fn every_block_of_the_fixtures_is_in_the_report() {
    let mut compared = 0;
    for entry in fs::read_dir(root().join("tests/fixtures")).unwrap() {
        let folder = entry.unwrap().path();
        let text = fs::read_to_string(folder.join("chapter.md")).unwrap_or_default();
        // What an include brings, the other parser does not see. A block for an edition that the
        // book does not have, and one whose id is taken, are findings and have no line of their own.
        if text.contains("{{#") || text.is_empty() || folder.ends_with("attributes") {
            continue;
        }
        let book = FixtureBook::of_folder(&folder);
        compare(book.path());
        compared += 1;
    }
    assert!(compared > 20, "only {compared} fixtures were compared");
}
