//! `[preprocessor.verify.schema.NAME]`: what data must be.

use serde::Deserialize;

use super::{Edition, Pattern};

/// What the data of some files and blocks must be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Table")]
pub struct Schema {
    /// How data is held against it.
    pub kind: SchemaKind,
    /// Patterns of the paths, in the tree of its base, that it applies to by itself.
    files: Vec<Pattern>,
    /// The base whose tree `files` speaks of; none means the edition's default. A probe is compiled
    /// in it.
    base: Option<String>,
    /// The editions that it is for; none means all.
    edition: Option<Vec<String>>,
}

/// How data is held against a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaKind {
    /// By a Go program of the book, compiled with the stitched trees. The path in
    /// the book's folder, of a file or of a folder of such.
    Probe(String),
    /// By a JSON Schema. Its path in the book's folder.
    JsonSchema(String),
    /// As a message of the stitched .proto files, by its full name, in the JSON that Go reads.
    Message(String),
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    probe: Option<String>,
    json_schema: Option<String>,
    message: Option<String>,
    #[serde(default)]
    files: Vec<String>,
    base: Option<String>,
    edition: Option<Vec<String>>,
}

impl TryFrom<Table> for Schema {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let kinds = [
            table.probe.map(SchemaKind::Probe),
            table.json_schema.map(SchemaKind::JsonSchema),
            table.message.map(SchemaKind::Message),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            return Err("a schema has one of `probe`, `json-schema` and `message`".into());
        };
        let pattern = |text: &String| {
            Pattern::try_from(text.clone())
                .map_err(|error| format!("the pattern {text:?} of files: {error}"))
        };
        Ok(Self {
            kind,
            files: table.files.iter().map(pattern).collect::<Result<_, _>>()?,
            base: table.base,
            edition: table.edition,
        })
    }
}

impl Schema {
    /// Whether it is for an edition.
    #[must_use]
    pub fn serves(&self, edition: &Edition) -> bool {
        let named = self.edition.as_ref();
        named.is_none_or(|names| names.contains(&edition.name))
            && edition.base.contains_key(self.base(edition))
    }

    /// The base that it belongs to.
    #[must_use]
    pub fn base<'a>(&'a self, edition: &'a Edition) -> &'a str {
        self.base.as_deref().unwrap_or(edition.default_base())
    }

    /// Whether it applies to a file of its base by itself.
    #[must_use]
    pub fn applies_to(&self, path: &str) -> bool {
        self.files.iter().any(|pattern| pattern.0.is_match(path))
    }

    /// The patterns that no path matches.
    pub fn idle<'a>(&'a self, paths: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let idle = |pattern: &&Pattern| !paths.iter().any(|path| pattern.0.is_match(path));
        let idle = self.files.iter().filter(idle);
        idle.map(|pattern| pattern.0.glob().glob())
    }

    /// The path in the book's folder that it is read from.
    #[must_use]
    pub fn book_path(&self) -> Option<&str> {
        match &self.kind {
            SchemaKind::Probe(path) | SchemaKind::JsonSchema(path) => Some(path),
            SchemaKind::Message(_) => None,
        }
    }

    /// What of it no edition has.
    pub(super) fn check(&self, name: &str, editions: &[Edition], errors: &mut Vec<String>) {
        for named in self.edition.iter().flatten() {
            if !editions.iter().any(|edition| edition.name == *named) {
                errors.push(format!(
                    "the schema {name:?} is for the edition {named:?}, which the book does not have"
                ));
            }
        }
        if let Some(base) = &self.base
            && !editions
                .iter()
                .any(|edition| edition.base.contains_key(base))
        {
            errors.push(format!(
                "the schema {name:?} belongs to the base {base:?}, which no edition has"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> Result<Schema, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_schema_is_of_one_kind() {
        let probe = schema("probe = \"probes/x.go\"").unwrap();
        assert_eq!(probe.kind, SchemaKind::Probe("probes/x.go".into()));
        assert_eq!(probe.book_path(), Some("probes/x.go"));
        for text in ["", "probe = \"a\"\nmessage = \"b\"", "files = [\"a\"]"] {
            let error = schema(text).unwrap_err();
            assert!(error.contains("a schema has one of"), "{error}");
        }
        let error = schema("prob = \"a\"").unwrap_err();
        assert!(error.contains("unknown field `prob`"), "{error}");
        let error = schema("probe = \"a\"\nfiles = [\"a[\"]").unwrap_err();
        assert!(error.contains("the pattern \"a[\" of files"), "{error}");
    }

    #[test]
    fn patterns_know_folders() {
        let schema =
            schema("message = \"m\"\nfiles = [\"config/*.yml\", \"k8s/**/*.yaml\"]").unwrap();
        assert!(schema.applies_to("config/a.yml"));
        assert!(!schema.applies_to("config/deep/a.yml"));
        assert!(schema.applies_to("k8s/a/b/c.yaml"));
        assert_eq!(
            schema.idle(&["config/a.yml"]).collect::<Vec<_>>(),
            ["k8s/**/*.yaml"]
        );
    }
}
