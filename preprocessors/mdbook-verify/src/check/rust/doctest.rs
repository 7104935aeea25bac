//! Blocks that stand alone, compiled as `mdbook test` does, but without running them, and with every
//! error at its place.

use std::fs;
use std::num::NonZero;
use std::ops::Range;
use std::path::Path;
use std::thread;

use crate::blocks::Block;
use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place, Span};
use crate::rust::Toolchain;
use crate::segments::{Origin, Stitched};
use crate::workspace::put;

use super::diagnostic::{self, Problem, Spot};
use super::{Context, Outcome, plain, wrap};

pub(super) fn check(context: &Context<'_>, outcome: &mut Outcome) {
    let Ok(toolchain) = &context.rust.toolchain else {
        return;
    };
    let tests: Vec<_> = plain(context)
        .map(|(index, block)| Doctest::new(context, index, block))
        .collect();
    let task = context
        .progress
        .start(format!("compiling {} blocks of Rust", tests.len()));
    let at_once = thread::available_parallelism().map_or(1, NonZero::get);
    for some in tests.chunks(at_once) {
        let compiled: Vec<_> = thread::scope(|scope| {
            let started: Vec<_> = some
                .iter()
                .map(|test| scope.spawn(|| test.compile(toolchain, context.cache)))
                .collect();
            let stopped = |_| Err("the check of a Rust block stopped".to_owned());
            let ended = started
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(stopped));
            ended.collect()
        });
        for (test, compiled) in some.iter().zip(compiled) {
            task.count();
            match compiled {
                Ok(problems) => test.judge(&problems, outcome),
                Err(why) => {
                    outcome.unproven(test.index, why.clone());
                    let finding = Finding::error(Code::TOOL_FAILED, Place::Environment, why);
                    outcome.findings.push(finding);
                }
            }
        }
    }
}

/// A block as a program.
struct Doctest<'a> {
    index: usize,
    block: &'a Block,
    program: Stitched,
    edition: String,
}

impl<'a> Doctest<'a> {
    fn new(context: &Context<'_>, index: usize, block: &'a Block) -> Self {
        let own = block
            .passed_on
            .iter()
            .find_map(|word| word.strip_prefix("edition"));
        let edition = own.or(context.rust.edition.as_deref());
        Self {
            index,
            block,
            program: wrap::program(index, &block.content.text),
            // What rustdoc takes if mdBook names none.
            edition: edition.unwrap_or("2015").to_owned(),
        }
    }

    /// What the compiler objects to; known from an earlier run if nothing changed.
    fn compile(&self, toolchain: &Toolchain, cache: &Path) -> Result<Vec<Problem>, String> {
        let known = cache
            .join("rust")
            .join(format!("{}.json", self.key(toolchain)));
        let read = fs::read(&known).ok();
        if let Some(problems) = read.and_then(|json| serde_json::from_slice(&json).ok()) {
            return Ok(problems);
        }
        let folder = tempfile::tempdir_in(cache).map_err(|error| error.to_string())?;
        // The way that the compiler prints must be the one that is looked for.
        let root = folder
            .path()
            .canonicalize()
            .map_err(|error| error.to_string())?;
        fs::write(root.join(FILE), self.program.text()).map_err(|error| error.to_string())?;
        let answer = toolchain
            .rustc(&root)
            .args([FILE, "--crate-type", "bin", "--emit", "metadata"])
            .args(["--error-format", "json", "--edition", &self.edition])
            .run()
            .map_err(|error| error.to_string())?;
        let mut problems = diagnostic::read(&answer.stderr, &root);
        if answer.ok() {
            problems.clear();
        } else if problems.is_empty() {
            return Err(format!("rustc failed with {}", answer.complaint()));
        }
        // Not to keep it costs time in the next run, nothing else.
        if let Ok(json) = serde_json::to_vec(&problems) {
            let _ = put(&known, &json);
        }
        Ok(problems)
    }

    fn key(&self, toolchain: &Toolchain) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in [&toolchain.identity(), &self.edition, self.program.text()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }

    fn judge(&self, problems: &[Problem], outcome: &mut Outcome) {
        let words = &self.block.passed_on;
        if words.iter().any(|word| word == "compile_fail") {
            match self.wrong_failure(problems) {
                None => outcome.proven(self.index, Kind::Compiled),
                Some(finding) => outcome.findings.push(finding),
            }
        } else if problems.is_empty() {
            outcome.proven(self.index, Kind::Compiled);
        } else {
            let findings = problems.iter().map(|problem| self.finding(problem));
            outcome.findings.extend(findings);
        }
    }

    /// What is wrong with a failure that the block promises.
    fn wrong_failure(&self, problems: &[Problem]) -> Option<Finding> {
        let place = Place::Chapter(self.block.info);
        let Some(first) = problems.first() else {
            let message = "this block should not compile, but it does";
            return Some(Finding::error(Code::RUST_FAILS_NOT, place, message));
        };
        let has = |code: &String| {
            problems
                .iter()
                .any(|problem| problem.code.as_ref() == Some(code))
        };
        let mut promised = self
            .block
            .passed_on
            .iter()
            .filter(|word| is_error_code(word));
        let missing = promised.find(|code| !has(code))?;
        let message = format!("this block should fail with {missing}, but fails otherwise");
        Some(
            Finding::error(Code::RUST_FAILS_NOT, place, message)
                .help(format!("the first error is: {}", first.message)),
        )
    }

    fn finding(&self, problem: &Problem) -> Finding {
        let mut spots = problem.spots.iter();
        let place = spots.find_map(|spot| self.span(&spot.bytes));
        let place = place.unwrap_or_else(|| self.end());
        let finding = Finding::at(Code::RUST_COMPILE, place, &problem.message);
        let finding = finding.maybe_help(problem.help.clone());
        let related = |spot: &Spot| Some((self.span(&spot.bytes)?, spot.label.clone()?));
        let others = spots.filter_map(related);
        others.fold(finding, |finding, (span, label)| {
            finding.related(Place::Chapter(span), label)
        })
    }

    /// The place in the chapter of bytes of the program, unless they were put around the block.
    fn span(&self, bytes: &Range<usize>) -> Option<Span> {
        let Some(Origin::Block { at, .. }) = self.program.origin(bytes.start) else {
            return None;
        };
        let same = bytes.clone().take_while(|byte| {
            let at = at + byte - bytes.start;
            self.program.origin(*byte)
                == Some(Origin::Block {
                    block: self.index,
                    at,
                })
        });
        Some(self.block.content.span(at, at + same.count()))
    }

    /// The last line, which is where something is missing that was never closed.
    fn end(&self) -> Span {
        let text = self.block.content.text.trim_end();
        let line = text.rfind('\n').map_or(0, |eol| eol + 1);
        let start = line + text[line..].len() - text[line..].trim_start().len();
        self.block.content.span(start, text.len())
    }
}

/// The program's file.
const FILE: &str = "block.rs";

fn is_error_code(word: &str) -> bool {
    word.strip_prefix('E')
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}
