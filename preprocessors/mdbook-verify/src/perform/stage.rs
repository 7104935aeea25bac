//! Where a guide is performed: an empty folder, and an environment in which nothing of the user's
//! counts but where Go keeps its modules.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::config::Edition;
use crate::golang::Go;
use crate::tool::{self, Call};

/// The longest that a step may take: the first build of a large upstream on a slow machine.
const STEP: Duration = Duration::from_secs(30 * 60);

/// Who commits, where a step does.
const READER: [(&str, &str); 4] = [
    ("GIT_AUTHOR_NAME", "reader"),
    ("GIT_AUTHOR_EMAIL", "reader@example.com"),
    ("GIT_COMMITTER_NAME", "reader"),
    ("GIT_COMMITTER_EMAIL", "reader@example.com"),
];

/// The folder of a performance.
pub(super) struct Stage<'a> {
    /// The reader's folder, which the guide begins with.
    folder: PathBuf,
    /// What belongs to the performance and is not the reader's.
    pub(super) wings: PathBuf,
    go: &'a Go,
    bash: PathBuf,
    env: Vec<(OsString, OsString)>,
}

impl<'a> Stage<'a> {
    /// Empties the folder of an edition. It always is the same one, so that Go finds again what it
    /// has compiled there.
    pub(super) fn new(
        cache: &Path,
        edition: &Edition,
        go: &'a Go,
        tools: Option<&Path>,
    ) -> Result<Self, String> {
        let bash = tool::find("bash", None).ok_or("the steps need bash, which is not installed")?;
        let root = cache.join("performed").join(&edition.name);
        if root.exists() {
            fs::remove_dir_all(&root)
                .map_err(|error| format!("{} cannot be removed: {error}", root.display()))?;
        }
        let (folder, wings) = (root.join("guide"), root.join("wings"));
        let (home, bin) = (wings.join("home"), wings.join("bin"));
        for folder in [&folder, &home, &bin] {
            fs::create_dir_all(folder)
                .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        }
        let mut stage = Self {
            folder,
            wings,
            go,
            bash,
            env: Vec::new(),
        };
        let path = [bin.as_path()].into_iter().chain(tools);
        let user = go.path();
        let path = path
            .map(Path::to_path_buf)
            .chain(std::env::split_paths(&user));
        let path = std::env::join_paths(path).map_err(|error| error.to_string())?;
        stage.set("PATH", path);
        stage.set("HOME", home);
        // `go install` must not put anything among the user's programs.
        stage.set("GOBIN", bin);
        stage.set("GOWORK", "off");
        stage.set("GIT_CONFIG_NOSYSTEM", "1");
        stage.set("GIT_TERMINAL_PROMPT", "0");
        for (name, value) in READER {
            stage.set(name, value);
        }
        Ok(stage)
    }

    /// Sets a variable for all that runs from now on.
    pub(super) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.env.push((name.into(), value.into()));
    }

    /// The folder that a base's paths belong to.
    pub(super) fn base(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A folder as a block names it, from that of a base. It need not exist, nor that of the base.
    pub(super) fn resolve(&self, base: &str, cwd: &str) -> Result<PathBuf, String> {
        let mut folder = self.base(base);
        for part in Path::new(cwd).components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => folder.push(name),
                Component::ParentDir if folder != self.folder => {
                    folder.pop();
                }
                _ => return Err(format!("cwd={cwd} leads out of the reader's folder")),
            }
        }
        if folder.is_dir() {
            return Ok(folder);
        }
        let shown = folder.strip_prefix(&self.folder).unwrap_or(&folder);
        Err(format!("no step has made the folder {}", shown.display()))
    }

    /// Where modules come from.
    pub(super) fn proxy(&self) -> &str {
        self.go.proxy()
    }

    /// A program in the reader's surroundings.
    pub(super) fn call<'c>(&self, program: &Path, cwd: &'c Path) -> Call<'c> {
        let env = self.env.iter().map(|(name, value)| (name, value));
        self.go.call_of(program, cwd).envs(env).limit(STEP)
    }

    /// A shell that runs commands as they stand in the guide and ends with the first that fails. What
    /// a terminal would show is its output.
    pub(super) fn shell<'c>(&self, commands: &str, cwd: &'c Path) -> Call<'c> {
        let script = format!("exec 2>&1\n{commands}");
        self.call(&self.bash, cwd)
            .args(["-e", "-o", "pipefail", "-c", &script])
    }

    /// The versions of what took part.
    pub(super) fn tools(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (
                "mdbook-verify".to_owned(),
                env!("CARGO_PKG_VERSION").to_owned(),
            ),
            ("go".to_owned(), self.go.version.clone()),
        ])
    }
}
