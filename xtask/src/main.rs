//! `cargo xtask TASK`: the project's tasks.
//!
//! `main.rs` knows which tasks there are and how they end; each task is one file: [`setup`],
//! [`serve`], [`build`], [`policy`], [`check`] (also record and perform), [`mutants`], [`bench`],
//! [`fuzz`], [`test`]. Beside
//! them stand what the tasks share:
//! [`workspace`] (where things are), [`tools`] (what set-up puts into `target/tools`, with the
//! versions), [`scripts`] (what runs in the browser and is not ours), [`openim`] (what of OpenIM the
//! tests run), [`needs`] (what has to be installed already), [`step`] (a heading, the time it took and a way out) and [`process`] (the only file
//! that starts one).
//!
//! What a task itself says goes to stderr, so that stdout is left to the tools.

mod bench;
mod build;
mod check;
mod fuzz;
mod mutants;
mod needs;
mod openim;
mod policy;
mod process;
mod scripts;
mod serve;
mod setup;
mod step;
mod test;
mod tools;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::needs::CannotRun;
use crate::workspace::Workspace;

/// The project's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Put the tools that the other tasks need into target/tools
    Setup,
    /// Verify the book and serve it, again after each change; findings stand on the page
    Serve(serve::Options),
    /// Verify the book and write its pages into book/; a finding fails
    Build,
    /// Build the book and print the content security policy that it can be served with
    Policy,
    /// Verify the book without building it: `mdbook-verify check` with the arguments given
    // Without a help flag of its own, `--help` reaches mdbook-verify, which has the answer.
    #[command(disable_help_flag = true)]
    Check {
        /// Arguments of `mdbook-verify check`, such as --strict or --help
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Verify editions and keep what was proven in proofs.lock: `mdbook-verify record` with the
    /// arguments given
    #[command(disable_help_flag = true)]
    Record {
        /// Arguments of `mdbook-verify record`, such as --edition EDITION or --help
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Do what the guide says from an empty folder and keep what its steps print:
    /// `mdbook-verify perform` with the arguments given
    #[command(disable_help_flag = true)]
    Perform {
        /// Arguments of `mdbook-verify perform`, such as --edition EDITION, --compare or --help
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Misspell the guide token by token: each defect has to be found in its block
    #[command(disable_help_flag = true)]
    Mutants {
        /// Arguments such as --block ID, --class CLASS, --sample COUNT or --help
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Measure the verifier beside mdBook itself, the Rust service beside the Go one, or the pages in
    /// a browser
    Bench(bench::Options),
    /// Run the fuzz targets of the verifier for some seconds each; a crash fails
    Fuzz(fuzz::Options),
    /// Run all that has to pass: formatting, lints, tests, and the book in strict mode
    Test,
}

/// Exit status: 0 all is well, 1 a step failed, 2 the task cannot run (usage, a missing tool).
fn main() -> ExitCode {
    let cli = Cli::parse_from(without_second_separator(std::env::args_os()));
    match run(cli.task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  because: {cause}");
            }
            if error.downcast_ref::<CannotRun>().is_some() {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Setup => setup::run(&workspace),
        Task::Serve(options) => serve::run(&workspace, &options),
        Task::Build => build::run(&workspace),
        Task::Policy => policy::run(&workspace),
        Task::Check { args } => check::run(&workspace, "check", &args),
        Task::Record { args } => check::run(&workspace, "record", &args),
        Task::Perform { args } => check::perform(&workspace, &args),
        Task::Mutants { args } => mutants::run(&workspace, &args),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::Test => test::run(&workspace),
    }
}

/// The alias in `.cargo/config.toml` ends in `--` already. Whoever writes another one from habit,
/// as in `cargo xtask serve -- --open`, means the same.
fn without_second_separator(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.collect();
    if args.get(2).is_some_and(|arg| arg == "--") {
        args.remove(2);
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(args: &[&str]) -> Task {
        let args = args.iter().map(OsString::from);
        Cli::try_parse_from(without_second_separator(args))
            .expect("valid arguments")
            .task
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_separator_of_habit_changes_nothing() {
        for args in [
            ["xtask", "serve", "--", "-p", "3001"].as_slice(),
            &["xtask", "serve", "-p", "3001"],
        ] {
            let Task::Serve(options) = parse(args) else {
                panic!("{args:?} is not serve")
            };
            assert_eq!(options.port, 3001);
        }
    }

    #[test]
    fn check_and_record_pass_everything_on() {
        for task in ["check", "record"] {
            for args in [
                ["xtask", task, "--", "--edition", "e", "--help"].as_slice(),
                &["xtask", task, "--edition", "e", "--help"],
            ] {
                let (Task::Check { args } | Task::Record { args }) = parse(args) else {
                    panic!("{args:?} is not {task}")
                };
                assert_eq!(args, ["--edition", "e", "--help"]);
            }
        }
    }
}
