//! The report as workflow commands of GitHub Actions, which shows them at the lines of a change.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::finding::{Finding, Place, Severity};

use super::{Located, Report, summary};

/// One command for each finding, then the summary. `repository` is the folder of the repository
/// that the book is in: GitHub's paths are relative to it.
#[must_use]
pub fn github(report: &Report, repository: &Path) -> String {
    let inside = report
        .book
        .strip_prefix(repository)
        .unwrap_or(Path::new(""));
    let mut text = String::new();
    for finding in &report.findings {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", command(report, finding, inside));
    }
    text + &summary(report)
}

fn command(report: &Report, finding: &Finding, inside: &Path) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(at) = place(report, finding) {
        let file = inside.join(&at.file);
        let file: Vec<_> = file.iter().map(|part| part.to_string_lossy()).collect();
        properties.push(("file", file.join("/")));
        properties.push(("line", at.line.to_string()));
        properties.push(("endLine", at.end_line.to_string()));
        // GitHub takes columns only within one line.
        if at.line == at.end_line {
            properties.push(("col", at.column.to_string()));
            properties.push(("endColumn", at.end_column.to_string()));
        }
    }
    properties.push((
        "title",
        format!("{} {}", finding.code.id, finding.code.title),
    ));
    let properties: Vec<_> = properties
        .iter()
        .map(|(key, value)| format!("{key}={}", property(value)))
        .collect();
    format!(
        "::{name} {}::{}",
        properties.join(","),
        data(&message(report, finding))
    )
}

/// A file of the repository: that of the finding, or for one in upstream's text that of the first
/// block which caused it.
fn place(report: &Report, finding: &Finding) -> Option<Located> {
    let related = finding.related.iter().map(|related| &related.place);
    let mut places = std::iter::once(&finding.place).chain(related);
    let place =
        places.find(|place| !matches!(place, Place::Upstream { .. } | Place::Environment))?;
    report.located(place)
}

fn message(report: &Report, finding: &Finding) -> String {
    let mut message = finding.message.clone();
    if let (Place::Upstream { .. }, Some(at)) = (&finding.place, report.located(&finding.place)) {
        let _ = write!(
            message,
            "\nat {}:{}:{}, in upstream's text",
            at.file, at.line, at.column
        );
    }
    if let Some(edition) = &finding.edition {
        let _ = write!(message, "\nedition {edition}");
    }
    if let Some(help) = &finding.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    message
}

/// What is left of a text's meaning to the command's reader is taken from it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The folder of the repository that a book is in: `workspace`, which GitHub names, if the book is
/// in it, else the nearest folder that git knows, else the book's own.
#[must_use]
pub fn repository(book: &Path, workspace: Option<PathBuf>) -> PathBuf {
    let workspace = workspace.and_then(|folder| std::fs::canonicalize(folder).ok());
    workspace
        .filter(|folder| book.starts_with(folder))
        .or_else(|| {
            let mut folders = book.ancestors();
            let found = folders.find(|folder| folder.join(".git").exists());
            found.map(Path::to_path_buf)
        })
        .unwrap_or_else(|| book.to_path_buf())
}
