//! What has to be installed already, and the line that installs it.

use std::process::Stdio;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// The oldest Go that the helper's modules and the tools build with.
pub(crate) const MINIMUM_GO: GoVersion = GoVersion { minor: 25 };

/// A task cannot run at all: nothing was found wrong with the project.
#[derive(Debug)]
pub(crate) struct CannotRun(pub(crate) String);

impl std::fmt::Display for CannotRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CannotRun {}

/// Something that is not there.
#[derive(Debug, PartialEq)]
pub(crate) struct Missing {
    /// What, and if it is too old, which one there is.
    pub(crate) what: String,
    /// The line to type.
    pub(crate) install: &'static str,
}

/// A release of Go 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GoVersion {
    minor: u32,
}

impl std::fmt::Display for GoVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// Go, new enough.
pub(crate) fn go(workspace: &Workspace) -> Result<(), Missing> {
    let said = process::capture(
        process::go("go", workspace.root())
            .arg("version")
            .stderr(Stdio::null()),
        process::SHORT,
    );
    judge_go(said.ok().as_deref())
}

/// Git, for the upstream editions that are commits.
pub(crate) fn git(workspace: &Workspace) -> Result<(), Missing> {
    answers(
        &mut process::command("git", workspace.root()),
        "git",
        "apt-get install git",
    )
}

/// A C++ compiler, which builds the fuzzer.
pub(crate) fn cpp_compiler(workspace: &Workspace) -> Result<(), Missing> {
    answers(
        &mut process::command("c++", workspace.root()),
        "a C++ compiler (c++)",
        "apt-get install g++",
    )
}

/// What the pages are looked at with.
pub(crate) fn browser(workspace: &Workspace) -> Result<(), Missing> {
    answers(
        &mut process::command("chromedriver", workspace.root()),
        "Chromium with chromedriver",
        "apt-get install chromium chromium-driver",
    )
}

/// Everything that `cargo xtask test` needs, or all that is missing at once.
pub(crate) fn for_tests(workspace: &Workspace) -> Result<(), CannotRun> {
    let root = workspace.root();
    let missing: Vec<Missing> = [
        answers(
            process::cargo(root).arg("fmt"),
            "rustfmt",
            "rustup component add rustfmt",
        ),
        answers(
            process::cargo(root).arg("clippy"),
            "clippy",
            "rustup component add clippy",
        ),
        go(workspace),
        git(workspace),
        answers(
            &mut process::command("bash", root),
            "bash",
            "apt-get install bash",
        ),
        answers(
            &mut process::command("curl", root),
            "curl",
            "apt-get install curl",
        ),
        cpp_compiler(workspace),
        answers(
            &mut process::command("npm", root),
            "npm",
            "apt-get install npm",
        ),
        browser(workspace),
    ]
    .into_iter()
    .filter_map(Result::err)
    .collect();

    if missing.is_empty() {
        return Ok(());
    }
    Err(cannot_run("the tests need", &missing))
}

/// Says all that is missing at once, for what.
pub(crate) fn cannot_run(who: &str, missing: &[Missing]) -> CannotRun {
    let lines: Vec<String> = missing
        .iter()
        .map(|Missing { what, install }| format!("\n  {what}\n    {install}"))
        .collect();
    CannotRun(format!(
        "{who} what is not installed here:{}",
        lines.concat()
    ))
}

fn answers(
    command: &mut std::process::Command,
    what: &str,
    install: &'static str,
) -> Result<(), Missing> {
    process::run(
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
        process::SHORT,
    )
    .map_err(|_| Missing {
        what: what.to_owned(),
        install,
    })
}

/// What `go version` said, if Go was there to say it.
fn judge_go(said: Option<&str>) -> Result<(), Missing> {
    let found = match said.map(parse_go_version) {
        Some(Ok(version)) if version >= MINIMUM_GO => return Ok(()),
        Some(Ok(version)) => format!(" (installed: {version})"),
        Some(Err(_)) => format!(" (`go version` says: {})", said.unwrap_or_default().trim()),
        None => String::new(),
    };
    Err(Missing {
        what: format!("Go {MINIMUM_GO} or newer{found}"),
        install: "apt-get install golang-go    (where Debian's is older: the Go project's own \
                  archive, unpacked into /usr/local, and /usr/local/go/bin in PATH)",
    })
}

/// `go version go1.26.8 linux/amd64`, also `go1.25rc1` and `devel go1.27-0a1b2c3`.
fn parse_go_version(said: &str) -> Result<GoVersion> {
    let minor = said
        .split_whitespace()
        .find_map(|word| word.strip_prefix("go1."))
        .with_context(|| format!("no version of Go 1 in {said:?}"))?;
    let digits = minor
        .find(|c: char| !c.is_ascii_digit())
        .map_or(minor, |end| &minor[..end]);
    Ok(GoVersion {
        minor: digits
            .parse()
            .with_context(|| format!("no number in {said:?}"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_go_prints_them() {
        for (said, minor) in [
            ("go version go1.26.8 linux/amd64\n", 26),
            ("go version go1.25rc1 darwin/arm64\n", 25),
            (
                "go version devel go1.27-0a1b2c3 Thu Jan 1 linux/amd64\n",
                27,
            ),
            ("go version go1.9 linux/amd64\n", 9),
        ] {
            assert_eq!(parse_go_version(said).expect(said), GoVersion { minor });
        }
        for said in ["", "gccgo 12", "go version go1.x linux/amd64"] {
            assert!(parse_go_version(said).is_err(), "{said}");
        }
    }

    #[test]
    fn go_has_to_be_new_enough() {
        assert_eq!(judge_go(Some("go version go1.25.0 linux/amd64")), Ok(()));

        let what = |said| judge_go(said).expect_err("is missing").what;
        assert_eq!(what(None), "Go 1.25 or newer");
        // 1.9 is older than 1.25, though not as text.
        assert_eq!(
            what(Some("go version go1.9 linux/amd64")),
            "Go 1.25 or newer (installed: 1.9)"
        );
        assert_eq!(
            what(Some("gccgo 12\n")),
            "Go 1.25 or newer (`go version` says: gccgo 12)"
        );
    }
}
