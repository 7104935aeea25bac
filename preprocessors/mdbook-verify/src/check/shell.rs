//! Commands: every program known, every flag in the program's own help, every path there at that
//! step. Nothing is run but programs that are asked for their help.

mod addresses;
mod files;
mod git;
mod go;
mod names;
mod programs;
mod protoc;
mod scripts;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use crate::attrs::Spanned;
use crate::blocks::Block;
use crate::config::ShellSettings;
use crate::evidence::{self, Kind};
use crate::finding::{Code, Finding, nearest};
use crate::help::Programs;
use crate::matter::Matter;
use crate::role::Role;
use crate::shell::{self, Command, Known, Node, Part, Value, Word, shown};
use crate::workspace::{FileKey, Moment, Stitch};

use super::schema::Judge;
use super::{Context, Outcome};
use addresses::Sent;
use world::{Location, Root, There, View, World};

/// `generated` is the outcome of generating code, which later commands may speak of.
pub(super) fn check<'a>(
    context: &'a Context<'a>,
    stitch: &'a Stitch,
    generated: &Result<(), String>,
    judge: &mut Judge<'a>,
    outcome: &mut Outcome,
) {
    scripts::check(context, stitch, outcome);
    let blocks: Vec<_> = commands(context.blocks, &context.edition.name)
        .filter(|(index, block)| {
            block.role.edit().is_none() || scripts::is_one_piece(context, stitch, *index)
        })
        .collect();
    if blocks.is_empty() {
        return;
    }
    let mut session = Session::new(context, stitch);
    session.blind = generated.is_err();
    for (index, block) in &blocks {
        let script = shell::parse(&block.content.text);
        names::count(&block.content.text, &mut session.said);
        script.variables(&mut |name| {
            session.read.insert((name.to_owned(), *index));
        });
        session.scripts.insert(*index, script);
    }
    for (index, _) in blocks {
        session.block(index, judge, outcome);
    }
}

/// The blocks whose commands the reader types, or writes to a new script.
pub(super) fn commands<'b>(
    blocks: &'b [Block],
    edition: &'b str,
) -> impl Iterator<Item = (usize, &'b Block)> {
    let blocks = blocks.iter().enumerate();
    blocks.filter(move |(_, block)| is_typed(block) && block.serves(edition))
}

fn is_typed(block: &Block) -> bool {
    let may_be = matches!(block.role, Role::Step(_) | Role::Plain | Role::Create(_));
    may_be && evidence::matter(block) == Matter::Shell
}

/// What can change the verdicts about commands beside the text, the trees and the settings: the
/// programs that are asked for their help.
pub(crate) fn key(
    settings: &ShellSettings,
    tools: Option<&std::path::Path>,
    cache: &std::path::Path,
    blocks: &[Block],
) -> String {
    let text: Vec<_> = blocks
        .iter()
        .filter(|block| is_typed(block))
        .map(|block| block.content.text.as_str())
        .collect();
    if text.is_empty() {
        return String::new();
    }
    let programs = Programs::new(&settings.tool, tools, cache);
    programs.identity(&text.join("\n"))
}

/// Languages that name what a terminal shows, not what is typed.
const TRANSCRIPTS: [&str; 3] = ["console", "shell-session", "terminal"];

/// The most commands of a block that are gone through: loops in loops multiply them.
const LONGEST: usize = 10_000;

/// The most findings of a block. Behind so many nobody reads further ones.
const TOLD: usize = 100;

/// Findings of a block for which a path that may have been meant is looked for: that takes a look
/// at all paths.
const HELPED: usize = 50;

/// Variables that every shell has, or that every reader's environment has.
const GIVEN: [&str; 26] = [
    "BASH",
    "BASH_SOURCE",
    "BASHPID",
    "EUID",
    "GOBIN",
    "GOPATH",
    "GOROOT",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LANG",
    "LC_ALL",
    "LINENO",
    "LOGNAME",
    "OLDPWD",
    "PATH",
    "PIPESTATUS",
    "PPID",
    "PWD",
    "RANDOM",
    "SECONDS",
    "SHELL",
    "TERM",
    "TMPDIR",
    "UID",
    "USER",
];

/// The reader's terminal, from one block to the next.
struct Session<'a> {
    context: &'a Context<'a>,
    stitch: &'a Stitch,
    settings: &'a ShellSettings,
    programs: Programs<'a>,
    bases: Vec<String>,
    /// The hosts of the repositories that the guide knows.
    hosts: Rc<BTreeSet<String>>,
    /// The bases that Go's module cache has, by their path there.
    cached: BTreeMap<String, String>,
    scripts: BTreeMap<usize, shell::Script>,
    /// How often each word stands in the commands.
    said: BTreeMap<String, usize>,
    /// Variables that blocks read, and which ones.
    read: BTreeSet<(String, usize)>,
    state: State,
    /// Whether a tool was missing whose doing later steps may rest on, or code was not generated.
    blind: bool,
    // Of the block at hand.
    block: usize,
    text: &'a str,
    cwd: Location,
    unsure: Option<String>,
    /// How many commands were gone through.
    done: usize,
    findings: Vec<Finding>,
    /// What its requests send.
    sent: Vec<Sent>,
    /// What each rule for names finds in the tree.
    names: Rc<[BTreeSet<String>]>,
}

/// What commands leave behind.
#[derive(Clone, Default)]
struct State {
    world: World,
    variables: Known,
    functions: BTreeSet<String>,
    /// Programs that were installed, by name.
    installed: BTreeSet<String>,
    refs: BTreeSet<String>,
    remotes: BTreeSet<String>,
}

impl<'a> Session<'a> {
    fn new(context: &'a Context<'a>, stitch: &'a Stitch) -> Self {
        let settings = &context.config.shell;
        Self {
            context,
            stitch,
            settings,
            programs: Programs::new(&settings.tool, context.tools, context.cache),
            bases: context.edition.base.keys().cloned().collect(),
            hosts: git::hosts(context.edition, settings).into(),
            cached: go::cached(context.edition),
            scripts: BTreeMap::new(),
            said: BTreeMap::new(),
            read: BTreeSet::new(),
            state: State::default(),
            blind: false,
            block: 0,
            text: "",
            cwd: Location::base(context.edition.default_base()),
            unsure: None,
            done: 0,
            findings: Vec::new(),
            sent: Vec::new(),
            names: Rc::new([]),
        }
    }

    fn block(&mut self, index: usize, judge: &mut Judge<'a>, outcome: &mut Outcome) {
        let block = &self.context.blocks[index];
        self.block = index;
        self.text = &block.content.text;
        self.unsure = None;
        self.done = 0;
        self.names = self.known_names().into();
        let before = self.state.clone();
        let script = self.scripts.remove(&index).unwrap_or_default();
        if let Some(finding) = transcript(block) {
            self.findings.push(finding);
        } else {
            self.syntax(&script);
            if self.start(block) {
                self.nodes(&script.nodes);
            }
        }
        self.bodies(judge, outcome);
        // What is only shown, or stands in a script, is not done here.
        if !matches!(block.role, Role::Step(_)) {
            self.state = before;
        }
        let edition = &self.context.edition.name;
        match (self.findings.is_empty(), self.unsure.take()) {
            (true, None) => outcome.proven(index, Kind::Checked),
            (true, Some(why)) => outcome.unproven(index, why),
            (false, _) => {}
        }
        let found = self
            .findings
            .drain(..)
            .map(|finding| finding.for_edition(edition));
        outcome.findings.extend(found);
    }

    /// Goes to the folder in which the block begins. False if there is none.
    fn start(&mut self, block: &Block) -> bool {
        let default = self.context.edition.default_base();
        let base = block.base.as_ref().map_or(default, |base| &base.value);
        self.cwd = Location::base(base);
        let Some(cwd) = block.role.step().and_then(|step| step.cwd.as_ref()) else {
            return true;
        };
        let folder = self.view().resolve(&self.cwd, &cwd.value);
        if !self.view().is_folder(&folder) {
            let message = format!("at this step there is no folder {}", cwd.value);
            let near = self.near_path(&self.cwd, &cwd.value);
            let help = near.map(|near| format!("did you mean {near}?"));
            let Spanned { span, .. } = cwd;
            self.findings
                .push(Finding::at(Code::SHELL_PATH, *span, message).maybe_help(help));
            return false;
        }
        self.cwd = folder;
        true
    }

    fn syntax(&mut self, script: &shell::Script) {
        for error in &script.errors {
            let help = error.meant.map(|meant| format!("did you mean `{meant}`?"));
            self.find(
                Code::SHELL_SYNTAX,
                error.at.clone(),
                error.message.clone(),
                help,
            );
        }
    }

    fn view(&self) -> View<'_> {
        View {
            world: &self.state.world,
            moment: Moment::before(self.block, self.context.trees, self.stitch),
            bases: &self.bases,
            cached: &self.cached,
            paths: &self.settings.paths,
        }
    }

    /// A path near to one that is not there.
    fn near_path(&self, from: &Location, path: &str) -> Option<String> {
        (self.findings.len() < HELPED)
            .then(|| self.view().near(from, path))
            .flatten()
    }

    /// The text of a file of a tree at this step.
    fn text_of(&self, base: &str, path: &str) -> Option<String> {
        let moment = Moment::before(self.block, self.context.trees, self.stitch);
        let key = FileKey {
            base: base.to_owned(),
            path: path.to_owned(),
        };
        moment.text(self.context.plan, self.context.blocks, &key)
    }

    fn find(
        &mut self,
        code: Code,
        at: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        if self.findings.len() >= TOLD {
            return;
        }
        let content = &self.context.blocks[self.block].content;
        let finding = Finding::at(code, content.span(at.start, at.end), message).maybe_help(help);
        self.findings.push(finding);
    }

    /// Something that could not be checked: why the block is not proven.
    fn unsure(&mut self, why: impl Into<String>) {
        self.unsure.get_or_insert_with(|| why.into());
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.done += 1;
            if self.done > LONGEST {
                return self.unsure(
                    "it has more commands, those in loops counted each time, than are looked at",
                );
            }
            match node {
                Node::Command(command) => self.command(command),
                Node::Group(nodes) => self.group(nodes),
                Node::Function { name, body } => {
                    self.state.functions.insert(name.clone());
                    self.group(body);
                }
                Node::Loop { name, values, body } => self.each(name, values, body),
            }
        }
    }

    /// A loop: its body once for each value that is written out.
    fn each(&mut self, name: &str, values: &[Word], body: &[Node]) {
        for word in values {
            self.uses(&word.parts);
        }
        let values: Vec<_> = values.iter().map(|word| self.value(word)).collect();
        for value in &values {
            self.matching(value);
        }
        let written = values
            .iter()
            .all(|value| !value.pattern && value.is_known());
        let mut values: Vec<_> = values.into_iter().map(|value| value.text).collect();
        if !written || values.is_empty() {
            values = vec![shell::atom(&format!("${name}"))];
        }
        for value in values {
            self.state.variables.insert(name.to_owned(), value);
            self.nodes(body);
        }
    }

    /// A shell of its own: what it makes stays, its folder and variables do not.
    fn group(&mut self, nodes: &[Node]) {
        let cwd = self.cwd.clone();
        let variables = self.state.variables.clone();
        self.nodes(nodes);
        self.cwd = cwd;
        self.state.variables = variables;
    }

    fn command(&mut self, command: &Command) {
        self.here();
        for assignment in &command.assignments {
            self.uses(&assignment.value.parts);
        }
        for word in &command.words {
            self.uses(&word.parts);
        }
        for redirect in &command.redirects {
            self.uses(&redirect.file.parts);
        }
        self.assignments(command);
        for redirect in &command.redirects {
            // A text in place of a file is read, not looked for.
            if matches!(redirect.file.parts.as_slice(), [] | [Part::Computed { .. }]) {
                continue;
            }
            let file = self.value(&redirect.file);
            if redirect.writes {
                self.writes(&file);
            } else {
                self.exists(&file);
            }
        }
        let words: Vec<_> = command.words.iter().map(|word| self.value(word)).collect();
        if !words.is_empty() {
            self.run(&words);
        }
    }

    /// Lets `$PWD` be the folder at hand, also for those who read it into another variable.
    fn here(&mut self) {
        let path = self.cwd.path.join("/");
        let name = match &self.cwd.root {
            Root::Base(base) => shell::atom(&format!("…/{base}")),
            Root::Beside => shell::atom("…"),
            Root::Machine => String::new(),
            Root::Atom(atom) => atom.clone(),
        };
        if matches!(self.cwd.root, Root::Base(_) | Root::Beside) {
            let mut root = self.cwd.clone();
            root.path.clear();
            self.state.world.places.insert(name.clone(), root);
        }
        let pwd = format!("{name}/{path}");
        let pwd = pwd.trim_end_matches('/').to_owned();
        self.state.variables.insert("PWD".into(), pwd);
    }

    fn value(&self, word: &Word) -> Value {
        word.value(&self.state.variables, self.text)
    }

    /// The variables that a word reads, and the commands in it.
    fn uses(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Text { .. } => {}
                Part::Variable {
                    name, at, guarded, ..
                } => {
                    if !guarded {
                        self.variable(name, at.clone());
                    }
                }
                Part::Output { nodes, .. } => self.output(nodes, part),
                Part::Computed { parts, .. } => self.uses(parts),
            }
        }
    }

    /// Commands whose output is part of a word. Where Go says in which folder a module is, the
    /// folder is known if the module is a base.
    fn output(&mut self, nodes: &[Node], part: &Part) {
        self.group(nodes);
        if let ([Node::Command(command)], Part::Output { at, .. }) = (nodes, part) {
            let words: Vec<_> = command.words.iter().map(|word| self.value(word)).collect();
            if let Some(base) = self.folder_of_module(&words) {
                let source = self.text.get(at.clone()).unwrap_or_default();
                self.state
                    .world
                    .places
                    .insert(shell::atom(source), Location::base(&base));
            }
        }
    }

    fn variable(&mut self, name: &str, at: Range<usize>) {
        let special = name
            .chars()
            .all(|c| c.is_ascii_digit() || c.is_ascii_punctuation())
            && name != "_";
        let set = self.state.variables.contains_key(name) || GIVEN.contains(&name);
        if special || set || self.settings.variables.iter().any(|known| known == name) {
            return;
        }
        let known = self.state.variables.keys().map(String::as_str).chain(GIVEN);
        let known = known.chain(self.settings.variables.iter().map(String::as_str));
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "set it in an earlier step, or name it in book.toml: [preprocessor.verify.shell] variables".into(),
        };
        // Once for each name.
        self.state
            .variables
            .insert(name.to_owned(), shell::atom(&format!("${name}")));
        self.find(
            Code::VARIABLE_UNKNOWN,
            at,
            format!("nothing sets the variable `{name}` before"),
            Some(help),
        );
    }

    fn assignments(&mut self, command: &Command) {
        let name = command.words.first().and_then(Word::literal);
        let sets = name.is_none_or(|name| {
            command.words.is_empty()
                || ["export", "declare", "local", "readonly", "typeset"].contains(&name)
        });
        let exported = !command.words.is_empty();
        for assignment in &command.assignments {
            let value = self.value(&assignment.value);
            if sets {
                self.state
                    .variables
                    .insert(assignment.name.clone(), value.text.clone());
            }
            self.is_read(&assignment.name, assignment.at.clone(), exported);
            self.speaks(&value);
        }
    }

    /// Whether anything reads a variable that a command sets.
    fn is_read(&mut self, name: &str, at: Range<usize>, exported: bool) {
        let later = (name.to_owned(), self.block)..(name.to_owned(), usize::MAX);
        let listed = self.settings.variables.iter().any(|known| known == name);
        if self.read.range(later).next().is_some() || listed || GIVEN.contains(&name) {
            return;
        }
        let of_go = match self.programs.go_variables() {
            Ok(names) => names,
            Err(why) => return self.unsure(why),
        };
        if exported && of_go.contains(name) {
            return;
        }
        let read = self.read.iter().map(|(read, _)| read.as_str());
        let known = read.chain(self.settings.variables.iter().map(String::as_str));
        let known = known.chain(of_go.iter().map(String::as_str).filter(|_| exported));
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "leave it out, or name it in book.toml if a program reads it: [preprocessor.verify.shell] variables".into(),
        };
        self.find(
            Code::VARIABLE_UNREAD,
            at,
            format!("nothing reads the variable `{name}`"),
            Some(help),
        );
    }
}

/// A prompt, or a language that promises one.
fn transcript(block: &Block) -> Option<Finding> {
    let help = "write the commands alone, in a `bash` block, and what they print in a block with `output of=NAME`";
    let language = block.language.value.as_str();
    if TRANSCRIPTS.contains(&language) {
        let message = format!("a `{language}` block mixes commands with what they print");
        return Some(Finding::at(Code::SHELL_TRANSCRIPT, block.language.span, message).help(help));
    }
    let mut at = 0;
    for line in block.content.text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        let prompt = ["$ ", "% ", "> "]
            .into_iter()
            .find(|prompt| line.trim_start().starts_with(prompt));
        // A line that goes on may begin with an arrow.
        if let Some(prompt) = prompt.filter(|prompt| *prompt != "> " || at == 0) {
            let span = block.content.span(start, start + prompt.len() - 1);
            let message = format!(
                "`{}` is a prompt, not a part of the command",
                prompt.trim_end()
            );
            return Some(Finding::at(Code::SHELL_TRANSCRIPT, span, message).help(help));
        }
        at += line.len();
    }
    None
}

/// A name in a sentence, without the marks of what only a run can tell.
fn said(value: &Value) -> String {
    shown(&value.text)
}
