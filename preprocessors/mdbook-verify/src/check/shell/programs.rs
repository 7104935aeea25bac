//! Programs, their commands and their flags.

use std::rc::Rc;

use crate::finding::{Code, nearest};
use crate::help::{Argument, Help, Lookup, Programs, WrongKind, arguments};
use crate::shell::Value;

use super::world::There;
use super::{Session, said};

/// A call of a program whose arguments are told apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    /// The flags with their values.
    pub(super) flags: Vec<(String, Option<Part>)>,
    /// The rest.
    pub(super) operands: Vec<Value>,
}

/// A part of a word: its value from a byte on.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) word: Value,
    pub(super) from: usize,
}

impl Part {
    pub(super) fn text(&self) -> &str {
        &self.word.text[self.from..]
    }

    /// The place in the script of a range of its bytes.
    pub(super) fn place(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        self.word.place(self.from + start..self.from + end)
    }

    /// It as a word of its own.
    pub(super) fn word_of(&self) -> Value {
        self.word.from(self.from)
    }

    pub(super) fn all(&self) -> std::ops::Range<usize> {
        self.place(0, self.text().len())
    }
}

impl Call {
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.flags
            .iter()
            .any(|(flag, _)| names.contains(&flag.as_str()))
    }

    pub(super) fn values<'c>(&'c self, names: &'c [&str]) -> impl Iterator<Item = &'c Part> {
        let flags = self
            .flags
            .iter()
            .filter(|(flag, _)| names.contains(&flag.as_str()));
        flags.filter_map(|(_, value)| value.as_ref())
    }
}

/// Programs that run another one, and how many operands stand before it.
const WRAPPERS: [(&str, usize); 9] = [
    ("builtin", 0),
    ("command", 0),
    ("env", 0),
    ("exec", 0),
    ("nohup", 0),
    ("sudo", 0),
    ("time", 0),
    ("timeout", 1),
    ("xargs", 0),
];

impl Session<'_> {
    /// A program with its arguments.
    pub(super) fn run(&mut self, words: &[Value]) {
        let Some((program, rest)) = words.split_first() else {
            return;
        };
        let name = program.text.as_str();
        self.makes(words);
        if self.state.functions.contains(name) {
            for word in rest {
                self.speaks(word);
            }
        } else if let Some((_, before)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) {
            self.wrapped(words, *before);
        } else if name.contains('/') || !program.is_known() {
            self.by_path(program, rest);
        } else if Programs::is_builtin(name) || self.programs.get(name).is_some() {
            self.tool(program, rest);
        } else if self.state.installed.contains(name) {
            self.built(program, rest);
        } else {
            let installed = self.state.installed.iter().map(String::as_str);
            let functions = self.state.functions.iter().map(String::as_str);
            let known = self.programs.names().chain(installed).chain(functions);
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "install it in an earlier step, or say how to ask for its help: [preprocessor.verify.shell.tool.{name}] in book.toml"
                ),
            };
            self.find(
                Code::PROGRAM_UNKNOWN,
                program.at.clone(),
                format!("nothing knows the program `{name}`"),
                Some(help),
            );
        }
    }

    fn wrapped(&mut self, words: &[Value], before: usize) {
        let name = words[0].text.as_str();
        let rest = &words[1..];
        let help = match self.programs.lookup(name, &[]) {
            Some(Lookup::Help(help)) => help,
            Some(Lookup::Missing(why)) => return self.unsure(why),
            // `sudo` and `time` have none here; their own flags are rare.
            None => Rc::default(),
        };
        let mut left = rest;
        let mut skip = before;
        loop {
            let (found, wrong) = arguments(&help, left, true);
            self.wrong(name, left, wrong);
            let Some(Argument::Operand(at)) = found
                .into_iter()
                .find(|a| matches!(a, Argument::Operand(_)))
            else {
                return;
            };
            let assigns = name == "env" && left[at].text.contains('=');
            if skip == 0 && !assigns {
                return self.run(&left[at..]);
            }
            skip = skip.saturating_sub(1);
            left = &left[at + 1..];
        }
    }

    /// A program by its path: a script of the tree, or what a step has built.
    fn by_path(&mut self, program: &Value, rest: &[Value]) {
        let at = self.view().resolve(&self.cwd, &program.text);
        match self.view().what(&at) {
            There::Nothing => {
                let missing = format!("at this step there is no program {}", said(program));
                return self.absent(program, missing);
            }
            There::Folder => {
                let message = format!("{} is a folder, not a program", said(program));
                return self.find(Code::ARGUMENT_WRONG, program.at.clone(), message, None);
            }
            There::Unsure => self.unsure(format!("only a run can tell what {} is", said(program))),
            There::File | There::Declared => {}
        }
        self.built(program, rest);
    }

    /// A program that has no help of its own here: book.toml may have it.
    fn built(&mut self, program: &Value, rest: &[Value]) {
        let name = program.text.rsplit('/').next().unwrap_or_default();
        let settings = self
            .settings
            .program
            .iter()
            .find(|settings| settings.name.0.is_match(name));
        let Some(settings) = settings else {
            if rest.iter().any(|word| word.text.starts_with('-')) {
                self.unsure(format!(
                    "nothing says which flags {name} takes ([[preprocessor.verify.shell.program]] in book.toml)"
                ));
            }
            for word in rest {
                self.speaks(word);
            }
            return;
        };
        let help = Help::new(&settings.help, settings.style);
        let text = settings.help.clone();
        let name = name.to_owned();
        let call = self.told(&name, &help, rest);
        for (flag, value) in &call.flags {
            let Some(value) = value else { continue };
            // What the help calls a file or a folder has to be one.
            let named = |kind: &str| {
                text.lines().any(|line| {
                    line.split([' ', ',', '=', '\t']).any(|word| word == flag)
                        && line.contains(kind)
                })
            };
            if named("DIR") || named("FILE") {
                self.exists(&value.word_of());
            }
        }
    }

    /// A tool whose help can be looked up.
    fn tool(&mut self, program: &Value, words: &[Value]) {
        let name = program.text.as_str();
        let Some(help) = self.help(name, &[]) else {
            return;
        };
        let has_commands = self
            .programs
            .get(name)
            .is_some_and(crate::help::Program::has_commands);
        if !has_commands || Programs::is_builtin(name) {
            let call = self.told(name, &help, words);
            return self.means(name, &call);
        }
        let (found, wrong) = arguments(&help, words, true);
        self.wrong(name, words, wrong);
        let before = call(words, found);
        let Some(command) = before.operands.first() else {
            return;
        };
        let at = words
            .iter()
            .position(|word| word.at == command.at)
            .unwrap_or(0);
        let Some(path) = self.command_of(name, &help, &words[at..]) else {
            return;
        };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some(own) = self.help(name, &path) else {
            return;
        };
        let mut own = Help::clone(&own);
        // Flags that stand before a command may in most programs stand behind it, too.
        if name != "git" && name != "go" {
            own.extend(&help);
        }
        for word in &words[..at] {
            self.speaks(word);
        }
        let rest = &words[at + path.len()..];
        let Some(nested) = self.nested(name, &path, &own, rest) else {
            return;
        };
        let mut call = self.told(&format!("{name} {}", path.join(" ")), &own, rest);
        call.flags.splice(0..0, before.flags);
        match name {
            "git" => self.git(path[0], nested, &call),
            "go" => self.go(&path, &call, rest),
            _ => {}
        }
    }

    /// The words of the command that is called: one, or two where the help lists it so.
    fn command_of(&mut self, name: &str, help: &Help, words: &[Value]) -> Option<Vec<String>> {
        let first = &words[0];
        let second = words.get(1).map(|word| word.text.as_str());
        let two = second.map(|second| format!("{} {second}", first.text));
        if two.is_some_and(|two| help.commands.contains(&two)) {
            return Some(words[..2].iter().map(|word| word.text.clone()).collect());
        }
        if help.commands.contains(&first.text) {
            if name == "go" && ["mod", "work"].contains(&first.text.as_str()) {
                return self.go_command(&words[..2.min(words.len())]);
            }
            return Some(vec![first.text.clone()]);
        }
        let prefix = format!("{} ", first.text);
        let seconds: Vec<_> = help
            .commands
            .iter()
            .filter_map(|known| known.strip_prefix(&prefix))
            .collect();
        if let (false, Some(second)) = (seconds.is_empty(), words.get(1)) {
            self.unknown_command(&format!("{name} {}", first.text), second, &seconds);
        } else {
            let firsts: Vec<_> = help
                .commands
                .iter()
                .filter_map(|known| known.split(' ').next())
                .collect();
            self.unknown_command(name, first, &firsts);
        }
        None
    }

    fn go_command(&mut self, words: &[Value]) -> Option<Vec<String>> {
        let first = words[0].text.as_str();
        let help = self.help("go", &[first])?;
        let Some(second) = words.get(1) else {
            let message = format!("`go {first}` needs a command");
            self.find(Code::ARGUMENT_WRONG, words[0].at.clone(), message, None);
            return None;
        };
        if help.commands.contains(&second.text) {
            return Some(vec![first.to_owned(), second.text.clone()]);
        }
        let known: Vec<_> = help.commands.iter().map(String::as_str).collect();
        self.unknown_command(&format!("go {first}"), second, &known);
        None
    }

    /// The command of a command, where its help's usage lines have some. None if it is unknown.
    fn nested<'w>(
        &mut self,
        name: &str,
        path: &[&str],
        help: &Help,
        words: &'w [Value],
    ) -> Option<&'w str> {
        let plain = name != "git" || path[0] == "config" || help.commands.is_empty();
        let first = words.iter().find(|word| !word.text.starts_with('-'));
        let Some(first) = first.filter(|_| !plain) else {
            return Some("");
        };
        if help.commands.contains(&first.text) {
            return Some(&first.text);
        }
        let known: Vec<_> = help.commands.iter().map(String::as_str).collect();
        self.unknown_command(&format!("git {}", path[0]), first, &known);
        None
    }

    fn unknown_command(&mut self, of: &str, word: &Value, known: &[&str]) {
        if !word.is_known() {
            return self.unsure(format!(
                "only a run can tell which command of {of} {} is",
                said(word)
            ));
        }
        let help = match nearest(&word.text, known.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if known.len() < 12 => Some(format!("there are: {}", known.join(", "))),
            None => None,
        };
        let message = format!("{of} has no command `{}`", word.text);
        self.find(Code::COMMAND_UNKNOWN, word.at.clone(), message, help);
    }

    /// The help of a program; without it, the block is not proven.
    fn help(&mut self, name: &str, command: &[&str]) -> Option<Rc<Help>> {
        match self.programs.lookup(name, command)? {
            Lookup::Help(help) => Some(help),
            Lookup::Missing(why) => {
                self.unsure(why);
                // Nobody knows what it would have made.
                self.blind = true;
                None
            }
        }
    }

    /// Tells the arguments apart and says what is wrong with them.
    pub(super) fn told(&mut self, name: &str, help: &Help, words: &[Value]) -> Call {
        let (mut found, wrong) = arguments(help, words, false);
        let mut left = Vec::new();
        for wrong in wrong {
            let word = &words[wrong.word];
            if name == "protoc" && self.plugin_flag(word).is_some() {
                let (flag, _) = word.text.split_once('=').unwrap_or((&word.text, ""));
                found.push(Argument::Flag {
                    name: flag.to_owned(),
                    value: Some((wrong.word, (flag.len() + 1).min(word.text.len()))),
                });
            } else {
                left.push(wrong);
            }
        }
        let mut left: Vec<_> = left
            .into_iter()
            .filter(|wrong| !is_free(name, &words[wrong.word].text))
            .collect();
        if name == "kill" {
            left.retain(|wrong| !self.is_signal(&words[wrong.word]));
        }
        self.wrong(name, words, left);
        for word in words {
            self.speaks(word);
        }
        call(words, found)
    }

    /// Whether a word is a signal, or is meant to be one, which then is said.
    fn is_signal(&mut self, word: &Value) -> bool {
        let name = word.text.trim_start_matches('-');
        let short = name.trim_start_matches("SIG");
        if SIGNALS.contains(&short) || name.bytes().all(|b| b.is_ascii_digit()) {
            return true;
        }
        if name.len() < 2
            || !name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        {
            return false;
        }
        let help = nearest(short, SIGNALS).map(|near| format!("did you mean `-{near}`?"));
        self.find(
            Code::ARGUMENT_WRONG,
            word.at.clone(),
            format!("there is no signal {name}"),
            help,
        );
        true
    }

    fn wrong(&mut self, name: &str, words: &[Value], wrong: Vec<crate::help::Wrong>) {
        for wrong in wrong {
            let at = words[wrong.word].place(wrong.part);
            match wrong.kind {
                WrongKind::Unknown { flag, meant } => {
                    let help = meant.map(|meant| format!("did you mean `{meant}`?"));
                    let message = format!("{name} has no flag `{flag}`");
                    self.find(Code::FLAG_UNKNOWN, at, message, help);
                }
                WrongKind::Needs(flag) => {
                    self.find(
                        Code::FLAG_VALUE,
                        at,
                        format!("`{flag}` of {name} needs a value"),
                        None,
                    );
                }
                WrongKind::TakesNone(flag) => {
                    self.find(
                        Code::FLAG_VALUE,
                        at,
                        format!("`{flag}` of {name} takes no value"),
                        None,
                    );
                }
            }
        }
    }

    /// What book.toml says that a command leaves behind.
    fn makes(&mut self, words: &[Value]) {
        for (command, paths) in &self.settings.makes {
            let wanted: Vec<_> = command.split_whitespace().collect();
            let same = wanted.len() <= words.len()
                && wanted
                    .iter()
                    .zip(words)
                    .all(|(wanted, word)| *wanted == word.text);
            for path in paths.iter().filter(|_| same) {
                self.state.world.pattern(self.cwd.clone(), path.clone());
            }
        }
    }
}

/// Words with a dash that are no flags: what is printed, modes.
fn is_free(name: &str, word: &str) -> bool {
    match name {
        "echo" | "printf" => true,
        "chmod" => word[1..].chars().all(|c| "rwxXst,+-=ugoa".contains(c)),
        _ => false,
    }
}

const SIGNALS: [&str; 12] = [
    "HUP", "INT", "QUIT", "KILL", "TERM", "USR1", "USR2", "STOP", "CONT", "ALRM", "PIPE", "CHLD",
];

fn call(words: &[Value], found: Vec<Argument>) -> Call {
    let mut call = Call::default();
    for argument in found {
        match argument {
            Argument::Flag { name, value } => {
                let value = value.map(|(word, from)| Part {
                    word: words[word].clone(),
                    from,
                });
                call.flags.push((name, value));
            }
            Argument::Operand(word) => call.operands.push(words[word].clone()),
        }
    }
    call
}
