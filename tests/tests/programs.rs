//! What book.toml says of the server's binaries is what the service of the guide says of itself.

use std::collections::BTreeSet;
use std::fs;

use assert_cmd::Command;
use guide_tests::{both, go_service, root};

/// The flags that a help text lists, one or two in a line.
fn flags(help: &str) -> BTreeSet<&str> {
    let lines = help.lines().map(str::trim_start);
    let listed = lines.filter(|line| line.starts_with('-'));
    let words = listed.flat_map(|line| line.split(&[' ', ','][..]));
    words.filter(|word| word.starts_with('-')).collect()
}

#[test]
fn the_service_has_the_flags_that_book_toml_lists() {
    let settings = fs::read_to_string(root().join("book.toml")).unwrap();
    let settings: toml::Table = settings.parse().unwrap();
    let programs = &settings["preprocessor"]["verify"]["shell"]["program"];
    let listed = programs[0]["help"].as_str().unwrap();

    let said = Command::new(go_service()).arg("--help").output().unwrap();
    let said = both(&said);

    assert!(!flags(&said).is_empty(), "{said}");
    assert_eq!(flags(listed), flags(&said), "{said}");
}
