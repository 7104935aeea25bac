//! Inline code against the names that an edition has. What was found is kept apart from the verdict:
//! prose changes often, and nothing of it changes what is compiled.

use std::fs;
use std::path::PathBuf;

use crate::base::Fetcher;
use crate::config::Edition;
use crate::finding::Finding;
use crate::gowork;
use crate::plan::Plan;
use crate::prose::{self, Remark, Vocabulary};
use crate::tool;
use crate::verdict::Key;
use crate::workspace::{self, put};

use super::{Run, Upstream};

impl Run<'_> {
    /// The doubts about inline code that all editions share, except where `findings` speak of the
    /// same words.
    pub(super) fn doubts(&mut self, findings: &[Finding]) -> Vec<Finding> {
        let remarks = std::mem::take(&mut self.remarks);
        let all = remarks.len() == self.book.config.edition.len();
        let reading = self.reading;
        let mut doubts = prose::findings(remarks, all, &reading.code, &reading.documents);
        let spoken_of = prose::spoken_of(findings);
        doubts.extend(prose::unused(&self.book.config.prose, &reading.code));
        doubts.retain(|doubt| {
            let place = doubt.span();
            !spoken_of
                .iter()
                .any(|span| place.is_some_and(|place| span.contains(&place)))
        });
        doubts
    }

    /// The doubts about inline code in the light of an edition; none if its trees cannot be had.
    pub(super) fn remarks(
        &self,
        edition: &Edition,
        plan: &Plan,
        upstream: &Upstream<'_>,
    ) -> Option<Vec<Remark>> {
        if self.reading.code.is_empty() {
            return Some(Vec::new());
        }
        let kept = self.kept_remarks(edition, upstream.fetcher)?;
        let known = || serde_json::from_slice(&fs::read(&kept).ok()?).ok();
        if let Some(remarks) = known().filter(|_| self.options.cached) {
            return Some(remarks);
        }
        let remarks = self.new_remarks(edition, plan, upstream).ok()?;
        // That they could not be kept costs time in the next run, nothing else.
        if let Ok(json) = serde_json::to_vec(&remarks) {
            let _ = put(&kept, &json);
        }
        Some(remarks)
    }

    /// Where the remarks are kept, named by all that can change them.
    fn kept_remarks(&self, edition: &Edition, fetcher: &Fetcher<'_>) -> Option<PathBuf> {
        let mut key = Key::default();
        key.add(&tool::own_identity());
        key.add(&edition.name);
        key.add(&format!("{:?}", self.book.config.prose));
        for (name, spec) in &edition.base {
            key.add(name);
            key.add(&fetcher.digest(name, spec).ok()?);
        }
        key.add(&self.shared.text);
        let name = format!("{}.json", key.finish());
        Some(self.cache.join("prose").join(name))
    }

    fn new_remarks(
        &self,
        edition: &Edition,
        plan: &Plan,
        upstream: &Upstream<'_>,
    ) -> Result<Vec<Remark>, Box<Finding>> {
        let trees = upstream.trees()?;
        let (stitch, _) = workspace::fold(plan, trees, &self.reading.blocks);
        let modules = gowork::modules(edition, trees, &stitch);
        let words: Vec<_> = trees
            .values()
            .flat_map(|tree| prose::words_of_tree(tree, &self.cache))
            .collect();
        let vocabulary = Vocabulary::new(
            trees,
            &stitch,
            modules.into_iter().map(|module| module.path).collect(),
            &words,
            &self.reading.blocks,
            &self.reading.documents,
        );
        let settings = &self.book.config.prose;
        Ok(prose::remarks(&self.reading.code, &vocabulary, settings))
    }
}
