//! Commands that speak of files: what must be there before, and what is there afterwards.

use std::ops::Range;

use crate::finding::{Code, is_near, nearest};
use crate::matter::Matter;
use crate::shell::Value;

use super::programs::Call;
use super::world::{Location, There};
use super::{Session, said};

impl Session<'_> {
    /// What a call of a tool without commands of its own means.
    pub(super) fn means(&mut self, name: &str, call: &Call) {
        match name {
            "cd" | "pushd" => self.cd(call),
            "mkdir" => self.mkdir(call),
            "touch" | "tee" => call.operands.iter().for_each(|file| self.writes(file)),
            "cp" | "mv" | "ln" => self.copy(name, call),
            "rm" | "rmdir" => self.remove(call),
            "cat" | "head" | "tail" | "wc" | "sort" | "ls" | "stat" | "du" | "uniq" | "diff"
            | "realpath" => {
                call.operands
                    .iter()
                    .filter(|file| file.text != "-")
                    .for_each(|file| self.exists(file));
            }
            "source" | "." | "bash" if !call.has(&["-c"]) => {
                if let Some(file) = call.operands.first() {
                    self.exists(file);
                }
            }
            "sed" => self.script_first(name, call, &["-e", "-f", "--expression", "--file"]),
            "grep" => self.script_first(name, call, &["-e", "-f", "--regexp", "--file"]),
            "chmod" => self.chmod(call),
            "read" | "mapfile" | "readarray" => {
                let names = call.operands.iter().map(|name| name.text.clone());
                self.state.variables.extend(
                    names.map(|name| (name.clone(), crate::shell::atom(&format!("${name}")))),
                );
            }
            "export" | "unset" | "readonly" => {
                for name in &call.operands {
                    self.variable(&name.text, name.at.clone());
                }
            }
            "test" | "[" | "find" => {
                for word in &call.operands {
                    self.likely(word);
                }
            }
            "mage" => self.mage(call),
            "protoc" => self.protoc(call),
            "curl" => self.curl(call),
            _ => {}
        }
    }

    fn cd(&mut self, call: &Call) {
        let Some(folder) = call.operands.first() else {
            self.cwd = self.view().resolve(&self.cwd, &crate::shell::atom("$HOME"));
            return;
        };
        if folder.text == "-" {
            return self.unsure("`cd -` depends on what came before");
        }
        let at = self.view().resolve(&self.cwd, &folder.text);
        match self.view().what(&at) {
            There::Folder | There::Declared => self.cwd = at,
            There::File => {
                self.find(
                    Code::SHELL_PATH,
                    folder.at.clone(),
                    format!("{} is a file, not a folder", said(folder)),
                    None,
                );
            }
            There::Unsure => {
                self.unsure(format!(
                    "only a run can tell what stands in {}",
                    said(folder)
                ));
                self.cwd = at;
            }
            There::Nothing => self.absent(
                folder,
                format!("at this step there is no folder {}", said(folder)),
            ),
        }
    }

    fn mkdir(&mut self, call: &Call) {
        self.needs(call, "mkdir", 1);
        let parents = call.has(&["-p", "--parents"]);
        for folder in expanded(&call.operands) {
            let at = self.view().resolve(&self.cwd, &folder.text);
            if !parents {
                self.parent(&folder, &at);
                if matches!(self.view().what(&at), There::Folder | There::File) {
                    let message = format!("{} is there already", said(&folder));
                    self.find(
                        Code::ARGUMENT_WRONG,
                        folder.at.clone(),
                        message,
                        Some("use `mkdir -p`".into()),
                    );
                }
            }
            self.introduces(&folder);
            self.state.world.folder(at);
        }
    }

    fn copy(&mut self, name: &str, call: &Call) {
        let target = call
            .values(&["-t", "--target-directory"])
            .next()
            .map(super::programs::Part::word_of);
        let mut sources = call.operands.clone();
        let Some(target) = target.or_else(|| (sources.len() > 1).then(|| sources.pop()).flatten())
        else {
            return self.needs(call, name, 2);
        };
        let to = self.view().resolve(&self.cwd, &target.text);
        let into = self.view().is_folder(&to);
        if !into {
            self.introduces(&target);
            self.parent(&target, &to);
            if target.text.ends_with('/') || sources.len() > 1 {
                return self.absent(
                    &target,
                    format!("at this step there is no folder {}", said(&target)),
                );
            }
        }
        let recursive = name != "cp" || call.has(&["-r", "-R", "-a", "--recursive", "--archive"]);
        for source in expanded(&sources) {
            let from = self.view().resolve(&self.cwd, &source.text);
            if name != "ln" {
                self.exists(&source);
                if !recursive && self.view().what(&from) == There::Folder {
                    let help = Some("use `cp -r`".to_owned());
                    self.find(
                        Code::ARGUMENT_WRONG,
                        source.at.clone(),
                        format!("{} is a folder", said(&source)),
                        help,
                    );
                }
            }
            let whole = source.text.ends_with("/.");
            let at = match from.name() {
                Some(name) if into && !whole => to.child(name),
                _ => to.clone(),
            };
            let moved = self.view().what(&from);
            // A copy of a tree is not the tree: it must not change with it.
            match moved {
                There::File => self.state.world.file(at),
                _ if source.pattern => self.copy_matching(&source, &to),
                _ => self.state.world.like(at, from.clone()),
            }
            if name == "mv" && !source.pattern {
                self.moved(from, moved);
            }
        }
    }

    fn copy_matching(&mut self, source: &Value, to: &Location) {
        let folder = source
            .text
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let from = self.view().resolve(&self.cwd, folder);
        self.state.world.like(to.clone(), from);
    }

    fn moved(&mut self, from: Location, what: There) {
        if what == There::File {
            self.state.world.remove(from);
        } else {
            // What was moved is looked for where it stood, so only its own name goes.
            self.unsure("what a moved folder leaves behind is not followed");
        }
    }

    fn remove(&mut self, call: &Call) {
        let force = call.has(&["-f", "--force"]);
        for file in expanded(&call.operands) {
            if !force {
                self.exists(&file);
            }
            if !file.pattern {
                let at = self.view().resolve(&self.cwd, &file.text);
                self.state.world.remove(at);
            }
        }
    }

    fn chmod(&mut self, call: &Call) {
        let mut files = call.operands.as_slice();
        if !call.has(&["--reference"])
            && let Some((mode, rest)) = files.split_first()
        {
            let octal = mode.text.len() <= 4 && mode.text.bytes().all(|b| matches!(b, b'0'..=b'7'));
            let symbols = mode.text.chars().all(|c| "ugoarwxXst+-=,".contains(c));
            // `-w` was taken for a flag, and is a mode.
            if octal || (symbols && mode.text.contains(['+', '-', '='])) {
                files = rest;
            } else if self
                .view()
                .what(&self.view().resolve(&self.cwd, &mode.text))
                == There::Nothing
            {
                let message = format!("`{}` is no mode of a file", said(mode));
                return self.find(
                    Code::ARGUMENT_WRONG,
                    mode.at.clone(),
                    message,
                    Some("for instance `755` or `+x`".into()),
                );
            }
        }
        for file in files {
            self.exists(file);
        }
    }

    /// A program whose first operand is no file but what to do.
    fn script_first(&mut self, name: &str, call: &Call, instead: &[&str]) {
        let skip = usize::from(!call.has(instead));
        self.needs(call, name, skip);
        call.operands
            .iter()
            .skip(skip)
            .filter(|file| file.text != "-")
            .for_each(|file| self.exists(file));
    }

    fn needs(&mut self, call: &Call, name: &str, count: usize) {
        if call.operands.len() < count {
            let last = call.operands.last().map(|operand| operand.at.clone());
            let flag = call
                .flags
                .last()
                .and_then(|(_, value)| value.as_ref().map(super::programs::Part::all));
            let at = last.or(flag).unwrap_or(self.start_of(name));
            self.find(
                Code::ARGUMENT_WRONG,
                at,
                format!("an argument of {name} is missing"),
                None,
            );
        }
    }

    /// Where a program's name stands first, for want of a better place.
    fn start_of(&self, name: &str) -> Range<usize> {
        let at = self.text.find(name).unwrap_or(0);
        at..at + name.len().min(self.text.len() - at)
    }

    /// A file or folder that must be there.
    pub(super) fn exists(&mut self, path: &Value) {
        if path.pattern {
            return self.matching(path);
        }
        let at = self.view().resolve(&self.cwd, &path.text);
        match self.view().what(&at) {
            There::Nothing => self.absent(path, format!("at this step there is no {}", said(path))),
            There::Unsure => self.unsure(format!("only a run can tell what {} is", said(path))),
            There::File | There::Folder | There::Declared => {}
        }
    }

    /// A word that need not be a path. If it is almost one that is there, it is misspelt.
    fn likely(&mut self, word: &Value) {
        let text = word.text.as_str();
        let looks =
            text.contains(['/', '.']) && !text.contains("://") && !word.pattern && word.is_known();
        let at = self.view().resolve(&self.cwd, text);
        if !looks || self.view().what(&at) != There::Nothing {
            return;
        }
        let near = self.near_path(&self.cwd, text);
        if let Some(near) = near.filter(|near| is_near(near, text)) {
            let message = format!("at this step there is no {text}");
            self.lost(
                word.at.clone(),
                message,
                Some(format!("did you mean {near}?")),
            );
        }
    }

    /// Something that a pattern for paths must match.
    pub(super) fn matching(&mut self, path: &Value) {
        if !path.pattern || path.text.contains("://") {
            return;
        }
        match self.view().matches(&self.cwd, &path.text) {
            There::Nothing => {
                let folder = path
                    .text
                    .split(['*', '?', '[', '{'])
                    .next()
                    .unwrap_or_default();
                let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
                let at = self.view().resolve(&self.cwd, folder);
                if self.view().is_folder(&at) {
                    let message = format!("at this step nothing matches {}", said(path));
                    self.lost(path.at.clone(), message, None);
                } else {
                    let near = self.near_path(&self.cwd, folder);
                    let help = near.map(|near| format!("did you mean {near}/?"));
                    let message = format!("at this step there is no folder {folder}");
                    self.lost(path.place(0..folder.len()), message, help);
                }
            }
            There::Unsure => self.unsure(format!("only a run can tell what {} is", said(path))),
            _ => {}
        }
    }

    /// A file that a command writes: the folder for it must be there.
    pub(super) fn writes(&mut self, path: &Value) {
        let at = self.view().resolve(&self.cwd, &path.text);
        self.parent(path, &at);
        if self.view().what(&at) == There::Nothing {
            self.introduces(path);
            self.state.world.file(at);
        }
    }

    pub(super) fn parent(&mut self, path: &Value, at: &Location) {
        let Some(parent) = at.parent() else { return };
        if !self.view().is_folder(&parent) {
            let folder = path
                .text
                .trim_end_matches('/')
                .rsplit_once('/')
                .map_or(".", |(folder, _)| folder);
            let near = self.near_path(&self.cwd, folder);
            let help = match near {
                Some(near) => format!("did you mean {near}?"),
                None => "make it first: `mkdir -p`".into(),
            };
            let message = format!(
                "at this step there is no folder {}",
                crate::shell::shown(folder)
            );
            self.lost(path.place(0..folder.len()), message, Some(help));
        }
    }

    /// A path that is not there. A trailing part may still be right: the place is the whole word.
    pub(super) fn absent(&mut self, path: &Value, message: String) {
        let near = self.near_path(&self.cwd, &path.text);
        self.lost(
            path.at.clone(),
            message,
            near.map(|near| format!("did you mean {near}?")),
        );
    }

    /// Without the help of an earlier program nobody knows what it has made.
    pub(super) fn lost(&mut self, at: Range<usize>, message: String, help: Option<String>) {
        if self.blind {
            self.unsure(format!(
                "{message}, but what an earlier command made is not known"
            ));
        } else {
            self.find(Code::SHELL_PATH, at, message, help);
        }
    }

    /// Targets of mage, which are functions of the magefiles.
    fn mage(&mut self, call: &Call) {
        let Some(target) = call.operands.first() else {
            return;
        };
        let super::world::Root::Base(base) = &self.cwd.root else {
            return self.unsure("only a magefile in a base can be read");
        };
        let base = base.clone();
        let mut folder = self.cwd.path.join("/");
        if !folder.is_empty() {
            folder.push('/');
        }
        let files = self.view().below(&self.cwd);
        let files = files.iter().filter(|file| {
            Matter::of_path(file) == Matter::Go
                && (file.starts_with("magefiles/") || file.starts_with("magefile"))
        });
        let files: Vec<_> = files.map(|file| format!("{folder}{file}")).collect();
        let texts: Vec<_> = files
            .iter()
            .filter_map(|file| self.text_of(&base, file))
            .collect();
        if texts.is_empty() {
            let message = "at this step there is no magefile here".to_owned();
            return self.find(Code::ARGUMENT_WRONG, target.at.clone(), message, None);
        }
        let mut targets: Vec<String> = Vec::new();
        for line in texts.iter().flat_map(|text| text.lines()) {
            let name = line
                .strip_prefix("func ")
                .and_then(|rest| rest.split('(').next());
            targets.extend(
                name.filter(|name| name.starts_with(char::is_uppercase))
                    .map(str::to_lowercase),
            );
        }
        // A namespace's target is a method: nothing is said of those.
        let known = targets.contains(&target.text.to_lowercase()) || target.text.contains(':');
        if !known {
            let help = match nearest(&target.text, targets.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", targets.join(", ")),
            };
            let message = format!("the magefile has no target `{}`", said(target));
            self.find(
                Code::COMMAND_UNKNOWN,
                target.at.clone(),
                message,
                Some(help),
            );
        }
    }
}

/// Words with `{a,b}` in them, once for each alternative.
fn expanded(words: &[Value]) -> Vec<Value> {
    let one = |word: &Value| {
        let braces = word.text.split_once('{').and_then(|(before, rest)| {
            let (inside, after) = rest.split_once('}')?;
            Some((before, inside, after))
        });
        match braces {
            Some((before, inside, after)) if word.pattern && inside.contains(',') => inside
                .split(',')
                .map(|part| {
                    let mut each = word.clone();
                    each.text = format!("{before}{part}{after}");
                    each.pattern = each.text.contains(['*', '?', '[', '{']);
                    each
                })
                .collect(),
            _ => vec![word.clone()],
        }
    };
    words.iter().flat_map(one).collect()
}
