//! What steps printed, as files that chapters include: `answers/EDITION/STEP.txt` in the book's
//! source folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::config::Edition;
use crate::recording::{Answer, digest};
use crate::workspace::put;

/// What steps printed, by their ids.
#[derive(Debug, Default)]
pub(super) struct Printed {
    texts: BTreeMap<String, String>,
}

fn folder(src: &Path, edition: &Edition) -> PathBuf {
    src.join("answers").join(&edition.name)
}

impl Printed {
    pub(super) fn add(&mut self, step: &str, text: &str) {
        let text = format!("{}\n", text.trim_end());
        self.texts.insert(step.to_owned(), text);
    }

    pub(super) fn answers(&self) -> Vec<Answer> {
        let answer = |(of, text): (&String, &String)| Answer {
            of: of.clone(),
            digest: digest(text),
        };
        self.texts.iter().map(answer).collect()
    }

    /// Writes the files of an edition, and removes those that are of no step any more.
    pub(super) fn write(&self, src: &Path, edition: &Edition) -> Result<(), String> {
        let folder = folder(src, edition);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(format!("{} cannot be removed: {error}", folder.display()));
            }
            _ => {}
        }
        for (step, text) in &self.texts {
            let file = folder.join(format!("{step}.txt"));
            put(&file, text.as_bytes()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// How it differs from the files that are there.
    pub(super) fn differences(&self, src: &Path, edition: &Edition) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for (step, text) in &self.texts {
            let file = folder(src, edition).join(format!("{step}.txt"));
            let before = fs::read_to_string(&file)
                .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            if comparable(&before) != comparable(text) {
                found.push(format!(
                    "the step `{step}` printed before:\n{before}and now:\n{text}"
                ));
            }
        }
        Ok(found)
    }
}

/// Addresses are the machine's, and ports may be whatever was free.
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b").ok());

/// A text without what another machine prints otherwise.
fn comparable(text: &str) -> String {
    match &*ADDRESS {
        Some(address) => address.replace_all(text, "ADDRESS").into_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::comparable;

    #[test]
    fn only_addresses_may_differ() {
        let key = comparable("openim/x/192.0.2.2:10340\n");
        assert_eq!(key, comparable("openim/x/10.0.0.7:43121\n"));
        assert_ne!(key, comparable("openim/y/192.0.2.2:10340\n"));
        assert_ne!(comparable("v0.0.73"), comparable("v0.0.74"));
    }
}
