//! The files that an edition's blocks touch, as each block leaves them.

use std::collections::BTreeMap;

use crate::segments::Stitched;
use crate::workspace::FileKey;

/// A file as a block leaves it, or as it finds it if it changes nothing.
#[derive(Clone, Debug)]
pub struct Step {
    /// Index of the block.
    pub block: usize,
    /// The file.
    pub key: FileKey,
    /// Its text.
    pub file: Stitched,
    /// Whether it is what the next blocks find: not where the block quotes, or shows a mistake.
    pub stays: bool,
}

/// The steps of an edition whose trees are at hand.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// The edition.
    pub edition: String,
    /// The steps, in document order.
    pub steps: Vec<Step>,
    /// The licence of each base that has one.
    pub licences: BTreeMap<String, Licence>,
}

/// What upstream says about the use of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// The name of its file.
    pub file: String,
    /// Its text.
    pub text: String,
}

impl Steps {
    /// The step of a block.
    #[must_use]
    pub fn of(&self, block: usize) -> Option<&Step> {
        self.steps.iter().find(|step| step.block == block)
    }

    /// The files that are changed, with the steps that stay.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&FileKey, Vec<&Step>> {
        let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for step in self.steps.iter().filter(|step| step.stays) {
            files.entry(&step.key).or_default().push(step);
        }
        files
    }
}
