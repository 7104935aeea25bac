//! Words that name something of the tree, by the rules of book.toml.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use regex::Regex;

use crate::config::NameSettings;
use crate::finding::{Code, nearest};
use crate::shell::Value;

use super::Session;
use super::world::There;

/// Shorter words resemble too many others.
const SHORTEST: usize = 5;

impl Session<'_> {
    /// What any word of a command may speak of, whatever the command: names and addresses.
    pub(super) fn speaks(&mut self, word: &Value) {
        // The URL of a request is looked at with its method.
        if word.text.contains("://") || Self::is_address(&word.text) {
            let known = self.settings.server.iter().flat_map(|server| &server.hosts);
            let of_guide = known
                .into_iter()
                .any(|host| word.text.contains(host.as_str()));
            let value = word
                .text
                .find("://")
                .is_none_or(|at| matches!(&word.text[..at], "http" | "https"));
            if of_guide && value {
                self.address(word, None);
            }
        }
        if let Some(at) = word.text.find('=')
            && word.text[at + 1..].contains("://")
        {
            for part in split(&word.text[at + 1..], &[',']) {
                let range = at + 1 + part.start..at + 1 + part.end;
                let mut value = word.from(range.start);
                value.text.truncate(range.len());
                value.at = word.place(range);
                self.speaks(&value);
            }
        }
        let names = Rc::clone(&self.names);
        for (rule, known) in self.settings.name.iter().zip(names.iter()) {
            self.named(rule, known, &names, word);
        }
    }

    fn named(
        &mut self,
        rule: &NameSettings,
        known: &BTreeSet<String>,
        all: &[BTreeSet<String>],
        word: &Value,
    ) {
        let at = self.view().resolve(&self.cwd, &word.text);
        let is_path = self.view().what(&at) != There::Nothing;
        for range in split(
            &word.text,
            &['/', ':', '=', ',', '@', ' ', '"', '\'', '{', '}', '\n'],
        ) {
            let token = &word.text[range.clone()];
            let certain = rule.pattern.as_ref().is_some_and(|pattern| {
                pattern
                    .0
                    .find(token)
                    .is_some_and(|found| found.as_str() == token)
            });
            if all.iter().any(|known| known.contains(token)) || !word.is_known() {
                continue;
            }
            let near = near(token, known);
            if certain || (near.is_some() && !is_path) {
                let near = near.or_else(|| nearest(token, known.iter().map(String::as_str)));
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("at this step there is no {} `{token}`", rule.what);
                self.find(Code::NAME_UNKNOWN, word.place(range), message, help);
            }
        }
    }

    /// The names that each rule finds in the tree at this step.
    pub(super) fn known_names(&self) -> Vec<BTreeSet<String>> {
        self.settings
            .name
            .iter()
            .map(|rule| self.known(rule))
            .collect()
    }

    fn known(&self, rule: &NameSettings) -> BTreeSet<String> {
        let mut known: BTreeSet<String> = rule.names.iter().cloned().collect();
        let base = self.base_or(rule.base.as_ref()).to_owned();
        let paths: Vec<_> = rule.paths.iter().filter_map(|path| pattern(path)).collect();
        if !paths.is_empty() {
            let root = super::world::Location::base(&base);
            for path in self.view().below(&root) {
                known.extend(
                    paths
                        .iter()
                        .filter_map(|pattern| Some(pattern.captures(&path)?[1].to_owned())),
                );
            }
        }
        if let (Some(file), Some(pattern)) = (&rule.file, &rule.known) {
            let text = self.text_of(&base, file).unwrap_or_default();
            let found = pattern.0.captures_iter(&text);
            known.extend(found.filter_map(|found| Some(found.get(1)?.as_str().to_owned())));
        }
        known
    }
}

/// A path with `{}` for a name and `*` for anything but a slash, as an expression.
fn pattern(path: &str) -> Option<Regex> {
    let text = regex::escape(path)
        .replace(r"\{\}", "([^/]+)")
        .replace(r"\*", "[^/]*");
    Regex::new(&format!("^{text}$"))
        .ok()
        .filter(|pattern| pattern.captures_len() == 2)
}

/// The known name that a word differs from by a letter, or by two if it is long. Another spelling
/// of the same name, such as in camel case, is none of these.
fn near<'k>(token: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let bare = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    if token.len() < SHORTEST || known.iter().any(|name| bare(name) == bare(token)) {
        return None;
    }
    let most = if token.len() < 10 { 1 } else { 2 };
    let close = |name: &&String| {
        token.len().abs_diff(name.len()) <= most && strsim::osa_distance(token, name) <= most
    };
    known.iter().find(close).map(String::as_str)
}

fn split(text: &str, at: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (index, c) in text.char_indices().chain([(text.len(), at[0])]) {
        if at.contains(&c) {
            if index > start {
                found.push(start..index);
            }
            start = index + c.len_utf8();
        }
    }
    found
}
