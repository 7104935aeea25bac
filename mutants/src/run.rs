//! A run: which mutants, tried how, and what came of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use mdbook_verify::tool::{self, Call};

use crate::Options;
use crate::copy::{self, Copy};
use crate::known::Known;
use crate::mutant::{self, Mutant};
use crate::reasons::Reasons;
use crate::table::Summary;
use crate::trial::{self, Baseline, Outcome};
use crate::verifier::{Block, Depth, Verifier};

/// Runs, prints, and says whether all is well.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let book = options.book.canonicalize();
    let book = book.context("there is no such book")?;
    let reasons = Reasons::read(&book.join("tests/mutants.toml"))?;
    let work = book.join("target/mutants");
    let _turn = take_turn(&work)?;
    let copies = copies(&book, &work, options.jobs)?;
    let first = copies.first().context("there is no copy of the book")?;
    let (verifier, possible) = everything(options, &work, first)?;
    let (baseline, blocks) = Baseline::of(&verifier, first)?;
    let chosen = choose(options, possible.clone(), &blocks, &book)?;
    if options.list {
        for mutant in &chosen {
            let place = format!("{}:{}", mutant.block.file, mutant.line);
            writeln!(std::io::stdout(), "{place} {mutant}")?;
        }
        return Ok(true);
    }
    let under = format!("{} {}", verifier.identity()?, copy::rules(&book)?);
    let mut known = Known::load(&work.join("outcomes.jsonl"), under, options.fresh)?;
    let try_one = |copy: &Copy, mutant: &Mutant| trial::run(&verifier, &baseline, copy, mutant);
    let (mut tried, unjudged) = try_all(&try_one, &copies, chosen, &mut known)?;
    tried.sort_by_key(|(mutant, _)| (mutant.block.file.clone(), mutant.at.start));
    let summary = Summary {
        stale: reasons.stale(&possible, &tried),
        tried: &tried,
        reasons: &reasons,
        unjudged: &unjudged,
    };
    write!(std::io::stdout(), "{summary}")?;
    Ok(summary.passes())
}

/// The verifier for the editions that it can check here, and the mutants of all blocks and tokens.
fn everything(options: &Options, work: &Path, book: &Copy) -> Result<(Verifier, Vec<Mutant>)> {
    // A copy: a build in between would change the judge during the trial.
    let program = work.join("mdbook-verify");
    copy::program(&options.verifier, &program)?;
    let tools = std::path::absolute(&options.tools).context("there are no such tools")?;
    let verifier = Verifier::new(program, tools);
    let report = verifier.check(book.root(), Depth::Quick)?;
    let editions = report.live_editions();
    ensure!(
        !editions.is_empty(),
        "no edition can be checked here; `cargo xtask check` says why"
    );
    let mutants = mutants(report.blocks(), book)?;
    Ok((verifier.for_editions(editions), mutants))
}

/// Two runs would break the same copies.
fn take_turn(work: &Path) -> Result<File> {
    fs::create_dir_all(work).with_context(|| format!("{} cannot be made", work.display()))?;
    let lock = File::create(work.join(".lock")).context("the lock cannot be made")?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!("another run is under way; end it, or wait for it"),
        Err(TryLockError::Error(error)) => Err(error).context("the lock cannot be taken"),
    }
}

fn copies(book: &Path, work: &Path, count: u8) -> Result<Vec<Copy>> {
    (1..=count)
        .map(|number| Copy::of(book, work.join(format!("book-{number}"))))
        .collect()
}

/// The mutants of all blocks, one for each token.
fn mutants(blocks: Vec<Block>, book: &Copy) -> Result<Vec<Mutant>> {
    ensure!(!blocks.is_empty(), "the book has no block");
    let mut files = BTreeMap::new();
    let mut mutants = Vec::new();
    for block in blocks.into_iter().map(Arc::new) {
        if !files.contains_key(&block.file) {
            files.insert(block.file.clone(), book.read(&block.file)?);
        }
        mutants.extend(mutant::of_block(&block, &files[&block.file])?);
    }
    Ok(mutants)
}

/// The mutants to try, of the blocks that can be checked here.
fn choose(
    options: &Options,
    mut mutants: Vec<Mutant>,
    live: &[Block],
    book: &Path,
) -> Result<Vec<Mutant>> {
    for id in &options.block {
        let known = mutants.iter().any(|mutant| mutant.block.id == *id);
        ensure!(known, "the book has no block {id}");
    }
    let live: BTreeSet<&str> = live.iter().map(|block| block.id.as_str()).collect();
    let all: BTreeSet<String> = mutants.iter().map(|one| one.block.id.clone()).collect();
    for id in all.iter().filter(|id| !live.contains(id.as_str())) {
        eprintln!("{id} is left out: the source of its edition cannot be had here");
    }
    mutants.retain(|mutant| live.contains(mutant.block.id.as_str()));
    let (blocks, classes) = (&options.block, &options.class);
    mutants.retain(|mutant| blocks.is_empty() || blocks.contains(&mutant.block.id));
    mutants.retain(|mutant| classes.is_empty() || classes.contains(&mutant.class));
    if !options.every_token {
        mutants = mutant::one_of_each_class(mutants);
    }
    ensure!(!mutants.is_empty(), "there is nothing of this to break");
    if let Some(count) = options.sample {
        let seed = match &options.seed {
            Some(seed) => seed.clone(),
            None => commit(book)?,
        };
        mutants = mutant::sample(mutants, count, &seed);
    }
    Ok(mutants)
}

fn commit(book: &Path) -> Result<String> {
    let git = tool::find("git", None).context("git is not installed; name a --seed")?;
    let answer = Call::new(&git, book)
        .args(["rev-parse", "HEAD"])
        .envs(std::env::vars_os())
        .run()?;
    ensure!(
        answer.ok(),
        "the commit is unknown: git ended with {}. Name a --seed",
        answer.complaint()
    );
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

type Tried = Vec<(Mutant, Outcome)>;
type Unjudged = Vec<(Mutant, String)>;

/// Tries what is not known from earlier runs, one mutant at a time in each copy.
fn try_all(
    try_one: &(impl Fn(&Copy, &Mutant) -> Result<Outcome> + Sync),
    copies: &[Copy],
    mutants: Vec<Mutant>,
    known: &mut Known,
) -> Result<(Tried, Unjudged)> {
    let (mut tried, mut unjudged) = (Vec::new(), Vec::new());
    let mut queue = VecDeque::new();
    for mutant in mutants {
        match known.get(&mutant) {
            Some(outcome) => tried.push((mutant, outcome)),
            None => queue.push_back(mutant),
        }
    }
    let mut progress = Progress::new(tried.len(), queue.len());
    let queue = Mutex::new(queue);
    let next = || {
        queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    thread::scope(|scope| {
        let (sender, ended) = mpsc::channel();
        for copy in copies {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(mutant) = next() {
                    let outcome = try_one(copy, &mutant);
                    if sender.send((mutant, outcome)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (mutant, outcome) in ended {
            match outcome {
                Ok(outcome) => {
                    progress.step(&format!("{mutant}: {outcome}"));
                    known.add(&mutant, &outcome)?;
                    tried.push((mutant, outcome));
                }
                Err(why) => {
                    progress.step(&format!("{mutant}: no verdict, {why:#}"));
                    unjudged.push((mutant, format!("{why:#}")));
                }
            }
        }
        Ok((tried, unjudged))
    })
}

/// How far, how fast, how long.
struct Progress {
    begun: Instant,
    done: usize,
    all: usize,
}

impl Progress {
    fn new(known: usize, all: usize) -> Self {
        eprintln!("{all} mutants to try, {known} known from earlier runs");
        Self {
            begun: Instant::now(),
            done: 0,
            all,
        }
    }

    fn step(&mut self, what: &str) {
        self.done += 1;
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let (done, left) = (self.done as f64, (self.all - self.done) as f64);
        let each = self.begun.elapsed().as_secs_f64() / done;
        let line = what.lines().next().unwrap_or_default();
        eprintln!(
            "{:>4}/{} ({each:.1} s each, {:.0} min left) {line}",
            self.done,
            self.all,
            each * left / 60.0
        );
    }
}
