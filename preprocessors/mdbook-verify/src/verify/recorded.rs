//! What proofs.lock has to say in a run.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::Source;
use crate::book::Book;
use crate::config::Edition;
use crate::evidence::Origin;
use crate::finding::{Code, Finding};
use crate::progress::Progress;
use crate::recording::{Inputs, Recording, Recordings, Standing};
use crate::verdict::{Frame, Verdict};
use crate::workspace::Lock;

use super::{Options, Run, TURN, Trust, base_used, cache_folder, nothing};

/// Holds proofs.lock, from reading it to writing it. No edition has this name.
pub(crate) fn lock(book: &Book, progress: Progress) -> Result<Lock, String> {
    let path = cache_folder(&book.root).join(".proofs.lock");
    Lock::take(&path, TURN, progress).map_err(|error| format!("{}: {error}", path.display()))
}

/// Holds the folder in which an edition is performed.
pub(crate) fn stage(cache: &Path, edition: &Edition, progress: Progress) -> Result<Lock, String> {
    let path = cache.join(format!(".performed.{}.lock", edition.name));
    Lock::take(&path, TURN, progress).map_err(|error| format!("{}: {error}", path.display()))
}

/// A finding as a sentence.
pub(crate) fn in_words(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    }
}

/// What proofs.lock says. What is wrong with it is a finding; then it says nothing.
pub(super) fn read(book: &Book, options: &Options, findings: &mut Vec<Finding>) -> Recordings {
    match Recordings::read(&book.root) {
        // What the trees prove is not taken on trust; what was printed cannot be seen in them.
        Ok(recordings) if options.trust != Trust::Recordings => recordings.performances_only(),
        Ok(recordings) => {
            if options.editions.is_none() {
                findings.extend(recordings.foreign(&book.config.edition));
            }
            recordings
        }
        Err(finding) => {
            findings.push(*finding);
            Recordings::default()
        }
    }
}

impl Run<'_> {
    pub(super) fn inputs<'e>(&'e self, edition: &'e Edition) -> Inputs<'e> {
        let blocks = &self.reading.blocks;
        Inputs::new(edition, &self.book.rules, blocks, &self.shared.digests)
    }

    /// What is known of an edition whose trees could not be examined: what was recorded, if that is
    /// because they cannot be had here, and if nothing has changed since.
    pub(super) fn not_examined(
        &self,
        edition: &Edition,
        frame: &Frame<'_>,
        mut findings: Vec<Finding>,
        why: Finding,
    ) -> Verdict {
        if ![Code::BASE_UNAVAILABLE, Code::TOOL_MISSING].contains(&why.code) {
            return nothing(frame, findings, why);
        }
        let inputs = self.inputs(edition);
        // A missing tool is to be spoken of in any case: with it, more could be proven here.
        let tool = Some(&why).filter(|why| why.code == Code::TOOL_MISSING);
        match self.recordings.standing(&inputs) {
            Standing::Missing => nothing(frame, findings, why),
            Standing::Current(recording) => {
                findings.extend(tool.cloned());
                recorded(&inputs, recording, findings)
            }
            Standing::Stale(stale) => {
                findings.extend(tool.cloned());
                let help = format!(
                    "{}; here {}",
                    stale.help.as_deref().unwrap_or_default(),
                    why.message
                );
                nothing(frame, findings, stale.help(help))
            }
        }
    }

    /// What is wrong with the recording of an edition that was examined here.
    pub(super) fn stale(&self, edition: &Edition) -> Option<Finding> {
        self.recordings.of(&edition.name)?;
        match self.recordings.standing(&self.inputs(edition)) {
            Standing::Stale(finding) => Some(*finding),
            _ => None,
        }
    }
}

/// What a recording says.
fn recorded(inputs: &Inputs<'_>, recording: &Recording, findings: Vec<Finding>) -> Verdict {
    let day = recording.day();
    // The digests are the same, so the blocks are, one by one.
    let blocks = inputs.blocks().zip(&recording.blocks);
    let evidence: BTreeMap<_, _> = blocks
        .map(|((index, _), block)| (index, block.evidence))
        .collect();
    let reasons = evidence.iter().map(|(index, kind)| {
        let reason = format!("when it was recorded on {day} it was {} only", kind.name());
        (*index, reason)
    });
    Verdict {
        at: recording.at.clone(),
        source: Origin::Recorded,
        bases: inputs
            .edition()
            .base
            .iter()
            .map(|(name, spec)| base_used(name, spec, Source::Recorded))
            .collect(),
        findings,
        reasons: reasons.collect(),
        evidence,
    }
}
