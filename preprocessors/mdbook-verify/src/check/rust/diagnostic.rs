//! What rustc says in JSON, reduced to what a finding needs.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// An error of rustc.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Problem {
    /// The error's code, such as `E0308`.
    pub(super) code: Option<String>,
    pub(super) message: String,
    /// Where it is, the most telling place first; none if rustc names no file of the tree.
    pub(super) spots: Vec<Spot>,
    /// What rustc suggests.
    pub(super) help: Option<String>,
}

/// A place in a source file, with what rustc says about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spot {
    /// Absolute.
    pub(super) file: PathBuf,
    pub(super) bytes: Range<usize>,
    pub(super) label: Option<String>,
}

/// A diagnostic as rustc prints it.
#[derive(Deserialize)]
pub(super) struct Printed {
    message: String,
    code: Option<PrintedCode>,
    level: String,
    spans: Vec<PrintedSpan>,
    children: Vec<Printed>,
}

#[derive(Deserialize)]
struct PrintedCode {
    code: String,
}

#[derive(Deserialize)]
struct PrintedSpan {
    file_name: PathBuf,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
    label: Option<String>,
    suggested_replacement: Option<String>,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: PrintedSpan,
}

/// The errors among what rustc printed, one JSON object a line. Paths are relative to `root`, and
/// only what lies below it can be a place.
pub(super) fn read(printed: &str, root: &Path) -> Vec<Problem> {
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    lines
        .filter_map(|line| serde_json::from_str::<Printed>(line).ok())
        .filter_map(|printed| printed.problem(root))
        .collect()
}

impl Printed {
    /// The error that it tells of. The last words of rustc, which only count, are none.
    pub(super) fn problem(self, root: &Path) -> Option<Problem> {
        let counts = self.spans.is_empty() && self.message.starts_with("aborting due to");
        if !self.level.starts_with("error") || counts {
            return None;
        }
        let label = self.spans.iter().find(|span| span.is_primary);
        let label = label.and_then(|span| span.label.clone());
        let code = self.code.map(|code| code.code);
        let mut message = self.message;
        if let Some(label) = label.filter(|label| !message.contains(label.as_str())) {
            message = format!("{message}: {label}");
        }
        if let Some(code) = &code {
            message = format!("{message} ({code})");
        }
        let mut spans = self.spans;
        spans.sort_by_key(|span| !span.is_primary);
        Some(Problem {
            code,
            message,
            spots: spans.iter().filter_map(|span| span.spot(root)).collect(),
            help: self.children.iter().find_map(Printed::suggestion),
        })
    }

    /// The first suggestion.
    fn suggestion(&self) -> Option<String> {
        if self.level != "help" {
            return None;
        }
        let new = self
            .spans
            .iter()
            .find_map(|span| span.suggested_replacement.as_deref());
        Some(match new.map(str::trim).filter(|new| !new.is_empty()) {
            Some(new) => format!("{}: `{new}`", self.message),
            None => self.message.clone(),
        })
    }
}

impl PrintedSpan {
    /// The place below `root`: of the span itself, else of the macro call that it comes from.
    fn spot(&self, root: &Path) -> Option<Spot> {
        let mut span = self;
        loop {
            let file = root.join(&span.file_name);
            if file.starts_with(root) && file.is_file() {
                return Some(Spot {
                    file,
                    bytes: span.byte_start..span.byte_end,
                    label: self.label.clone(),
                });
            }
            span = &span.expansion.as_ref()?.span;
        }
    }
}
