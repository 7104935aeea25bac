//! The go command: packages, modules, settings, and the programs that it builds.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::config::Edition;
use crate::finding::{Code, nearest};
use crate::gomod::{self, GoMod};
use crate::matter::Matter;
use crate::shell::{Value, shown};

use super::programs::Call;
use super::world::{Location, Root, There};
use super::{Session, said};

impl Session<'_> {
    /// A go command. `rest` are its words, since a program that it runs has flags of its own.
    pub(super) fn go(&mut self, path: &[&str], call: &Call, rest: &[Value]) {
        let before = self.cwd.clone();
        if let Some(folder) = call.values(&["-C"]).next() {
            self.exists(&folder.word_of());
            self.cwd = self.view().resolve(&self.cwd, folder.text());
        }
        if path == ["list"] {
            for part in call.values(&["-f"]) {
                self.template(part);
            }
        }
        for part in call.values(&["-p"]) {
            self.number(part);
        }
        match path {
            ["build"] => self.build(call),
            ["install"] => self.install(call),
            ["run"] => self.run_package(call),
            ["vet" | "fmt" | "generate" | "fix"] => call
                .operands
                .iter()
                .for_each(|package| self.package(package)),
            ["test"] => self.test(call, rest),
            ["list"] if !call.has(&["-m"]) => call
                .operands
                .iter()
                .for_each(|package| self.package(package)),
            ["list" | "get"] => call
                .operands
                .iter()
                .for_each(|module| self.module(module, 0..module.text.len())),
            ["env"] => self.env(call),
            ["mod", "init"] => {
                let at = self.cwd.child("go.mod");
                self.state.world.file(at);
            }
            ["mod", "edit"] => self.edit(call),
            ["mod", "download"] => {
                // A module with its version can be had from anywhere.
                let named = |module: &Value| module.text.contains('@');
                if call.operands.is_empty() || !call.operands.iter().all(named) {
                    self.in_module();
                }
                call.operands
                    .iter()
                    .for_each(|module| self.module(module, 0..module.text.len()));
            }
            ["mod", "vendor"] => {
                self.in_module();
                let at = self.cwd.child("vendor");
                self.state.world.folder(at);
            }
            ["mod", _] => self.in_module(),
            ["work", "init" | "use"] => {
                for folder in &call.operands {
                    self.exists(folder);
                }
                let at = self.cwd.child("go.work");
                self.state.world.file(at);
            }
            _ => {}
        }
        self.cwd = before;
    }

    /// The value of a flag that counts something.
    fn number(&mut self, part: &super::programs::Part) {
        let text = part.text();
        // What only a run can tell may be a number, but no path of which it is a part.
        let may_be = !part.word.is_known() && !text.contains('/');
        if !may_be && text.parse::<u32>().is_err() {
            let message = format!("a number is wanted here, and `{}` is none", shown(text));
            self.find(Code::FLAG_VALUE, part.all(), message, None);
        }
    }

    fn build(&mut self, call: &Call) {
        let packages = self.packages(call);
        let names: Vec<_> = packages
            .iter()
            .filter_map(|package| self.program_of(package))
            .collect();
        let Some(output) = call.values(&["-o"]).next() else {
            if let [name] = names.as_slice() {
                let at = self.cwd.child(name);
                self.state.world.file(at);
            }
            return;
        };
        let to = self.view().resolve(&self.cwd, output.text());
        self.introduces(&output.word_of());
        if to
            == (Location {
                root: Root::Machine,
                path: vec!["dev".into(), "null".into()],
            })
        {
            return;
        }
        if output.text().ends_with('/') || self.view().what(&to) == There::Folder {
            // Go makes the folder.
            self.state.world.folder(to.clone());
            for name in names {
                self.state.world.file(to.child(&name));
            }
        } else {
            self.state.world.file(to);
        }
    }

    fn install(&mut self, call: &Call) {
        for package in &call.operands {
            if let Some((path, _)) = package.text.split_once('@') {
                self.module(package, 0..package.text.len());
                let name = last(path);
                if let Some(name) = &name {
                    self.installs(package, path.len() - name.len()..path.len(), name);
                }
                self.state.installed.extend(name);
            } else {
                self.package(package);
                let name = self.program_of(package);
                self.state.installed.extend(name);
            }
        }
    }

    /// A program whose name is almost that of a known one is misspelt: nothing here can look into
    /// another module.
    fn installs(&mut self, package: &Value, at: Range<usize>, name: &str) {
        let known = self.programs.names().chain(crate::check::PLUGINS);
        let known: Vec<_> = known.collect();
        if known.contains(&name) || name.len() < 4 {
            return;
        }
        let near = known
            .into_iter()
            .find(|known| strsim::osa_distance(known, name) == 1)
            .map(str::to_owned);
        if let Some(near) = near {
            let message = format!("nothing knows the program `{name}`");
            self.find(
                Code::PROGRAM_UNKNOWN,
                package.place(at),
                message,
                Some(format!("did you mean `{near}`?")),
            );
        }
    }

    fn run_package(&mut self, call: &Call) {
        if let Some(package) = call.operands.first() {
            if package.text.contains('@') {
                self.module(package, 0..package.text.len());
            } else {
                self.package(package);
            }
        }
    }

    /// Flags may stand behind the packages, and what stands behind `-args` is the test's.
    fn test(&mut self, call: &Call, rest: &[Value]) {
        let args = rest
            .iter()
            .find(|word| word.text == "-args")
            .map_or(usize::MAX, |word| word.at.start);
        let mut operands = call.operands.iter().take_while(|word| word.at.start < args);
        let packages = operands
            .by_ref()
            .take_while(|word| !word.text.starts_with('-'));
        let packages: Vec<_> = packages.cloned().collect();
        for package in &packages {
            self.package(package);
        }
        let late: Vec<_> = call
            .operands
            .iter()
            .filter(|word| word.at.start < args)
            .skip(packages.len())
            .cloned()
            .collect();
        if let Some(crate::help::Lookup::Help(help)) = self
            .programs
            .lookup("go", &["test"])
            .filter(|_| !late.is_empty())
        {
            self.told("go test", &help, &late);
        }
    }

    /// The packages of a command, checked.
    fn packages(&mut self, call: &Call) -> Vec<Value> {
        call.operands
            .iter()
            .for_each(|package| self.package(package));
        match call.operands.as_slice() {
            [] => {
                self.in_module();
                Vec::new()
            }
            packages => packages.to_vec(),
        }
    }

    /// The name of the program that a package is built into.
    fn program_of(&self, package: &Value) -> Option<String> {
        if package.text.contains("...") {
            return None;
        }
        let at = self.view().resolve(&self.cwd, &package.text);
        match at.name() {
            Some(name) => Some(name.trim_end_matches(".go").to_owned()),
            None => last(&self.module_here()?),
        }
    }

    pub(super) fn package(&mut self, package: &Value) {
        let text = package.text.as_str();
        if text.starts_with('-') {
            let message =
                format!("go reads flags only before the packages, and `{text}` stands behind one");
            return self.find(Code::ARGUMENT_WRONG, package.at.clone(), message, None);
        }
        if matches!(text, "all" | "std" | "cmd" | "tool") {
            return self.in_module();
        }
        let (path, all) = match text.strip_suffix("/...") {
            Some(path) => (path, true),
            None => (text, text == "..."),
        };
        let local = gomod::is_folder(path);
        let module = (!local).then(|| self.module_here()).flatten();
        let relative = match (local, module) {
            (true, _) => path.to_owned(),
            (false, _) if package.text.starts_with('\u{1}') => {
                return self.unsure(format!("only a run can tell what {} is", said(package)));
            }
            (false, Some(module)) if path == module || path.starts_with(&format!("{module}/")) => {
                let inside = path[module.len()..].trim_start_matches('/');
                return self.package_in(package, &self.module_root(), inside, all);
            }
            (false, _)
                if path
                    .split('/')
                    .next()
                    .is_some_and(|first| first.contains('.'))
                    && !is_go(path) =>
            {
                return self.module(package, 0..path.len());
            }
            (false, _) if is_go(path) => path.to_owned(),
            (false, _) => {
                let there = self.view().is_folder(&self.view().resolve(&self.cwd, path));
                let help = if there {
                    format!("a package of this module begins with `./`: ./{text}")
                } else {
                    match self.near_path(&self.cwd, path) {
                        Some(near) => format!("did you mean ./{near}?"),
                        None => "a package of this module begins with `./`".into(),
                    }
                };
                let message = format!(
                    "Go looks for `{text}` in its standard library, which has no such package"
                );
                return self.find(Code::SHELL_PACKAGE, package.at.clone(), message, Some(help));
            }
        };
        if is_go(path) {
            return self.exists(package);
        }
        self.in_module();
        let cwd = self.cwd.clone();
        self.package_in(package, &cwd, &relative, all);
    }

    fn package_in(&mut self, package: &Value, from: &Location, path: &str, all: bool) {
        let at = self.view().resolve(from, path);
        let has_go = self
            .view()
            .below(&at)
            .iter()
            .any(|file| is_go(file) && (all || !file.contains('/')));
        if has_go {
            return;
        }
        let (message, help) = match self.view().what(&at) {
            There::Unsure => {
                return self.unsure(format!("only a run can tell what {} is", said(package)));
            }
            There::Declared => return,
            There::Folder | There::File => (
                format!("at this step there is no Go file in {}", said(package)),
                Some("`/...` means the packages below a folder".to_owned()),
            ),
            There::Nothing => {
                let near = self.near_path(from, path);
                let dots = if all { "/..." } else { "" };
                (
                    format!("at this step there is no package {}", said(package)),
                    near.map(|near| format!("did you mean {near}{dots}?")),
                )
            }
        };
        if self.blind {
            return self.unsure(message);
        }
        self.find(Code::SHELL_PACKAGE, package.at.clone(), message, help);
    }

    /// The folder of the go.mod that counts here.
    fn module_root(&self) -> Location {
        let mut at = self.cwd.clone();
        loop {
            if self.view().what(&at.child("go.mod")) != There::Nothing {
                return at;
            }
            match at.parent() {
                Some(parent) if parent.root == self.cwd.root => at = parent,
                _ => return self.cwd.clone(),
            }
        }
    }

    fn in_module(&mut self) {
        let file = self.module_root().child("go.mod");
        if self.view().what(&file) == There::Nothing {
            let at = self.start_of_go();
            self.lost(
                at,
                "at this step there is no go.mod here, nor in a folder above".into(),
                None,
            );
        }
    }

    fn start_of_go(&self) -> Range<usize> {
        let at = self.text.find("go ").unwrap_or(0);
        at..(at + 2).min(self.text.len())
    }

    /// The go.mod that counts here.
    fn go_mod(&self) -> Option<GoMod> {
        let root = self.module_root();
        let Root::Base(base) = &root.root else {
            return None;
        };
        let text = self.text_of(base, &root.child("go.mod").path.join("/"))?;
        Some(gomod::parse(&text).0)
    }

    fn module_here(&self) -> Option<String> {
        self.go_mod()?.module().map(|module| module.text.clone())
    }

    /// Modules that the go.mod here names, the bases, and those of book.toml.
    fn modules(&self) -> Vec<String> {
        let go_mod = self.go_mod().unwrap_or_default();
        let bases = self.context.edition.modules();
        let bases = bases.map(|(_, spec)| spec.module.as_str());
        let listed = self.settings.modules.iter();
        let listed = listed.map(|module| module.split('@').next().unwrap_or(module));
        go_mod
            .modules()
            .chain(bases)
            .chain(listed)
            .map(str::to_owned)
            .collect()
    }

    /// A module's path, or that of a package in one, in a part of a word.
    fn module(&mut self, word: &Value, part: Range<usize>) {
        let whole = &word.text[part.clone()];
        let path = whole.split('@').next().unwrap_or(whole);
        if matches!(path, "all" | "std" | "go" | "toolchain" | "tool" | "") {
            return;
        }
        if path.starts_with('.') {
            return self.package(word);
        }
        if path.contains('\u{1}') {
            return self.unsure(format!("only a run can tell what {} is", said(word)));
        }
        let modules = self.modules();
        if whole.len() > path.len() {
            let version = part.start + path.len() + 1..part.end;
            self.pinned(word, path, version.clone());
            self.version(word, version);
        }
        let is_in = |module: &String| path == module || path.starts_with(&format!("{module}/"));
        if modules.iter().any(is_in) {
            return;
        }
        let near = nearest(path, modules.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean {near}?"),
            None => "name it in book.toml: [preprocessor.verify.shell] modules".into(),
        };
        let at = word.place(part.start..part.start + path.len());
        self.find(
            Code::MODULE_UNKNOWN,
            at,
            format!("nothing knows the module {path}"),
            Some(help),
        );
    }

    /// A version that book.toml gives a module is the one that the guide has to name.
    fn pinned(&mut self, word: &Value, path: &str, at: Range<usize>) {
        let version = &word.text[at.clone()];
        let pins = self
            .settings
            .modules
            .iter()
            .filter_map(|module| module.split_once('@'));
        let pins =
            pins.filter(|(module, _)| path == *module || path.starts_with(&format!("{module}/")));
        let versions: Vec<_> = pins.map(|(_, version)| version).collect();
        if !versions.is_empty() && !versions.contains(&version) {
            let help = Some(format!("book.toml names {}", versions.join(", ")));
            let message = format!("{version} is not the version that the guide uses");
            self.find(Code::MODULE_UNKNOWN, word.place(at), message, help);
        }
    }

    /// Go's templates name fields, all of which the help for `go list` shows.
    fn template(&mut self, part: &super::programs::Part) {
        let Ok(fields) = self.programs.go_fields() else {
            return;
        };
        let text = part.text();
        for (at, _) in text.match_indices('.') {
            let rest = &text[at + 1..];
            let name = &rest[..rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len())];
            if name.starts_with(|c: char| c.is_ascii_uppercase()) && !fields.contains(name) {
                let help = nearest(name, fields.iter().map(String::as_str))
                    .map(|near| format!("did you mean `.{near}`?"));
                let place = part.place(at + 1, at + 1 + name.len());
                self.find(
                    Code::ARGUMENT_WRONG,
                    place,
                    format!("go list shows no field `{name}`"),
                    help,
                );
            }
        }
    }

    /// A version, some bytes of a word.
    fn version(&mut self, word: &Value, at: Range<usize>) {
        let version = &word.text[at.clone()];
        let numbers = version.strip_prefix('v').is_some_and(|rest| {
            let core = rest.split(['-', '+']).next().unwrap_or(rest);
            core.split('.').count() == 3 && core.split('.').all(|n| n.parse::<u64>().is_ok())
        });
        let named = ["latest", "upgrade", "patch", "none"].contains(&version);
        let is_ref = self.state.refs.contains(version)
            || self.settings.refs.iter().any(|known| known == version);
        let commit = version.len() >= 7 && version.bytes().all(|b| b.is_ascii_hexdigit());
        if numbers || named || is_ref || commit || version.contains('\u{1}') {
            return;
        }
        let at = word.place(at);
        let message = format!("`{version}` is no version of a module");
        self.find(
            Code::ARGUMENT_WRONG,
            at,
            message,
            Some("for instance v1.2.3".into()),
        );
    }

    fn edit(&mut self, call: &Call) {
        self.in_module();
        for part in call.values(&["-replace"]) {
            let text = part.text();
            let Some((old, new)) = text.split_once('=') else {
                let message = "-replace is written OLD=NEW";
                self.find(Code::FLAG_VALUE, part.all(), message, None);
                continue;
            };
            self.module(&part.word, part.from..part.from + old.len());
            let start = part.from + old.len() + 1;
            let target = part.word.from(start);
            match new.split_once('@') {
                Some((path, _)) => self.version(&target, path.len() + 1..target.text.len()),
                None => self.exists(&target),
            }
        }
        for part in call.values(&["-require", "-droprequire", "-dropreplace", "-exclude"]) {
            self.module(&part.word, part.from..part.from + part.text().len());
        }
    }

    fn env(&mut self, call: &Call) {
        let names = match self.programs.go_variables() {
            Ok(names) => names,
            Err(why) => return self.unsure(why),
        };
        for word in &call.operands {
            let name = word.text.split('=').next().unwrap_or_default();
            if names.contains(name) {
                continue;
            }
            let near = nearest(name, names.iter().map(String::as_str));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let at = word.place(0..name.len());
            self.find(
                Code::VARIABLE_OF_GO,
                at,
                format!("Go has no setting `{name}`"),
                help,
            );
        }
    }

    /// `go list -m -f '{{.Dir}}' MODULE`: the folder of a base.
    pub(super) fn folder_of_module(&self, words: &[Value]) -> Option<String> {
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        let ["go", "list", "-m", "-f", "{{.Dir}}", module] = texts.as_slice() else {
            return None;
        };
        let bases = &self.context.edition.base;
        let mut modules = self.context.edition.modules();
        let named = modules.find(|(_, spec)| spec.module == *module);
        // A base that is a repository says in its go.mod which module it is.
        let found = named.map(|(name, _)| name.to_owned());
        found.or_else(|| {
            let says = |name: &&String| {
                let text = self.text_of(name, "go.mod").unwrap_or_default();
                gomod::parse(&text)
                    .0
                    .module()
                    .is_some_and(|word| word.text == *module)
            };
            bases.keys().find(says).cloned()
        })
    }
}

/// Where Go's module cache has the bases of an edition. In its paths `!x` stands for `X`.
pub(super) fn cached(edition: &Edition) -> BTreeMap<String, String> {
    let escaped = |text: &str| {
        text.chars()
            .flat_map(|c| {
                c.is_ascii_uppercase()
                    .then_some('!')
                    .into_iter()
                    .chain([c.to_ascii_lowercase()])
            })
            .collect::<String>()
    };
    let modules = edition.modules().map(|(name, spec)| {
        let path = format!("{}@{}", escaped(&spec.module), escaped(&spec.version));
        (path, name.to_owned())
    });
    modules.collect()
}

/// Whether a path is that of a Go file.
fn is_go(path: &str) -> bool {
    Matter::of_path(path) == Matter::Go
}

/// The name that Go gives to a program, by the path of its package.
fn last(path: &str) -> Option<String> {
    let mut parts = path.rsplit('/');
    let last = parts.next()?;
    let name = if gomod::is_major(last) {
        parts.next()?
    } else {
        last
    };
    (!name.is_empty()).then(|| name.to_owned())
}
