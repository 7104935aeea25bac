//! Questions that a program need not be asked twice: which version it has, where its things are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::tool::Call;
use crate::verdict::{Key, content};
use crate::workspace::put;

/// What programs answered, kept for as long as nothing that they answered from has changed.
#[derive(Clone, Debug)]
pub struct Memory {
    folder: Option<PathBuf>,
}

impl Memory {
    /// Answers are kept in a folder of `cache`.
    #[must_use]
    pub fn new(cache: &Path) -> Self {
        Self {
            folder: Some(cache.join("asked")),
        }
    }

    /// Every question is asked.
    #[must_use]
    pub fn none() -> Self {
        Self { folder: None }
    }

    /// What `read` makes of what the program prints, without the space around it, now or when it was
    /// asked before.
    ///
    /// The answer may depend on the build of the program, on the words, the folder and the
    /// environment of the call, and on `files`, of which any may be missing.
    ///
    /// # Errors
    /// Why it could not answer, or why its answer cannot be read. Only answers that can be are kept, and
    /// believed: what was kept may have been lost with a machine's power.
    pub fn ask<T>(
        &self,
        call: Call<'_>,
        files: &[PathBuf],
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, String> {
        let kept = self.folder.as_ref().map(|folder| {
            let mut key = Key::default();
            key.add(&call.question());
            for file in files {
                key.add(&file.display().to_string());
                // Not every file system keeps a time that tells one text from the next.
                key.add(&content(file).unwrap_or_default());
            }
            folder.join(format!("{}.txt", key.finish()))
        });
        let known = kept.as_ref().and_then(|kept| fs::read_to_string(kept).ok());
        let known = known.filter(|known| !known.is_empty());
        if let Some(known) = known.and_then(|known| read(&known).ok()) {
            return Ok(known);
        }
        let name = call.name();
        let answer = call.run().map_err(|error| error.to_string())?;
        let printed = match String::from_utf8(answer.stdout.clone()) {
            Ok(printed) if answer.ok() => printed,
            _ => return Err(format!("`{name}` failed with {}", answer.complaint())),
        };
        let printed = printed.trim();
        let answer = read(printed)?;
        if let Some(kept) = kept {
            // That it could not be kept costs time in the next run, nothing else.
            let _ = put(&kept, printed.as_bytes());
        }
        Ok(answer)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::tool;

    /// A script that notes each call, and prints what stands in a file.
    const SCRIPT: &str = "echo called >> calls; cat answer";

    struct Asked {
        dir: tempfile::TempDir,
        memory: Memory,
    }

    impl Asked {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let memory = Memory::new(dir.path());
            let asked = Self { dir, memory };
            asked.write("answer", "1");
            asked
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.dir.path().join(name), text).unwrap();
        }

        fn ask(&self, word: &str, variable: &str) -> Result<String, String> {
            let shell = tool::find("sh", None).unwrap();
            let call = Call::new(&shell, self.dir.path())
                .args(["-c", SCRIPT, word])
                .envs([("VARIABLE", variable)]);
            let files = [self.dir.path().join("answer")];
            self.memory.ask(call, &files, |said| Ok(said.to_owned()))
        }

        fn calls(&self) -> usize {
            let calls = fs::read_to_string(self.dir.path().join("calls"));
            calls.unwrap_or_default().lines().count()
        }
    }

    #[test]
    fn what_was_answered_is_not_asked_again_until_something_has_changed() {
        let asked = Asked::new();
        for _ in 0..2 {
            assert_eq!(asked.ask("a", "b").as_deref(), Ok("1"));
        }
        assert_eq!(asked.calls(), 1);
        asked.ask("other", "b").unwrap();
        asked.ask("a", "other").unwrap();
        assert_eq!(asked.calls(), 3);
        asked.write("answer", "2");
        assert_eq!(asked.ask("a", "b").as_deref(), Ok("2"));
        assert_eq!(asked.calls(), 4);
    }

    #[test]
    fn what_was_kept_and_lost_is_asked_again() {
        let asked = Asked::new();
        asked.ask("a", "b").unwrap();
        for kept in fs::read_dir(asked.dir.path().join("asked")).unwrap() {
            fs::write(kept.unwrap().path(), "").unwrap();
        }
        assert_eq!(asked.ask("a", "b").as_deref(), Ok("1"));
        assert_eq!(asked.calls(), 2);
    }

    #[test]
    fn a_failure_is_not_kept() {
        let asked = Asked::new();
        fs::remove_file(asked.dir.path().join("answer")).unwrap();
        for _ in 0..2 {
            let why = asked.ask("a", "b").unwrap_err();
            assert!(why.starts_with("`sh` failed with exit status 1"), "{why}");
        }
        assert_eq!(asked.calls(), 2);
    }

    #[test]
    fn without_a_folder_each_question_is_asked() {
        let asked = Asked {
            memory: Memory::none(),
            ..Asked::new()
        };
        asked.ask("a", "b").unwrap();
        asked.ask("a", "b").unwrap();
        assert_eq!(asked.calls(), 2);
    }
}
