//! Words that name something of the tree, by the rules of book.toml.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use regex::Regex;

use crate::config::NameSettings;
use crate::finding::{Code, is_near, nearest};
use crate::shell::Value;

use super::Session;
use super::world::There;

/// What addresses begin with.
const SCHEMES: [&str; 7] = ["http", "https", "ssh", "git", "file", "tcp", "unix"];

/// Shorter words resemble too many others.
const SHORTEST: usize = 5;

impl Session<'_> {
    /// What any word of a command may speak of, whatever the command: names and addresses.
    pub(super) fn speaks(&mut self, word: &Value) {
        self.addresses_in(word);
        self.hosts_in(word);
        let names = Rc::clone(&self.names);
        for (rule, known) in self.settings.name.iter().zip(names.iter()) {
            self.named(rule, known, &names, word);
        }
    }

    /// Addresses in a word: all of it, or what stands behind an equals sign, between commas.
    fn addresses_in(&mut self, word: &Value) {
        let value = word.text.find('=');
        let value = value.filter(|at| !word.text[..*at].contains(['/', ':', '?']));
        let from = value.map_or(0, |at| at + 1);
        for part in split(&word.text[from..], &[',']) {
            let range = from + part.start..from + part.end;
            let text = &word.text[range.clone()];
            let scheme = text.split_once("://").map(|(scheme, _)| scheme);
            if let Some(scheme) = scheme
                && !SCHEMES.contains(&scheme)
                && let Some(near) = nearest(scheme, SCHEMES)
            {
                let at = word.place(range.start..range.start + scheme.len());
                let help = Some(format!("did you mean {near}?"));
                let message = format!("no address begins with {scheme}://");
                self.find(Code::URL_UNKNOWN, at, message, help);
            } else if self.is_of_guide(text) {
                let mut value = word.from(range.start);
                value.text.truncate(range.len());
                value.at = word.place(range);
                self.address(&value, None);
            }
        }
    }

    /// Hosts of repositories, wherever they are named: one that is almost known is misspelt.
    fn hosts_in(&mut self, word: &Value) {
        if !word.text.contains('.') || !word.is_known() {
            return;
        }
        let known = Rc::clone(&self.hosts);
        for range in split(&word.text, &['/', ':', '=', ',', '@', ' ', '"']) {
            let token = &word.text[range.clone()];
            if !token.contains('.') || known.contains(token) {
                continue;
            }
            if let Some(near) = near(token, &known) {
                let help = Some(format!("did you mean {near}?"));
                let message = format!("the guide knows no host {token}");
                self.find(Code::URL_UNKNOWN, word.place(range), message, help);
            }
        }
    }

    /// Whether an address is meant to be one of the guide's servers.
    fn is_of_guide(&self, text: &str) -> bool {
        let Some(host) = Self::host(text) else {
            return false;
        };
        let number =
            host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
        let mut hosts = self.settings.server.iter().flat_map(|server| &server.hosts);
        number || hosts.any(|known| is_near(known, host))
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

    /// A word that gives something new its name. The guide says it once more, or it says nothing
    /// that is almost the same.
    pub(super) fn introduces(&mut self, word: &Value) {
        let mut new = split(&word.text, &['/', ':', '=', ' ']);
        new.retain(|range| {
            let token = &word.text[range.clone()];
            token.len() >= SHORTEST && self.said.get(token) == Some(&1)
        });
        if new.is_empty() {
            return;
        }
        let tree = self.view().below(&self.cwd);
        let parts = tree.iter().flat_map(|path| path.split('/'));
        let components: BTreeSet<String> = parts.map(str::to_owned).collect();
        let known: BTreeSet<String> = components.iter().chain(self.said.keys()).cloned().collect();
        for range in new {
            let token = &word.text[range.clone()];
            if components.contains(token) {
                continue;
            }
            let mut others = known.clone();
            others.remove(token);
            if let Some(near) = near(token, &others) {
                let help = Some(format!("did you mean `{near}`?"));
                let message = format!("nothing else speaks of `{token}`");
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

/// How often each word stands in a text.
pub(super) fn count(text: &str, said: &mut BTreeMap<String, usize>) {
    let of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    for word in text.split(|c| !of_word(c)).filter(|word| !word.is_empty()) {
        *said.entry(word.to_owned()).or_default() += 1;
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

/// The known name that a word is almost. Another spelling of the same name, such as in camel case,
/// is none of these.
fn near<'k>(token: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let bare = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    if token.len() < SHORTEST || known.iter().any(|name| bare(name) == bare(token)) {
        return None;
    }
    known
        .iter()
        .find(|name| is_near(token, name))
        .map(String::as_str)
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
