//! The report for people, in the manner of rustc.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::finding::{Finding, Place, Severity};
use crate::recording;

use super::{Obtained, Report};

/// The most related places that are shown with their text.
const RELATED_SHOWN: usize = 3;

/// All findings and the summary.
#[must_use]
pub fn text(report: &Report, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut text = String::new();
    for finding in &report.findings {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}\n", renderer.render(&[group(report, finding)]));
    }
    text + &summary(report)
}

/// One line: what was proven.
#[must_use]
pub fn summary(report: &Report) -> String {
    let (errors, warnings) = (
        report.count(Severity::Error),
        report.count(Severity::Warning),
    );
    let mut parts = Vec::new();
    for edition in &report.editions {
        let states = || {
            report
                .states
                .iter()
                .filter(|state| state.edition == edition.name)
        };
        let proven = states().filter(|state| state.proven).count();
        let quick = states()
            .filter(|state| state.reason.as_deref() == Some(crate::check::QUICK))
            .count();
        let Obtained { live, recorded } = Obtained::of(report, &edition.name);
        let how = match recorded.first().map(|proof| recording::day(&proof.at)) {
            Some(day) if live.is_empty() => format!(" (recorded on {day})"),
            Some(day) => format!(" ({} recorded on {day})", recorded.len()),
            None if quick > 0 => format!(" ({quick} type checked only)"),
            None => String::new(),
        };
        parts.push(format!(
            "{proven} of {} blocks proven for {}{how}",
            states().count(),
            edition.name
        ));
    }
    let mut line = parts.join(", ");
    for (count, word) in [(errors, "error"), (warnings, "warning")] {
        if count > 0 {
            let _ = write!(
                line,
                "; {count} {word}{}",
                if count == 1 { "" } else { "s" }
            );
        }
    }
    let cached = if report.cached {
        ", from the cache"
    } else {
        ""
    };
    let _ = writeln!(line, " ({:.1} s{cached})", report.seconds);
    line
}

fn group<'a>(report: &'a Report, finding: &'a Finding) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(&finding.message)
        .id(finding.code.id)
        .element(element(
            report,
            &finding.place,
            AnnotationKind::Primary,
            None,
        ));
    for related in finding.related.iter().take(RELATED_SHOWN) {
        group = group.element(element(
            report,
            &related.place,
            AnnotationKind::Context,
            Some(&related.message),
        ));
    }
    if let Some(more) = finding
        .related
        .len()
        .checked_sub(RELATED_SHOWN)
        .filter(|more| *more > 0)
    {
        group = group.element(Level::NOTE.message(format!("and {more} more places")));
    }
    if let Some(edition) = &finding.edition {
        group = group.element(Level::NOTE.message(format!("edition {edition}")));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

/// A part of a report: a snippet of the guide, or the place where no text can be shown.
fn element<'a>(
    report: &'a Report,
    place: &Place,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> annotate_snippets::Element<'a> {
    let Place::Chapter(span) = place else {
        let what = match report.located(place) {
            Some(at) if matches!(place, Place::Config) => at.file,
            Some(at) => {
                let of_upstream = matches!(place, Place::Upstream { .. });
                let whose = if of_upstream {
                    ", in upstream's text"
                } else {
                    ""
                };
                format!("{}:{}:{}{whose}", at.file, at.line, at.column)
            }
            None => "outside of the book's text".to_owned(),
        };
        return Level::NOTE
            .message(format!(
                "at {what}{}",
                label.map(|label| format!(": {label}")).unwrap_or_default()
            ))
            .into();
    };
    let document = &report.documents[span.chapter];
    let (file, region) = document.region(&(span.start..span.end));
    let source = report.sources.get(file);
    // Only the lines that are shown: the renderer reads all that it is given, for each finding.
    let lines = whole_lines(&source.text, &region);
    let mut annotation = kind.span(region.start - lines.start..region.end - lines.start);
    if let Some(label) = label {
        annotation = annotation.label(label);
    }
    Snippet::source(&source.text[lines])
        .line_start(source.line_column(region.start).0)
        .path(source.path.to_string_lossy())
        .annotation(annotation)
        .into()
}

/// The range widened to the lines in which it starts and ends.
fn whole_lines(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |eol| eol + 1);
    let end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |eol| range.end + eol + 1);
    start..end
}
