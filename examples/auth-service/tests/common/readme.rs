//! The README's tables of differences.

use std::fs;
use std::path::Path;

/// A row: what differs, what Go's service does, what this one does, and why.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) go: String,
    pub(crate) here: String,
    pub(crate) why: String,
}

/// All rows.
pub(crate) fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(path).expect("a README");
    let (_, rest) = text.split_once("ANCHOR: differences").expect("a beginning");
    let (tables, _) = rest.split_once("ANCHOR_END: differences").expect("an end");
    let rows = tables.lines().filter_map(row);
    rows.collect()
}

/// The row of a line; a table's head and the line below it are none.
fn row(line: &str) -> Option<Row> {
    let cells = line
        .strip_prefix('|')?
        .strip_suffix('|')
        .expect("a whole row");
    let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
    let [name, go, here, why] = cells[..] else {
        panic!("not four cells: {line}");
    };
    let is_head = name.is_empty() || name.starts_with("---");
    (!is_head).then(|| Row {
        name: name.to_owned(),
        go: go.to_owned(),
        here: here.to_owned(),
        why: why.to_owned(),
    })
}

/// The README has a row of this name: what the test shows is stated there.
pub(crate) fn states(name: &str) {
    assert!(
        rows().iter().any(|row| row.name == name),
        "the README's tables of differences have no row {name:?}"
    );
}
