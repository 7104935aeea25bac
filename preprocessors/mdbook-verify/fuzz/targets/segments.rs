//! The map of origins is what a list of one origin a byte would be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_verify::invariants;

fuzz_target!(|input: (&str, &[u8])| invariants::segments(input.0, input.1));
