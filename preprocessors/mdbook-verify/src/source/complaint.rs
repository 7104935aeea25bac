//! What is wrong with a link, before it is known where on the page that will be.

use crate::finding::{Code, Finding, Place, Severity, Span};

/// A finding without its place.
#[derive(Debug)]
pub(super) struct Complaint {
    code: Code,
    severity: Severity,
    message: String,
    help: Option<String>,
}

impl Complaint {
    pub(super) fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn code(&self) -> Code {
        self.code
    }

    pub(super) fn warning(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.maybe_help(Some(help.into()))
    }

    pub(super) fn maybe_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// The finding, about the link as it is written.
    pub(super) fn about(self, link: &str, span: Span) -> Finding {
        let link = link.split_whitespace().collect::<Vec<_>>().join(" ");
        let message = format!("`{link}` {}", self.message);
        let place = Place::Chapter(span);
        let finding = match self.severity {
            Severity::Error => Finding::error(self.code, place, message),
            Severity::Warning => Finding::warning(self.code, place, message),
        };
        finding.maybe_help(self.help)
    }
}
