//! The command `perform`: does what the guide says, from an empty folder, as a reader would who
//! copies each block and runs each step; then writes down what was printed.
//!
//! | file | subject |
//! |---|---|
//! | `stage.rs` | the empty folder, and what programs find there |
//! | `stand_in.rs` | folders that take the place of hosts |
//! | `action.rs` | one block: an edit, a step |
//! | `printed.rs` | what was printed, as files of the book |
//!
//! Nothing here looks at the trees that checks stitch: what a step meets is what the steps and edits
//! before it left.

mod action;
mod printed;
mod stage;
mod stand_in;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use crate::asked::Memory;
use crate::base::Fetcher;
use crate::blocks::{self, Block};
use crate::book::Book;
use crate::config::Edition;
use crate::finding::{Finding, Severity};
use crate::golang::Go;
use crate::plan::Plan;
use crate::recording::{Digests, Inputs, Performance, Recordings};
use crate::role::Role;
use crate::tool;
use crate::verdict::Frame;
use crate::verify::{self, Options, Reading, recorded};

use self::action::Performer;
use self::printed::Printed;
use self::stage::Stage;

/// What becomes of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is written into the book's source folder, and `proofs.lock` says what it is.
    Record,
    /// It is compared with what an earlier performance wrote.
    Compare,
}

/// Performs the guide for an edition, and writes each step with what it prints to `transcript`. The answer
/// is how what was printed differs from what it was before, which only [`Purpose::Compare`] asks for.
///
/// # Errors
/// The block that could not be performed, with its place and the reason.
pub fn perform(
    book: &Book,
    edition: &Edition,
    options: &Options,
    purpose: Purpose,
    transcript: &mut dyn Write,
) -> Result<Vec<String>, String> {
    let reading = Reading::new(book);
    let digests = Digests::new(&reading.documents, &reading.blocks);
    let inputs = Inputs::new(edition, &book.rules, &reading.blocks, &digests);
    // Before the long part, since it would be in vain.
    let recordings =
        Recordings::read(&book.root).map_err(|finding| recorded::in_words(&finding))?;
    if purpose == Purpose::Compare {
        comparable(&recordings, &inputs)?;
    }
    let cache = verify::cache_folder(&book.root);
    fs::create_dir_all(&cache)
        .map_err(|error| format!("{} cannot be made: {error}", cache.display()))?;
    let _lock = recorded::stage(&cache, edition, options.progress)?;
    let tools = book.config.tools.as_ref();
    let tools = tools.map(|tools| book.root.join(tools));
    let go = Go::find(
        tools.as_deref(),
        &cache,
        book.config.longest_call(),
        &Memory::none(),
    )?;
    let scene = Scene {
        book,
        edition,
        options,
        reading: &reading,
        cache: &cache,
        tools: tools.as_deref(),
        go: &go,
    };
    let (steps, printed) = scene.play(transcript)?;
    if purpose == Purpose::Compare {
        return printed.differences(&book.src, edition);
    }
    printed.write(&book.src, edition)?;
    let performance = Performance {
        name: edition.name.clone(),
        digest: inputs.steps_digest(),
        at: verify::now(),
        tools: scene.versions(),
        steps,
        answers: printed.answers(),
    };
    write(book, options, performance)?;
    Ok(Vec::new())
}

/// That there is something to compare with.
fn comparable(recordings: &Recordings, inputs: &Inputs<'_>) -> Result<(), String> {
    let edition = &inputs.edition().name;
    let again = format!("run `mdbook-verify perform --edition {edition}`, without --compare");
    match recordings.performed(inputs) {
        None => Err(format!(
            "what the guide prints for {edition} was never recorded; {again}"
        )),
        Some(Err(stale)) => Err(format!("{}; {again}", stale.message)),
        Some(Ok(_)) => Ok(()),
    }
}

/// All that a performance needs.
struct Scene<'a> {
    book: &'a Book,
    edition: &'a Edition,
    options: &'a Options,
    reading: &'a Reading,
    cache: &'a Path,
    tools: Option<&'a Path>,
    go: &'a Go,
}

impl Scene<'_> {
    /// Does block after block. The answer is the steps that ran, and what they printed where the book
    /// shows it.
    fn play(&self, transcript: &mut dyn Write) -> Result<(Vec<String>, Printed), String> {
        let (plan, findings) = Plan::new(self.edition, &self.reading.blocks);
        refuse_broken(self.reading, &findings)?;
        let frame = Frame::new(&self.reading.blocks, &self.edition.name);
        let blocks: Vec<_> = frame.blocks().collect();
        let outputs = blocks.iter().filter_map(|(_, block)| match &block.role {
            Role::Output { of } => Some(of.value.as_str()),
            _ => None,
        });
        let shown: BTreeSet<_> = outputs.collect();

        let stage = self.stage(&blocks)?;
        let mut performer = Performer::new(&stage, self.edition, self.options.progress);
        for name in &self.book.config.perform.beside {
            let program = tool::find(name, self.tools).ok_or_else(|| {
                format!("`{name}`, which book.toml has run beside the guide, is not installed")
            })?;
            performer.beside(name, &program)?;
        }
        let mut steps = Vec::new();
        let mut printed = Printed::default();
        for (index, block) in blocks {
            let place = verify::place_of(self.reading, block);
            let failed = |why: String| format!("{place}: {why}");
            if let Role::Step(step) = &block.role {
                let shown = shown.contains(block.id.as_str());
                let text = performer.step(block, step, shown).map_err(failed)?;
                writeln!(transcript, "{place}: {}\n{text}", block.id)
                    .map_err(|error| error.to_string())?;
                if shown {
                    printed.add(&block.id, &text);
                }
                steps.push(block.id.clone());
            } else if let Some(op) = plan.ops.iter().find(|op| op.block == index) {
                performer.edit(block, op).map_err(failed)?;
            }
        }
        Ok((steps, printed))
    }

    /// The empty folder, with what takes the place of hosts.
    fn stage(&self, blocks: &[(usize, &Block)]) -> Result<Stage<'_>, String> {
        let mut stage = Stage::new(self.cache, self.edition, self.go, self.tools)?;
        for (name, value) in &self.book.config.perform.env {
            stage.set(name, value);
        }
        let directories = self.options.directories_of(self.edition);
        let fetcher = Fetcher {
            go: Ok(self.go),
            root: &self.book.root,
            cache: self.cache,
            directories: &directories,
            pinned: true,
            asked_since: SystemTime::now(),
            at_most: self.book.config.longest_call(),
            progress: self.options.progress,
        };
        let steps = blocks
            .iter()
            .filter(|(_, block)| block.role.step().is_some());
        let commands: Vec<_> = steps
            .map(|(_, block)| block.content.text.as_str())
            .collect();
        stand_in::provide(&mut stage, self.edition, &fetcher, &commands)?;
        Ok(stage)
    }

    /// The versions of what takes part.
    fn versions(&self) -> BTreeMap<String, String> {
        let own = ("mdbook-verify", env!("CARGO_PKG_VERSION"));
        let used = [own, ("go", self.go.version.as_str())];
        let owned = |(name, version): (&str, &str)| (name.to_owned(), version.to_owned());
        used.map(owned).into()
    }
}

/// Two runs that record different editions must not undo each other's work.
fn write(book: &Book, options: &Options, performance: Performance) -> Result<(), String> {
    let _lock = recorded::lock(book, options.progress)?;
    let mut recordings =
        Recordings::read(&book.root).map_err(|finding| recorded::in_words(&finding))?;
    let order = book.config.edition.iter();
    let order: Vec<_> = order.map(|edition| edition.name.as_str()).collect();
    recordings.replace_performance(performance, &order);
    recordings.write(&book.root)
}

/// A guide whose blocks cannot be read is not begun. An output may well be wrong: it is what this is
/// about to write.
fn refuse_broken(reading: &Reading, findings: &[Finding]) -> Result<(), String> {
    let is_output = |finding: &Finding| {
        let block = finding.span().and_then(|span| {
            let index = blocks::holding(&reading.blocks, &span)?;
            Some(&reading.blocks[index])
        });
        block.is_some_and(|block| matches!(block.role, Role::Output { .. }))
    };
    let mut wrong = reading.findings.iter().chain(findings);
    let wrong = wrong.find(|finding| finding.severity == Severity::Error && !is_output(finding));
    match wrong {
        Some(finding) => Err(format!(
            "the guide is not performed as long as something is wrong with its blocks: {}; `mdbook-verify check` shows all of it",
            finding.message
        )),
        None => Ok(()),
    }
}
