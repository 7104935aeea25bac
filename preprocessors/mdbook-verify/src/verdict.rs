//! Verdicts: what the checks of one edition found out, kept on disk under a key of everything that
//! could change it.
//!
//! Places in a verdict are relative to their blocks, so that it still holds when prose around the
//! blocks moves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::Source;
use crate::blocks::{self, Block};
use crate::evidence::{Kind, Origin};
use crate::finding::{Finding, Place, Span};
use crate::workspace::put;

/// A base as it was when the verdict was reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BaseUsed {
    /// Its name.
    pub name: String,
    /// The module or repository.
    pub module: String,
    /// The version or commit.
    pub version: String,
    /// The sum of a module, which its pin has.
    pub sum: Option<String>,
    /// How it was had.
    pub source: Source,
}

impl BaseUsed {
    /// The version for a line of text: of a commit the first digits.
    #[must_use]
    pub fn short(&self) -> &str {
        let is_commit = matches!(self.version.len(), 40 | 64)
            && self.version.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_commit {
            &self.version[..9]
        } else {
            &self.version
        }
    }

    /// The base in full; one that was not held against its pin says so.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{}{} {}", self.stand_in(), self.module, self.version)
    }

    /// What stands before the name of a base that was not held against its pin.
    #[must_use]
    pub fn stand_in(&self) -> &'static str {
        match self.source {
            Source::Directory => "a folder in place of ",
            Source::Module | Source::Git | Source::Recorded => "",
        }
    }
}

/// What the checks of one edition found out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// When it was reached, in UTC.
    pub at: String,
    /// Whether it was reached here.
    #[serde(default)]
    pub source: Origin,
    /// The bases.
    pub bases: Vec<BaseUsed>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The strongest evidence of each block.
    pub evidence: BTreeMap<usize, Kind>,
    /// Why a block has less than it needs.
    pub reasons: BTreeMap<usize, String>,
}

impl Verdict {
    /// Whether it was reached by looking at the trees. They have at least one base.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.source == Origin::Live && !self.bases.is_empty()
    }
}

/// Some blocks, such as those of one edition, which give a verdict its relative places.
pub struct Frame<'a> {
    blocks: &'a [Block],
    /// Their indices.
    serving: Vec<usize>,
}

impl<'a> Frame<'a> {
    /// The frame of an edition.
    #[must_use]
    pub fn new(blocks: &'a [Block], edition: &str) -> Self {
        Self::of(blocks, |block| block.serves(edition))
    }

    /// The frame of the blocks of an edition that need its bases: those shown from a package have a
    /// verdict of their own.
    #[must_use]
    pub fn on_bases(blocks: &'a [Block], edition: &str) -> Self {
        Self::of(blocks, |block| {
            block.serves(edition) && block.crate_file.is_none()
        })
    }

    /// The frame of some blocks.
    #[must_use]
    pub fn of(blocks: &'a [Block], wanted: impl Fn(&Block) -> bool) -> Self {
        let serving = blocks.iter().enumerate();
        let serving = serving.filter(|(_, block)| wanted(block));
        Self {
            blocks,
            serving: serving.map(|(index, _)| index).collect(),
        }
    }

    /// The blocks, with their indices.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> + Clone {
        self.serving
            .iter()
            .map(|index| (*index, &self.blocks[*index]))
    }

    /// A verdict whose places do not depend on where the blocks stand. None if it speaks of a
    /// place outside of them.
    fn relative(&self, verdict: &Verdict) -> Option<Verdict> {
        let ordinal = |index: usize| self.serving.binary_search(&index).ok();
        let span = |span: Span| {
            let index = blocks::holding(self.blocks, &span)?;
            let start = self.blocks[index].span.start;
            Some(Span::new(
                ordinal(index)?,
                span.start - start,
                span.end - start,
            ))
        };
        mapped(verdict, span, ordinal)
    }

    fn absolute(&self, verdict: &Verdict) -> Option<Verdict> {
        let index = |ordinal: usize| self.serving.get(ordinal).copied();
        let span = |span: Span| {
            let block = &self.blocks[index(span.chapter)?].span;
            Some(Span::new(
                block.chapter,
                span.start + block.start,
                span.end + block.start,
            ))
        };
        mapped(verdict, span, index)
    }
}

fn mapped(
    verdict: &Verdict,
    span: impl Fn(Span) -> Option<Span>,
    number: impl Fn(usize) -> Option<usize>,
) -> Option<Verdict> {
    let findings: Option<Vec<_>> = verdict
        .findings
        .iter()
        .map(|finding| map_places(finding, &span))
        .collect();
    let evidence: Option<_> = verdict
        .evidence
        .iter()
        .map(|(block, kind)| Some((number(*block)?, *kind)))
        .collect();
    let reasons: Option<_> = verdict
        .reasons
        .iter()
        .map(|(block, why)| Some((number(*block)?, why.clone())))
        .collect();
    Some(Verdict {
        at: verdict.at.clone(),
        source: verdict.source,
        bases: verdict.bases.clone(),
        findings: findings?,
        evidence: evidence?,
        reasons: reasons?,
    })
}
fn map_places(finding: &Finding, map: &impl Fn(Span) -> Option<Span>) -> Option<Finding> {
    let place = |place: &Place| match place {
        Place::Chapter(span) => map(*span).map(Place::Chapter),
        other => Some(other.clone()),
    };
    let mut mapped = finding.clone();
    mapped.place = place(&finding.place)?;
    for related in &mut mapped.related {
        related.place = place(&related.place)?;
    }
    Some(mapped)
}

/// Where verdicts are kept.
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store below the verifier's cache folder.
    #[must_use]
    pub fn new(cache: &Path) -> Self {
        Self {
            folder: cache.join("verdicts"),
        }
    }

    /// The verdict under `key`, if there is one that can be read.
    #[must_use]
    pub fn load(&self, key: &str, frame: &Frame<'_>) -> Option<Verdict> {
        let bytes = fs::read(self.path(key)).ok()?;
        frame.absolute(&serde_json::from_slice(&bytes).ok()?)
    }

    /// Keeps a verdict. That it could not be kept costs time in the next run, nothing else.
    pub fn save(&self, key: &str, frame: &Frame<'_>, verdict: &Verdict) {
        let Some(relative) = frame.relative(verdict) else {
            return;
        };
        if let Ok(json) = serde_json::to_vec(&relative) {
            let _ = put(&self.path(key), &json);
        }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// A digest of what stands in a file, for keys; none if it is no file, or cannot be read.
pub(crate) fn content(file: &Path) -> Option<String> {
    let bytes = file.is_file().then(|| fs::read(file))?.ok()?;
    Some(blake3::hash(&bytes).to_hex().to_string())
}

/// A key made of everything that can change a verdict.
#[derive(Default)]
pub struct Key {
    hasher: blake3::Hasher,
}

impl Key {
    /// Adds a part. Parts do not run into one another.
    pub fn add(&mut self, part: &str) {
        self.hasher.update(&(part.len() as u64).to_le_bytes());
        self.hasher.update(part.as_bytes());
    }

    /// The key.
    #[must_use]
    pub fn finish(&self) -> String {
        self.hasher.finalize().to_hex()[..32].to_owned()
    }
}
