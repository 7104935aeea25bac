//! What performing the guide has shown of its blocks.

use crate::attrs::Spanned;
use crate::blocks::Block;
use crate::config::Edition;
use crate::evidence::Kind;
use crate::finding::{Code, Finding};
use crate::proof::Performed;
use crate::recording::{Performance, digest};
use crate::role::Role;
use crate::verdict::Frame;

use super::Run;

impl Run<'_> {
    /// Which steps of an edition ran, and which outputs are what was printed then.
    pub(super) fn performed(&self, edition: &Edition) -> Performed {
        let mut found = Performed::default();
        let Some(performance) = self.recordings.performed(&self.inputs(edition)) else {
            return found;
        };
        if let Ok(performance) = &performance {
            found.at.clone_from(&performance.at);
        }
        let frame = Frame::new(&self.reading.blocks, &edition.name);
        for (index, block) in frame.blocks() {
            match (&block.role, &performance) {
                (Role::Step(_), Ok(performance)) if performance.steps.contains(&block.id) => {
                    found.evidence.insert(index, Kind::Ran);
                }
                (Role::Output { of }, Ok(performance)) => match performance.answer(&of.value) {
                    None => {}
                    Some(printed) if printed == digest(&block.content.text) => {
                        found.evidence.insert(index, Kind::Matched);
                    }
                    Some(_) => found.findings.push(differs(block, of, performance)),
                },
                (Role::Output { .. }, Err(stale)) => {
                    found.reasons.insert(index, stale.message.clone());
                }
                _ => {}
            }
        }
        found.findings.extend(performance.err().map(|stale| *stale));
        found
    }
}

fn differs(block: &Block, of: &Spanned<String>, performance: &Performance) -> Finding {
    let (step, edition, day) = (&of.value, &performance.name, performance.day());
    let message = format!(
        "this is not what the step `{step}` printed when the edition {edition} was performed on {day}"
    );
    let help =
        format!("include answers/{edition}/{step}.txt, which `mdbook-verify perform` writes");
    Finding::at(Code::OUTPUT_DIFFERS, block.info, message)
        .help(help)
        .for_edition(edition)
}
