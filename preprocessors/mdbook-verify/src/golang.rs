//! The Go toolchain: where it is, and the environment that its calls get.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::asked::Memory;
use crate::tool::{self, Call};

/// The oldest Go that can build the verifier's helper.
pub const MINIMUM: (u32, u32) = (1, 25);

/// A Go toolchain that can be used.
#[derive(Clone, Debug)]
pub struct Go {
    /// The `go` program.
    pub program: PathBuf,
    /// Its version, such as `go1.25.1`.
    pub version: String,
    /// Where modules are unpacked.
    pub modcache: PathBuf,
    /// The longest that a call may take, if the user set it.
    at_most: Option<Duration>,
    env: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct GoEnv {
    goversion: String,
    gomodcache: PathBuf,
    gocache: String,
    goproxy: String,
    gopath: String,
    goos: String,
    goarch: String,
}

impl Go {
    /// Finds the toolchain and asks it once where its things are.
    ///
    /// # Errors
    /// A sentence that says what is missing and how to get it.
    pub fn find(
        tools: Option<&Path>,
        cwd: &Path,
        at_most: Option<Duration>,
        memory: &Memory,
    ) -> Result<Self, String> {
        let program = tool::find("go", tools)
            .ok_or("Go is not installed (no `go` on PATH); install Go 1.25 or newer")?;
        // Here, and only here, the user's own settings count: they say where the caches are and
        // from which proxy modules come.
        let user = [
            "HOME",
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
            "LOCALAPPDATA",
            "APPDATA",
            "USERPROFILE",
            "GOPATH",
            "GOMODCACHE",
            "GOCACHE",
            "GOPROXY",
            "GOENV",
        ];
        let user = user
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let names = [
            "GOVERSION",
            "GOMODCACHE",
            "GOCACHE",
            "GOPROXY",
            "GOPATH",
            "GOOS",
            "GOARCH",
        ];
        let call = Call::new(&program, cwd)
            .args(["env", "-json"])
            .args(names)
            .envs(user)
            .envs([("GOTOOLCHAIN", "local")])
            .at_most(at_most);
        let read = |said: &str| -> Result<GoEnv, String> {
            serde_json::from_str(said)
                .map_err(|error| format!("`go env` answered what cannot be read: {error}"))
        };
        let env = match answers_from(&program) {
            Some(files) => memory.ask(call, &files, read),
            None => Memory::none().ask(call, &[], read),
        }?;
        if release(&env.goversion).is_some_and(|found| found < MINIMUM) {
            return Err(format!(
                "Go {}.{} or newer is needed, {} is {}",
                MINIMUM.0,
                MINIMUM.1,
                program.display(),
                env.goversion
            ));
        }
        Ok(Self {
            program,
            version: env.goversion,
            at_most,
            modcache: env.gomodcache.clone(),
            env: [
                ("GOMODCACHE", env.gomodcache.to_string_lossy().into_owned()),
                ("GOCACHE", env.gocache),
                ("GOPROXY", env.goproxy),
                ("GOPATH", env.gopath),
                ("GOOS", env.goos),
                ("GOARCH", env.goarch),
                ("GOENV", "off".into()),
                ("GOTOOLCHAIN", "local".into()),
                ("CGO_ENABLED", "0".into()),
                ("GOTELEMETRY", "off".into()),
                // The pins in book.toml and the go.sum files of what is built are the check; the
                // checksum database refuses some of the modules that a guide may pin.
                ("GOSUMDB", "off".into()),
                // The stitched tree lies inside the book's own repository, whose state is not its.
                ("GOFLAGS", "-buildvcs=false".into()),
            ]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
        })
    }

    /// What can change the outcome of its calls, for cache keys.
    #[must_use]
    pub fn identity(&self) -> String {
        let target = format!("{}/{}", self.env["GOOS"], self.env["GOARCH"]);
        format!(
            "{} {target} {}",
            self.version,
            tool::identity(&self.program)
        )
    }

    /// Where modules come from.
    pub(crate) fn proxy(&self) -> &str {
        &self.env["GOPROXY"]
    }

    /// A call of `go` in the folder `cwd`.
    #[must_use]
    pub fn call<'a>(&self, cwd: &'a Path) -> Call<'a> {
        self.call_of(&self.program, cwd)
    }

    /// A call of another program that itself calls `go`.
    #[must_use]
    pub fn call_of<'a>(&self, program: &Path, cwd: &'a Path) -> Call<'a> {
        Call::new(program, cwd)
            .envs(&self.env)
            // Programs that call `go` themselves shall find this one.
            .envs([("PATH", self.path())])
            .limit(Duration::from_secs(30 * 60))
            .at_most(self.at_most)
    }
}

impl Go {
    /// Where programs are looked for: beside this `go` first.
    pub(crate) fn path(&self) -> OsString {
        let user = std::env::var_os("PATH").unwrap_or_default();
        let folders = self
            .program
            .parent()
            .map(Path::to_path_buf)
            .into_iter()
            .chain(std::env::split_paths(&user));
        std::env::join_paths(folders).unwrap_or(user)
    }
}

/// The files that `go env` answers from, of which any may be missing: its release's own, and the user's
/// settings, wherever a system keeps them. None if the program does not stand where a release has it: it
/// may be one that picks a release by what it finds elsewhere.
fn answers_from(program: &Path) -> Option<Vec<PathBuf>> {
    let program = fs::canonicalize(program).ok()?;
    let of_release = program.parent()?.parent()?.join("go.env");
    if !of_release.is_file() {
        return None;
    }
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let folders = [
        variable("XDG_CONFIG_HOME"),
        variable("HOME").map(|home| home.join(".config")),
        variable("HOME").map(|home| home.join("Library/Application Support")),
        variable("APPDATA"),
    ];
    let folders = folders.into_iter().flatten();
    let of_user = folders.map(|folder| folder.join("go/env"));
    let files = [of_release].into_iter().chain(of_user);
    Some(files.chain(variable("GOENV")).collect())
}

/// Major and minor number of `go1.25.3`.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version
        .strip_prefix("go")?
        .split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases() {
        assert_eq!(release("go1.25.3"), Some((1, 25)));
        assert_eq!(release("go1.26rc1"), Some((1, 26)));
        assert_eq!(release("devel +abc"), None);
    }

    /// A program that counts its calls stands where a release has `go`.
    #[cfg(unix)]
    #[test]
    fn a_release_is_asked_again_when_its_settings_change_and_what_picks_one_each_time() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let (root, bin) = (folder.path(), folder.path().join("bin"));
        fs::create_dir(&bin).unwrap();
        let env = r#"{"GOVERSION":"go1.25.3","GOMODCACHE":"m","GOCACHE":"c","GOPROXY":"p","GOPATH":"g","GOOS":"o","GOARCH":"a"}"#;
        let calls = root.join("calls");
        let script = format!("#!/bin/sh\necho >> '{}'\necho '{env}'\n", calls.display());
        fs::write(bin.join("go"), script).unwrap();
        fs::set_permissions(bin.join("go"), fs::Permissions::from_mode(0o755)).unwrap();
        let memory = Memory::new(&root.join("cache"));
        let calls_after = |searches: usize| {
            for _ in 0..searches {
                let go = Go::find(Some(&bin), root, None, &memory).unwrap();
                assert_eq!(go.version, "go1.25.3");
            }
            fs::read_to_string(&calls).unwrap().lines().count()
        };
        assert_eq!(calls_after(2), 2);
        for (settings, wanted) in [("GOPROXY=a", 3), ("GOPROXY=b", 4)] {
            fs::write(root.join("go.env"), settings).unwrap();
            assert_eq!(calls_after(2), wanted);
        }
        for kept in fs::read_dir(root.join("cache/asked")).unwrap() {
            fs::write(kept.unwrap().path(), "").unwrap();
        }
        assert_eq!(calls_after(1), 5);
    }

    #[test]
    fn settings_of_the_user_count() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::write(folder.path().join("bin/go"), "").unwrap();
        fs::write(folder.path().join("go.env"), "").unwrap();
        let files = answers_from(&folder.path().join("bin/go")).unwrap();
        if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
            assert!(files.contains(&home.join(".config/go/env")), "{files:?}");
        }
    }
}
