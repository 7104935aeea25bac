//! `cargo xtask fuzz`: the fuzz targets of the verifier, each for some seconds.
//!
//! libFuzzer on the stable compiler, without a sanitizer: what is looked for are panics and broken
//! invariants of safe code. New inputs go to `target/fuzz`; those in the repository only seed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::needs::{self, CannotRun};
use crate::process::{self, LONG, SHORT};
use crate::step;
use crate::tools::{self, CARGO_FUZZ, Lock};
use crate::workspace::Workspace;

/// How to fuzz.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    pub(crate) seconds: u64,
    /// Only these targets
    targets: Vec<String>,
}

impl Options {
    /// All targets, for so long.
    pub(crate) fn all(seconds: u64) -> Self {
        Self {
            seconds,
            targets: Vec::new(),
        }
    }
}

/// The most memory of a target, in MiB; and how long it may take for one input, in seconds.
const MEMORY: u32 = 2_048;
const SLOWEST: u32 = 20;

/// Runs the targets, one after the other. A crash, or an input that takes too long, fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    needs::cpp_compiler(workspace).map_err(|missing| {
        CannotRun(format!(
            "fuzzing needs what is not installed here:\n  {}\n    {}",
            missing.what, missing.install
        ))
    })?;
    let lock = Lock::take(workspace)?;
    tools::cargo_tool(workspace, &CARGO_FUZZ)?;
    drop(lock);
    let all = process::capture(cargo_fuzz(workspace).arg("list"), SHORT)?;
    let all: Vec<&str> = all.lines().collect();
    if let Some(unknown) = options
        .targets
        .iter()
        .find(|name| !all.contains(&name.as_str()))
    {
        bail!(
            "there is no fuzz target {unknown}; there are {}",
            all.join(", ")
        );
    }
    let chosen = all.iter().filter(|name| {
        options.targets.is_empty() || options.targets.iter().any(|one| one == *name)
    });
    step::run("fuzz targets, built", "", || {
        let target_dir = workspace.fuzzing();
        // cargo-fuzz would mend a lock file that does not fit, and nobody would see it.
        let fuzz = workspace.verifier_package().join("fuzz");
        process::run(process::cargo(&fuzz).args(["fetch", "--locked"]), LONG)?;
        process::run(
            cargo_fuzz(workspace)
                .args(["build", "--dev", "--sanitizer", "none", "--target-dir"])
                .arg(target_dir),
            LONG,
        )
    })?;
    let mut report = Vec::new();
    for name in chosen {
        let executions = step::run(name, "", || fuzz(workspace, name, options.seconds))?;
        report.push(format!("{executions:>10}  {name}"));
    }
    println!(
        "Executions in {} s each:\n{}",
        options.seconds,
        report.join("\n")
    );
    Ok(())
}

/// cargo-fuzz, which finds its folder by the package it is called in.
fn cargo_fuzz(workspace: &Workspace) -> std::process::Command {
    let mut command = process::command(
        workspace.tool(CARGO_FUZZ.name),
        &workspace.verifier_package(),
    );
    // Coverage for the fuzzer is asked of the compiler with flags that a stable one does not take.
    command.env("RUSTC_BOOTSTRAP", "1");
    command
}

/// Runs one target and returns how often it ran.
fn fuzz(workspace: &Workspace, name: &str, seconds: u64) -> Result<u64> {
    let folder = workspace.fuzzing();
    let found = folder.join("corpus").join(name);
    let crashes = folder.join("crashes").join(name);
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let log = folder.join(format!("{name}.log"));
    let file =
        File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
    let limit = Duration::from_secs(seconds) + SHORT;
    let ended = process::run(
        process::command(program(&folder, name)?, &folder)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={SLOWEST}"))
            .arg(format!("-rss_limit_mb={MEMORY}"))
            .arg(format!("-artifact_prefix={}/", crashes.display()))
            .arg("-print_final_stats=1")
            .arg(found)
            .arg(workspace.verifier_package().join("fuzz/corpus").join(name))
            .stderr(file),
        limit,
    );
    let said = fs::read(&log).with_context(|| format!("{} cannot be read", log.display()))?;
    let said = String::from_utf8_lossy(&said);
    if let Err(error) = ended {
        let lines: Vec<&str> = said.lines().collect();
        let last = &lines[lines.len().saturating_sub(30)..];
        bail!(
            "{error:#}\n{}\n\nThe input is in {}; the whole log is {}",
            last.join("\n"),
            crashes.display(),
            log.display()
        );
    }
    executions(&said).with_context(|| format!("{} does not say how often it ran", log.display()))
}

/// Where cargo-fuzz puts a target: below a folder named for the machine that it is for.
fn program(folder: &Path, name: &str) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let program = entry?.path().join("debug").join(name);
        if program.is_file() {
            return Ok(program);
        }
    }
    bail!(
        "the fuzz target {name} is not where it was built, below {}",
        folder.display()
    )
}

/// The number of executions in libFuzzer's closing statistics.
fn executions(said: &str) -> Option<u64> {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::executions;

    #[test]
    fn executions_are_read() {
        let said = "Done 7 runs\nstat::number_of_executed_units: 1234\nstat::peak_rss_mb: 40\n";
        assert_eq!(executions(said), Some(1234));
        assert_eq!(executions("Done"), None);
    }
}
