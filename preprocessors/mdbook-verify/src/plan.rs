//! The plan: what the blocks do, in document order, for one edition. Pure.

use std::ops::Range;

use crate::attrs::Spanned;
use crate::blocks::Block;
use crate::config::{Config, Edition};
use crate::finding::{Code, Finding, Span, nearest};
use crate::patch::{self, Hunk, PatchError};
use crate::role::Role;

/// One operation on the tree.
#[derive(Clone, Debug)]
pub struct Op {
    /// Index of its block.
    pub block: usize,
    /// What it does.
    pub kind: OpKind,
    /// The base whose tree it works on.
    pub base: String,
    /// The path in that tree, checked by [`tree_path`].
    pub path: String,
    /// The error it must cause, in which case it does not stay.
    pub fails: Option<String>,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub enum OpKind {
    /// Creates the file.
    Create,
    /// Appends to the file.
    Append,
    /// Edits the file.
    Patch(Vec<Hunk>),
    /// Asserts that the block occurs in the file.
    Fragment,
}

/// The operations of one edition.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The edition's name.
    pub edition: String,
    /// The operations, in document order.
    pub ops: Vec<Op>,
}

impl Plan {
    /// Reads the plan of an edition from the blocks.
    #[must_use]
    pub fn new(edition: &Edition, blocks: &[Block]) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let serving = blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| block.serves(&edition.name));
        let ops = serving
            .filter_map(|(index, block)| op(edition, index, block, &mut findings))
            .collect();
        let plan = Self {
            edition: edition.name.clone(),
            ops,
        };
        let findings = findings
            .into_iter()
            .map(|f| f.for_edition(&edition.name))
            .collect();
        (plan, findings)
    }
}

/// `edition=` names that book.toml does not have.
#[must_use]
pub fn unknown_editions(config: &Config, blocks: &[Block]) -> Vec<Finding> {
    let known = || config.edition.iter().map(|edition| edition.name.as_str());
    let named = blocks
        .iter()
        .flat_map(|block| block.editions.iter().flatten());
    named
        .filter(|name| !known().any(|known| known == name.value))
        .map(|name| {
            let near = nearest(&name.value, known()).map(|near| format!("did you mean `{near}`?"));
            let message = format!("the book has no edition `{}`", name.value);
            Finding::at(Code::EDITION_UNKNOWN, name.span, message).maybe_help(near)
        })
        .collect()
}

fn op(edition: &Edition, index: usize, block: &Block, findings: &mut Vec<Finding>) -> Option<Op> {
    // A block that speaks of no path needs no base; one that it names must be there all the same.
    let Some(target) = block.role.target() else {
        if block.base.is_some() || block.role == Role::Tree {
            base_of(edition, block, findings);
        }
        return None;
    };
    let base = base_of(edition, block, findings)?;
    let path = match tree_path(&target.value) {
        Ok(path) => path,
        Err(why) => {
            findings.push(Finding::at(Code::PATH_REFUSED, target.span, why));
            return None;
        }
    };
    let kind = match &block.role {
        Role::Create(_) => OpKind::Create,
        Role::Append(_) => OpKind::Append,
        Role::Patch(_) => OpKind::Patch(hunks(block, findings)?),
        Role::Fragment(_) => OpKind::Fragment,
        _ => return None,
    };
    let fails = block.role.edit().and_then(|edit| edit.fails.as_ref());
    Some(Op {
        block: index,
        kind,
        base,
        path,
        fails: fails.map(|text| text.value.clone()),
    })
}

/// The base that a block means, if the edition has it; if not, [`Plan::new`] has said so.
#[must_use]
pub fn base_meant<'e>(edition: &'e Edition, block: &Block) -> Option<&'e str> {
    let named = block.base.as_ref().map(|base| base.value.as_str());
    let name = named.unwrap_or(edition.default_base());
    edition
        .base
        .get_key_value(name)
        .map(|(name, _)| name.as_str())
}

fn base_of(edition: &Edition, block: &Block, findings: &mut Vec<Finding>) -> Option<String> {
    let default = edition.default_base().to_owned();
    let place = block.role.target().map_or(block.info, |target| target.span);
    let named = block.base.clone().unwrap_or(Spanned {
        value: default,
        span: place,
    });
    if edition.base.contains_key(&named.value) {
        return Some(named.value);
    }
    let near = nearest(&named.value, edition.base.keys().map(String::as_str));
    let bases: Vec<_> = edition
        .base
        .keys()
        .map(|name| format!("`{name}`"))
        .collect();
    let message = format!("the edition {} has no base `{}`", edition.name, named.value);
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its bases are {}", bases.join(", ")),
    };
    findings.push(Finding::at(Code::BASE_UNKNOWN, named.span, message).help(help));
    None
}

/// A path of a tree as blocks may write it: relative, forward slashes, staying inside.
///
/// # Errors
/// Why the path is refused.
pub fn tree_path(path: &str) -> Result<String, String> {
    let refuse = |why: &str| Err(format!("the path `{path}` is refused: {why}"));
    if path.starts_with('/') || path.get(1..2) == Some(":") {
        return refuse("paths are relative to the tree of the base");
    }
    if path.contains('\\') {
        return refuse("folders are separated by forward slashes");
    }
    if path.chars().any(char::is_control) {
        return refuse("it holds a control character");
    }
    for part in path.split('/') {
        match part {
            "" => return refuse("a part of it is empty"),
            "." | ".." => return refuse("`.` and `..` are no parts of a tree's path"),
            part if part.eq_ignore_ascii_case(".git") => {
                return refuse("git's own folder is no part of the tree");
            }
            _ => {}
        }
    }
    Ok(path.to_owned())
}

fn hunks(block: &Block, findings: &mut Vec<Finding>) -> Option<Vec<Hunk>> {
    match patch::parse(&block.content.text) {
        Ok(hunks) => Some(hunks),
        Err(errors) => {
            findings.extend(
                errors
                    .into_iter()
                    .map(|error| patch_finding(block, "", error)),
            );
            None
        }
    }
}

/// A patch's error as a finding at its place in the block. `path` is the file, where one was read.
#[must_use]
pub fn patch_finding(block: &Block, path: &str, error: PatchError) -> Finding {
    let span = |range: Range<usize>| -> Span { block.content.span(range.start, range.end) };
    let at = |code, range: Range<usize>, message: String| Finding::at(code, span(range), message);
    match error {
        PatchError::Unmarked(range) => at(
            Code::DIFF_MALFORMED,
            range,
            "a line of a diff starts with a space, `-`, `+` or `@@`".into(),
        )
        .help("put a space before a line of context"),
        PatchError::FromGit(range) => at(
            Code::DIFF_MALFORMED,
            range,
            "this line is git's and no part of the change".into(),
        )
        .help("leave it out: file=PATH names the file, and `@@ LINE` with the text of a line of the file narrows the search"),
        PatchError::NoChange(range) => at(
            Code::DIFF_MALFORMED,
            range,
            "nothing is added or removed here".into(),
        )
        .help("mark lines with `+` or `-`; to show a part of a file use fragment=PATH"),
        PatchError::NoOldSide(range) => at(
            Code::DIFF_MALFORMED,
            range,
            "nothing says where these lines go".into(),
        )
        .help("add a line of context, which starts with a space"),
        PatchError::After { range, count: 0 } => at(
            Code::CONTEXT_MISSING,
            range,
            format!("{path} has no line like this one"),
        ),
        PatchError::After { range, count } => at(
            Code::CONTEXT_AMBIGUOUS,
            range,
            format!("{path} has {count} lines like this one"),
        )
        .help("name a line that occurs once"),
        PatchError::Missing { range, instead } => {
            let finding = at(
                Code::CONTEXT_MISSING,
                range.clone(),
                format!("{path} does not have this line here"),
            );
            match instead {
                Some((line, text)) => {
                    finding.help(instead_help(line, &text, &block.content.text[range]))
                }
                None => finding.help(
                    "at this step of the guide the file has no such line; compare byte for byte",
                ),
            }
        }
        PatchError::Ambiguous { range, lines } => {
            let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
            let message = format!(
                "these lines occur {} times in {path}: at lines {}",
                lines.len(),
                lines.join(", ")
            );
            at(Code::CONTEXT_AMBIGUOUS, range, message)
                .help("add context, or narrow the search with `@@ LINE`")
        }
        PatchError::Overlap(range) => at(
            Code::HUNKS_OVERLAP,
            range,
            "another hunk of this diff changes these lines too".into(),
        )
        .help("join the two hunks"),
    }
}

fn instead_help(line: usize, text: &str, wanted: &str) -> String {
    if text.trim() == wanted.trim() {
        return format!(
            "line {line} differs only in white space: it is {text:?}, the block has {wanted:?}"
        );
    }
    format!("did you mean line {line}: `{}`?", text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for good in ["a", "a/b.go", "a..b/c", "été/x", "a b"] {
            assert_eq!(tree_path(good).as_deref(), Ok(good));
        }
        for bad in [
            "/etc/passwd",
            "../a",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "C:/x",
            "a\\b",
            "a\0b",
            ".git/config",
            "x/.GIT/y",
            "",
        ] {
            assert!(tree_path(bad).is_err(), "{bad:?}");
        }
    }
}
