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
    /// A Go module's own file, or lines of one.
    GoMod,
    /// Commands of a shell.
    Shell,
    /// Rust source.
    Rust,
    /// A Mermaid diagram.
    Mermaid,
    /// Anything else.
    Other,
}

impl Matter {
    /// What a file is, by its name.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        match name.rsplit_once('.') {
            _ if name == "go.mod" => Self::GoMod,
            Some((_, extension)) => Self::named(extension),
            None => Self::Other,
        }
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
            "gomod" | "go.mod" => Self::GoMod,
            "bash" | "sh" | "shell" | "zsh" | "console" | "shell-session" | "terminal" => {
                Self::Shell
            }
            "rust" | "rs" => Self::Rust,
            "mermaid" => Self::Mermaid,
            _ => Self::Other,
        }
    }

    /// Whether it is data, which a schema can describe.
    #[must_use]
    pub fn is_data(self) -> bool {
        matches!(self, Self::Yaml | Self::Json | Self::Toml)
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
            Self::GoMod => Some("gomod"),
            Self::Shell => Some("bash"),
            Self::Rust => Some("rust"),
            Self::Mermaid => Some("mermaid"),
            Self::Other => None,
        }
    }
}
