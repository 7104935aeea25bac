//! The trees of an edition, had only when somebody asks for them.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::base::Fetcher;
use crate::config::{BaseSpec, Edition};
use crate::finding::Finding;
use crate::workspace::Tree;

/// An edition's trees, fetched and listed when somebody asks for them.
pub(super) struct Upstream<'a> {
    pub(super) edition: &'a Edition,
    pub(super) fetcher: &'a Fetcher<'a>,
    trees: OnceCell<Result<BTreeMap<String, Tree>, Box<Finding>>>,
}

impl<'a> Upstream<'a> {
    pub(super) fn new(edition: &'a Edition, fetcher: &'a Fetcher<'a>) -> Self {
        Self {
            edition,
            fetcher,
            trees: OnceCell::new(),
        }
    }

    pub(super) fn trees(&self) -> Result<&BTreeMap<String, Tree>, Box<Finding>> {
        let trees = self.trees.get_or_init(|| self.fetch());
        trees.as_ref().map_err(Clone::clone)
    }

    fn fetch(&self) -> Result<BTreeMap<String, Tree>, Box<Finding>> {
        // What may be known to fail comes first, for the rest is then for nothing: modules where Go
        // is missing, else repositories, of which one may not have answered a moment ago.
        let modules_first = self.fetcher.go.is_err();
        let mut bases: Vec<_> = self.edition.base.iter().collect();
        bases.sort_by_key(|(_, spec)| matches!(spec, BaseSpec::Module(_)) != modules_first);
        let mut trees = BTreeMap::new();
        for (name, spec) in bases {
            let base = self
                .fetcher
                .fetch(name, spec)
                .map_err(|finding| Box::new(finding.for_edition(&self.edition.name)))?;
            trees.insert(name.clone(), Tree::new(base)?);
        }
        Ok(trees)
    }
}
