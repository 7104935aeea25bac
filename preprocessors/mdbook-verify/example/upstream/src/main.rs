//! `tally` counts what it reads from standard input.

mod lines;

use std::io::{self, Read};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut text = String::new();
    if let Err(error) = io::stdin().read_to_string(&mut text) {
        eprintln!("tally: {error}");
        return ExitCode::FAILURE;
    }
    let count = match std::env::args().nth(1).as_deref() {
        Some("lines") => lines::count(&text),
        _ => {
            eprintln!("usage: tally lines");
            return ExitCode::from(2);
        }
    };
    println!("{count}");
    ExitCode::SUCCESS
}
