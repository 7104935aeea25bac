//! `guide-mutants` breaks a book, one token at a time, and asks `mdbook-verify` each time whether
//! it notices. `cargo xtask mutants` sets it up and calls it.
//!
//! For every block and every [`class`] of token that the block has, one token is misspelt: one
//! defect, so one [`mutant`]. It is found when the verifier reports something inside of the block;
//! else it survives, and somebody has to write down the [`reasons`] why that is as it should be.
//!
//! [`spots`] knows where a block can be broken, with the help of the lexers in [`lex`];
//! [`mutate`] breaks; [`copy`] holds the copies of the book that are broken; [`trial`] asks the
//! [`verifier`] and judges its answer; [`run`] does that for all, several at a time; [`known`]
//! keeps outcomes for the next run; [`table`] prints them.
//!
//! It is a package of its own because xtask is built before the first page of the guide is served,
//! and has to stay small; and it is no test, because its survivors are to be read.

mod class;
mod code;
mod copy;
mod known;
mod lex;
mod mutant;
mod mutate;
mod reasons;
mod run;
mod spots;
mod table;
mod trial;
mod verifier;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::class::Class;

/// Breaks the guide one token at a time: each defect has to be found in its block.
///
/// One token of each class in each block. Exit status: 0 if every survivor has a written reason
/// and every reason a survivor, 1 if not, 2 if it cannot run.
#[derive(Parser)]
#[command(name = "cargo xtask mutants", bin_name = "cargo xtask mutants")]
pub(crate) struct Options {
    /// Only this block; may be given several times
    #[arg(long, value_name = "ID")]
    block: Vec<String>,
    /// Only this class of tokens; may be given several times
    #[arg(long, value_enum)]
    class: Vec<Class>,
    /// Every token, not one of each class
    #[arg(long)]
    every_token: bool,
    /// Only so many, chosen anew with each commit
    #[arg(long, value_name = "COUNT")]
    sample: Option<usize>,
    /// Chooses the sample in the commit's place
    #[arg(long, value_name = "TEXT", requires = "sample")]
    seed: Option<String>,
    /// How many to try at a time, each in a copy of the book
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    /// Forget the outcomes of earlier runs
    #[arg(long)]
    fresh: bool,
    /// Only list the mutants
    #[arg(long)]
    list: bool,
    /// The folder of book.toml
    #[arg(long, value_name = "DIR", default_value = ".", hide = true)]
    book: PathBuf,
    /// The verifier
    #[arg(long, value_name = "FILE", hide = true)]
    verifier: PathBuf,
    /// The folder of the tools that the verifier uses
    #[arg(long, value_name = "DIR", hide = true)]
    tools: PathBuf,
}

fn main() -> ExitCode {
    match run::run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }
}
