//! The report: what a run found out. One file per format; the model knows none of them.

mod github;
mod json;
mod junit;
mod list;
mod obtained;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::blocks::{self, Block};
use crate::evidence::{Evidence, Kind};
use crate::finding::{Finding, Place, Severity, Span};
use crate::placeholder::Placeholder;
use crate::source::{Document, Sources};
use crate::steps::Steps;
use crate::verdict::BaseUsed;

pub use github::{github, repository};
pub use json::json;
pub use junit::junit;
pub use list::list;
pub use obtained::Obtained;
pub use text::{summary, text};

/// What a run found out.
#[derive(Debug)]
pub struct Report {
    /// The book's root.
    pub book: PathBuf,
    /// The versions of the tools that took part.
    pub tools: BTreeMap<String, String>,
    /// The editions that were verified.
    pub editions: Vec<EditionState>,
    /// The files that the text comes from.
    pub sources: Sources,
    /// The chapters.
    pub documents: Vec<Document>,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// Where the text asks for what was found, in reading order.
    pub placeholders: Vec<(Placeholder, Span)>,
    /// What is proven, for each block and edition that it serves.
    pub states: Vec<BlockState>,
    /// The files that the blocks touch, of the editions whose trees were at hand, if somebody asked for
    /// them.
    pub steps: Vec<Steps>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// How long the run took.
    pub seconds: f64,
    /// Whether every verdict came from an earlier run.
    pub cached: bool,
}

/// An edition as it was verified.
#[derive(Clone, Debug, Serialize)]
pub struct EditionState {
    /// Its name.
    pub name: String,
    /// Its bases.
    pub bases: Vec<BaseUsed>,
}

/// What is proven about a block for one edition.
#[derive(Clone, Debug)]
pub struct BlockState {
    /// Index of the block.
    pub block: usize,
    /// The edition.
    pub edition: String,
    /// What it must have; none if it is illustrative.
    pub needs: Option<Kind>,
    /// What it has.
    pub evidence: Vec<Evidence>,
    /// Whether it has what it must have.
    pub proven: bool,
    /// Why it is not proven.
    pub reason: Option<String>,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong.
    Proven,
    /// Something is wrong.
    Findings,
    /// The run could not do what it should.
    CannotRun,
}

impl Exit {
    /// The exit status.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Proven => 0,
            Self::Findings => 1,
            Self::CannotRun => 2,
        }
    }
}

impl Report {
    /// How the run ends. In strict mode a warning, an unproven block or a missing tool fails.
    #[must_use]
    pub fn exit(&self, strict: bool) -> Exit {
        let environment = |finding: &Finding| finding.code.is_of_environment();
        if self
            .findings
            .iter()
            .any(|finding| Self::is_error(finding) && !environment(finding))
        {
            Exit::Findings
        } else if strict && self.findings.iter().any(environment) {
            Exit::CannotRun
        } else if strict && (!self.findings.is_empty() || !self.all_proven()) {
            Exit::Findings
        } else {
            Exit::Proven
        }
    }

    /// Whether a finding fails also a run that is not strict.
    #[must_use]
    pub fn is_error(finding: &Finding) -> bool {
        finding.severity == Severity::Error && !finding.code.is_of_environment()
    }

    /// How many findings are of this severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    }

    fn all_proven(&self) -> bool {
        self.states
            .iter()
            .all(|state| state.proven || state.needs.is_none())
    }

    /// Findings in reading order; those outside of the text first.
    pub(crate) fn sorted(mut self) -> Self {
        self.findings
            .sort_by(|a, b| (a.span(), a).cmp(&(b.span(), b)));
        self.findings.dedup();
        self
    }

    /// A place for people: file, line and column, end line and end column, all from 1.
    #[must_use]
    pub fn located(&self, place: &Place) -> Option<Located> {
        match place {
            Place::Chapter(span) => {
                let document = &self.documents[span.chapter];
                let (start, end) = document.positions(&(span.start..span.end), &self.sources);
                Some(Located {
                    file: start.file.to_string_lossy().into_owned(),
                    line: start.line,
                    column: start.column,
                    end_line: end.line,
                    end_column: end.column,
                })
            }
            Place::Upstream {
                base,
                path,
                line,
                column,
            } => Some(Located {
                file: format!("{base}:{path}"),
                line: *line,
                column: *column,
                end_line: *line,
                end_column: *column,
            }),
            Place::Book { path, line, column } => Some(Located {
                file: path.clone(),
                line: *line,
                column: *column,
                end_line: *line,
                end_column: *column,
            }),
            Place::Recordings { line, column } => Some(Located {
                file: crate::recording::FILE.into(),
                line: *line,
                column: *column,
                end_line: *line,
                end_column: *column,
            }),
            Place::Config => Some(Located {
                file: "book.toml".into(),
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 1,
            }),
            Place::Environment => None,
        }
    }

    /// The file of a chapter, relative to the book's root.
    #[must_use]
    pub fn chapter(&self, number: usize) -> String {
        let file = self.documents[number].file();
        self.sources.get(file).path.to_string_lossy().into_owned()
    }

    /// The findings within a block. They are sorted, so only those near it are looked at.
    #[must_use]
    pub fn findings_in(&self, block: &Block) -> Vec<&Finding> {
        let start = (block.span.chapter, block.span.start);
        let before = |finding: &Finding| {
            finding
                .span()
                .is_none_or(|span| (span.chapter, span.start) < start)
        };
        let first = self.findings.partition_point(before);
        self.findings[first..]
            .iter()
            .map_while(|finding| Some((finding, finding.span()?)))
            .take_while(|(_, span)| {
                span.chapter == block.span.chapter && span.start <= block.span.end
            })
            .filter(|(_, span)| block.span.contains(span))
            .map(|(finding, _)| finding)
            .collect()
    }

    /// The block in which a finding is.
    #[must_use]
    pub fn block_of(&self, finding: &Finding) -> Option<&Block> {
        let index = blocks::holding(&self.blocks, &finding.span()?)?;
        Some(&self.blocks[index])
    }
}

/// A place for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The file, relative to the book's root; `BASE:PATH` for one of upstream.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// The line of the last byte.
    pub end_line: usize,
    /// One past the column of the last byte.
    pub end_column: usize,
}

#[cfg(test)]
mod tests;
