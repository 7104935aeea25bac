//! Blocks that are shown from a Rust package of the book's repository. They need no base: what they
//! prove is found out once, here, and holds for all editions.

use crate::blocks::Block;
use crate::check;
use crate::evidence::Origin;
use crate::tool;
use crate::verdict::{Frame, Key, Store, Verdict};

use super::{Run, chosen, linked, nothing, now};

impl Run<'_> {
    /// The verdict on the blocks that the chosen editions show from packages.
    pub(super) fn shown(&mut self) -> Verdict {
        let editions: Vec<_> = chosen(self.book, self.options).collect();
        let is_shown = |block: &Block| {
            let mut editions = editions.iter();
            block.crate_file.is_some() && editions.any(|edition| block.serves(&edition.name))
        };
        let frame = Frame::of(&self.reading.blocks, is_shown);
        if frame.blocks().next().is_none() {
            return Verdict::default();
        }
        if let Some(link) = &self.link {
            self.all_cached = false;
            return nothing(&frame, Vec::new(), linked(link));
        }
        let (key, store) = (self.key_of_shown(&frame), Store::new(&self.cache));
        if let Some(known) = store.load(&key, &frame).filter(|_| self.options.cached) {
            return known;
        }
        self.all_cached = false;
        let outcome = check::shown(
            frame.blocks(),
            &self.rust,
            &self.cache,
            self.options.progress,
        );
        let verdict = Verdict {
            at: now(),
            source: Origin::Live,
            bases: Vec::new(),
            findings: outcome.findings,
            evidence: outcome.evidence,
            reasons: outcome.reasons,
        };
        let mut findings = verdict.findings.iter();
        if !findings.any(|finding| finding.code.is_of_environment()) {
            store.save(&key, &frame, &verdict);
        }
        verdict
    }

    fn key_of_shown(&self, frame: &Frame<'_>) -> String {
        let mut key = Key::default();
        key.add("shown from packages");
        key.add(&tool::own_identity());
        key.add(&self.rust.identity());
        for (name, digest) in &self.shared.packages {
            key.add(name);
            key.add(digest);
        }
        self.add_blocks(&mut key, frame);
        for (_, block) in frame.blocks() {
            key.add(&format!("{:?}", block.crate_file));
        }
        key.finish()
    }
}
