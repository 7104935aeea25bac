//! Shared pieces of the integration tests: the programs under test, and fixture books.
#![expect(clippy::missing_panics_doc, reason = "a test that cannot go on panics")]

pub mod browser;
pub mod policy;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, LazyLock};

use assert_cmd::Command;
use tempfile::TempDir;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests have a parent folder")
        .to_path_buf()
}

/// A program that a task made; `variable` may name another one.
fn program(variable: &str, place: &str, task: &str) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| root().join(place), PathBuf::from);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo xtask {task}`",
        path.display()
    );
    path
}

/// mdBook.
#[must_use]
pub fn mdbook() -> PathBuf {
    program("MDBOOK", "target/tools/mdbook", "setup")
}

/// The verifier.
#[must_use]
pub fn mdbook_verify() -> PathBuf {
    program("MDBOOK_VERIFY", "target/debug/mdbook-verify", "setup")
}

/// The guide's service in Go, as its blocks make it.
#[must_use]
pub fn go_service() -> PathBuf {
    let place = "target/openim/bin/openim-rpc-auth-service";
    program("GO_AUTH_SERVICE", place, "test")
}

/// The chapters that a book's SUMMARY.md names, as paths in its source folder.
#[must_use]
pub fn chapters(src: &Path) -> Vec<String> {
    let summary = fs::read_to_string(src.join("SUMMARY.md")).expect("a SUMMARY.md");
    let targets = summary.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

/// The report of `mdbook-verify check` on the book in this folder, with the exit status.
#[must_use]
pub fn report_of(book: &Path, args: &[&str]) -> (i32, serde_json::Value) {
    let output = Command::new(mdbook_verify())
        .args(["check", "--format", "json"])
        .args(args)
        .current_dir(book)
        .output()
        .expect("the verifier runs");
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}: {}", both(&output)));
    (output.status.code().expect("an exit status"), report)
}

/// The fixtures' upstream, made once a test program.
static UPSTREAM: LazyLock<Arc<Repository>> =
    LazyLock::new(|| Arc::new(Repository::new(&root().join("tests/upstream/server"))));

/// A git repository with one commit. Its author and dates are fixed, so that the commit's id is
/// always the same.
struct Repository {
    dir: TempDir,
    commit: String,
}

impl Repository {
    /// A repository with the files of a folder.
    fn new(folder: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        copy(folder, dir.path());
        let commit = committed(dir.path());
        Self { dir, commit }
    }
}

/// The fixtures' upstream, a clean checkout of a repository, and its commit.
#[must_use]
pub fn upstream() -> (&'static Path, &'static str) {
    (UPSTREAM.dir.path(), &UPSTREAM.commit)
}

/// Makes a folder a repository with one commit, whose id depends on nothing but its files.
#[must_use]
pub fn committed(dir: &Path) -> String {
    git(dir, &["init", "--quiet"]);
    git(dir, &["add", "."]);
    git(dir, &["commit", "--quiet", "--message", "upstream"]);
    git(dir, &["rev-parse", "HEAD"])
}

/// Runs git in a folder. What it commits has a fixed author and date.
#[expect(
    clippy::must_use_candidate,
    reason = "most calls are for what they do, not for what they say"
)]
pub fn git(dir: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "upstream");
        command.env(format!("GIT_{who}_EMAIL"), "upstream@example.com");
        command.env(format!("GIT_{who}_DATE"), "2020-01-01T00:00:00Z");
    }
    let output = command
        .args(args)
        .current_dir(dir)
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    String::from_utf8(output)
        .expect("git prints UTF-8")
        .trim()
        .to_owned()
}

/// A book in a folder of its own.
pub struct FixtureBook {
    dir: TempDir,
    upstream: Arc<Repository>,
}

impl FixtureBook {
    /// A book with these chapters and the fixtures' upstream as its one base.
    #[must_use]
    pub fn new(chapters: &[(&str, &str)]) -> Self {
        Self::new_in(&std::env::temp_dir(), chapters)
    }

    /// The same in a new folder below `parent`.
    #[must_use]
    pub fn new_in(parent: &Path, chapters: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir_in(parent).expect("a temporary folder");
        let upstream = Arc::clone(&UPSTREAM);
        let book = Self { dir, upstream };
        let items: Vec<_> = chapters
            .iter()
            .map(|(file, _)| format!("- [{file}]({file})"))
            .collect();
        let summary = items.join("\n");
        book.write("src/SUMMARY.md", &summary);
        for (file, text) in chapters {
            book.write(&format!("src/{file}"), text);
        }
        book.configure("");
        share_helper(book.path());
        book
    }

    /// The book of a folder with `chapter.md`, whatever that one includes, and the probes and schemas
    /// that its `book.toml` names. If it has a folder `upstream`, that is the book's base.
    #[must_use]
    pub fn of_folder(folder: &Path) -> Self {
        let chapter =
            fs::read_to_string(folder.join("chapter.md")).expect("a fixture has a chapter.md");
        let mut book = Self::new(&[("chapter.md", &chapter)]);
        let upstream = folder.join("upstream");
        if upstream.is_dir() {
            book.upstream = Arc::new(Repository::new(&upstream));
            book.configure("");
        }
        for entry in fs::read_dir(folder)
            .expect("a fixture is a folder")
            .map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                let name = entry.file_name().expect("a name");
                let of_book = name == "probes" || name == "schemas";
                let parent = if of_book { "" } else { "src" };
                copy(&entry, &book.path().join(parent).join(name));
            }
        }
        if let Ok(more) = fs::read_to_string(folder.join("book.toml")) {
            book.configure(&more);
        }
        if let Ok(recordings) = fs::read_to_string(folder.join("proofs.lock")) {
            book.write("proofs.lock", &recordings);
        }
        book
    }

    /// A whole book with its own book.toml, whose folder `upstream` becomes the repository that
    /// book.toml names.
    #[must_use]
    pub fn of_book(folder: &Path) -> Self {
        let book = Self::new(&[]);
        copy(folder, book.path());
        let commit = committed(&book.path().join("upstream"));
        let settings = fs::read_to_string(book.path().join("book.toml")).expect("a book.toml");
        assert!(
            settings.contains(&commit),
            "{}/book.toml shall name the commit {commit}",
            folder.display()
        );
        book
    }

    /// Writes book.toml, with `more` at the end of the verifier's table.
    pub fn configure(&self, more: &str) {
        self.configure_with(self.upstream.dir.path(), &self.upstream.commit, more);
    }

    /// The same with a commit of another repository as the base.
    pub fn configure_with(&self, upstream: &Path, commit: &str, more: &str) {
        let upstream = upstream.display();
        let tools = root().join("target/tools");
        let tools = tools.display();
        self.write(
            "book.toml",
            &format!(
                "[book]\ntitle = \"fixture\"\n\n[preprocessor.verify]\nbefore = [\"links\"]\nrenderers = [\"html\", \"test\"]\ntools = \"{tools}\"\n{more}\n\n\
                 [[preprocessor.verify.edition]]\nname = \"e\"\n\n[preprocessor.verify.edition.base.server]\ngit = \"{upstream}\"\ncommit = \"{commit}\"\n"
            ),
        );
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes one of its files.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// `mdbook` with these arguments, and the built verifier as its preprocessor.
    #[must_use]
    pub fn mdbook(&self, args: &[&str]) -> Command {
        let mut command = Command::new(mdbook());
        command
            .args(args)
            .current_dir(self.path())
            .env("MDBOOK_PREPROCESSOR__VERIFY__COMMAND", mdbook_verify());
        command
    }

    /// `mdbook-verify` with these arguments.
    #[must_use]
    pub fn verify(&self, args: &[&str]) -> Command {
        let mut command = Command::new(mdbook_verify());
        command.args(args).current_dir(self.path());
        command
    }

    /// The report of `mdbook-verify check` as JSON, with the exit status.
    #[must_use]
    pub fn report(&self, args: &[&str]) -> (i32, serde_json::Value) {
        report_of(self.path(), args)
    }
}

/// What a program printed on both streams.
#[must_use]
pub fn both(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A folder for PATH that holds only these programs.
#[must_use]
pub fn only(programs: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = std::env::var_os("PATH").expect("a PATH");
    for program in programs {
        let found = std::env::split_paths(&path)
            .map(|folder| folder.join(program))
            .find(|file| file.is_file());
        let link = dir.path().join(program);
        #[cfg(unix)]
        std::os::unix::fs::symlink(found.expect("the program is installed"), link)
            .expect("a link can be made");
        #[cfg(not(unix))]
        fs::copy(found.expect("the program is installed"), link).expect("a file can be copied");
    }
    dir
}

/// The verifier's Go helper is the same for all books; one build of it is enough.
pub fn share_helper(book: &Path) {
    let shared = root().join("target/verify/v1/helper");
    let cache = book.join("target/verify/v1");
    fs::create_dir_all(&shared)
        .and_then(|()| fs::create_dir_all(&cache))
        .expect("folders can be made");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&shared, cache.join("helper")).expect("a link can be made");
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("an entry").path();
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a file can be copied");
        }
    }
}
