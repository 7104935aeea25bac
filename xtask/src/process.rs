//! The only file that starts processes.
//!
//! Each has a working directory that the caller names, no stdin to wait on, and a time limit. The
//! one that talks with a person, `mdbook serve`, has neither: see [`hand_over`].

use std::env;
use std::ffi::OsStr;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

/// For a question that is answered at once, such as a version. Generous, because a machine that
/// builds something else at the time is slow.
pub(crate) const SHORT: Duration = Duration::from_secs(60);

/// For builds, downloads and tests.
pub(crate) const LONG: Duration = Duration::from_secs(60 * 60);

/// A program with its working directory.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the module that the ban sends everyone to"
)]
pub(crate) fn command(program: impl AsRef<OsStr>, cwd: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(cwd);
    command
}

/// The cargo that runs this program.
pub(crate) fn cargo(cwd: &Path) -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), cwd)
}

/// A program of the Go distribution, or one that it may call.
///
/// The environment is the user's, but for what would change the result: the installed Go and no
/// other, no C compiler, no surrounding workspace, and flags of our own. An empty GOFLAGS would
/// not do, as it gives way to what `go env -w` has stored. Version control stamps are off because
/// they fail in a checkout that belongs to somebody else.
pub(crate) fn go(program: impl AsRef<OsStr>, cwd: &Path) -> Command {
    let mut command = command(program, cwd);
    command
        .env("GOFLAGS", "-mod=readonly -buildvcs=false")
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "0");
    command
}

/// Runs to the end. Output passes through; any status but 0 is an error.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = start(command.stdin(Stdio::null()))?;
    let status = wait(&mut child, limit).with_context(|| name(command))?;
    succeeded(command, status)
}

/// Runs to the end as [`run`] does, and notices it at once: for what is measured.
pub(crate) fn run_closely(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = start(command.stdin(Stdio::null()))?;
    let status = wait_in_steps(&mut child, limit, Duration::from_micros(500));
    succeeded(command, status.with_context(|| name(command))?)
}

/// Runs to the end and returns what was printed to stdout. Any status but 0 is an error.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<String> {
    let mut child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    // Read beside the wait: a full pipe would keep the process from ever ending.
    let reader = child.stdout.take().map(|mut stdout| {
        thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text)
        })
    });
    let status = wait(&mut child, limit).with_context(|| name(command))?;
    succeeded(command, status)?;
    reader
        .context("stdout was not captured")?
        .join()
        .map_err(|_| anyhow!("the thread that reads stdout has panicked"))?
        .with_context(|| format!("the output of {} cannot be read", name(command)))
}

/// Ends this task by becoming the process, with its stdin, its output and its exit status.
///
/// A parent that only waits would have to pass on every signal: `kill` on it would leave the
/// server running.
#[cfg(unix)]
pub(crate) fn hand_over(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(not_started(command, error))
}

/// Runs to the end, with stdin and without a time limit. Ctrl-C reaches all programs of the
/// console, so it ends both.
#[cfg(not(unix))]
pub(crate) fn hand_over(command: &mut Command) -> Result<()> {
    let status = start(command)?.wait().with_context(|| name(command))?;
    succeeded(command, status)
}

fn start(command: &mut Command) -> Result<Child> {
    command.spawn().map_err(|error| not_started(command, error))
}

fn not_started(command: &Command, error: std::io::Error) -> anyhow::Error {
    let name = name(command);
    let cwd_exists = command.get_current_dir().is_none_or(Path::is_dir);
    if error.kind() == ErrorKind::NotFound && cwd_exists {
        anyhow!("{name} is not installed, or not in PATH")
    } else {
        anyhow!(error).context(format!("{name} cannot be started"))
    }
}

/// Waits, and ends the process when the limit is over. Its own children are not reached: they end
/// when their work does, or when they print to a pipe that nobody reads.
fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    // std has no wait with a limit; this one costs nothing beside a compiler.
    wait_in_steps(child, limit, Duration::from_millis(10))
}

fn wait_in_steps(child: &mut Child, limit: Duration, step: Duration) -> Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("ended after its time limit of {} s", limit.as_secs());
        }
        thread::sleep(step);
    }
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("{} ended with {status}", name(command))
}

/// The program and its first words, as a person would name it: `cargo test`, not the whole line.
fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(program.as_os_str());
    let words = command
        .get_args()
        .take_while(|arg| !arg.to_string_lossy().starts_with('-'))
        .take(1);
    let mut name = program.to_string_lossy().into_owned();
    for word in words {
        name.push(' ');
        name.push_str(&word.to_string_lossy());
    }
    format!("`{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn output_is_returned() {
        let text = capture(cargo(here()).arg("--version"), SHORT).expect("cargo answers");
        assert!(text.starts_with("cargo "), "{text}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut command("no-such-program", here()), SHORT).expect_err("is missing");
        assert_eq!(
            error.to_string(),
            "`no-such-program` is not installed, or not in PATH"
        );
    }

    #[test]
    fn a_missing_directory_is_no_missing_program() {
        let error = run(&mut cargo(&here().join("no-such-folder")), SHORT).expect_err("is missing");
        assert!(
            error.to_string().ends_with("cannot be started"),
            "{error:#}"
        );
    }

    #[test]
    fn a_failure_is_named_by_command_and_status() {
        let error = run(
            cargo(here())
                .args(["no-such-task", "--quiet"])
                .stderr(Stdio::null()),
            SHORT,
        )
        .expect_err("there is no such task");
        assert_eq!(
            error.to_string(),
            "`cargo no-such-task` ended with exit status: 101"
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_time_limit_ends_the_process() {
        let error = run(
            command("sleep", here()).arg("60"),
            Duration::from_millis(20),
        )
        .expect_err("takes too long");
        assert!(format!("{error:#}").contains("time limit"), "{error:#}");
    }
}
