//! `cargo xtask bench`: what the verifier costs, as ratios of one run beside mdBook itself; and what
//! the Rust service costs, beside the Go service; and what the pages cost a reader.
//!
//! Absolute times tell of the machine; ratios of one run, taken in turn, tell of the program. Nothing
//! here fails on a number: a busy machine would fail it.

mod books;
mod measure;

use anyhow::Result;

use self::books::{Guide, Linear};
use self::measure::{Clock, Times, milliseconds, time};
use crate::needs;
use crate::openim;
use crate::process;
use crate::setup;
use crate::step;
use crate::tools::Lock;
use crate::workspace::Workspace;

/// What to measure.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Subject {
    /// The verifier, beside mdBook itself
    Verifier,
    /// The Rust service, beside the guide's service in Go
    Service,
    /// The pages in a browser: size, time until usable, layout shift
    Page,
}

/// How to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What to measure
    #[arg(value_enum, default_value_t = Subject::Verifier)]
    subject: Subject,
    /// How often each measurement of the verifier is taken; the median counts
    #[arg(long, default_value_t = 9)]
    repetitions: usize,
    /// For the verifier: the blocks of the smaller generated book; the larger has ten times as many
    #[arg(long, default_value_t = 1_000)]
    blocks: usize,
}

/// Measures and prints.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    setup::for_book(workspace)?;
    match options.subject {
        Subject::Verifier => verifier(workspace, options),
        Subject::Service => {
            let lock = Lock::take(workspace)?;
            openim::programs(workspace, &lock)?;
            drop(lock);
            program(workspace, "auth-service", "beside_go", "bench")
        }
        Subject::Page => {
            needs::browser(workspace)
                .map_err(|missing| needs::cannot_run("the pages need", &[missing]))?;
            // The browser is measured, not what drives it, which is built for the tests already.
            program(workspace, "guide-tests", "page", "dev")
        }
    }
}

/// Runs a program that measures. What it prints is the result; what it does stands in its own source.
fn program(workspace: &Workspace, package: &str, name: &str, profile: &str) -> Result<()> {
    process::run(
        process::cargo(workspace.root())
            .args(["bench", "--package", package, "--bench", name])
            .args(["--profile", profile])
            .env("MDBOOK", workspace.mdbook())
            .env("MDBOOK_VERIFY", workspace.verifier()),
        process::LONG,
    )
}

/// The verifier, by the guide and by generated books.
fn verifier(workspace: &Workspace, options: &Options) -> Result<()> {
    let clock = Clock {
        repetitions: options.repetitions.max(1),
    };
    let guide = step::run("bench: the guide", "", || guide(workspace, clock))?;
    let linear = step::run("bench: generated books", "", || {
        linear(workspace, clock, options.blocks)
    })?;
    println!("{guide}\n{linear}");
    Ok(())
}

/// The guide itself, beside a copy without the verifier.
fn guide(workspace: &Workspace, clock: Clock) -> Result<String> {
    let book = Guide::new(workspace)?;
    // Fills the caches, which every other run finds full.
    process::run(&mut book.check(&[]), process::LONG)?;
    book.change_a_line()?;
    process::run(&mut book.check(&["--quick"]), process::LONG)?;
    process::run(&mut book.check(&[]), process::LONG)?;
    book.keep()?;
    // By themselves: they are compared by their difference, and what runs for long leaves the machine in
    // another state than it found.
    let [plain, verified, kept] = clock.often().in_turn([
        &mut || time(&mut book.plain("build")),
        &mut || time(&mut book.verified("build")),
        &mut || time(&mut book.kept()?),
    ])?;
    let [cached, quick, plain_test, test] = clock.in_turn([
        &mut || time(&mut book.check(&[])),
        &mut || {
            book.change_a_line()?;
            let taken = time(&mut book.check(&["--quick"]));
            book.change_back()?;
            taken
        },
        &mut || time(&mut book.plain("test")),
        &mut || time(&mut book.verified("test")),
    ])?;
    let row = |what: &str, times: &Times| {
        format!(
            "  {:<52}{:>9}   {:>6.2}",
            what,
            milliseconds(times.median()),
            times.median() / plain.median()
        )
    };
    let more = |what: &str, times: &Times| {
        let longer = times.longer_than(&plain);
        format!("  {what:<52}{:>9}", milliseconds(longer))
    };
    Ok([
        format!(
            "The guide, medians of {} builds and {} runs of the rest; in units of mdBook's own build:",
            clock.often().repetitions,
            clock.repetitions
        ),
        row("mdbook build without the verifier", &plain),
        row("mdbook build, nothing changed", &verified),
        more("  more than without, round by round", &verified),
        more("    of it, mdBook's own work on fuller pages", &kept),
        row("mdbook-verify check, nothing changed", &cached),
        row("mdbook-verify check --quick, one line of Go changed", &quick),
        row("mdbook test without the verifier", &plain_test),
        row("mdbook test", &test),
        String::new(),
    ]
    .join("\n"))
}

/// Generated books, one ten times as large as the other.
fn linear(workspace: &Workspace, clock: Clock, blocks: usize) -> Result<String> {
    let mut lines = vec![format!(
        "Generated books; time per block with {} blocks in units of that with {blocks}:",
        10 * blocks
    )];
    for chapters in [1, 200] {
        let small = Linear::new(workspace, blocks, chapters)?;
        let large = Linear::new(workspace, 10 * blocks, chapters)?;
        let [of_small, of_large, own_small, own_large] = clock.in_turn([
            &mut || time(&mut small.check()),
            &mut || time(&mut large.check()),
            &mut || time(&mut small.plain()),
            &mut || time(&mut large.plain()),
        ])?;
        let chapters = if chapters == 1 {
            "one chapter".to_owned()
        } else {
            format!("{chapters} chapters")
        };
        for (what, small, large) in [
            ("mdbook-verify check", of_small.median(), of_large.median()),
            ("mdbook build alone", own_small.median(), own_large.median()),
        ] {
            lines.push(format!(
                "  {:<52}{:>9}   {:>6.2}",
                format!("{what}, {chapters}"),
                milliseconds(large),
                large / small / 10.0
            ));
        }
    }
    Ok(lines.join("\n"))
}
