//! The `mdbook-verify` program: mdBook's protocol, and the commands for people and CI.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mdbook_verify::adapter::{self, Request};
use mdbook_verify::book::Book;
use mdbook_verify::config::{Edition, OnFinding};
use mdbook_verify::finding::{CODES, Code, nearest};
use mdbook_verify::gulps::gulps;
use mdbook_verify::perform::{Purpose, perform};
use mdbook_verify::progress::Progress;
use mdbook_verify::record::record;
use mdbook_verify::recording::FILE;
use mdbook_verify::report::{self, Exit, Report};
use mdbook_verify::tool;
use mdbook_verify::verify::{Options, Product, stitch, verify};

/// Proves every code block of an mdBook on the real upstream source.
///
/// Without a command it is a preprocessor: it reads mdBook's request from standard input.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// mdBook asks whether a renderer is supported
    Supports {
        /// The renderer
        renderer: String,
    },
    /// Verifies a book
    Check {
        #[command(flatten)]
        which: Which,
        /// An unproven block, a missing tool or a warning fails
        #[arg(long)]
        strict: bool,
        /// Types only, no code generation
        #[arg(long)]
        quick: bool,
        /// How to print the report
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Forget the verdicts of earlier runs
        #[arg(long)]
        no_cache: bool,
    },
    /// Lists every block with what is proven about it
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Writes the finished trees of an edition, for other tools and for reading
    Stitch {
        #[command(flatten)]
        which: Which,
        /// A new or empty folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Verifies editions in full and writes what was proven into proofs.lock
    Record {
        #[command(flatten)]
        which: Which,
    },
    /// Does what the guide says, from an empty folder, and writes down what its steps print
    Perform {
        #[command(flatten)]
        which: Which,
        /// Write nothing; say what is printed otherwise than before
        #[arg(long)]
        compare: bool,
    },
    /// Says what a finding means and how to mend it
    Explain {
        /// Its id, such as V0102
        id: String,
    },
}

#[derive(Args)]
struct Which {
    /// The folder of book.toml
    #[arg(default_value = ".")]
    book: PathBuf,
    /// Only this edition; may be given several times
    #[arg(long, value_name = "EDITION")]
    edition: Vec<String>,
    /// A folder that stands in for a base
    #[arg(long, value_name = "EDITION/BASE=DIR", value_parser = stand_in)]
    base: Vec<((String, String), PathBuf)>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// Workflow commands of GitHub Actions
    Github,
    /// Test results as XML, for CI servers
    Junit,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = tool::end_with_this_one().context("signals cannot be waited for");
    match ended.and_then(|()| run(cli.command)) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(Exit::CannotRun.code())
        }
    }
}

fn run(command: Option<Command>) -> anyhow::Result<Exit> {
    match command {
        None => preprocess(),
        // Only 0 means yes to mdBook; any other answer would silently leave the book unverified.
        Some(Command::Supports { renderer: _ }) => Ok(Exit::Proven),
        Some(Command::Check {
            which,
            strict,
            quick,
            format,
            no_cache,
        }) => {
            let (book, mut options) = which.load()?;
            options.quick = quick;
            options.cached = !no_cache;
            options.strict |= strict;
            let report = verify(&book, &options);
            print(&report, format, options.strict)?;
            Ok(report.exit(options.strict))
        }
        Some(Command::List { which }) => {
            let (book, options) = which.load()?;
            let report = verify(&book, &options);
            write!(io::stdout(), "{}", report::list(&report))?;
            Ok(report.exit(book.config.strict))
        }
        Some(Command::Stitch { which, out }) => {
            let (book, options) = which.load()?;
            let [edition] = named(&book, &options)?[..] else {
                bail!("name one edition: --edition EDITION");
            };
            let report = stitch(&book, &options, edition, &out).map_err(anyhow::Error::msg)?;
            if report.exit(false) != Exit::Proven || report.exit(true) == Exit::CannotRun {
                print(&report, Format::Text, true)?;
                return Ok(report.exit(true));
            }
            for base in edition.base.keys() {
                writeln!(io::stdout(), "{base}: {}", out.join(base).display())?;
            }
            Ok(Exit::Proven)
        }
        Some(Command::Record { which }) => {
            let (book, options) = which.load()?;
            record_editions(&book, &options)
        }
        Some(Command::Perform { which, compare }) => {
            let (book, options) = which.load()?;
            let purpose = if compare {
                Purpose::Compare
            } else {
                Purpose::Record
            };
            perform_editions(&book, &options, purpose)
        }
        Some(Command::Explain { id }) => explain(&id),
    }
}

impl Which {
    fn load(self) -> anyhow::Result<(Book, Options)> {
        let book = adapter::load(&self.book)?;
        let known = || {
            book.config
                .edition
                .iter()
                .map(|edition| edition.name.as_str())
        };
        let named = self
            .edition
            .iter()
            .chain(self.base.iter().map(|((edition, _), _)| edition));
        for name in named {
            if !known().any(|known| known == name) {
                let near = nearest(name, known())
                    .map(|near| format!("; did you mean {near}?"))
                    .unwrap_or_default();
                bail!("the book has no edition {name}{near}");
            }
        }
        for ((edition, base), dir) in &self.base {
            if book
                .config
                .edition(edition)
                .is_some_and(|edition| !edition.base.contains_key(base))
            {
                bail!("the edition {edition} has no base {base}");
            }
            if !dir.is_dir() {
                bail!(
                    "{} is no folder, so it cannot stand in for {edition}/{base}",
                    dir.display()
                );
            }
        }
        let options = Options {
            editions: (!self.edition.is_empty()).then_some(self.edition),
            directories: BTreeMap::from_iter(self.base),
            strict: book.config.strict,
            progress: Progress::shown(),
            ..Options::default()
        };
        Ok((book, options))
    }
}

/// The editions that were asked for; the only one of the book need not be named.
fn named<'b>(book: &'b Book, options: &Options) -> anyhow::Result<Vec<&'b Edition>> {
    let all = &book.config.edition;
    match &options.editions {
        None if all.len() > 1 => bail!("name an edition: --edition EDITION"),
        None => Ok(all.iter().collect()),
        Some(names) => Ok(all
            .iter()
            .filter(|edition| names.contains(&edition.name))
            .collect()),
    }
}

fn record_editions(book: &Book, options: &Options) -> anyhow::Result<Exit> {
    let editions = named(book, options)?;
    let report = record(book, &editions, options).map_err(anyhow::Error::msg)?;
    print(&report, Format::Text, true)?;
    let exit = report.exit(true);
    let what = match exit {
        Exit::Proven => format!("{FILE} is written"),
        Exit::Findings | Exit::CannotRun => {
            format!("{FILE} is as it was: only what is proven in full is recorded")
        }
    };
    eprintln!("verify: {what}");
    Ok(exit)
}

fn perform_editions(book: &Book, options: &Options, purpose: Purpose) -> anyhow::Result<Exit> {
    let mut exit = Exit::Proven;
    for edition in named(book, options)? {
        let differences = perform(book, edition, options, purpose, &mut io::stdout())
            .map_err(anyhow::Error::msg)?;
        for difference in &differences {
            writeln!(io::stdout(), "{difference}")?;
            exit = Exit::Findings;
        }
        let what = match (purpose, differences.len()) {
            (Purpose::Record, _) => format!("what it printed is recorded in {FILE}"),
            (Purpose::Compare, 0) => "it printed what it printed before".to_owned(),
            (Purpose::Compare, count) => format!("{count} steps printed something else"),
        };
        eprintln!("verify: {} was performed; {what}", edition.name);
    }
    Ok(exit)
}

/// `EDITION/BASE=DIR`
fn stand_in(text: &str) -> Result<((String, String), PathBuf), String> {
    let parts = text
        .split_once('=')
        .and_then(|(name, dir)| Some((name.split_once('/')?, dir)));
    let ((edition, base), dir) = parts.ok_or("write EDITION/BASE=DIR")?;
    let dir = std::path::absolute(dir).map_err(|error| error.to_string())?;
    Ok(((edition.to_owned(), base.to_owned()), dir))
}

fn preprocess() -> anyhow::Result<Exit> {
    if io::stdin().is_terminal() {
        bail!(
            "mdbook-verify is a preprocessor of mdBook; to verify a book by hand, run `mdbook-verify check`"
        );
    }
    let request = Request::read(gulps(io::stdin().lock()))?;
    let options = Options {
        strict: request.book.config.strict,
        product: match request.renderer.as_str() {
            "test" => Product::Report,
            _ => Product::Pages,
        },
        progress: Progress::shown(),
        ..Options::default()
    };
    let config = request.book.config.clone();
    let report = verify(&request.book, &options);
    let exit = report.exit(config.strict);
    if report.findings.is_empty() {
        eprint!("verify: {}", report::summary(&report));
    } else {
        anstream::eprintln!("{}", report::text(&report, true));
    }
    if exit != Exit::Proven && config.findings == OnFinding::Fail {
        return Ok(exit);
    }
    // Only now: mdBook reads whatever is printed here as the book.
    hand_back(&request.answer(&report)).context("the book could not be handed back to mdBook")?;
    Ok(Exit::Proven)
}

/// In large pieces: standard output alone would take a book line by line, and it has but one.
fn hand_back(answer: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    serde_json::to_writer(&mut out, answer)?;
    Ok(out.flush()?)
}

fn print(report: &Report, format: Format, strict: bool) -> anyhow::Result<()> {
    match format {
        Format::Text => anstream::print!("{}", report::text(report, true)),
        Format::Json => {
            let mut out = io::stdout().lock();
            serde_json::to_writer_pretty(&mut out, &report::json(report))?;
            writeln!(out)?;
        }
        Format::Github => {
            let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
            let repository = report::repository(&report.book, workspace);
            write!(io::stdout(), "{}", report::github(report, &repository))?;
        }
        Format::Junit => writeln!(io::stdout(), "{}", report::junit(report, strict)?)?,
    }
    Ok(())
}

fn explain(id: &str) -> anyhow::Result<Exit> {
    let Some(code) = Code::find(id) else {
        let near = nearest(&id.to_uppercase(), CODES.iter().map(|code| code.id))
            .map(|near| format!("; did you mean {near}?"));
        bail!("no finding has the id {id}{}", near.unwrap_or_default());
    };
    writeln!(
        io::stdout(),
        "{}: {}\n\n{}",
        code.id,
        code.title,
        code.explanation
    )?;
    Ok(Exit::Proven)
}
