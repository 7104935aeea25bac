//! The finished trees of an edition, written for other tools and for reading.

use std::fs;
use std::path::Path;

use crate::book::Book;
use crate::config::Edition;
use crate::progress::Progress;
use crate::report::{Exit, Report};
use crate::workspace::{self, Lock};

use super::{Options, TURN, Trust, cache_folder, folders, lock_file, verify};

/// Writes an edition's finished trees into a new folder, if nothing is wrong with them. Unproven
/// blocks do not stand in the way.
///
/// # Errors
/// Why the trees cannot be written there.
pub fn stitch(
    book: &Book,
    options: &Options,
    edition: &Edition,
    out: &Path,
) -> Result<Report, String> {
    let options = Options {
        quick: true,
        cached: false,
        trust: Trust::Folders,
        editions: Some(vec![edition.name.clone()]),
        ..options.clone()
    };
    let report = verify(book, &options);
    if report.exit(true) != Exit::CannotRun && report.exit(false) == Exit::Proven {
        copy_out(&cache_folder(&book.root), edition, out, options.progress)?;
    }
    Ok(report)
}

fn copy_out(cache: &Path, edition: &Edition, out: &Path, progress: Progress) -> Result<(), String> {
    let _lock = Lock::take(&lock_file(cache, edition), TURN, progress)
        .map_err(|error| error.to_string())?;
    match fs::read_dir(out).map(|mut entries| entries.next().is_some()) {
        Ok(true) => {
            return Err(format!(
                "{} is not empty; stitch writes into a new or empty folder",
                out.display()
            ));
        }
        Ok(false) => {}
        Err(_) => fs::create_dir_all(out)
            .map_err(|error| format!("{} cannot be created: {error}", out.display()))?,
    }
    workspace::copy(&folders(cache, edition).root, out).map_err(|error| error.to_string())
}
