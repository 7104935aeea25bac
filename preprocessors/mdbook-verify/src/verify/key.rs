//! The keys of verdicts: all that could change them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::Fetcher;
use crate::blocks::Block;
use crate::book::Book;
use crate::check;
use crate::config::Edition;
use crate::finding::Finding;
use crate::recording::Digests;
use crate::rust::{self, Package};
use crate::tool;
use crate::verdict::{Frame, Key};

use super::{Reading, Run};

/// What keys and recordings are made of that is the same for all editions, each a digest.
pub(super) struct Shared {
    /// The programs that commands of the book name.
    pub(super) shell: String,
    /// The packages from which blocks are shown, by name.
    pub(super) packages: BTreeMap<String, String>,
    /// The blocks and the inline code, all together.
    pub(super) text: String,
    /// The blocks, one by one.
    pub(super) digests: Digests,
}

impl Shared {
    pub(super) fn new(
        book: &Book,
        reading: &Reading,
        rust: &rust::Setting,
        tools: Option<&Path>,
        cache: &Path,
    ) -> Self {
        let digest = |package: &Package| (package.name.clone(), package.digest());
        // To read the packages takes as long as the rest.
        let (packages, (shell, text, digests)) = rayon::join(
            || rust.packages.iter().map(digest).collect(),
            || {
                (
                    check::shell_key(&book.config.shell, tools, cache, &reading.blocks),
                    text(reading),
                    Digests::new(&reading.documents, &reading.blocks),
                )
            },
        );
        Self {
            shell,
            packages,
            text,
            digests,
        }
    }
}

/// A digest of the blocks and the inline code.
fn text(reading: &Reading) -> String {
    let mut key = Key::default();
    for block in &reading.blocks {
        add_block(&mut key, reading, block);
    }
    for code in &reading.code {
        key.add(&code.value);
    }
    key.finish()
}

/// Adds a block. The places in a verdict count from the block's start; its content depends also on the
/// list or quote that it stands in.
fn add_block(key: &mut Key, reading: &Reading, block: &Block) {
    let document = &reading.documents[block.span.chapter];
    key.add(&document.text[block.span.start..block.span.end]);
    key.add(&block.content.text);
}

impl Run<'_> {
    /// The key of the verdict on an edition.
    pub(super) fn key(
        &self,
        edition: &Edition,
        fetcher: &Fetcher<'_>,
        frame: &Frame<'_>,
    ) -> Result<String, Box<Finding>> {
        let mut key = Key::default();
        key.add(&tool::own_identity());
        key.add(if self.options.quick { "quick" } else { "full" });
        key.add(&edition.name);
        for (name, spec) in &edition.base {
            key.add(name);
            // A directory may stand in for the base; the names that the pin gives it stay.
            key.add(&format!("{spec:?}"));
            key.add(&fetcher.digest(name, spec)?);
        }
        for (name, digest) in &self.book.rules {
            key.add(name);
            key.add(digest);
        }
        key.add(&self.shared.shell);
        match &self.go {
            Ok(go) => key.add(&go.identity()),
            Err(why) => key.add(why),
        }
        key.add(&self.rust.identity());
        for plugin in check::PLUGINS {
            let found = tool::find(plugin, self.tools.as_deref());
            key.add(&found.map(|path| tool::identity(&path)).unwrap_or_default());
        }
        self.add_blocks(&mut key, frame);
        for name in &self.reading.names {
            key.add(&name.value);
        }
        Ok(key.finish())
    }

    /// Adds the blocks of a frame.
    pub(super) fn add_blocks(&self, key: &mut Key, frame: &Frame<'_>) {
        for (_, block) in frame.blocks() {
            add_block(key, self.reading, block);
        }
    }
}
