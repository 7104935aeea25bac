//! The report as `JUnit` XML, which most CI servers show.
//!
//! A test suite is an edition, a test case one of its blocks, with the chapter as its class. Findings
//! outside of blocks are cases of their own; those of no edition have a suite of their own.

use quick_junit::{
    NonSuccessKind, Report as Xml, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use crate::finding::{Finding, Place, Severity};

use super::{BlockState, Report};

/// The suite of findings that belong to no edition.
const BOOK: &str = "book";

/// The report. In strict mode what is unproven has failed, else it was skipped.
///
/// # Errors
/// When it cannot be written as XML.
pub fn junit(report: &Report, strict: bool) -> Result<String, SerializeError> {
    let mut xml = Xml::new("mdbook-verify");
    for edition in &report.editions {
        let states = report.states.iter();
        let blocks = states.filter(|state| state.edition == edition.name);
        let mut cases: Vec<_> = blocks.map(|state| block(report, state, strict)).collect();
        let outside = report.findings.iter().filter(|finding| {
            is_outside(report, finding)
                && finding.edition.is_some()
                && concerns(finding, &edition.name)
        });
        cases.extend(outside.map(|finding| case_of(report, finding, strict)));
        add_suite(&mut xml, &edition.name, cases);
    }
    let findings = report.findings.iter();
    let of_book =
        findings.filter(|finding| is_outside(report, finding) && finding.edition.is_none());
    let cases: Vec<_> = of_book
        .map(|finding| case_of(report, finding, strict))
        .collect();
    if !cases.is_empty() {
        add_suite(&mut xml, BOOK, cases);
    }
    xml.to_string()
}

fn add_suite(xml: &mut Xml, name: &str, cases: Vec<TestCase>) {
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases);
    xml.add_test_suite(suite);
}

fn is_outside(report: &Report, finding: &Finding) -> bool {
    report.block_of(finding).is_none()
}

/// Whether a finding was made for this edition. Editions that share a finding are named in a list.
fn concerns(finding: &Finding, edition: &str) -> bool {
    let named = finding.edition.as_deref();
    named.is_none_or(|names| names.split(", ").any(|name| name == edition))
}

fn block(report: &Report, state: &BlockState, strict: bool) -> TestCase {
    let block = &report.blocks[state.block];
    let findings = report.findings.iter();
    let findings: Vec<_> = findings
        .filter(|finding| {
            let inside = finding
                .span()
                .is_some_and(|span| block.span.contains(&span));
            inside && concerns(finding, &state.edition)
        })
        .collect();
    let worst = findings.iter().min_by_key(|finding| finding.severity);
    let status = match worst {
        Some(worst) if counts(worst, strict) => {
            let mut status = failure(report, worst);
            let all: Vec<_> = findings
                .iter()
                .map(|finding| in_full(report, finding))
                .collect();
            status.set_description(all.join("\n\n"));
            status
        }
        _ if state.proven => TestCaseStatus::success(),
        _ => {
            let reason = state.reason.as_deref().unwrap_or("not proven");
            let mut status = if strict && state.needs.is_some() {
                TestCaseStatus::non_success(NonSuccessKind::Failure)
            } else {
                TestCaseStatus::skipped()
            };
            status.set_message(first_line(reason));
            status
        }
    };
    let mut case = TestCase::new(block.id.as_str(), status);
    case.set_classname(report.chapter(block.span.chapter));
    if let Some(evidence) = state.evidence.last() {
        let how = format!(
            "{} against {} on {}",
            evidence.kind.name(),
            evidence.against,
            evidence.at
        );
        case.set_system_out(how);
    }
    case
}

/// A finding outside of blocks, as a case.
fn case_of(report: &Report, finding: &Finding, strict: bool) -> TestCase {
    let place = report.located(&finding.place);
    let name = match &place {
        Some(at) => format!(
            "{} at {}:{}:{}",
            finding.code.id, at.file, at.line, at.column
        ),
        None => finding.code.id.to_owned(),
    };
    let mut status = if counts(finding, strict) {
        failure(report, finding)
    } else {
        TestCaseStatus::skipped()
    };
    status.set_message(first_line(&finding.message));
    status.set_description(in_full(report, finding));
    let mut case = TestCase::new(name, status);
    case.set_classname(match finding.place {
        Place::Chapter(span) => report.chapter(span.chapter),
        _ => place.map_or_else(|| "surroundings".to_owned(), |at| at.file),
    });
    case
}

/// Whether a finding fails the run.
fn counts(finding: &Finding, strict: bool) -> bool {
    strict || Report::is_error(finding)
}

/// What is wrong with the guide is a failure, what is wrong with the surroundings an error.
fn failure(report: &Report, finding: &Finding) -> TestCaseStatus {
    let kind = if finding.code.is_of_environment() {
        NonSuccessKind::Error
    } else {
        NonSuccessKind::Failure
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(format!("{} {}", finding.code.id, finding.code.title));
    status.set_message(first_line(&finding.message));
    status.set_description(in_full(report, finding));
    status
}

/// Of an attribute, XML makes one line anyway.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn in_full(report: &Report, finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut lines = vec![format!(
        "{severity}[{}]: {}",
        finding.code.id, finding.message
    )];
    if let Some(at) = report.located(&finding.place) {
        lines.push(format!("at {}:{}:{}", at.file, at.line, at.column));
    }
    for related in &finding.related {
        if let Some(at) = report.located(&related.place) {
            lines.push(format!(
                "and {}:{}:{}: {}",
                at.file, at.line, at.column, related.message
            ));
        }
    }
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}
