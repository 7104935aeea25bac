//! The words after a fence stand where it is said.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_verify::invariants;

fuzz_target!(|text: &str| invariants::attributes(text));
