//! Where the pages of files show a file. A tree has one page, on which each file that the guide touches
//! has a heading: so it is read as a whole, and costs mdBook less than a page for each file.

use crate::workspace::FileKey;

/// Where a file of an edition is shown.
pub(super) struct Address {
    /// The page, as the path of a chapter.
    pub(super) page: String,
    /// The id of the file's heading.
    pub(super) heading: String,
}

impl Address {
    /// Of a file of an edition, whose pages stand below this folder.
    pub(super) fn of(folder: &str, edition: &str, key: &FileKey) -> Self {
        Self {
            page: page(folder, edition, &key.base),
            heading: key.path.clone(),
        }
    }

    /// The id that shows the file after the step `number`, from 0, of so many.
    pub(super) fn anchor(&self, number: usize, count: usize) -> String {
        match number + 1 {
            last if last == count => format!("{}:end", self.heading),
            number => format!("{}:step-{number}", self.heading),
        }
    }
}

/// The page of a tree of an edition, as the path of a chapter.
pub(super) fn page(folder: &str, edition: &str, base: &str) -> String {
    format!("{folder}/{edition}/{base}.md")
}
