//! Other programs. Nothing else in the crate starts one.
//!
//! A program gets an explicit working directory, an environment made from nothing, a time limit,
//! and room for a bounded answer. What it needs of the user's environment is named here. It is ended
//! together with whatever it started.

mod background;
mod group;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use self::group::Group;

pub use self::background::Background;
pub use self::group::end_with_this_one;

/// The most that a program may print, per stream.
const OUTPUT_LIMIT: u64 = 64 << 20;

/// How long streams may stay open after a program's end.
const GRACE: Duration = Duration::from_secs(2);

/// How often a call looks up while nothing arrives.
const TICK: Duration = Duration::from_millis(200);

/// Variables of the user's environment that programs get: where programs and temporary files are,
/// and how the network is reached.
const PASSED: &[&str] = &[
    "PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Is handed each line of complaint.
type Watch<'a> = Box<dyn FnMut(&str) + 'a>;

/// A call of a program.
pub struct Call<'a> {
    program: PathBuf,
    args: Vec<OsString>,
    cwd: &'a Path,
    env: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
    limit: Duration,
    at_most: Option<Duration>,
    on_line: Option<Watch<'a>>,
}

/// What a program answered.
#[derive(Debug)]
pub struct Answer {
    /// Its exit status; none if a signal ended it.
    pub status: Option<i32>,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained.
    pub stderr: String,
}

impl Answer {
    /// Whether the program ended well.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.status == Some(0)
    }

    /// How it ended, for a sentence: `exit status 1: last lines of its complaint`.
    #[must_use]
    pub fn complaint(&self) -> String {
        let lines: Vec<_> = self.stderr.trim().lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n");
        let status = match self.status {
            Some(status) => format!("exit status {status}"),
            None => "ended by a signal".to_owned(),
        };
        if tail.is_empty() {
            status
        } else {
            format!("{status}: {tail}")
        }
    }
}

/// Why a program could not answer.
#[derive(Debug)]
pub enum ToolError {
    /// There is no such program.
    Missing(PathBuf),
    /// It could not be started, or its answer not read.
    Io(PathBuf, io::Error),
    /// It ran longer than it may.
    TimedOut(PathBuf, Duration),
    /// It printed more than it may.
    TooMuch(PathBuf),
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(program) => write!(f, "{} is not installed", program.display()),
            Self::Io(program, error) => {
                write!(f, "{} could not be run: {error}", program.display())
            }
            Self::TimedOut(program, limit) => {
                write!(
                    f,
                    "{} did not finish within {} s and was stopped",
                    program.display(),
                    limit.as_secs()
                )
            }
            Self::TooMuch(program) => {
                write!(
                    f,
                    "{} printed more than {} MiB and was stopped",
                    program.display(),
                    OUTPUT_LIMIT >> 20
                )
            }
        }
    }
}

impl std::error::Error for ToolError {}

/// The program's file: below `tools` if it is there, else on `PATH`.
#[must_use]
pub fn find(name: &str, tools: Option<&Path>) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = tools
        .map(Path::to_path_buf)
        .into_iter()
        .chain(std::env::split_paths(&path));
    folders
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|candidate| is_program(candidate))
}

/// What tells one build of a program from another: path, size and time.
#[must_use]
pub fn identity(program: &Path) -> String {
    let meta = program.metadata().ok();
    let size = meta.as_ref().map_or(0, std::fs::Metadata::len);
    let time = meta.and_then(|meta| meta.modified().ok());
    let time = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    format!(
        "{} {size} {:?}",
        program.display(),
        time.unwrap_or_default()
    )
}

/// The same of the program that runs.
#[must_use]
pub fn own_identity() -> String {
    std::env::current_exe()
        .map(|exe| identity(&exe))
        .unwrap_or_default()
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

impl<'a> Call<'a> {
    /// A call of `program` in the folder `cwd`.
    #[must_use]
    pub fn new(program: &Path, cwd: &'a Path) -> Self {
        let passed = PASSED
            .iter()
            .filter_map(|name| Some((name.into(), std::env::var_os(name)?)));
        Self {
            program: program.to_path_buf(),
            args: Vec::new(),
            cwd,
            env: passed.collect(),
            stdin: Vec::new(),
            limit: Duration::from_secs(60),
            at_most: None,
            on_line: None,
        }
    }

    /// With these arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// With these variables besides.
    #[must_use]
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        mut self,
        env: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let env = env
            .into_iter()
            .map(|(key, value)| (key.as_ref().to_owned(), value.as_ref().to_owned()));
        self.env.extend(env);
        self
    }

    /// With this input.
    #[must_use]
    pub fn stdin(mut self, input: Vec<u8>) -> Self {
        self.stdin = input;
        self
    }

    /// To be stopped after this time.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// To be stopped after this time at the latest, if the user set one.
    #[must_use]
    pub fn at_most(mut self, limit: Option<Duration>) -> Self {
        self.at_most = limit;
        self
    }

    /// Hands over each line of complaint while the program runs, and an empty one now and then.
    #[must_use]
    pub fn on_line(mut self, watch: impl FnMut(&str) + 'a) -> Self {
        self.on_line = Some(Box::new(watch));
        self
    }

    /// The program, for a sentence.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.program.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The build of the program, the words, the folder and the environment: what an answer may
    /// depend on, but for files. For cache keys.
    #[must_use]
    pub fn question(&self) -> String {
        let program = identity(&self.program);
        format!(
            "{program}\n{}\n{:?}\n{:?}",
            self.cwd.display(),
            self.args,
            self.env
        )
    }

    /// Runs the program to its end.
    ///
    /// # Errors
    /// When it could not be run to its end. A bad exit status is an answer, not an error.
    pub fn run(mut self) -> Result<Answer, ToolError> {
        self.limit = self.at_most.unwrap_or(self.limit).min(self.limit);
        let mut group = self.start([Stdio::piped(), Stdio::piped(), Stdio::piped()])?;
        let child = &mut group.child;
        let deadline = Instant::now() + self.limit;
        // Bounded: a program that prints faster than it is read has to wait.
        let (sender, events) = mpsc::sync_channel(64);
        feed(child, std::mem::take(&mut self.stdin));
        if let Some(stdout) = child.stdout.take() {
            let sender = sender.clone();
            thread::spawn(move || read(stdout, |chunk| sender.send(Event::Printed(chunk))));
        }
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || read(stderr, |chunk| sender.send(Event::Complained(chunk))));
        }
        self.collect(&mut group, &events, deadline)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that starts programs"
    )]
    fn start(&self, [stdin, stdout, stderr]: [Stdio; 3]) -> Result<Group, ToolError> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .current_dir(self.cwd)
            .env_clear()
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .stdin(stdin)
            .stdout(stdout)
            .stderr(stderr);
        Group::start(&mut command).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if self.cwd.is_dir() => {
                ToolError::Missing(self.program.clone())
            }
            _ => ToolError::Io(self.program.clone(), error),
        })
    }

    /// Reads until the program has ended and its streams are closed. A program that it started may
    /// hold them open for longer; then what arrives soon after its end is its answer, and the other
    /// one is ended.
    fn collect(
        &mut self,
        group: &mut Group,
        events: &mpsc::Receiver<Event>,
        deadline: Instant,
    ) -> Result<Answer, ToolError> {
        let mut stdout = Vec::new();
        let mut stderr = Vec::new();
        let mut watched = 0;
        let mut open = true;
        let mut ended: Option<(ExitStatus, Instant)> = None;
        loop {
            if let Some((status, at)) = ended
                && (!open || at.elapsed() > GRACE)
            {
                if open {
                    group.end_the_rest();
                }
                let status = status.code();
                let stderr = String::from_utf8_lossy(&stderr).into_owned();
                return Ok(Answer {
                    status,
                    stdout,
                    stderr,
                });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ToolError::TimedOut(self.program.clone(), self.limit));
            }
            match events.recv_timeout(left.min(TICK)) {
                Ok(Event::Printed(chunk)) => stdout.extend(chunk),
                Ok(Event::Complained(chunk)) => {
                    stderr.extend(chunk);
                    while let Some(length) = stderr[watched..].iter().position(|b| *b == b'\n') {
                        let line = watched..watched + length;
                        watched = line.end + 1;
                        self.watch(&String::from_utf8_lossy(&stderr[line]));
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => self.watch(""),
                // Nothing is left to wait for but the end of the program itself.
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    if !open {
                        thread::sleep(Duration::from_millis(1));
                    }
                    open = false;
                }
            }
            if stdout.len().max(stderr.len()) as u64 > OUTPUT_LIMIT {
                return Err(ToolError::TooMuch(self.program.clone()));
            }
            if ended.is_none() {
                let status = group
                    .try_wait()
                    .map_err(|error| ToolError::Io(self.program.clone(), error))?;
                ended = status.map(|status| (status, Instant::now()));
            }
        }
    }

    fn watch(&mut self, line: &str) {
        if let Some(watch) = &mut self.on_line {
            watch(line);
        }
    }
}

enum Event {
    Printed(Vec<u8>),
    Complained(Vec<u8>),
}

/// A program that does not read its input to the end closes the pipe; that is its right.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || stdin.write_all(&input));
    }
}

/// Hands on what a program prints, to the end or until nobody listens any more.
fn read<E>(mut stream: impl Read, mut hand_on: impl FnMut(Vec<u8>) -> Result<(), E>) {
    let mut chunk = vec![0; 1 << 16];
    while let Ok(read @ 1..) = stream.read(&mut chunk) {
        if hand_on(chunk[..read].to_vec()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Call<'static> {
        let shell = find("sh", None).expect("a shell");
        Call::new(&shell, Path::new("/")).args(["-c", script])
    }

    #[test]
    fn an_answer_has_status_and_both_streams() {
        let answer = sh("cat; echo no >&2; exit 3")
            .stdin(b"hello".to_vec())
            .run()
            .unwrap();
        assert_eq!(
            (answer.status, answer.stdout.as_slice()),
            (Some(3), &b"hello"[..])
        );
        assert_eq!(answer.complaint(), "exit status 3: no");
    }

    #[test]
    fn the_environment_is_made_from_nothing() {
        let answer = sh("env").envs([("A", "b")]).run().unwrap();
        let env = String::from_utf8(answer.stdout).unwrap();
        assert!(env.contains("A=b\n"), "{env}");
        assert!(!env.contains("HOME="), "{env}");
        assert!(!env.contains("CARGO"), "{env}");
    }

    #[test]
    fn a_program_that_never_ends_is_stopped() {
        let error = sh("sleep 600")
            .limit(Duration::from_millis(200))
            .run()
            .unwrap_err();
        assert!(matches!(error, ToolError::TimedOut(..)), "{error}");
    }

    #[test]
    fn a_program_that_never_stops_printing_is_stopped() {
        for script in ["yes", "yes >&2"] {
            let error = sh(script).run().unwrap_err();
            assert!(matches!(error, ToolError::TooMuch(_)), "{error}");
        }
    }

    #[test]
    fn neither_a_lingering_child_nor_closed_streams_are_waited_for_without_end() {
        let begun = Instant::now();
        let answer = sh("sleep 60 & echo done").run().unwrap();
        assert_eq!(answer.stdout, b"done\n");
        let error = sh("exec >&- 2>&-; sleep 60")
            .limit(Duration::from_millis(300))
            .run()
            .unwrap_err();
        assert!(matches!(error, ToolError::TimedOut(..)), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    /// A script that goes on writing to a file until it is ended.
    fn writer(file: &Path) -> String {
        let file = file.display();
        format!("(while :; do echo x >> '{file}'; sleep 0.05; done) &")
    }

    /// Whether somebody still writes to a file that was written to.
    #[track_caller]
    fn assert_no_writer(file: &Path) {
        let length = || std::fs::metadata(file).map_or(0, |meta| meta.len());
        // What was on its way when the writer ended may still arrive.
        thread::sleep(Duration::from_millis(200));
        let before = length();
        assert!(before > 0, "nobody ever wrote");
        thread::sleep(Duration::from_millis(400));
        assert_eq!(length(), before, "somebody still writes");
    }

    #[test]
    fn what_a_stopped_program_started_is_stopped_too() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("written");
        let error = sh(&(writer(&file) + " sleep 600"))
            .limit(Duration::from_millis(500))
            .run()
            .unwrap_err();
        assert!(matches!(error, ToolError::TimedOut(..)), "{error}");
        assert_no_writer(&file);
    }

    #[test]
    fn what_a_program_left_behind_is_ended() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("written");
        assert!(sh(&(writer(&file) + " echo done")).run().unwrap().ok());
        assert_no_writer(&file);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Call::new(Path::new("/no/such/tool"), Path::new("/"))
            .run()
            .unwrap_err();
        assert_eq!(error.to_string(), "/no/such/tool is not installed");
    }
}
