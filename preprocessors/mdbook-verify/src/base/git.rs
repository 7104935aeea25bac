//! Commits as folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::config::GitSpec;
use crate::finding::Finding;
use crate::tool::{self, Answer, Call};

use super::{Fetcher, missing, unavailable};

/// How long a repository's host has to say that it is there.
const ANSWER: Duration = Duration::from_secs(10);

/// Settings of every call: nothing is asked of anybody, and no settings of the user's count.
const ENV: [(&str, &str); 4] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", ""),
    (
        "GIT_SSH_COMMAND",
        "ssh -o BatchMode=yes -o ConnectTimeout=10",
    ),
];

/// A call of git in a folder.
pub(super) fn call<'a>(git: &Path, dir: &'a Path) -> Call<'a> {
    Call::new(git, dir).envs(ENV)
}

impl Fetcher<'_> {
    /// A commit as a folder: fetched into a repository of its own, then checked out aside and
    /// renamed, so that a killed run leaves no half tree behind. The repository stays, so that
    /// anybody can ask whether the folder still is what the commit says.
    pub(super) fn git(&self, spec: &GitSpec) -> Result<PathBuf, Box<Finding>> {
        let parent = self.cache.join("git");
        let tree = parent.join(&spec.commit);
        if tree.is_dir() {
            return Ok(tree);
        }
        let what = format!("{} at {}", spec.git, spec.commit);
        let Some(git) = tool::find("git", None) else {
            let message = format!("{what} cannot be fetched: git is not installed");
            return Err(Box::new(missing(message).help(
                "install git, or give the tree with --base EDITION/BASE=DIR",
            )));
        };
        let fail = |why: String| {
            let finding = unavailable(format!("{what} cannot be fetched: {why}"));
            Box::new(finding.help(
                "check the network and the URL, or give the tree with --base EDITION/BASE=DIR",
            ))
        };
        let url = absolute_url(&spec.git, self.root);
        self.reach(&git, &url).map_err(fail)?;
        fs::create_dir_all(&parent).map_err(|error| fail(error.to_string()))?;
        let aside = tempfile::tempdir_in(&parent).map_err(|error| fail(error.to_string()))?;
        let task = self.progress.start(format!("fetching {what}"));
        let steps: [&[&str]; 3] = [
            &["init", "--quiet", "--template="],
            &[
                // A host that falls silent in between is given up.
                "-c",
                "http.lowSpeedLimit=1",
                "-c",
                "http.lowSpeedTime=60",
                "fetch",
                "--quiet",
                "--depth",
                "1",
                "--no-tags",
                &url,
                &spec.commit,
            ],
            &[
                "-c",
                "advice.detachedHead=false",
                "checkout",
                "--quiet",
                &spec.commit,
            ],
        ];
        for (args, name) in steps.into_iter().zip(["init", "fetch", "checkout"]) {
            let answer = call(&git, aside.path())
                .args(args)
                .limit(Duration::from_secs(15 * 60))
                .at_most(self.at_most)
                .on_line(|_| task.tick())
                .run()
                .map_err(|error| fail(error.to_string()))?;
            if !answer.ok() {
                return Err(fail(format!(
                    "git {name} failed with {}",
                    answer.complaint()
                )));
            }
        }
        match fs::rename(aside.path(), &tree) {
            // Another run may have been faster.
            Err(error) if !tree.is_dir() => Err(fail(error.to_string())),
            _ => Ok(tree),
        }
    }

    /// Asks whether a repository is there, which takes a moment, where fetching from a host that
    /// does not answer would take minutes. Nobody is asked twice within a short time: a book with
    /// many editions would wait for each, and a page that is served for each change.
    fn reach(&self, git: &Path, url: &str) -> Result<(), String> {
        let silent = Silent::new(self.cache, url);
        if let Some(why) = silent.since(self.asked_since) {
            return Err(why);
        }
        let task = self.progress.start(format!("asking {url}"));
        let answer = call(git, self.cache)
            .args(["ls-remote", "--quiet", url, "HEAD"])
            .limit(ANSWER)
            .at_most(self.at_most)
            .on_line(|_| task.tick())
            .run();
        let why = match answer {
            Ok(answer) if answer.ok() => return Ok(()),
            Ok(answer) => first_line(&answer),
            Err(tool::ToolError::TimedOut(..)) => {
                format!("no answer within {} s", ANSWER.as_secs())
            }
            Err(error) => error.to_string(),
        };
        silent.note(&why);
        Err(why)
    }
}

/// What git complains of in its first line; what follows is advice to somebody at a terminal.
fn first_line(answer: &Answer) -> String {
    let mut lines = answer.stderr.lines().map(str::trim);
    match lines.find(|line| !line.is_empty()) {
        Some(line) => line.strip_prefix("fatal: ").unwrap_or(line).to_owned(),
        None => answer.complaint(),
    }
}

/// A local repository may be given relative to the book; git runs elsewhere.
fn absolute_url(url: &str, root: &Path) -> String {
    match fs::canonicalize(root.join(url)) {
        Ok(path) => path.to_string_lossy().into_owned(),
        Err(_) => url.to_owned(),
    }
}

/// A repository that did not answer: a file that says why, as old as the question.
struct Silent {
    file: PathBuf,
}

impl Silent {
    fn new(cache: &Path, url: &str) -> Self {
        let name = blake3::hash(url.as_bytes()).to_hex();
        Self {
            file: cache.join("silent").join(&name[..16]),
        }
    }

    /// Why it did not answer, if it was asked after this time.
    fn since(&self, time: SystemTime) -> Option<String> {
        let asked = fs::metadata(&self.file).ok()?.modified().ok()?;
        (asked >= time).then(|| fs::read_to_string(&self.file).ok())?
    }

    /// That it could not be noted costs time in the next run, nothing else.
    fn note(&self, why: &str) {
        // A file that has this content already would keep its time.
        let _ = fs::remove_file(&self.file);
        let _ = crate::workspace::put(&self.file, why.as_bytes());
    }
}
