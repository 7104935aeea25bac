//! Asks programs for their help, once for each build of them.
//!
//! Which programs are asked, and with which words, is settled here and in book.toml, never by a
//! block: a guide cannot make the verifier start anything.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use crate::config::ToolSettings;
use crate::tool::{self, Call};
use crate::verdict::Key;
use crate::workspace::put;

use super::{Help, Style, Takes};

/// How a program is asked for its help. `{}` stands for the words of a command.
#[derive(Clone, Copy, Debug)]
struct Capture {
    name: &'static str,
    style: Style,
    help: &'static [&'static str],
    /// What lists its commands, if its help does not.
    list: &'static [&'static str],
    /// What gives a command's own help.
    command: &'static [&'static str],
    /// Variables of the user's environment without which it does not start.
    needs: &'static [&'static str],
}

const fn gnu(name: &'static str) -> Capture {
    Capture {
        name,
        style: Style::Gnu,
        help: &["--help"],
        list: &[],
        command: &[],
        needs: &[],
    }
}

const fn commands(name: &'static str) -> Capture {
    Capture {
        command: &["{}", "--help"],
        ..gnu(name)
    }
}

/// Programs whose ways are known. book.toml adds further ones.
const KNOWN: &[Capture] = &[
    Capture {
        style: Style::Go,
        help: &["help"],
        command: &["help", "{}"],
        ..gnu("go")
    },
    Capture {
        list: &["help", "-a"],
        command: &["{}", "-h"],
        ..gnu("git")
    },
    Capture {
        style: Style::Go,
        help: &["-h"],
        ..gnu("mage")
    },
    Capture {
        help: &["--help", "all"],
        ..gnu("curl")
    },
    Capture {
        style: Style::Go,
        ..gnu("etcd")
    },
    Capture {
        list: &["--list"],
        command: &["{}", "-h"],
        needs: &["HOME", "CARGO_HOME", "RUSTUP_HOME"],
        ..gnu("cargo")
    },
    Capture {
        style: Style::Expression,
        ..gnu("find")
    },
    commands("etcdctl"),
    commands("mdbook"),
    commands("mdbook-verify"),
    commands("docker"),
    gnu("protoc"),
    gnu("basename"),
    gnu("bash"),
    gnu("cat"),
    gnu("chmod"),
    gnu("cp"),
    gnu("cut"),
    gnu("date"),
    gnu("diff"),
    gnu("dirname"),
    gnu("du"),
    gnu("env"),
    gnu("grep"),
    gnu("gzip"),
    gnu("head"),
    gnu("id"),
    gnu("jq"),
    gnu("ln"),
    gnu("ls"),
    gnu("make"),
    gnu("mkdir"),
    gnu("mktemp"),
    gnu("mv"),
    gnu("nohup"),
    gnu("nproc"),
    gnu("readlink"),
    gnu("realpath"),
    gnu("rm"),
    gnu("rmdir"),
    gnu("sed"),
    gnu("seq"),
    gnu("sha256sum"),
    gnu("sleep"),
    gnu("sort"),
    gnu("stat"),
    gnu("tail"),
    gnu("tar"),
    gnu("tee"),
    gnu("timeout"),
    gnu("touch"),
    gnu("tr"),
    gnu("uname"),
    gnu("uniq"),
    gnu("wc"),
    gnu("xargs"),
];

/// What Bash itself does, and speaks of in `help NAME`.
const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "break",
    "builtin",
    "cd",
    "command",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// A program and how it is asked.
#[derive(Clone, Debug)]
pub struct Program {
    style: Style,
    help: Vec<String>,
    list: Vec<String>,
    command: Vec<String>,
    needs: &'static [&'static str],
    /// The help itself, where book.toml has it.
    text: Option<String>,
}

impl Program {
    /// Whether it has commands, each with a help of its own.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        !self.command.is_empty()
    }
}

/// What is known of a program or one of its commands.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// Its help.
    Help(Rc<Help>),
    /// The program is known, but its help could not be had: why.
    Missing(String),
}

/// The programs whose help can be looked up.
pub struct Programs<'a> {
    known: BTreeMap<String, Program>,
    tools: Option<&'a Path>,
    cache: &'a Path,
    texts: RefCell<BTreeMap<Vec<String>, Result<String, String>>>,
    lookups: RefCell<BTreeMap<Vec<String>, Lookup>>,
}

impl<'a> Programs<'a> {
    /// The programs of the table above and of book.toml. Help is kept in a folder of `cache`.
    #[must_use]
    pub fn new(
        settings: &BTreeMap<String, ToolSettings>,
        tools: Option<&'a Path>,
        cache: &'a Path,
    ) -> Self {
        Self {
            known: known(settings),
            tools,
            cache,
            texts: RefCell::default(),
            lookups: RefCell::default(),
        }
    }

    /// The program with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Program> {
        self.known.get(name)
    }

    /// Whether Bash itself does this.
    #[must_use]
    pub fn is_builtin(name: &str) -> bool {
        BUILTINS.contains(&name)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let known = self.known.keys().map(String::as_str);
        known.chain(BUILTINS.iter().copied())
    }

    /// The help of a program, or of one of its commands. Bash's own commands go first, as they do
    /// in Bash.
    #[must_use]
    pub fn lookup(&self, name: &str, command: &[&str]) -> Option<Lookup> {
        let mut key = vec![name.to_owned()];
        key.extend(command.iter().map(|&word| word.to_owned()));
        if let Some(known) = self.lookups.borrow().get(&key) {
            return Some(known.clone());
        }
        let help = if Self::is_builtin(name) {
            self.builtin(name)
        } else {
            self.help(name, self.known.get(name)?, command)
        };
        let lookup = match help {
            Ok(help) => Lookup::Help(Rc::new(help)),
            Err(why) => Lookup::Missing(why),
        };
        self.lookups.borrow_mut().insert(key, lookup.clone());
        Some(lookup)
    }

    fn builtin(&self, name: &str) -> Result<Help, String> {
        let (topic, style) = match name {
            "[" | "test" => ("test", Style::Expression),
            _ => (name, Style::Gnu),
        };
        // The topic is a word of the list above.
        let words = vec!["-c".to_owned(), format!("help {topic}")];
        Ok(Help::new(&self.text("bash", &words, &[])?, style))
    }

    fn help(&self, name: &str, program: &Program, command: &[&str]) -> Result<Help, String> {
        if let Some(text) = &program.text {
            return Ok(Help::new(text, program.style));
        }
        if command.is_empty() {
            let mut help = Help::new(
                &self.text(name, &program.help, program.needs)?,
                program.style,
            );
            if program.has_commands() && !program.list.is_empty() {
                let list = self.text(name, &program.list, program.needs)?;
                help.commands = Help::new(&list, program.style).commands;
            }
            return Ok(help);
        }
        let ask = |command: &[&str]| {
            let mut words = Vec::new();
            for word in &program.command {
                match word.as_str() {
                    "{}" => words.extend(command.iter().map(|&word| word.to_owned())),
                    _ => words.push(word.clone()),
                }
            }
            self.text(name, &words, program.needs)
        };
        let text = ask(command)?;
        let mut help = Help::new(&text, program.style);
        if name == "git" {
            // git takes back any switch, which its help shows for some only.
            let long = help
                .flags
                .iter()
                .filter(|(_, takes)| **takes == Takes::Nothing);
            let long = long.filter_map(|(flag, _)| flag.strip_prefix("--"));
            let negative: Vec<_> = long.map(|name| format!("--no-{name}")).collect();
            for flag in negative {
                help.flags.entry(flag).or_insert(Takes::Nothing);
            }
        }
        if name == "go" {
            for (mention, topic) in [("build flags", "build"), ("test flags", "testflag")] {
                if text.contains(mention)
                    || (topic == "build" && text.contains("[build/test flags]"))
                {
                    let shared = ask(&[topic])?;
                    // `go help build` speaks of its own flags first.
                    let shared = shared
                        .split_once("The build flags are")
                        .map_or(shared.as_str(), |(_, rest)| rest);
                    help.extend(&Help::new(shared, Style::Gnu));
                }
            }
        }
        Ok(help)
    }

    /// The variables that the go command reads.
    ///
    /// # Errors
    /// Why Go could not be asked.
    pub fn go_variables(&self) -> Result<BTreeSet<String>, String> {
        static NAME: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?m)^\t([A-Z][A-Z0-9_]+(?:, [A-Z][A-Z0-9_]+)*)$").ok());
        let text = self.text("go", &["help".to_owned(), "environment".to_owned()], &[])?;
        let names = NAME.iter().flat_map(|name| name.captures_iter(&text));
        let names =
            names.flat_map(|found| found[1].split(", ").map(str::to_owned).collect::<Vec<_>>());
        Ok(names.collect())
    }

    /// The fields that `go list` shows.
    ///
    /// # Errors
    /// Why Go could not be asked.
    pub fn go_fields(&self) -> Result<BTreeSet<String>, String> {
        let text = self.text("go", &["help".to_owned(), "list".to_owned()], &[])?;
        let words = text
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        let fields = words.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()));
        Ok(fields.map(str::to_owned).collect())
    }

    /// What a program prints when it is called with these words, from the cache if this build of it
    /// has been asked before.
    fn text(&self, name: &str, words: &[String], needs: &[&str]) -> Result<String, String> {
        let mut key = vec![name.to_owned()];
        key.extend(words.iter().cloned());
        if let Some(known) = self.texts.borrow().get(&key) {
            return known.clone();
        }
        let text = self.ask(name, words, needs);
        self.texts.borrow_mut().insert(key, text.clone());
        text
    }

    fn ask(&self, name: &str, words: &[String], needs: &[&str]) -> Result<String, String> {
        let program = tool::find(name, self.tools).ok_or_else(|| {
            format!("{name} is not installed here, so its flags cannot be looked up")
        })?;
        let kept = self.kept(&program, words);
        if let Ok(text) = fs::read_to_string(&kept) {
            return Ok(text);
        }
        let needed = needs
            .iter()
            .filter_map(|name| Some((*name, std::env::var_os(name)?)));
        let plain = [("LC_ALL", "C"), ("GOTOOLCHAIN", "local"), ("PAGER", "cat")];
        let answer = Call::new(&program, self.cache)
            .args(words)
            .envs(plain)
            .envs(needed)
            .limit(Duration::from_secs(20))
            .run()
            .map_err(|error| format!("{name} could not be asked for its help: {error}"))?;
        // Programs differ in the stream and the exit status of their help.
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&answer.stdout),
            answer.stderr
        );
        if text.lines().count() < 2 {
            let said = answer.complaint();
            return Err(format!(
                "{name} gave no help for `{name} {}`: {said}",
                words.join(" ")
            ));
        }
        // That it could not be kept costs time in the next run, nothing else.
        let _ = put(&kept, text.as_bytes());
        Ok(text)
    }

    fn kept(&self, program: &Path, words: &[String]) -> PathBuf {
        let mut key = Key::default();
        key.add(&tool::identity(program));
        for word in words {
            key.add(word);
        }
        self.cache
            .join("help")
            .join(format!("{}.txt", key.finish()))
    }

    /// What tells the builds of the programs apart that `text` may speak of.
    #[must_use]
    pub fn identity(&self, text: &str) -> String {
        // A search for a program looks into every folder of PATH, and names such as `ls` are parts of
        // most texts.
        let apart = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let words: BTreeSet<_> = text.split(apart).collect();
        let named = self
            .known
            .keys()
            .filter(|name| words.contains(name.as_str()));
        let always = ["bash".to_owned()];
        let found = named
            .chain(&always)
            .map(|name| tool::find(name, self.tools).map(|path| tool::identity(&path)));
        found
            .map(Option::unwrap_or_default)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

fn known(settings: &BTreeMap<String, ToolSettings>) -> BTreeMap<String, Program> {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let table = KNOWN.iter().map(|capture| {
        let program = Program {
            style: capture.style,
            help: owned(capture.help),
            list: owned(capture.list),
            command: owned(capture.command),
            needs: capture.needs,
            text: None,
        };
        (capture.name.to_owned(), program)
    });
    let further = settings.iter().map(|(name, settings)| {
        let program = Program {
            style: settings.style,
            help: settings.help.clone(),
            list: settings.list.clone(),
            command: settings.command.clone(),
            needs: &[],
            text: settings.text.clone(),
        };
        (name.clone(), program)
    });
    table.chain(further).collect()
}
