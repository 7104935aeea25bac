//! What a block is in the procedure, read from its attributes.

use crate::attrs::{Attribute, Info, Spanned};
use crate::finding::{Code, Finding, Place, Span, is_near};
use crate::matter::Matter;

/// Languages that blocks are written in: those that mdBook colours, and what else is common.
const LANGUAGES: &str = "apache bash c clojure cmake coffeescript console cpp csharp css csv d dart diff \
    dockerfile elixir erlang fish go gomod graphql handlebars haskell hcl html http ini \
    java javascript json json5 jsonc jsonl julia kotlin latex less lua makefile markdown \
    matlab mermaid nginx nim nix objectivec ocaml perl php plain plaintext powershell \
    properties proto protobuf python r ruby rust scala scss shell sql svelte svg swift \
    terminal text toml typescript vue wasm x86asm xml yaml zig zsh";

/// The part that a block plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Creates a file.
    Create(Edit),
    /// Appends to a file.
    Append(Edit),
    /// Edits a file by context, `-` and `+` lines.
    Patch(Edit),
    /// Occurs in a file.
    Fragment(Spanned<String>),
    /// Commands of the procedure.
    Step(Step),
    /// What a step or request printed.
    Output {
        /// The step's id.
        of: Spanned<String>,
    },
    /// A listing of paths.
    Tree,
    /// Data or code that belongs to no file.
    Plain,
    /// Taken out of verification, for a reason.
    Illustrative(Spanned<String>),
}

/// Commands of the procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The folder to run them in.
    pub cwd: Option<Spanned<String>>,
    /// Whether they go on running while the guide goes on.
    pub background: bool,
    /// The background step that the reader ends before this one.
    pub stops: Option<Spanned<String>>,
    /// What they must say as they fail, which they then must.
    pub fails: Option<Spanned<String>>,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file's path in its base.
    pub file: Spanned<String>,
    /// The error that the change must cause; it then stands alone and does not stay.
    pub fails: Option<Spanned<String>>,
}

impl Role {
    /// Its name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Append(_) => "append",
            Self::Patch(_) => "diff",
            Self::Fragment(_) => "fragment",
            Self::Step(_) => "step",
            Self::Output { .. } => "output",
            Self::Tree => "tree",
            Self::Plain => "plain",
            Self::Illustrative(_) => "illustrative",
        }
    }

    /// The path it speaks of, if it speaks of one.
    #[must_use]
    pub fn target(&self) -> Option<&Spanned<String>> {
        match self {
            Self::Create(edit) | Self::Append(edit) | Self::Patch(edit) => Some(&edit.file),
            Self::Fragment(path) => Some(path),
            _ => None,
        }
    }

    /// The commands it has, if it is a step.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        match self {
            Self::Step(step) => Some(step),
            _ => None,
        }
    }

    /// The change it makes, if it makes one.
    #[must_use]
    pub fn edit(&self) -> Option<&Edit> {
        match self {
            Self::Create(edit) | Self::Append(edit) | Self::Patch(edit) => Some(edit),
            _ => None,
        }
    }
}

/// A block's attributes, sorted by what they mean.
pub struct Parts {
    /// `id=`
    pub id: Option<Spanned<String>>,
    /// The role.
    pub role: Role,
    /// `edition=`
    pub editions: Option<Vec<Spanned<String>>>,
    /// `base=`
    pub base: Option<Spanned<String>>,
    /// `as=`
    pub claims: Option<Spanned<String>>,
    /// `fails=` of data that belongs to no file.
    pub fails: Option<Spanned<String>>,
}

/// Reads the role and its parts from an info string. What does not go together is a finding at its
/// place; the rest is still read, so that one mistake hides no other.
pub fn read(info: &Info, place: Span, findings: &mut Vec<Finding>) -> Parts {
    let mut attributes = Attributes {
        left: info.attributes.clone(),
    };
    let id = attributes.value("id");
    let editions = attributes.value("edition").map(|names| split_names(&names));
    let base = attributes.value("base");
    let claims = attributes.value("as");
    let role = read_role(info, &mut attributes, place, findings);
    let is_data = role == Role::Plain && Matter::named(&info.language.value).is_data();
    let fails = is_data.then(|| attributes.value("fails")).flatten();
    for left in attributes.left {
        let message = format!(
            "`{}` does not go with a block that is {}",
            left.key.value,
            describe(&role)
        );
        findings.push(Finding::at(
            Code::ATTRIBUTE_CONFLICT,
            left.key.span,
            message,
        ));
    }
    untested_rust(info, &role, findings);
    findings.extend(language_of_file(info, &role).or_else(|| misspelt_language(info)));
    Parts {
        id,
        role,
        editions,
        base,
        claims,
        fails,
    }
}

struct Attributes {
    left: Vec<Attribute>,
}

impl Attributes {
    fn take(&mut self, key: &str) -> Option<Attribute> {
        let index = self.left.iter().position(|a| a.key.value == key)?;
        Some(self.left.remove(index))
    }

    fn value(&mut self, key: &str) -> Option<Spanned<String>> {
        self.take(key)?.value
    }
}

fn read_role(
    info: &Info,
    attributes: &mut Attributes,
    place: Span,
    findings: &mut Vec<Finding>,
) -> Role {
    if let Some(reason) = attributes.value("illustrative") {
        return Role::Illustrative(reason);
    }
    if let Some(file) = attributes.value("file") {
        let fails = attributes.value("fails");
        let edit = Edit { file, fails };
        let append = attributes.take("append");
        return match (info.language.value.as_str(), append) {
            ("diff", None) => Role::Patch(edit),
            ("diff", Some(append)) => {
                let message = "a diff says itself where its lines go, so it cannot append";
                findings.push(Finding::at(
                    Code::ATTRIBUTE_CONFLICT,
                    append.key.span,
                    message,
                ));
                Role::Patch(edit)
            }
            (_, Some(_)) => Role::Append(edit),
            (_, None) => Role::Create(edit),
        };
    }
    if let Some(append) = attributes.take("append") {
        findings.push(
            Finding::at(
                Code::ATTRIBUTE_CONFLICT,
                append.key.span,
                "`append` needs file=PATH",
            )
            .help("name the file to append to"),
        );
    }
    if let Some(path) = attributes.value("fragment") {
        return Role::Fragment(path);
    }
    if attributes.take("step").is_some() {
        return Role::Step(Step {
            cwd: attributes.value("cwd"),
            background: attributes.take("background").is_some(),
            stops: attributes.value("stops"),
            fails: attributes.value("fails"),
        });
    }
    if let Some(output) = attributes.take("output") {
        if let Some(of) = attributes.value("of") {
            return Role::Output { of };
        }
        findings.push(
            Finding::at(
                Code::ATTRIBUTE_CONFLICT,
                output.key.span,
                "`output` needs of=NAME",
            )
            .help("name the step or request that printed it"),
        );
    }
    if attributes.take("tree").is_some() {
        return Role::Tree;
    }
    if info.language.value == "diff" {
        findings.push(
            Finding::at(
                Code::ATTRIBUTE_CONFLICT,
                place,
                "a diff without file= edits nothing",
            )
            .help("name the file: diff file=PATH"),
        );
    }
    Role::Plain
}

fn describe(role: &Role) -> &'static str {
    match role {
        Role::Create(_) => "a new file",
        Role::Append(_) => "appended to a file",
        Role::Patch(_) => "a diff",
        Role::Fragment(_) => "a fragment of a file",
        Role::Step(_) => "a step",
        Role::Output { .. } => "an output",
        Role::Tree => "a tree",
        Role::Plain => "without a file or another role",
        Role::Illustrative(_) => "illustrative",
    }
}

fn split_names(names: &Spanned<String>) -> Vec<Spanned<String>> {
    let mut at = names.span.start;
    let mut found = Vec::new();
    for part in names.value.split(',') {
        let name = part.trim();
        let start = at + part.len() - part.trim_start().len();
        found.push(Spanned {
            value: name.to_owned(),
            span: Span::new(names.span.chapter, start, start + name.len()),
        });
        at += part.len() + 1;
    }
    found
}

/// A misspelt language colours nothing and hides what the block is.
fn misspelt_language(info: &Info) -> Option<Finding> {
    let language = info.language.value.as_str();
    if Matter::named(language) != Matter::Other
        || LANGUAGES.split(' ').any(|known| known == language)
    {
        return None;
    }
    // Short names are near to each other: `ts` and `js` are no slips.
    let mut long = LANGUAGES.split(' ').filter(|known| known.len() > 3);
    let near = long.find(|known| is_near(language, known))?;
    let place = Place::Chapter(info.language.span);
    let message = format!("`{language}` is no language, but almost one");
    let finding = Finding::warning(Code::LANGUAGE_MISSPELT, place, message);
    Some(finding.help(format!("did you mean `{near}`?")))
}

/// The language and the file have to agree.
fn language_of_file(info: &Info, role: &Role) -> Option<Finding> {
    let path = role.target()?;
    let language = info.language.value.as_str();
    let by_diff = language == "diff" && matches!(role, Role::Patch(_));
    let wanted = Matter::of_path(&path.value);
    let name = wanted
        .language()
        .filter(|_| !by_diff && !language.is_empty())?;
    if Matter::named(language) == wanted {
        return None;
    }
    let message = format!(
        "the language `{language}` does not fit the file {}",
        path.value
    );
    let finding = Finding::at(Code::LANGUAGE_OF_FILE, info.language.span, message);
    Some(finding.help(format!("write `{name}`")))
}

/// rustdoc does not run these; the reader should know why.
fn untested_rust(info: &Info, role: &Role, findings: &mut Vec<Finding>) {
    let skipped = info
        .passed_on
        .iter()
        .find(|word| *word == "ignore" || *word == "no_run");
    if let (Some(word), false) = (skipped, matches!(role, Role::Illustrative(_))) {
        let message = format!("a Rust block marked `{word}` is not tested");
        findings.push(
            Finding::at(Code::RUST_UNTESTED, info.language.span, message)
                .help("say why: illustrative=\"…\""),
        );
    }
}
