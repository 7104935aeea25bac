//! Where the pages of files show a file. What upstream has and the guide changes has a page to itself;
//! what the guide creates stands together on one, which is read as a whole and costs mdBook little.

use crate::steps::Step;
use crate::workspace::FileKey;

use super::listing;

/// Where a file of an edition is shown.
pub(super) struct Address {
    /// The page, as the path of a chapter.
    pub(super) page: String,
    /// The id of the file's heading, if the guide creates it, so that others are on its page.
    pub(super) heading: Option<String>,
}

impl Address {
    /// Of a file below the folder of an edition's pages. `states` are how its steps leave it.
    pub(super) fn of(folder: &str, key: &FileKey, states: &[&Step]) -> Self {
        let FileKey { base, path } = key;
        let is_created = states
            .first()
            .is_some_and(|step| listing::origins(&step.file).all(|origin| origin.is_some()));
        if is_created {
            Self {
                page: format!("{folder}/created.md"),
                heading: Some(format!("{base}/{path}")),
            }
        } else {
            Self {
                page: format!("{folder}/{base}/{path}.md"),
                heading: None,
            }
        }
    }

    /// The id that shows the file after the step `number`, from 0, of so many.
    pub(super) fn anchor(&self, number: usize, count: usize) -> String {
        let step = match number + 1 {
            last if last == count => "end".to_owned(),
            number => format!("step-{number}"),
        };
        match &self.heading {
            Some(heading) => format!("{heading}:{step}"),
            None => step,
        }
    }
}
