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

use std::collections::BTreeMap;
use std::io::Write;

use crate::base::Fetcher;
use crate::blocks::{self, Block};
use crate::book::Book;
use crate::config::Edition;
use crate::finding::{Finding, Severity};
use crate::golang::Go;
use crate::plan::Plan;
use crate::recording::{Inputs, Performance, Recordings};
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

/// Performs the guide for an edition, and writes each step with what it prints to `transcript`. The answer is how what was printed differs from what it was
/// before, which only [`Purpose::Compare`] asks for.
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
    let (plan, findings) = Plan::new(edition, &reading.blocks);
    let frame = Frame::new(&reading.blocks, &edition.name);
    let serving: BTreeMap<_, _> = frame.blocks().collect();
    refuse_broken(&reading, &findings)?;
    let inputs = Inputs::new(edition, &book.rules, &reading.documents, &reading.blocks);
    // Before the long part, since it would be in vain.
    let recordings =
        Recordings::read(&book.root).map_err(|finding| recorded::in_words(&finding))?;
    let before = recordings.performance_of(&edition.name);
    if purpose == Purpose::Compare {
        match before {
            None => {
                return Err(format!(
                    "nothing of the edition {} was recorded that this could be compared with; run `mdbook-verify perform` without --compare first",
                    edition.name
                ));
            }
            Some(before) if before.digest != inputs.steps_digest() => {
                return Err(format!(
                    "the blocks of the edition {} are not those that were performed on {}; run `mdbook-verify perform` without --compare",
                    edition.name,
                    before.day()
                ));
            }
            Some(_) => {}
        }
    }

    let cache = verify::cache_folder(&book.root);
    let _lock = recorded::stage(&cache, edition, options.progress)?;
    let tools = book.config.tools.as_ref();
    let tools = tools.map(|tools| book.root.join(tools));
    let at_most = book.config.longest_call();
    std::fs::create_dir_all(&cache)
        .map_err(|error| format!("{} cannot be made: {error}", cache.display()))?;
    let go = Go::find(tools.as_deref(), &cache, at_most)?;
    let directories = options.directories_of(edition);
    let fetcher = Fetcher {
        go: Ok(&go),
        root: &book.root,
        cache: &cache,
        directories: &directories,
        pinned: true,
        asked_since: std::time::SystemTime::now(),
        at_most,
        progress: options.progress,
    };
    let steps = serving.values().filter(|block| block.role.step().is_some());
    let commands: Vec<_> = steps.map(|block| block.content.text.as_str()).collect();
    let mut stage = Stage::new(&cache, edition, &go, tools.as_deref())?;
    for (name, value) in &book.config.perform.env {
        stage.set(name, value);
    }
    stand_in::provide(&mut stage, edition, &fetcher, &commands)?;

    let shown = |step: &Block| {
        let of_step =
            |block: &&Block| matches!(&block.role, Role::Output { of } if of.value == step.id);
        serving.values().any(|block| of_step(&block))
    };
    let mut performer = Performer::new(&stage, edition, options.progress);
    for name in &book.config.perform.beside {
        let program = tool::find(name, tools.as_deref()).ok_or_else(|| {
            format!("`{name}`, which book.toml has run beside the guide, is not installed")
        })?;
        performer.beside(name, &program)?;
    }
    let mut printed = Printed::default();
    let mut steps = Vec::new();
    for (index, block) in &serving {
        let op = plan.ops.iter().find(|op| op.block == *index);
        let place = verify::place_of(&reading, block);
        let failed = |why: String| format!("{place}: {why}");
        match (&block.role, op) {
            (Role::Step(step), _) => {
                let text = performer.step(block, step, shown(block)).map_err(failed)?;
                writeln!(transcript, "{place}: {}\n{text}", block.id)
                    .map_err(|error| error.to_string())?;
                if shown(block) {
                    printed.add(&block.id, &text);
                }
                steps.push(block.id.clone());
            }
            (_, Some(op)) => performer.edit(block, op).map_err(failed)?,
            (_, None) => {}
        }
    }
    drop(performer);

    if purpose == Purpose::Compare {
        return printed.differences(&book.src, edition);
    }
    printed.write(&book.src, edition)?;
    let performance = Performance {
        name: edition.name.clone(),
        digest: inputs.steps_digest(),
        at: verify::now(),
        tools: stage.tools(),
        steps,
        answers: printed.answers(),
    };
    write(book, options, performance)?;
    Ok(Vec::new())
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
