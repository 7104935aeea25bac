//! Mutants: the book with one defect.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::class::Class;
use crate::mutate;
use crate::spots::{self, Spot};
use crate::verifier::Block;

/// A defect, and where it is made.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    pub(crate) block: Arc<Block>,
    pub(crate) class: Class,
    /// The bytes of the block's file that are replaced.
    pub(crate) at: Range<usize>,
    /// The line of the file, from 1.
    pub(crate) line: usize,
    pub(crate) before: String,
    pub(crate) after: String,
    /// The block's text and what is done to it.
    pub(crate) what: String,
    /// The hunk, for what stands once in each.
    part: usize,
    /// By which one token of a class is chosen.
    rank: u64,
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block, class, .. } = self;
        write!(f, "{} {class} `{}` -> ", block.id, self.before)?;
        match self.after.as_str() {
            "" => f.write_str("nothing"),
            after => write!(f, "`{after}`"),
        }
    }
}

/// The mutants of a block, one for each token.
pub(crate) fn of_block(block: &Arc<Block>, file: &str) -> Result<Vec<Mutant>> {
    let spots = spots::of_block(block, file)
        .with_context(|| format!("the block {} cannot be read", block.id))?;
    let start = line_start(file, block.line);
    let text = &file[start..line_start(file, block.end_line + 1)];
    let mut seen: BTreeMap<(Class, &str), usize> = BTreeMap::new();
    let mutants = spots.into_iter().map(|Spot { class, at, part }| {
        let before = &file[at.clone()];
        // Which of several equal tokens it is: so its rank does not depend on the other ones.
        let nth = seen.entry((class, before)).or_default();
        *nth += 1;
        let rank = mutate::seed(&[&block.id, &class.to_string(), before, &nth.to_string()]);
        let after = mutate::broken(class, before, rank);
        Mutant {
            block: Arc::clone(block),
            class,
            line: file[..at.start].matches('\n').count() + 1,
            what: format!("{} {after} {text}", at.start - start),
            before: before.to_owned(),
            after,
            part,
            rank,
            at,
        }
    });
    Ok(mutants.collect())
}

/// One mutant of each class and block, and of the context of each hunk. The one with the least
/// rank, since a token that is written or removed elsewhere in the block rarely changes that.
pub(crate) fn one_of_each_class(mutants: Vec<Mutant>) -> Vec<Mutant> {
    let mut chosen: BTreeMap<(String, Class, usize), Mutant> = BTreeMap::new();
    let mut order = Vec::new();
    for mutant in mutants {
        let key = (mutant.block.id.clone(), mutant.class, mutant.part);
        match chosen.get_mut(&key) {
            Some(best) if mutant.rank < best.rank => *best = mutant,
            Some(_) => {}
            None => {
                order.push(key.clone());
                chosen.insert(key, mutant);
            }
        }
    }
    let chosen = order.into_iter().filter_map(|key| chosen.remove(&key));
    chosen.collect()
}

/// `count` of the mutants, chosen by `seed`, in their order.
pub(crate) fn sample(mutants: Vec<Mutant>, count: usize, seed: &str) -> Vec<Mutant> {
    let mut ranked: Vec<_> = mutants.into_iter().enumerate().collect();
    ranked.sort_by_key(|(_, mutant)| mutate::seed(&[seed, &mutant.to_string(), &mutant.what]));
    ranked.truncate(count);
    ranked.sort_by_key(|(index, _)| *index);
    ranked.into_iter().map(|(_, mutant)| mutant).collect()
}

/// The byte at which a line starts; the end of the text for a line behind it.
fn line_start(text: &str, line: usize) -> usize {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let mut starts = std::iter::once(0).chain(ends);
    starts.nth(line - 1).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# A\n\n```go file=a.go\npackage alpha\n\nvar beta, gamma = 1, 23\n```\n";

    fn block() -> Arc<Block> {
        Arc::new(Block {
            id: "a.md#1".into(),
            file: "a.md".into(),
            line: 3,
            end_line: 7,
            language: "go".into(),
            role: "create".into(),
            target: Some("a.go".into()),
        })
    }

    #[test]
    fn every_mutant_is_another_text_at_its_line() {
        let mutants = of_block(&block(), FILE).unwrap();
        assert_eq!(mutants.len(), 8);
        for mutant in &mutants {
            assert_eq!(&FILE[mutant.at.clone()], mutant.before);
            assert_ne!(mutant.before, mutant.after);
            let line = FILE.lines().nth(mutant.line - 1).unwrap();
            assert!(line.contains(&mutant.before), "{mutant}");
        }
    }

    #[test]
    fn the_choice_is_one_of_each_class_and_the_same_each_time() {
        let choose = || {
            let mutants = one_of_each_class(of_block(&block(), FILE).unwrap());
            let chosen = mutants.iter().map(ToString::to_string);
            chosen.collect::<Vec<_>>()
        };
        let chosen = choose();
        assert_eq!(chosen.len(), 5, "{chosen:?}");
        assert_eq!(chosen, choose());
    }

    #[test]
    fn a_sample_depends_on_its_seed_alone() {
        let of = |seed: &str| {
            let mutants = of_block(&block(), FILE).unwrap();
            let sample = sample(mutants, 3, seed).into_iter();
            sample.map(|mutant| mutant.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("x").len(), 3);
        assert_eq!(of("x"), of("x"));
        assert!((0..20).any(|seed| of(&seed.to_string()) != of("x")));
    }
}
