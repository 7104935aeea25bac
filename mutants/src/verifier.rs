//! The verifier, asked as a reader's editor would ask it: as a program, for its JSON report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mdbook_verify::finding::Code;
use mdbook_verify::tool::Call;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// How long a check may take. A quick one takes seconds, a whole one a minute; the machine may be
/// busy with other things.
const QUICK: Duration = Duration::from_secs(5 * 60);
const FULL: Duration = Duration::from_secs(20 * 60);

/// The program.
pub(crate) struct Verifier {
    program: PathBuf,
    /// Where the book's tools are, since a copy of the book has none.
    tools: PathBuf,
    /// Only these editions; none means all.
    editions: Vec<String>,
}

/// What a check reports, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    editions: Vec<Edition>,
    blocks: Vec<Block>,
    pub(crate) findings: Vec<Finding>,
}

/// An edition of upstream.
#[derive(Debug, Deserialize)]
struct Edition {
    name: String,
    /// None where upstream's source cannot be had.
    bases: Vec<IgnoredAny>,
}

/// A block of the book.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Block {
    pub(crate) id: String,
    /// Relative to the book.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) end_line: usize,
    pub(crate) language: String,
    pub(crate) role: String,
    pub(crate) target: Option<String>,
}

/// Something that the verifier objects to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) severity: String,
    /// None where the surroundings are at fault.
    pub(crate) file: Option<String>,
    pub(crate) line: Option<usize>,
    pub(crate) end_line: Option<usize>,
    pub(crate) message: String,
    related: Vec<Related>,
}

/// Another place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Related {
    file: Option<String>,
    line: Option<usize>,
}

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Types only.
    Quick,
    /// Everything.
    Full,
}

impl Verifier {
    pub(crate) fn new(program: PathBuf, tools: PathBuf) -> Self {
        Self {
            program,
            tools,
            editions: Vec::new(),
        }
    }

    /// The same for some editions only.
    pub(crate) fn for_editions(self, editions: Vec<String>) -> Self {
        Self { editions, ..self }
    }

    /// What names it: its text, and the editions that it is asked about.
    pub(crate) fn identity(&self) -> Result<String> {
        let bytes = std::fs::read(&self.program)
            .with_context(|| format!("{} cannot be read", self.program.display()))?;
        let hash = blake3::hash(&bytes).to_hex();
        Ok(format!("{hash} {}", self.editions.join(" ")))
    }

    /// Checks a book. A verifier that does not answer as it should is an error.
    pub(crate) fn check(&self, book: &Path, depth: Depth) -> Result<Report> {
        let (more, limit) = match depth {
            Depth::Quick => (Some("--quick"), QUICK),
            Depth::Full => (None, FULL),
        };
        let answer = Call::new(&self.program, book)
            .args(["check", "--format", "json"])
            .args(more)
            .args(self.editions.iter().flat_map(|name| ["--edition", name]))
            .envs(std::env::vars_os())
            .envs([("MDBOOK_PREPROCESSOR__VERIFY__TOOLS", &self.tools)])
            .limit(limit)
            .run()?;
        if !matches!(answer.status, Some(0 | 1)) {
            bail!("the verifier ended with {}", answer.complaint());
        }
        serde_json::from_slice(&answer.stdout).context("its report cannot be read")
    }
}

impl Report {
    /// The editions that are checked here, on upstream's source.
    pub(crate) fn live_editions(&self) -> Vec<String> {
        let live = self.editions.iter().filter(|one| !one.bases.is_empty());
        live.map(|edition| edition.name.clone()).collect()
    }

    /// The blocks, each once: one that serves several editions is reported for each.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut seen = BTreeSet::new();
        let blocks = self.blocks.iter().filter(|block| seen.insert(&block.id));
        blocks.cloned().collect()
    }
}

impl Finding {
    pub(crate) fn is_error(&self) -> bool {
        self.severity == "error"
    }

    /// Whether a tool, the network or the disk is at fault, so that nothing is said of the book.
    pub(crate) fn is_of_environment(&self) -> bool {
        Code::find(&self.id).is_some_and(Code::is_of_environment)
    }

    /// The lines it points at, if it points into this block and nowhere else.
    pub(crate) fn lines_in(&self, block: &Block) -> Option<std::ops::RangeInclusive<usize>> {
        let lines = self.line?..=self.end_line?;
        let inside = self.file.as_ref() == Some(&block.file)
            && *lines.start() >= block.line
            && *lines.end() <= block.end_line;
        inside.then_some(lines)
    }

    /// Whether it stands elsewhere, but all its further places are in this block: then it says
    /// that the block is at fault, and no other.
    pub(crate) fn leads_to(&self, block: &Block) -> bool {
        let inside = |place: &Related| {
            let lines = block.line..=block.end_line;
            place.file.as_ref() == Some(&block.file)
                && place.line.is_some_and(|line| lines.contains(&line))
        };
        !self.related.is_empty() && self.related.iter().all(inside)
    }
}
