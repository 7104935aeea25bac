//! stub
#![allow(dead_code, missing_docs)]
use std::{ops::Range, path::Path};
use crate::config::ProtoRules;
pub struct Problem { pub file: String, pub range: Range<usize>, pub kind: Kind, pub message: String, pub help: Option<String> }
pub enum Kind { Syntax, Rule, Generate }
pub struct Compiled;
pub fn compile(_t: &Path, _f: &[String]) -> Result<Compiled, Vec<Problem>> { Ok(Compiled) }
pub fn check_rules(_c: &Compiled, _f: &str, _t: &str, _r: &ProtoRules) -> Vec<Problem> { vec![] }
pub fn generate(_c: &Compiled, _f: &str, _p: &Path, _pa: &str, _cwd: &Path) -> Result<Vec<(String, String)>, Vec<Problem>> { Ok(vec![]) }
pub fn strip_omitempty(t: &str) -> String { t.into() }
