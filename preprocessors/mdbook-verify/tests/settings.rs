//! `book.schema.json`, which editors and the book use, knows the settings that the verifier knows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mdbook_verify::config::Config;
use serde_json::Value;

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    let text = fs::read_to_string(package().join("book.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The settings that a table of the verifier takes, by its own complaint about an unknown one.
/// `table` is what leads to the key, with `%` in the key's place.
fn taken(table: &str) -> BTreeSet<String> {
    let text = table.replace('%', "no-such-setting = 1");
    let error = toml::from_str::<Config>(&text).unwrap_err();
    let message = error.message().to_owned();
    let (_, known) = message
        .split_once("expected ")
        .unwrap_or_else(|| panic!("{table}: {message}"));
    known
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Where a schema allows no other keys, as JSON pointers.
fn closed(schema: &Value, place: &str, found: &mut BTreeSet<String>) {
    let Some(entries) = schema.as_object() else {
        return;
    };
    if schema["additionalProperties"] == false {
        found.insert(place.to_owned());
    }
    for (key, value) in entries {
        closed(value, &format!("{place}/{key}"), found);
    }
}

#[test]
fn each_table_has_the_same_settings() {
    let schema = schema();
    let verify = schema
        .pointer("/properties/preprocessor/properties/verify")
        .unwrap();
    let tables = [
        ("", "%"),
        ("/edition/items", "[[edition]]\n%"),
        ("/proto/additionalProperties", "[proto.x]\n%"),
        ("/perform", "[perform]\n%"),
        ("/prose", "[prose]\n%"),
        ("/rust", "[rust]\n%"),
        ("/schema/additionalProperties", "[schema.x]\n%"),
        ("/shell", "[shell]\n%"),
        (
            "/shell/properties/tool/additionalProperties",
            "[shell.tool.x]\n%",
        ),
        ("/shell/properties/program/items", "[[shell.program]]\n%"),
        ("/shell/properties/name/items", "[[shell.name]]\n%"),
        ("/shell/properties/server/items", "[[shell.server]]\n%"),
        (
            "/shell/properties/server/items/properties/routes",
            "[[shell.server]]\n[shell.server.routes]\n%",
        ),
    ];
    let mut unlisted = BTreeSet::new();
    closed(verify, "", &mut unlisted);
    for (place, table) in tables {
        let place = match place {
            "" => String::new(),
            place => format!("/properties{place}"),
        };
        let described = verify.pointer(&place).unwrap();
        assert!(unlisted.remove(&place), "{place}");
        let described = described["properties"].as_object().unwrap();
        let described: BTreeSet<String> = described.keys().cloned().collect();
        assert_eq!(described, taken(table), "{place}");
    }
    assert!(unlisted.is_empty(), "{unlisted:?}");
}

/// The settings of all books here that are whole ones.
fn books() -> Vec<PathBuf> {
    let root = package().join("../..");
    vec![root.join("book.toml"), package().join("example/book.toml")]
}

#[test]
fn the_books_here_fit() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for book in books() {
        let text = fs::read_to_string(&book).unwrap();
        let settings: Value = toml::from_str(&text).unwrap();
        let errors: Vec<_> = schema.iter_errors(&settings).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", book.display());
        let table = settings["preprocessor"]["verify"].clone();
        let known = serde_json::from_value::<Config>(table);
        assert!(known.is_ok(), "{}: {:?}", book.display(), known.err());
        // A key that is misspelt is refused by both.
        let wrong = text
            .replace("commit = ", "comit = ")
            .replace("sum = ", "summ = ");
        let settings: Value = toml::from_str(&wrong).unwrap();
        assert!(!schema.is_valid(&settings), "{}", book.display());
        let table = settings["preprocessor"]["verify"].clone();
        assert!(
            serde_json::from_value::<Config>(table).is_err(),
            "{}",
            book.display()
        );
    }
}
