//! The key of an edition's verdict: all that could change it.

use crate::base::Fetcher;
use crate::check;
use crate::config::Edition;
use crate::finding::Finding;
use crate::tool;
use crate::verdict::{Frame, Key};

use super::Run;

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
        key.add(&check::shell_key(
            &self.book.config.shell,
            self.tools.as_deref(),
            &self.cache,
            &self.reading.blocks,
            &edition.name,
        ));
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
            let document = &self.reading.documents[block.span.chapter];
            // The places in a verdict count from the block's start; its content depends also on the
            // list or quote that it stands in.
            key.add(&document.text[block.span.start..block.span.end]);
            key.add(&block.content.text);
        }
    }
}
