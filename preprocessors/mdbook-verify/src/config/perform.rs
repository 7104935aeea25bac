//! Settings about performing the guide.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a performance finds beside the guide: `[preprocessor.verify.perform]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Perform {
    /// Programs that run from the start: what the guide takes for granted, such as a database. They
    /// are looked for like all tools, and get no arguments.
    pub beside: Vec<String>,
    /// Variables that the steps find.
    pub env: BTreeMap<String, String>,
}
