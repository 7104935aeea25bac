//! The sort of text that decides how something is checked.

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Go source.
    Go,
    /// A protobuf definition.
    Proto,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// TOML.
    Toml,
    /// Anything else.
    Other,
}

impl Matter {
    /// What a file is, by its name.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        path.rsplit_once('.')
            .map_or(Self::Other, |(_, extension)| Self::named(extension))
    }

    /// What a fence's language, or a file's extension, stands for.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "go" => Self::Go,
            "proto" | "protobuf" => Self::Proto,
            "yaml" | "yml" => Self::Yaml,
            "json" => Self::Json,
            "toml" => Self::Toml,
            _ => Self::Other,
        }
    }

    /// The language to write after a fence's backticks.
    #[must_use]
    pub fn language(self) -> Option<&'static str> {
        match self {
            Self::Go => Some("go"),
            Self::Proto => Some("protobuf"),
            Self::Yaml => Some("yaml"),
            Self::Json => Some("json"),
            Self::Toml => Some("toml"),
            Self::Other => None,
        }
    }
}
