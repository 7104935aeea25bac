//! All that can change the evidence of an edition, as digests: the pins of its bases, the book's
//! settings, and the blocks that serve it.
//!
//! Where a block stands and which words stand around it is not part of it, nor which other editions
//! the block serves.

use std::collections::BTreeMap;

use crate::attrs;
use crate::blocks::Block;
use crate::config::Edition;
use crate::finding::Span;
use crate::role::Role;
use crate::source::Document;
use crate::verdict::{Frame, Key};

use super::Recording;

/// All that can change the evidence of an edition.
#[derive(Debug)]
pub struct Inputs<'a> {
    edition: &'a Edition,
    rules: &'a BTreeMap<String, String>,
    blocks: Vec<Entry<'a>>,
}

#[derive(Debug)]
struct Entry<'a> {
    index: usize,
    info: Span,
    digest: &'a str,
    /// Whether a reader who follows the guide does something for it.
    is_done: bool,
}

/// The digests of a book's blocks, which are the same for all editions.
#[derive(Debug)]
pub struct Digests(Vec<String>);

impl Digests {
    /// Those of all blocks of these documents.
    #[must_use]
    pub fn new(documents: &[Document], blocks: &[Block]) -> Self {
        let text = |block: &Block| documents[block.span.chapter].text.as_str();
        let digests = blocks.iter().map(|block| block_digest(block, text(block)));
        Self(digests.collect())
    }
}

impl<'a> Inputs<'a> {
    /// Those of an edition. Illustrative blocks prove nothing and are no part of it; blocks shown from a
    /// package need no base, so nothing has to be recorded of them; outputs are the evidence of a
    /// performance, which changes nothing about the rest.
    #[must_use]
    pub fn new(
        edition: &'a Edition,
        rules: &'a BTreeMap<String, String>,
        blocks: &[Block],
        digests: &'a Digests,
    ) -> Self {
        let frame = Frame::on_bases(blocks, &edition.name);
        let blocks = frame
            .blocks()
            .filter(|(_, block)| !matches!(block.role, Role::Illustrative(_) | Role::Output { .. }))
            .map(|(index, block)| Entry {
                index,
                info: block.info,
                digest: &digests.0[index],
                is_done: block.role.edit().is_some() || block.role.step().is_some(),
            });
        Self {
            edition,
            rules,
            blocks: blocks.collect(),
        }
    }

    /// The edition.
    #[must_use]
    pub fn edition(&self) -> &'a Edition {
        self.edition
    }

    /// The settings.
    #[must_use]
    pub fn rules(&self) -> &'a BTreeMap<String, String> {
        self.rules
    }

    /// The blocks' indices and digests, in reading order.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, &str)> {
        self.blocks.iter().map(|entry| (entry.index, entry.digest))
    }

    /// The digest of all of it.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest_with(self.rules, |_| true)
    }

    /// The digest of what can change what the guide's steps print: no setting of the book can, and
    /// no block that is only looked at.
    #[must_use]
    pub fn steps_digest(&self) -> String {
        self.digest_with(&BTreeMap::new(), |entry| entry.is_done)
    }

    fn digest_with(
        &self,
        rules: &BTreeMap<String, String>,
        counts: impl Fn(&Entry<'_>) -> bool,
    ) -> String {
        let bases = self.edition.base.iter();
        let bases = bases.map(|(name, spec)| (name.clone(), spec.pin()));
        let blocks = self.blocks.iter().filter(|entry| counts(entry));
        let blocks = blocks.map(|entry| entry.digest);
        digest(&self.edition.name, &bases.collect(), rules, blocks)
    }

    /// What differs from what was recorded.
    #[must_use]
    pub fn changes(&self, recording: &Recording) -> Changes {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for block in &recording.blocks {
            *left.entry(&block.digest).or_default() += 1;
        }
        let mut unknown = Vec::new();
        for entry in &self.blocks {
            match left.get_mut(entry.digest) {
                Some(count) if *count > 0 => *count -= 1,
                _ => unknown.push(entry.info),
            }
        }
        let gone: usize = left.values().sum();
        let changed = gone.min(unknown.len());
        let recorded: BTreeMap<_, _> = recording
            .bases
            .iter()
            .map(|base| (base.name.clone(), base.pin()))
            .collect();
        let pins = self.edition.base.iter();
        let pins = pins
            .map(|(name, spec)| (name.clone(), spec.pin()))
            .collect();
        Changes {
            changed,
            new: unknown.len() - changed,
            gone: gone - changed,
            bases: differing(&pins, &recorded),
            rules: differing(self.rules, &recording.rules),
            nothing_is_the_same: gone > 1 && gone == recording.blocks.len(),
            places: unknown,
        }
    }
}

impl Recording {
    /// The digest of what the entry lists; another one than it states betrays a hand in the file.
    pub(super) fn digest_of_entries(&self) -> String {
        let bases = self.bases.iter();
        digest(
            &self.name,
            &bases.map(|base| (base.name.clone(), base.pin())).collect(),
            &self.rules,
            self.blocks.iter().map(|block| block.digest.as_str()),
        )
    }
}

fn digest<'d>(
    edition: &str,
    bases: &BTreeMap<String, String>,
    rules: &BTreeMap<String, String>,
    blocks: impl Iterator<Item = &'d str>,
) -> String {
    let mut key = Key::default();
    key.add(edition);
    for named in [bases, rules] {
        key.add(&named.len().to_string());
        for (name, value) in named {
            key.add(name);
            key.add(value);
        }
    }
    for block in blocks {
        key.add(block);
    }
    key.finish()
}

/// The digest of a block's text and attributes, whatever their order.
fn block_digest(block: &Block, text: &str) -> String {
    let info = &text[block.info.start..block.info.end];
    let (info, _) = attrs::parse(info, block.info.chapter, block.info.start);
    let mut attributes: Vec<_> = info
        .attributes
        .iter()
        .filter(|attribute| attribute.key.value != "edition")
        .map(|attribute| (&attribute.key.value, attribute.value.as_ref()))
        .collect();
    attributes.sort_by_key(|(key, _)| *key);
    let mut key = Key::default();
    key.add(&info.language.value);
    key.add(&attributes.len().to_string());
    for (name, value) in attributes {
        key.add(name);
        key.add(value.map_or("", |value| &value.value));
    }
    key.add(&info.passed_on.join(" "));
    key.add(&block.content.text);
    key.finish()
}

/// The names that only one side has, or that differ.
fn differing(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<_> = a.keys().chain(b.keys()).collect();
    names.sort();
    names.dedup();
    let differ = names
        .into_iter()
        .filter(|name| a.get(*name) != b.get(*name));
    differ.cloned().collect()
}

/// What differs from what was recorded.
#[derive(Debug)]
pub struct Changes {
    changed: usize,
    new: usize,
    gone: usize,
    bases: Vec<String>,
    rules: Vec<String>,
    /// Whether none of the recorded blocks is in the book.
    pub nothing_is_the_same: bool,
    /// The blocks that were not recorded as they are.
    pub places: Vec<Span>,
}

impl Changes {
    /// In words, as the start of a sentence: `2 blocks changed and 1 is new`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let blocks = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 block {one}")),
            count => Some(format!("{count} blocks {many}")),
        };
        let mut parts: Vec<_> = [
            blocks(self.changed, "changed", "changed"),
            blocks(self.new, "was added", "were added"),
            blocks(self.gone, "was removed", "were removed"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let bases = self.bases.iter();
        parts.extend(bases.map(|base| format!("the pin of the base {base} changed")));
        let rules = self.rules.iter();
        parts.extend(rules.map(|rule| format!("the setting `{rule}` changed")));
        match parts.pop() {
            None => "the order of the blocks changed".to_owned(),
            Some(last) if parts.is_empty() => last,
            Some(last) => format!("{} and {last}", parts.join(", ")),
        }
    }
}
