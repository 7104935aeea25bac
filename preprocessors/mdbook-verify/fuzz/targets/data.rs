//! Errors in data point into it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_verify::invariants;

fuzz_target!(|text: &str| invariants::data(text));
