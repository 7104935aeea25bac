//! No block of a chapter is lost, and its bytes stand where it is said.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_verify::invariants;

fuzz_target!(|text: &str| invariants::blocks(text));
