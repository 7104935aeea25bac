//! What was used, with its version.

use std::collections::BTreeMap;

use crate::check;
use crate::evidence;
use crate::matter::Matter;
use crate::tool::{self, Call};

use super::Run;

impl Run<'_> {
    /// What was used, with its version.
    pub(super) fn versions(&self) -> BTreeMap<String, String> {
        let own = ("mdbook-verify", env!("CARGO_PKG_VERSION"));
        let go = self.go.as_ref().map(|go| ("go", go.version.as_str()));
        let rust = self.rust.toolchain.as_ref();
        let rust = rust.map(|rust| ("rust", rust.version.as_str()));
        let used = [Some(own), go.ok(), rust.ok()].into_iter().flatten();
        let used = used.map(|(name, version)| (name.to_owned(), version.to_owned()));
        used.chain(self.plugins()).collect()
    }

    /// The plugins that generate Go, if the book has a use for them; each says its version when asked.
    fn plugins(&self) -> Vec<(String, String)> {
        let mut blocks = self.reading.blocks.iter();
        if !blocks.any(|block| evidence::matter(block) == Matter::Proto) {
            return Vec::new();
        }
        let version = |name: &str| {
            let program = tool::find(name, self.tools.as_deref())?;
            let call = Call::new(&program, &self.book.root).args(["--version"]);
            let said = self
                .memory
                .ask(call, &[], |said| Ok(said.to_owned()))
                .ok()?;
            Some((name.to_owned(), said.split_whitespace().last()?.to_owned()))
        };
        check::PLUGINS.into_iter().filter_map(version).collect()
    }
}
