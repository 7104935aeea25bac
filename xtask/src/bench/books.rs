//! The books that are measured: copies below `target/bench`, so that the guide itself stays as it is.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process;
use crate::workspace::Workspace;

/// A copy of the guide, and another one without the verifier.
pub(crate) struct Guide<'a> {
    workspace: &'a Workspace,
    with: PathBuf,
    without: PathBuf,
    pages: TempDir,
    /// The chapter in which a line changes, and its text before the line's end and after.
    changing: (PathBuf, String, String),
    changes: Cell<usize>,
}

impl<'a> Guide<'a> {
    pub(crate) fn new(workspace: &'a Workspace) -> Result<Self> {
        let folder = workspace.root().join("target/bench");
        let (with, without) = (folder.join("guide"), folder.join("guide-without"));
        for (copy, is_verified) in [(&with, true), (&without, false)] {
            remove(&copy.join("src"))?;
            for file in repository(workspace)? {
                let (original, copy) = (workspace.root().join(&file), copy.join(&file));
                if !is_verified && Path::new(&file).extension().is_some_and(|end| end == "md") {
                    write(&copy, &shown_is_ignored(&read(&original)?))?;
                } else {
                    copy_file(&original, &copy)?;
                }
            }
        }
        let settings = read(&workspace.root().join("book.toml"))?;
        write(&without.join("book.toml"), &without_verifier(&settings))?;
        let changing = line_to_change(&with.join("src"))?;
        Ok(Self {
            workspace,
            with,
            without,
            pages: pages()?,
            changing,
            changes: Cell::new(0),
        })
    }

    /// `mdbook` on the copy without the verifier.
    pub(crate) fn plain(&self, task: &str) -> Command {
        let mut command = process::command(self.workspace.mdbook(), &self.without);
        command
            .arg(task)
            .env(PAGES, self.pages.path().join("without"));
        command
    }

    /// `mdbook` with the built verifier.
    pub(crate) fn verified(&self, task: &str) -> Command {
        let mut command = process::command(self.workspace.mdbook(), &self.with);
        command.arg(task).env(PAGES, self.pages.path().join("with"));
        self.settings(&mut command);
        command
    }

    /// Keeps what the verifier hands to mdBook, for [`Self::kept`].
    pub(crate) fn keep(&self) -> Result<()> {
        let script = "case $1 in supports) ;; *) \"$VERIFIER\" | tee \"$KEPT\" ;; esac\n";
        process::run(&mut self.scripted("keep.sh", script)?, process::LONG)
    }

    /// `mdbook` that is handed what was kept, so that only mdBook's own work is left.
    pub(crate) fn kept(&self) -> Result<Command> {
        let script = "case $1 in supports) ;; *) cat > /dev/null && cat \"$KEPT\" ;; esac\n";
        self.scripted("kept.sh", script)
    }

    /// `mdbook build` with a script in the verifier's place.
    fn scripted(&self, name: &str, script: &str) -> Result<Command> {
        let file = self.with.with_file_name(name);
        write(&file, script)?;
        let mut command = self.verified("build");
        command
            .env(
                "MDBOOK_PREPROCESSOR__VERIFY__COMMAND",
                format!("sh '{}'", file.display()),
            )
            .env("VERIFIER", self.workspace.verifier())
            .env("KEPT", file.with_file_name("kept.json"));
        Ok(command)
    }

    /// `mdbook-verify check`.
    pub(crate) fn check(&self, args: &[&str]) -> Command {
        let mut command = process::command(self.workspace.verifier(), &self.with);
        command.arg("check").args(args);
        self.settings(&mut command);
        command
    }

    fn settings(&self, command: &mut Command) {
        command
            .env(
                "MDBOOK_PREPROCESSOR__VERIFY__COMMAND",
                self.workspace.verifier(),
            )
            .env("MDBOOK_PREPROCESSOR__VERIFY__TOOLS", self.workspace.tools());
    }

    /// Changes a line of a Go function to what it never was before in this copy.
    pub(crate) fn change_a_line(&self) -> Result<()> {
        self.changes.set(self.changes.get() + 1);
        let (file, before, after) = &self.changing;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
        let comment = format!(" // {} {}", now.as_nanos(), self.changes.get());
        write(file, &(before.clone() + &comment + after))
    }

    /// Puts the line back.
    pub(crate) fn change_back(&self) -> Result<()> {
        let (file, before, after) = &self.changing;
        write(file, &(before.clone() + after))
    }
}

/// mdBook's setting of where the pages are written.
const PAGES: &str = "MDBOOK_BUILD__BUILD_DIR";

/// Where the pages are written: into memory, if there is a file system for that. What is measured takes
/// pages away and writes them anew again and again, within a time in which some file systems do not
/// use the place of a removed file again, and look at each of them to find another.
fn pages() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.context("no folder for the pages that are measured")
}

/// The end of the first line that closes a function in a block that creates a Go file.
fn line_to_change(src: &Path) -> Result<(PathBuf, String, String)> {
    let mut files: Vec<PathBuf> = fs::read_dir(src)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    for file in files {
        let text = read(&file)?;
        let at = text
            .find("```go file=")
            .and_then(|block| Some(block + text[block..].find("\nfunc ")?))
            .and_then(|function| Some(function + text[function..].find("\n}\n")? + 2));
        if let Some(at) = at {
            return Ok((file, text[..at].to_owned(), text[at..].to_owned()));
        }
    }
    anyhow::bail!(
        "no chapter in {} has a Go function that could be changed",
        src.display()
    )
}

/// The settings without the tables of the verifier.
fn without_verifier(settings: &str) -> String {
    let mut kept = String::new();
    let mut keeps = true;
    for line in settings.lines() {
        if line.starts_with('[') {
            keeps = !line
                .trim_start_matches('[')
                .starts_with("preprocessor.verify");
        }
        if keeps {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

/// A generated book, each of its blocks proven without Go.
pub(crate) struct Linear<'a> {
    workspace: &'a Workspace,
    with: PathBuf,
    without: PathBuf,
}

impl<'a> Linear<'a> {
    pub(crate) fn new(workspace: &'a Workspace, blocks: usize, chapters: usize) -> Result<Self> {
        let name = format!("linear-{blocks}-{chapters}");
        let with = workspace.root().join("target/bench").join(&name);
        let without = with.with_file_name(name + "-without");
        let title = "[book]\ntitle = \"generated\"\n";
        // The folder given with --base stands in for it.
        let base = "[[preprocessor.verify.edition]]\nname = \"e\"\n\n[preprocessor.verify.edition.base.server]\n\
                    git = \"none\"\ncommit = \"0000000000000000000000000000000000000000\"\n";
        write(&with.join("book.toml"), &format!("{title}\n{base}"))?;
        write(&without.join("book.toml"), title)?;
        let mut summary = String::new();
        let mut block = 0;
        for chapter in 0..chapters {
            writeln!(summary, "- [{chapter}](c{chapter}.md)")?;
            let mut text = format!("# {chapter}\n\n");
            while block < blocks * (chapter + 1) / chapters {
                text += &nth_block(block);
                block += 1;
            }
            for book in [&with, &without] {
                write(&book.join(format!("src/c{chapter}.md")), &text)?;
            }
        }
        for book in [&with, &without] {
            write(&book.join("src/SUMMARY.md"), &summary)?;
        }
        Ok(Self {
            workspace,
            with,
            without,
        })
    }

    /// `mdbook-verify check`, with nothing from an earlier run.
    pub(crate) fn check(&self) -> Command {
        let mut command = process::command(self.workspace.verifier(), &self.with);
        let base = self.workspace.root().join("tests/upstream/server");
        command
            .args(["check", "--no-cache", "--base"])
            .arg(format!("e/server={}", base.display()));
        command
    }

    /// `mdbook build` of the same book without the verifier.
    pub(crate) fn plain(&self) -> Command {
        let mut command = process::command(self.workspace.mdbook(), &self.without);
        command.arg("build");
        command
    }
}

/// Blocks that create, append, edit, quote, and stand alone, in turn.
fn nth_block(number: usize) -> String {
    let file = number / 5;
    let block = match number % 5 {
        0 => format!("```yaml file=notes/{file}.yml\na: {file}\n```"),
        1 => format!("```yaml file=notes/{file}.yml append\nb: {file}\n```"),
        2 => format!("```diff file=notes/{file}.yml\n a: {file}\n-b: {file}\n+c: {file}\n```"),
        3 => format!("```yaml fragment=notes/{file}.yml\nc: {file}\n```"),
        _ => format!("```json\n{{\"a\": {file}}}\n```"),
    };
    format!("A file of the name `notes/{file}.yml` is spoken of.\n\n{block}\n\n")
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    Ok(())
}

/// The files that git knows or would take in: chapters include from any of them, and cargo wants the
/// whole workspace of a package that they show.
fn repository(workspace: &Workspace) -> Result<Vec<String>> {
    let list = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let mut git = process::command("git", workspace.root());
    let files = process::capture(git.args(list), process::SHORT)?;
    // What was removed and not committed is listed too.
    let is_there = |file: &&str| workspace.root().join(file).is_file();
    let files = files.split('\0').filter(is_there);
    Ok(files.map(str::to_owned).collect())
}

/// A chapter whose parts of a Rust package are no programs of their own, as the verifier tells
/// mdBook; without it the author has to.
fn shown_is_ignored(chapter: &str) -> String {
    chapter.replace("```rust\n{{#include", "```rust,ignore\n{{#include")
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(from, to))
        .with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_others_stay() {
        let settings = "[book]\ntitle = \"t\"\n\n[preprocessor.verify]\na = 1\n[[preprocessor.verify.edition]]\nb = 2\n[output.html]\nc = 3\n";
        assert_eq!(
            without_verifier(settings),
            "[book]\ntitle = \"t\"\n\n[output.html]\nc = 3\n"
        );
    }

    #[test]
    fn generated_blocks_differ() {
        assert!(nth_block(0).contains("file=notes/0.yml\n"));
        assert!(nth_block(9).contains("```json"));
    }
}
