//! A diff does what it says, and each byte of what comes of it is from where it is said to be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_verify::invariants;

fuzz_target!(|texts: (&str, &str)| invariants::diff(texts.0, texts.1));
