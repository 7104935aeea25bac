//! Data held against a JSON Schema of the book.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::places::Aspect;
use super::{At, Problem, did_you_mean};

/// A JSON Schema, read. References lead nowhere but into itself: nothing is fetched.
pub(super) struct JsonSchema {
    source: Value,
    validator: Validator,
}

impl JsonSchema {
    /// Reads a schema.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let source: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let validator = jsonschema::validator_for(&source).map_err(|error| error.to_string())?;
        Ok(Self { source, validator })
    }

    /// What is wrong with the documents of a text.
    pub(super) fn problems(&self, documents: &[Value]) -> Vec<Problem> {
        let numbered = documents.iter().enumerate();
        numbered
            .flat_map(|(document, value)| {
                let errors = self.validator.iter_errors(value);
                errors.flat_map(move |error| self.explain(document, &error))
            })
            .collect()
    }

    fn explain(&self, document: usize, error: &ValidationError<'_>) -> Vec<Problem> {
        let path = steps(error.instance_path().as_str());
        let at = |path, aspect| At::Path {
            document,
            path,
            aspect,
        };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known = self.properties(error.schema_path().as_str());
                let unknown = |name: &String| Problem {
                    at: at(
                        [&path[..], std::slice::from_ref(name)].concat(),
                        Aspect::Key,
                    ),
                    message: format!("`{name}` is no key that the schema knows here"),
                    help: did_you_mean(name, &known, None),
                };
                unexpected.iter().map(unknown).collect()
            }
            ValidationErrorKind::Type { kind } => {
                let wanted: Vec<_> = match kind {
                    TypeKind::Single(one) => vec![one.to_string()],
                    TypeKind::Multiple(several) => {
                        several.iter().map(|one| one.to_string()).collect()
                    }
                };
                let message = format!(
                    "the schema wants a value of type {} here",
                    wanted.join(" or ")
                );
                vec![Problem {
                    at: at(path, Aspect::Value),
                    message,
                    help: None,
                }]
            }
            _ => vec![Problem {
                at: at(path, Aspect::Value),
                message: format!("the schema refuses this: {error}"),
                help: None,
            }],
        }
    }

    /// The keys that the schema knows beside the keyword at this place of it.
    fn properties(&self, keyword: &str) -> Vec<String> {
        let parent = keyword.rsplit_once('/').map_or("", |(parent, _)| parent);
        let properties = self.source.pointer(&format!("{parent}/properties"));
        let keys = properties.and_then(Value::as_object).map(|map| map.keys());
        keys.into_iter().flatten().cloned().collect()
    }
}

/// The steps of a JSON pointer.
fn steps(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(schema: &Value, value: Value) -> Vec<String> {
        let schema = JsonSchema::read(&schema.to_string()).unwrap();
        let problems = schema.problems(&[value]);
        let show = |problem: &Problem| {
            let At::Path { path, aspect, .. } = &problem.at else {
                panic!("no path")
            };
            let help = problem.help.as_deref().unwrap_or("");
            format!("{} {aspect:?}: {} {help}", path.join("/"), problem.message)
        };
        problems.iter().map(show).collect()
    }

    #[test]
    fn what_is_wrong_is_said_at_its_path() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["a/b"],
            "properties": {"a/b": {"type": "integer", "maximum": 3}, "list": {"items": {"$ref": "#/$defs/x"}}},
            "$defs": {"x": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}, "additionalProperties": false}},
        });
        assert_eq!(problems(&schema, json!({"a/b": 3})), Vec::<String>::new());
        assert_eq!(
            problems(&schema, json!({"a/b": "3"})),
            ["a/b Value: the schema wants a value of type integer here "]
        );
        assert_eq!(
            problems(&schema, json!({"a/b": 4})),
            ["a/b Value: the schema refuses this: 4 is greater than the maximum of 3 "]
        );
        assert_eq!(
            problems(&schema, json!({"a/b": 1, "list": [{}, {"nmae": "x"}]})),
            ["list/1/nmae Key: `nmae` is no key that the schema knows here did you mean `name`?"]
        );
        assert_eq!(
            problems(&schema, json!({"a/b": 1, "list": [{"name": 1}]})),
            ["list/0/name Value: the schema wants a value of type null or string here "]
        );
        assert_eq!(
            problems(&schema, json!({})),
            [" Value: the schema refuses this: \"a/b\" is a required property "]
        );
    }

    #[test]
    fn nothing_is_fetched() {
        let schema = json!({"$ref": "https://example.com/x.json"});
        assert!(JsonSchema::read(&schema.to_string()).is_err());
        assert!(JsonSchema::read("{\"type\": \"objekt\"}").is_err());
        assert!(JsonSchema::read("{").is_err());
    }
}
