//! One block of the guide, done: an edit of a file, or a step.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::blocks::Block;
use crate::config::Edition;
use crate::patch;
use crate::plan::{Op, OpKind, patch_finding};
use crate::progress::Progress;
use crate::role::Step;
use crate::segments::Stitched;
use crate::tool::{Answer, Background, Call};

use super::stage::Stage;

/// How long a step may have to wait for what was started before it.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long a reader waits before trying again.
const PAUSE: Duration = Duration::from_secs(1);
/// How much of what a program said stands in an error.
const TAIL: usize = 12;

/// Does one block after the other.
pub(super) struct Performer<'a> {
    stage: &'a Stage<'a>,
    edition: &'a Edition,
    progress: Progress,
    /// Ended in the order in which they stand here, so the last one started comes first.
    running: Vec<Running>,
}

/// A step that goes on running.
struct Running {
    id: String,
    program: Background,
    log: PathBuf,
}

impl<'a> Performer<'a> {
    pub(super) fn new(stage: &'a Stage<'a>, edition: &'a Edition, progress: Progress) -> Self {
        Self {
            stage,
            edition,
            progress,
            running: Vec::new(),
        }
    }

    fn base<'b>(&'b self, block: &'b Block) -> &'b str {
        let default = self.edition.default_base();
        block.base.as_ref().map_or(default, |base| &base.value)
    }

    /// Changes a file as the block says. A change that must fail is none that a reader keeps.
    pub(super) fn edit(&self, block: &Block, op: &Op) -> Result<(), String> {
        if op.fails.is_some() {
            return Ok(());
        }
        let file = self.stage.base(&op.base).join(&op.path);
        let text = &block.content.text;
        match &op.kind {
            OpKind::Create if file.exists() => Err(format!("{} is there already", op.path)),
            OpKind::Create => {
                if let Some(folder) = file.parent() {
                    fs::create_dir_all(folder)
                        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
                }
                write(&file, text)
            }
            OpKind::Append => write(&file, &(read(&file)? + text)),
            OpKind::Patch(hunks) => {
                let current = Stitched::from_base(&read(&file)?);
                let patched = patch::apply(&current, text, hunks, op.block);
                let patched = patched.map_err(|errors| {
                    let said = errors.into_iter().map(|error| {
                        let finding = patch_finding(block, &op.path, error);
                        finding.message
                    });
                    said.collect::<Vec<_>>().join("; ")
                })?;
                write(&file, patched.text())
            }
            OpKind::Fragment => match patch::occurrences(&read(&file)?, text).len() {
                0 => Err(format!("{} does not have these lines", op.path)),
                _ => Ok(()),
            },
        }
    }

    /// Runs a step and answers what it printed. `shown` says whether the book shows that.
    pub(super) fn step(
        &mut self,
        block: &Block,
        step: &Step,
        shown: bool,
    ) -> Result<String, String> {
        if let Some(id) = &step.stops {
            self.stop(&id.value)?;
        }
        let base = self.base(block);
        let cwd = step.cwd.as_ref().map_or("", |cwd| &cwd.value);
        let cwd = self.stage.resolve(base, cwd)?;
        if step.background {
            self.start(block, &cwd)?;
            return Ok(String::new());
        }
        let task = self
            .progress
            .start(format!("running the step {}", block.id));
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.all_run()?;
            let call = self.stage.shell(&block.content.text, &cwd);
            let answer = call.on_line(|_| task.tick()).run();
            let answer = answer.map_err(|error| error.to_string())?;
            let text = String::from_utf8_lossy(&answer.stdout).into_owned();
            let wrong = complaint(step, &answer, &text, shown);
            let Some(wrong) = wrong else {
                return Ok(text);
            };
            // What was started a moment ago may need a while until it answers.
            if self.running.is_empty() || Instant::now() > deadline {
                return Err(format!("the step `{}` {wrong}", block.id));
            }
            task.tick();
            thread::sleep(PAUSE);
        }
    }

    fn start(&mut self, block: &Block, cwd: &Path) -> Result<(), String> {
        let call = self.stage.shell(&block.content.text, cwd);
        self.run_on(&block.id, call)
    }

    /// Starts a program that the guide takes for granted.
    pub(super) fn beside(&mut self, name: &str, program: &Path) -> Result<(), String> {
        let cwd = self.stage.wings.join(name);
        fs::create_dir_all(&cwd)
            .map_err(|error| format!("{} cannot be made: {error}", cwd.display()))?;
        self.run_on(name, self.stage.call(program, &cwd))
    }

    fn run_on(&mut self, id: &str, call: Call<'_>) -> Result<(), String> {
        let log = self.stage.wings.join(format!("{id}.log"));
        let program = call.background(&log).map_err(|error| error.to_string())?;
        let id = id.to_owned();
        self.running.insert(0, Running { id, program, log });
        Ok(())
    }

    fn stop(&mut self, id: &str) -> Result<(), String> {
        let index = self.running.iter().position(|running| running.id == id);
        let index = index.ok_or_else(|| format!("stops={id} names no step that runs"))?;
        self.running.remove(index);
        Ok(())
    }

    /// That nothing has ended which should still run.
    fn all_run(&mut self) -> Result<(), String> {
        for running in &mut self.running {
            if let Some(status) = running.program.ended().map_err(|error| error.to_string())? {
                let said = fs::read_to_string(&running.log).unwrap_or_default();
                return Err(format!(
                    "`{}`, which should still run, has ended with {status}: {}",
                    running.id,
                    tail(&said)
                ));
            }
        }
        Ok(())
    }
}

/// What is wrong with how a step ended.
fn complaint(step: &Step, answer: &Answer, text: &str, shown: bool) -> Option<String> {
    let status = match answer.status {
        Some(status) => format!("exit status {status}"),
        None => "a signal".to_owned(),
    };
    match &step.fails {
        Some(promised) if answer.ok() => Some(format!(
            "ended well, where it should fail with `{}`",
            promised.value
        )),
        Some(promised) if !text.contains(&promised.value) => Some(format!(
            "ended with {status}, but did not say `{}`: {}",
            promised.value,
            tail(text)
        )),
        None if !answer.ok() => Some(format!("ended with {status}: {}", tail(text))),
        _ if shown && text.trim().is_empty() => {
            Some("printed nothing, where the book shows what it prints".to_owned())
        }
        _ => None,
    }
}

/// The last lines of what a program said.
fn tail(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    match lines.len() {
        0 => "it said nothing".to_owned(),
        count => lines[count.saturating_sub(TAIL)..].join("\n"),
    }
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}
