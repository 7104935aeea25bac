//! The settings under `[preprocessor.verify]` in book.toml.

mod pattern;
mod perform;
mod prose;
pub mod rules;
mod rust;
mod schema;
mod shell;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::finding::nearest;

pub use pattern::Pattern;
pub use perform::Perform;
pub use prose::Prose;
pub use rust::RustRules;
pub use schema::{Schema, SchemaKind};
pub use shell::{
    Expression, NameSettings, PortSettings, ProgramSettings, RouteSettings, ServerSettings,
    ShellSettings, ToolSettings,
};

/// The base that a block's paths belong to when it names none.
pub const DEFAULT_BASE: &str = "server";

/// What to do about findings when mdBook asks for a book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFinding {
    /// The build fails, with the report printed.
    #[default]
    Fail,
    /// The book is built, with the findings on its pages: for writing with live reload.
    Show,
}

/// All settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// An unproven block, a missing tool or a warning fails.
    pub strict: bool,
    /// Whether findings fail a build or are shown on the page.
    pub findings: OnFinding,
    /// How many blocks may be `illustrative`.
    pub illustrative_max: usize,
    /// Where tools are looked for before `PATH`, relative to the book's root.
    pub tools: Option<PathBuf>,
    /// How many seconds one call of Go or git may take at most; they are stopped then. Without it
    /// the limits are generous, since the first build on a slow machine takes long.
    pub tool_limit: Option<u64>,
    /// The editions, in the order in which readers see them.
    pub edition: Vec<Edition>,
    /// Rules for .proto files, by base.
    pub proto: BTreeMap<String, ProtoRules>,
    /// What performing the guide takes.
    pub perform: Perform,
    /// What inline code may say.
    pub prose: Prose,
    /// What the checks of Rust need to be told.
    pub rust: RustRules,
    /// What data must be, by the name that `as=NAME` gives.
    pub schema: BTreeMap<String, Schema>,
    /// What shell commands may speak of.
    pub shell: ShellSettings,

    // mdBook's own keys of a preprocessor's table; named here so that others can be refused.
    command: Option<toml::Value>,
    before: Option<toml::Value>,
    after: Option<toml::Value>,
    renderers: Option<toml::Value>,
    optional: Option<toml::Value>,
}

/// One version of upstream that the guide supports.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Edition {
    /// Its name, as in `edition=NAME`.
    pub name: String,
    /// Its trees.
    pub base: BTreeMap<String, BaseSpec>,
}

/// Where a pinned upstream tree comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Table")]
pub enum BaseSpec {
    /// A Go module, as the module proxy serves it.
    Module(ModuleSpec),
    /// A commit of a git repository.
    Git(GitSpec),
}

/// A Go module by version and checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleSpec {
    /// The module's path.
    pub module: String,
    /// Its version.
    pub version: String,
    /// The `h1:` checksum of its content.
    pub sum: String,
}

/// A commit of a git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitSpec {
    /// The repository's URL.
    pub git: String,
    /// The full commit id, 40 or 64 hexadecimal digits.
    pub commit: String,
}

/// The keys of a base, the one that says which kind it is first.
const MODULE: [&str; 3] = ["module", "version", "sum"];
const GIT: [&str; 2] = ["git", "commit"];

impl TryFrom<toml::Table> for BaseSpec {
    type Error = String;

    fn try_from(mut table: toml::Table) -> Result<Self, String> {
        match (table.contains_key(MODULE[0]), table.contains_key(GIT[0])) {
            (true, true) => Err("a base has `module` or `git`, not both".into()),
            (true, false) => {
                let [module, version, sum] = texts(&mut table, MODULE)?;
                Ok(Self::Module(ModuleSpec {
                    module,
                    version,
                    sum,
                }))
            }
            (false, true) => {
                let [git, commit] = texts(&mut table, GIT)?;
                Ok(Self::Git(GitSpec { git, commit }))
            }
            (false, false) => Err(neither(&table)),
        }
    }
}

/// The values of these keys, which are all that the table has.
fn texts<const N: usize>(table: &mut toml::Table, keys: [&str; N]) -> Result<[String; N], String> {
    if let Some(unknown) = table.keys().find(|key| !keys.contains(&key.as_str())) {
        let missing = keys.into_iter().filter(|key| !table.contains_key(*key));
        return Err(match nearest(unknown, missing) {
            Some(near) => format!("unknown key `{unknown}`, did you mean `{near}`?"),
            None => format!(
                "unknown key `{unknown}`; a base by `{}` has `{}`",
                keys[0],
                keys.join("` and `")
            ),
        });
    }
    let mut texts = keys.map(|_| String::new());
    for (text, key) in texts.iter_mut().zip(keys) {
        *text = match table.remove(key) {
            Some(toml::Value::String(value)) => value,
            Some(_) => return Err(format!("`{key}` must be text in quotes")),
            None => return Err(format!("the key `{key}` is missing")),
        };
    }
    Ok(texts)
}

/// A base that does not say which kind it is, perhaps for a typo.
fn neither(table: &toml::Table) -> String {
    let known: Vec<_> = MODULE.into_iter().chain(GIT).collect();
    let mut unknown = table.keys().filter(|key| !known.contains(&key.as_str()));
    let typo = unknown.find_map(|key| Some((key, nearest(key, [MODULE[0], GIT[0]])?)));
    match typo {
        Some((key, near)) => format!("unknown key `{key}`, did you mean `{near}`?"),
        None => "a base needs `module` or `git`".into(),
    }
}

impl BaseSpec {
    /// What pins its content. The same pin is the same tree, wherever it comes from.
    #[must_use]
    pub fn pin(&self) -> String {
        match self {
            Self::Module(spec) => format!("{}@{} {}", spec.module, spec.version, spec.sum),
            Self::Git(spec) => format!("git {}", spec.commit.to_ascii_lowercase()),
        }
    }

    /// What the base is, for people: `example.com/mod v1.2.3`, `https://… at 1234567`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Module(spec) => format!("{} {}", spec.module, spec.version),
            Self::Git(spec) => {
                let short = spec.commit.get(..9).unwrap_or(&spec.commit);
                format!("{} at {short}", spec.git)
            }
        }
    }
}

/// How the repository of a base names its .proto files and generates code from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ProtoRules {
    /// Where files stand, such as `{name}/{name}.proto`; `{name}` is the same word in both places.
    pub layout: Option<String>,
    /// What `package` must be, such as `openim.{name}`.
    pub package: Option<String>,
    /// What `option go_package` must be, such as `example.com/protocol/{name}`.
    pub go_package: Option<String>,
    /// Whether the repository removes `,omitempty` from the JSON tags of generated code.
    pub strip_omitempty: bool,
}

impl Config {
    /// The longest that one call of Go or git may take, if the book says so.
    #[must_use]
    pub fn longest_call(&self) -> Option<Duration> {
        self.tool_limit.map(Duration::from_secs)
    }

    /// Checks what types cannot say.
    ///
    /// # Errors
    /// A sentence for each setting that cannot be used.
    pub fn validate(&self) -> Result<(), Vec<String>> {
        let mut errors = Vec::new();
        if self.edition.is_empty() {
            errors.push("no [[preprocessor.verify.edition]] is given, so there is nothing to verify against".to_owned());
        }
        let mut names = BTreeSet::new();
        for edition in &self.edition {
            check_name("edition", &edition.name, &mut errors);
            if !names.insert(&edition.name) {
                errors.push(format!("the edition {:?} is given twice", edition.name));
            }
            if edition.base.is_empty() {
                errors.push(format!("the edition {:?} has no base", edition.name));
            }
            for (name, spec) in &edition.base {
                check_name("base", name, &mut errors);
                check_base(&edition.name, name, spec, &mut errors);
            }
        }
        for (name, schema) in &self.schema {
            schema.check(name, &self.edition, &mut errors);
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// The edition with this name.
    #[must_use]
    pub fn edition(&self, name: &str) -> Option<&Edition> {
        self.edition.iter().find(|edition| edition.name == name)
    }
}

impl Edition {
    /// The base that blocks without `base=` mean: the only one, or the one named `server`.
    #[must_use]
    pub fn default_base(&self) -> &str {
        match self.base.keys().next() {
            Some(only) if self.base.len() == 1 => only,
            _ => DEFAULT_BASE,
        }
    }

    /// The bases that are Go modules, by name.
    pub fn modules(&self) -> impl Iterator<Item = (&str, &ModuleSpec)> {
        let bases = self.base.iter().map(|(name, spec)| (name.as_str(), spec));
        bases.filter_map(|(name, spec)| match spec {
            BaseSpec::Module(spec) => Some((name, spec)),
            BaseSpec::Git(_) => None,
        })
    }
}

/// Names become folders, and words in an info string.
fn check_name(what: &str, name: &str, errors: &mut Vec<String>) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || !name.chars().all(plain) || name.starts_with(['.', '-']) {
        errors.push(format!(
            "the {what} name {name:?} cannot be used: letters, digits, '.', '-' and '_' only, starting with a letter or digit"
        ));
    }
}

fn check_base(edition: &str, name: &str, spec: &BaseSpec, errors: &mut Vec<String>) {
    match spec {
        BaseSpec::Module(spec) if !spec.sum.starts_with("h1:") => errors.push(format!(
            "the base {name} of the edition {edition} pins the sum {:?}, which is no h1: checksum",
            spec.sum
        )),
        BaseSpec::Git(spec)
            if !matches!(spec.commit.len(), 40 | 64)
                || !spec.commit.chars().all(|c| c.is_ascii_hexdigit()) =>
        {
            errors.push(format!(
                "the base {name} of the edition {edition} needs the full commit id, not {:?}: a tag or branch can move",
                spec.commit
            ));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<BaseSpec, String> {
        let config = toml::from_str::<toml::Value>(&format!(
            "[[edition]]\nname = \"e\"\n[edition.base.server]\n{text}"
        ));
        // By way of a value, as mdBook's own settings are read.
        match config.unwrap().try_into::<Config>() {
            Ok(config) => Ok(config.edition[0].base["server"].clone()),
            Err(error) => Err(error.to_string().trim().to_owned()),
        }
    }

    #[test]
    fn a_base_is_a_module_or_a_repository() {
        assert_eq!(
            base("module = \"m\"\nversion = \"v1\"\nsum = \"h1:x\""),
            Ok(BaseSpec::Module(ModuleSpec {
                module: "m".into(),
                version: "v1".into(),
                sum: "h1:x".into()
            }))
        );
        assert_eq!(
            base("git = \"u\"\ncommit = \"c\""),
            Ok(BaseSpec::Git(GitSpec {
                git: "u".into(),
                commit: "c".into()
            }))
        );
    }

    #[test]
    fn a_base_says_which_key_is_wrong() {
        for (text, wanted) in [
            (
                "module = \"m\"\nverson = \"v1\"\nsum = \"h1:x\"",
                "unknown key `verson`, did you mean `version`?",
            ),
            (
                "modul = \"m\"\nversion = \"v1\"\nsum = \"h1:x\"",
                "unknown key `modul`, did you mean `module`?",
            ),
            (
                "module = \"m\"\nsum = \"h1:x\"",
                "the key `version` is missing",
            ),
            ("git = \"u\"\ncomit = \"c\"", "did you mean `commit`?"),
            (
                "git = \"u\"\ncommit = \"c\"\nbranch = \"main\"",
                "unknown key `branch`; a base by `git` has `git` and `commit`",
            ),
            (
                "git = \"u\"\nmodule = \"m\"",
                "a base has `module` or `git`, not both",
            ),
            ("version = \"v1\"", "a base needs `module` or `git`"),
            ("", "a base needs `module` or `git`"),
            ("git = \"u\"\ncommit = 7", "`commit` must be text in quotes"),
        ] {
            let error = base(text).unwrap_err();
            assert!(error.contains(wanted), "{text:?}: {error}");
            assert!(error.contains("edition.base.server"), "{error}");
        }
    }
}
