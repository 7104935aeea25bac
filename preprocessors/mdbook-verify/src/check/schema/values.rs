//! Data of any format as JSON values.

use serde_json::Value;

use crate::matter::Matter;

/// The documents of a text. YAML may have several, the others have one.
///
/// # Errors
/// What cannot be had as JSON: YAML's `.nan`, or keys that are lists.
pub(super) fn values(matter: Matter, text: &str) -> Result<Vec<Value>, String> {
    let one = |result: Result<Value, String>| result.map(|value| vec![value]);
    match matter {
        Matter::Json => one(serde_json::from_str(text).map_err(|error| error.to_string())),
        Matter::Toml => one(toml::from_str(text).map_err(|error| error.message().to_owned())),
        _ => serde_saphyr::from_multiple(text).map_err(|error| error.without_snippet().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_format_becomes_json() {
        let wanted = Ok(vec![json!({"a": [1, "b"], "c": {"d": true}})]);
        let texts = [
            (Matter::Json, "{\"a\": [1, \"b\"], \"c\": {\"d\": true}}"),
            (Matter::Toml, "a = [1, \"b\"]\nc.d = true\n"),
            (Matter::Yaml, "a: &x [1, b]\nc: {d: true}\n"),
        ];
        for (matter, text) in texts {
            assert_eq!(values(matter, text), wanted, "{text}");
        }
        let two = values(Matter::Yaml, "a: 1\n---\nb: ''\n").unwrap();
        assert_eq!(two, [json!({"a": 1}), json!({"b": ""})]);
        assert!(values(Matter::Yaml, "a: .nan\n").is_err());
    }
}
