//! The embedded Go helper: built once per version and Go toolchain, then asked for type errors.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use crate::golang::Go;
use crate::progress::Progress;
use crate::workspace::put;

static SOURCES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/go");

/// What the helper is asked.
#[derive(Debug, Serialize)]
pub(super) struct Request<'a> {
    /// Where the go command runs.
    pub(super) dir: &'a Path,
    /// Patterns of the packages that may depend on what was touched.
    pub(super) roots: Vec<String>,
    /// The Go files that the guide created or changed, absolute.
    pub(super) touched: Vec<PathBuf>,
    /// Contents that take the place of files.
    pub(super) overlay: BTreeMap<PathBuf, String>,
    /// Where what later runs may use is kept, see [`Helper::store`].
    pub(super) store: Option<PathBuf>,
}

/// What it answers.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    /// The packages that were checked: touched ones and those that depend on them.
    pub(super) packages: Vec<String>,
    /// The packages that hold a touched file.
    pub(super) touched_packages: Vec<String>,
    /// The touched files that a build includes, with their packages.
    pub(super) files: BTreeMap<PathBuf, String>,
    /// The touched files that no build includes.
    pub(super) ignored: Vec<Ignored>,
    /// What is wrong.
    pub(super) errors: Vec<GoError>,
}

/// A Go file that no build includes.
#[derive(Debug, Deserialize)]
pub(super) struct Ignored {
    pub(super) file: PathBuf,
    pub(super) reason: String,
}

/// A stage of loading Go code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Finding packages and their files.
    List,
    /// Parsing.
    Parse,
    /// Type checking.
    Type,
}

/// An error in Go code.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct GoError {
    pub(super) kind: Stage,
    /// Absolute; empty for an error outside of any file.
    pub(super) file: PathBuf,
    #[serde(default)]
    pub(super) line: usize,
    #[serde(default)]
    pub(super) column: usize,
    pub(super) end_line: Option<usize>,
    pub(super) end_column: Option<usize>,
    pub(super) message: String,
    /// Other places that matter, such as the other declaration of a name.
    #[serde(default)]
    pub(super) related: Vec<RelatedError>,
}

/// Another place that matters for an error.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RelatedError {
    pub(super) file: PathBuf,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

/// The helper, built.
pub(super) struct Helper<'a> {
    go: &'a Go,
    program: PathBuf,
}

impl<'a> Helper<'a> {
    /// Builds the helper below `cache`, or finds it there.
    pub(super) fn build(go: &'a Go, cache: &Path, progress: Progress) -> Result<Self, String> {
        let folder = cache.join("helper").join(identity(go));
        let program = folder.join(format!("verify-go{}", std::env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(Self { go, program });
        }
        let folder_of_sources = folder.join("src");
        for file in sources() {
            put(&folder_of_sources.join(file.path()), file.contents())
                .map_err(|error| error.to_string())?;
        }
        let task = progress.start("building the Go helper");
        // Built aside: neither a killed build nor another run's may leave half a program here.
        let aside = tempfile::tempdir_in(&folder).map_err(|error| error.to_string())?;
        let built = aside.path().join("verify-go");
        let answer = go
            .call(&folder_of_sources)
            .args(["build", "-trimpath", "-o"])
            .args([&built])
            .args(["."])
            .envs([("GOWORK", "off")])
            .limit(Duration::from_secs(10 * 60))
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| error.to_string())?;
        if !answer.ok() {
            return Err(format!(
                "the Go helper could not be built: {}",
                answer.complaint()
            ));
        }
        fs::rename(&built, &program)
            .map_err(|error| format!("{} cannot be written: {error}", program.display()))?;
        Ok(Self { go, program })
    }

    /// The folder for what the helper remembers of one run for the next. It goes with the helper,
    /// so another Go or another helper begins anew.
    pub(super) fn store(&self) -> PathBuf {
        self.program.with_file_name("store")
    }

    /// Asks for the errors of what was touched and what depends on it.
    pub(super) fn ask(&self, request: &Request<'_>, progress: Progress) -> Result<Answer, String> {
        let input = serde_json::to_vec(request).map_err(|error| error.to_string())?;
        let task = progress.start("type checking Go (the first time, modules are fetched)");
        let answer = self
            .go
            .call_of(&self.program, request.dir)
            .envs([("GOWORK", request.dir.join("go.work"))])
            .stdin(input)
            .limit(Duration::from_secs(20 * 60))
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| error.to_string())?;
        if !answer.ok() {
            return Err(format!("the Go helper failed with {}", answer.complaint()));
        }
        serde_json::from_slice(&answer.stdout)
            .map_err(|error| format!("the Go helper's answer cannot be read: {error}"))
    }
}

/// The helper without its tests.
fn sources() -> impl Iterator<Item = &'static include_dir::File<'static>> {
    SOURCES
        .files()
        .filter(|file| !file.path().to_string_lossy().ends_with("_test.go"))
}

fn identity(go: &Go) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(go.identity().as_bytes());
    for file in sources() {
        hasher.update(file.path().as_os_str().as_encoded_bytes());
        hasher.update(blake3::hash(file.contents()).as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
