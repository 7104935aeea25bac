//! Why some defects may go unnoticed: written down by people, one reason for each survivor.
//!
//! ```toml
//! [[survivor]]
//! block = "server.md#3"
//! class = "identifier"
//! token = "client"       # optional; without it, all tokens of the class
//! reason = "a parameter that nothing uses may have any name"
//! ```

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::class::Class;
use crate::mutant::Mutant;
use crate::trial::Outcome;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasons {
    #[serde(default)]
    survivor: Vec<Survivor>,
}

/// One of its entries: a mutant that survives, and why it may.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Survivor {
    pub(crate) block: String,
    pub(crate) class: Class,
    pub(crate) token: Option<String>,
    pub(crate) reason: String,
}

impl Reasons {
    /// Reads the file; one that is not there holds none.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        Self::parse(&text).with_context(|| format!("{} cannot be read", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let reasons: Self = toml::from_str(text)?;
        for Survivor { block, reason, .. } in &reasons.survivor {
            ensure!(!reason.trim().is_empty(), "{block}: the reason is empty");
        }
        Ok(reasons)
    }

    /// The reason for a mutant.
    pub(crate) fn of(&self, mutant: &Mutant) -> Option<&Survivor> {
        self.survivor.iter().find(|reason| reason.fits(mutant))
    }

    /// Reasons that nothing needs: no token of the book is like theirs, or all that were tried are
    /// found.
    pub(crate) fn stale<'a>(
        &'a self,
        possible: &[Mutant],
        tried: &[(Mutant, Outcome)],
    ) -> Vec<&'a Survivor> {
        let is_stale = |reason: &&Survivor| {
            let mut tried = tried
                .iter()
                .filter(|(mutant, _)| reason.fits(mutant))
                .peekable();
            match tried.peek() {
                Some(_) => tried.all(|(_, outcome)| !outcome.survives()),
                None => !possible.iter().any(|mutant| reason.fits(mutant)),
            }
        };
        self.survivor.iter().filter(is_stale).collect()
    }
}

impl Survivor {
    fn fits(&self, mutant: &Mutant) -> bool {
        self.block == mutant.block.id
            && self.class == mutant.class
            && self
                .token
                .as_ref()
                .is_none_or(|token| *token == mutant.before)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::mutant;
    use crate::trial::Place;
    use crate::verifier::Block;

    fn mutants() -> Vec<Mutant> {
        let file = "```yaml\na: b\nc: d\n```\n";
        let block = Block {
            id: "x".into(),
            file: "x.md".into(),
            line: 1,
            end_line: 4,
            language: "yaml".into(),
            role: "plain".into(),
            target: None,
        };
        mutant::of_block(&Arc::new(block), file).unwrap()
    }

    fn stale(toml: &str, key_a: Place) -> usize {
        let outcome = |mutant: &Mutant| Outcome {
            place: if mutant.before == "a" {
                key_a
            } else {
                Place::Line
            },
            finding: None,
        };
        let tried: Vec<_> = mutants()
            .into_iter()
            .filter(|mutant| mutant.before != "c")
            .map(|mutant| (mutant.clone(), outcome(&mutant)))
            .collect();
        let reasons = Reasons::parse(toml).unwrap();
        reasons.stale(&mutants(), &tried).len()
    }

    #[test]
    fn a_reason_is_stale_when_nothing_needs_it() {
        let of = |token: &str| {
            format!("[[survivor]]\nblock = \"x\"\nclass = \"key\"\n{token}\nreason = \"r\"\n")
        };
        assert_eq!(stale(&of(""), Place::Nowhere), 0);
        assert_eq!(stale(&of("token = \"a\""), Place::Outside), 0);
        assert_eq!(stale(&of("token = \"a\""), Place::Line), 1);
        assert_eq!(stale(&of(""), Place::Block), 1);
        // It was not tried, so nothing speaks against it.
        assert_eq!(stale(&of("token = \"c\""), Place::Line), 0);
        assert_eq!(stale(&of("token = \"gone\""), Place::Line), 1);
    }

    #[test]
    fn a_reason_says_something() {
        let toml = "[[survivor]]\nblock = \"x\"\nclass = \"key\"\nreason = \" \"\n";
        assert!(Reasons::parse(toml).is_err());
        assert!(Reasons::parse("[[survivor]]\nblok = \"x\"\n").is_err());
        assert!(Reasons::parse("").unwrap().survivor.is_empty());
    }
}
