//! git: clones that are bases, remotes, branches, tags and commits.

use std::collections::BTreeSet;

use crate::config::{BaseSpec, Edition, ShellSettings};
use crate::finding::{Code, nearest};
use crate::gomod::is_major;
use crate::shell::Value;

use super::programs::Call;
use super::world::Location;
use super::{Session, said};

/// Names that every clone has.
const REFS: [&str; 4] = ["HEAD", "main", "master", "FETCH_HEAD"];

impl Session<'_> {
    pub(super) fn git(&mut self, command: &str, nested: &str, call: &Call) {
        let operands = &call.operands;
        let before = self.cwd.clone();
        if let Some(folder) = call.values(&["-C"]).next() {
            self.exists(&folder.word_of());
            self.cwd = self.view().resolve(&self.cwd, folder.text());
        }
        match command {
            "clone" => self.clone_of(operands),
            "init" => self.init(operands),
            "remote" => self.remote(nested, operands),
            "checkout" | "switch" | "branch" | "tag" => self.refs(command, call),
            "merge" | "rebase" | "cherry-pick" | "reset" | "show" => {
                for name in operands {
                    self.is_ref(name);
                }
            }
            "fetch" | "pull" | "push" => self.exchange(operands),
            "add" | "rm" => operands.iter().for_each(|path| self.exists(path)),
            _ => {}
        }
        self.cwd = before;
    }

    fn clone_of(&mut self, operands: &[Value]) {
        let Some(url) = operands.first() else {
            return self.find(
                Code::ARGUMENT_WRONG,
                self.last_word(),
                "git clone needs a URL",
                None,
            );
        };
        let path = url.text.trim_end_matches('/').trim_end_matches(".git");
        let name = path.rsplit(['/', ':']).next().unwrap_or(path).to_owned();
        let target = operands.get(1).map_or(name, |folder| folder.text.clone());
        let at = self.view().resolve(&self.cwd, &target);
        if let Some(folder) = operands.get(1) {
            self.parent(folder, &at);
        }
        match self.base_of(&url.text) {
            Some(base) => self.state.world.like(at, Location::base(&base)),
            None => self.state.world.folder(at),
        }
        self.state.remotes.insert("origin".into());
        self.repository(url);
    }

    fn init(&mut self, operands: &[Value]) {
        if let Some(folder) = operands.first() {
            let at = self.view().resolve(&self.cwd, &folder.text);
            if !self.view().is_folder(&at) {
                self.introduces(folder);
            }
            self.state.world.folder(at);
        }
    }

    /// The base that a repository's URL names.
    fn base_of(&self, url: &str) -> Option<String> {
        let wanted = bare(url);
        let clones = self.settings.clones.iter();
        if let Some((_, base)) = clones.clone().find(|(url, _)| bare(url) == wanted) {
            return Some(base.clone());
        }
        let bases = self.context.edition.base.iter();
        bases
            .clone()
            .find(|(_, spec)| repository(spec) == wanted)
            .map(|(name, _)| name.clone())
    }

    /// A repository's URL has to be that of a base, or one that book.toml names.
    fn repository(&mut self, url: &Value) {
        if !url.is_known() {
            return self.unsure(format!("only a run can tell what {} is", said(url)));
        }
        if self.base_of(&url.text).is_some() || self.settings.urls.contains(&url.text) {
            return;
        }
        // A folder may be a repository, too.
        let at = self.view().resolve(&self.cwd, &url.text);
        if !url.text.contains(':') && self.view().is_folder(&at) {
            return;
        }
        let known = self.context.edition.base.values().map(repository);
        let known: Vec<_> = known
            .chain(self.settings.clones.keys().map(|url| bare(url)))
            .chain(self.settings.urls.iter().map(|url| bare(url)))
            .collect();
        let wanted = bare(&url.text);
        let help = match nearest(&wanted, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None => {
                "name it in book.toml: [preprocessor.verify.shell] urls, or clones if it is a base"
                    .into()
            }
        };
        self.find(
            Code::URL_UNKNOWN,
            url.at.clone(),
            "this is the repository of no base",
            Some(help),
        );
    }

    fn remote(&mut self, nested: &str, operands: &[Value]) {
        // The operands begin with the command itself.
        let names = operands.get(1..).unwrap_or_default();
        match (nested, names) {
            ("add", [name, url]) => {
                self.state.remotes.insert(name.text.clone());
                self.repository(url);
            }
            ("add", _) => {
                self.find(
                    Code::ARGUMENT_WRONG,
                    self.last_word(),
                    "git remote add needs a name and a URL",
                    None,
                );
            }
            ("rename", [old, new]) => {
                self.is_remote(old);
                self.state.remotes.insert(new.text.clone());
            }
            ("set-url", [name, url, ..]) => {
                self.is_remote(name);
                self.repository(url);
            }
            (_, [name, ..]) => self.is_remote(name),
            _ => {}
        }
    }

    fn is_remote(&mut self, name: &Value) {
        let known = ["origin"]
            .into_iter()
            .chain(self.state.remotes.iter().map(String::as_str));
        if !name.is_known()
            || known.clone().any(|known| known == name.text)
            || name.text.contains(['/', ':'])
        {
            return;
        }
        let near = nearest(&name.text, known).map(|near| format!("did you mean `{near}`?"));
        let message = format!("no earlier step adds the remote `{}`", name.text);
        self.find(Code::REF_UNKNOWN, name.at.clone(), message, near);
    }

    fn refs(&mut self, command: &str, call: &Call) {
        let makes = ["-b", "-B", "-c", "-C", "--create", "--orphan"];
        for name in call.values(&makes) {
            self.introduces(&name.word_of());
            self.state.refs.insert(name.text().to_owned());
        }
        let mut operands = call.operands.iter();
        // `git tag NAME [COMMIT]` and `git branch NAME [COMMIT]` make one, unless they delete or list.
        if matches!(command, "tag" | "branch")
            && !call.has(&["-d", "-D", "-l", "--list", "--delete"])
        {
            self.state
                .refs
                .extend(operands.next().map(|name| name.text.clone()));
        }
        // Behind `--`, and behind the first of a checkout, stand paths.
        let rest: Vec<_> = operands.collect();
        let path = |session: &Self, name: &Value| {
            session
                .view()
                .what(&session.view().resolve(&session.cwd, &name.text))
                != super::There::Nothing
        };
        for (index, name) in rest.into_iter().enumerate() {
            if command == "checkout" && (index > 0 || path(self, name)) {
                self.exists(name);
            } else {
                self.is_ref(name);
            }
        }
    }

    fn is_ref(&mut self, name: &Value) {
        if !name.is_known() {
            return self.unsure(format!("only a run can tell what {} is", said(name)));
        }
        let text = name.text.split(['~', '^']).next().unwrap_or_default();
        let pinned = |spec: &BaseSpec| match spec {
            BaseSpec::Git(spec) => text.len() >= 7 && spec.commit.starts_with(text),
            BaseSpec::Module(spec) => spec.version == text,
        };
        if self.context.edition.base.values().any(pinned)
            || self.known_refs().any(|known| known == text)
        {
            return;
        }
        if let Some((remote, branch)) = text.split_once('/')
            && (remote == "origin" || self.state.remotes.contains(remote))
            && self.known_refs().any(|known| known == branch)
        {
            return;
        }
        let versions: Vec<_> = self.context.edition.base.values().map(version).collect();
        let near = nearest(text, self.known_refs().chain(versions.iter().copied()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "make it in an earlier step, or name it in book.toml: [preprocessor.verify.shell] refs".into(),
        };
        let message = format!("nothing knows the branch, tag or commit `{text}`");
        self.find(Code::REF_UNKNOWN, name.at.clone(), message, Some(help));
    }

    fn known_refs(&self) -> impl Iterator<Item = &str> {
        let made = self
            .state
            .refs
            .iter()
            .chain(&self.settings.refs)
            .map(String::as_str);
        REFS.into_iter().chain(made)
    }

    /// `git fetch|pull|push REMOTE REF…`.
    fn exchange(&mut self, operands: &[Value]) {
        let Some((remote, refs)) = operands.split_first() else {
            return;
        };
        if remote.text.contains(':') {
            self.repository(remote);
        } else {
            self.is_remote(remote);
        }
        for name in refs {
            // `local:remote`; what it is called there nobody knows.
            match name.text.split_once(':') {
                Some(_) => self.unsure("what a refspec means is not followed"),
                None => self.is_ref(name),
            }
        }
    }

    /// The end of the block's text, where nothing else can be pointed at.
    fn last_word(&self) -> std::ops::Range<usize> {
        let end = self.text.trim_end().len();
        let start = self.text[..end]
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + 1);
        start..end
    }
}

/// The hosts of the repositories that the guide knows.
pub(super) fn hosts(edition: &Edition, settings: &ShellSettings) -> BTreeSet<String> {
    let bases = edition.base.values().map(repository);
    let listed = settings.clones.keys().chain(&settings.urls);
    let known = bases.chain(listed.map(|url| bare(url)));
    let hosts = known.filter_map(|url| Some(url.split('/').next()?.to_owned()));
    hosts.filter(|host| host.contains('.')).collect()
}

/// A repository's URL without scheme, user and ending.
fn bare(url: &str) -> String {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.strip_prefix("git@").unwrap_or(url);
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    url.replacen(':', "/", 1)
}

/// The repository of a base: that of a module is its path without the major version.
fn repository(spec: &BaseSpec) -> String {
    match spec {
        BaseSpec::Git(spec) => bare(&spec.git),
        BaseSpec::Module(spec) => {
            let (path, last) = spec.module.rsplit_once('/').unwrap_or((&spec.module, ""));
            (if is_major(last) { path } else { &spec.module }).to_owned()
        }
    }
}

fn version(spec: &BaseSpec) -> &str {
    match spec {
        BaseSpec::Git(spec) => &spec.commit,
        BaseSpec::Module(spec) => &spec.version,
    }
}
