//! go.mod: parsed as a whole as the edits leave it, by the verifier and by Go itself; pieces without
//! a file are held against the go.mod of the tree.

use std::collections::BTreeSet;
use std::fs;

use crate::blocks::Block;
use crate::evidence::{self, Kind};
use crate::finding::{Code, Finding, Place, is_near, nearest};
use crate::golang::Go;
use crate::gomod::{self, Directive, GoMod, Problem, Replacement, Word};
use crate::matter::Matter;
use crate::plan::{self, Plan};
use crate::role::Role;
use crate::segments::{Stitched, byte_at};
use crate::workspace::{self, FileKey, Stitch};

use super::{Context, Outcome, edits_of, place, serving, whole};

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    files(context, stitch, outcome);
    failing(context, stitch, outcome);
    for (index, block) in serving(context, |role| *role == Role::Plain) {
        if evidence::matter(block) == Matter::GoMod {
            let piece = Piece::new(context, stitch, index, block);
            piece.check(outcome);
        }
    }
}

/// Files as the last edit leaves them.
fn files(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let edits: Vec<_> = edits_of(context, stitch, Matter::GoMod).collect();
    let edited: BTreeSet<&FileKey> = edits.iter().map(|(_, key)| key).collect();
    for key in edited {
        let file = &stitch.files[key];
        let hands = edits.iter().filter(|(_, other)| other == key);
        match verdict_on(context, file.text()) {
            Verdict::Good => hands.for_each(|(block, _)| outcome.proven(*block, Kind::Checked)),
            Verdict::Unknown(why) => hands.for_each(|(block, _)| outcome.unproven(*block, &why)),
            Verdict::Bad(problems) => {
                for problem in problems {
                    let finding = in_file(context, key, file, problem);
                    let finding = hands.clone().fold(finding, |finding, (block, _)| {
                        let place = Place::Chapter(whole(context, *block));
                        finding.related(place, "this block edits the file")
                    });
                    outcome.findings.push(finding);
                }
            }
        }
    }
}

fn in_file(context: &Context<'_>, key: &FileKey, file: &Stitched, problem: Problem) -> Finding {
    let place = place(context, key, file, problem.at.start, problem.at.end);
    let message = format!("in {}: {}", key.path, problem.message);
    Finding::error(Code::GOMOD_SYNTAX, place, message)
        .maybe_help(problem.help)
        .for_edition(&context.edition.name)
}

/// Edits that must leave a go.mod that Go refuses, in the words that a reader sees.
fn failing(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let of_go_mod = |path: &str| Matter::of_path(path) == Matter::GoMod;
    for failing in stitch
        .failing
        .iter()
        .filter(|failing| of_go_mod(&failing.key.path))
    {
        let text = failing.files[&failing.key].text();
        let problems = match context
            .go
            .map_err(str::to_owned)
            .and_then(|go| ask_go(go, text))
        {
            Ok(problems) => problems,
            Err(why) => {
                outcome.unproven(failing.block, why);
                continue;
            }
        };
        if problems
            .iter()
            .any(|problem| problem.message.contains(&failing.text))
        {
            outcome.proven(failing.block, Kind::Checked);
            continue;
        }
        let block = &context.blocks[failing.block];
        let fails = block.role.edit().and_then(|edit| edit.fails.as_ref());
        let place = fails.map_or(block.info, |fails| fails.span);
        let finding = match problems.first() {
            None => {
                let message = "this block should fail, but Go's parser takes go.mod with it";
                Finding::at(Code::FAILS_NOT, place, message)
            }
            Some(first) => {
                let message = format!(
                    "this block should fail with {:?}, but fails otherwise",
                    failing.text
                );
                Finding::at(Code::FAILS_NOT, place, message)
                    .help(format!("the first error is: {}", first.message))
            }
        };
        outcome
            .findings
            .push(finding.for_edition(&context.edition.name));
    }
}

/// What the parsers say of a whole go.mod.
enum Verdict {
    Good,
    Bad(Vec<Problem>),
    /// Go could not be asked.
    Unknown(String),
}

/// Go is asked only about what the verifier's own parser takes, which points at words and not only
/// at lines.
fn verdict_on(context: &Context<'_>, text: &str) -> Verdict {
    let (file, mut problems) = gomod::parse(text);
    if problems.is_empty() && file.module().is_none() {
        problems.push(Problem {
            at: 0..text.trim_end().len(),
            message: "no line names the module".into(),
            help: Some("begin with `module PATH`".into()),
        });
    }
    if !problems.is_empty() {
        return Verdict::Bad(problems);
    }
    match context.go.map(|go| ask_go(go, text)) {
        Ok(Ok(problems)) if !problems.is_empty() => Verdict::Bad(problems),
        Ok(Err(why)) => Verdict::Unknown(why),
        Ok(Ok(_)) | Err(_) => Verdict::Good,
    }
}

/// What Go's own parser objects to; `go mod edit -json` parses a go.mod and changes nothing.
fn ask_go(go: &Go, text: &str) -> Result<Vec<Problem>, String> {
    let failed = |error: std::io::Error| format!("go.mod could not be written for go: {error}");
    let folder = tempfile::tempdir().map_err(failed)?;
    fs::write(folder.path().join("go.mod"), text).map_err(failed)?;
    let answer = go
        .call(folder.path())
        .args(["mod", "edit", "-json"])
        .envs([("GOWORK", "off")])
        .run()
        .map_err(|error| error.to_string())?;
    if answer.ok() {
        return Ok(Vec::new());
    }
    let problems: Vec<_> = answer
        .stderr
        .lines()
        .filter_map(|line| complaint(line, text))
        .collect();
    if problems.is_empty() {
        return Err(format!("`go mod edit` failed with {}", answer.complaint()));
    }
    Ok(problems)
}

/// `…/go.mod:5: message` or `…/go.mod:5:2: message`.
fn complaint(line: &str, text: &str) -> Option<Problem> {
    let (_, rest) = line.split_once("go.mod:")?;
    let (number, message) = rest.split_once(": ")?;
    let mut numbers = number.split(':').map(|number| number.parse().ok());
    let number = numbers.next()??;
    let start = byte_at(text, number, 1);
    let line = text[start..].split('\n').next().unwrap_or_default();
    let bare = line.trim_start();
    let start = start + line.len() - bare.len();
    Some(Problem {
        at: start..start + bare.trim_end().len(),
        message: message.to_owned(),
        help: None,
    })
}

/// Lines of a go.mod that belong to no file.
struct Piece<'a> {
    context: &'a Context<'a>,
    index: usize,
    block: &'a Block,
    /// What its lines say.
    said: GoMod,
    problems: Vec<Problem>,
    /// The go.mod of the tree at this step and at the end; empty if the tree has none.
    known: Vec<GoMod>,
}

impl<'a> Piece<'a> {
    fn new(context: &'a Context<'_>, stitch: &Stitch, index: usize, block: &'a Block) -> Self {
        let (said, problems) = gomod::parse(&block.content.text);
        let base = plan::base_meant(context.edition, block);
        let known = base.map(|base| states(context, stitch, base, index));
        Self {
            context,
            index,
            block,
            said,
            problems,
            known: known.unwrap_or_default(),
        }
    }

    fn check(&self, outcome: &mut Outcome) {
        let mut findings: Vec<_> = self
            .problems
            .iter()
            .map(|problem| {
                let span = self.block.content.span(problem.at.start, problem.at.end);
                Finding::at(Code::GOMOD_SYNTAX, span, problem.message.clone())
                    .maybe_help(problem.help.clone())
            })
            .collect();
        outcome.proven(self.index, Kind::Parsed);
        if self.known.is_empty() {
            outcome.unproven(
                self.index,
                "its base has no go.mod to hold these lines against",
            );
        } else if let Some(module) = self.foreign() {
            let reason = format!("it is the go.mod of {module}, which is no base");
            outcome.unproven(self.index, reason);
        } else {
            findings.extend(self.compared());
            if findings.is_empty() {
                outcome.proven(self.index, Kind::Checked);
            }
        }
        let edition = &self.context.edition.name;
        outcome.findings.extend(
            findings
                .into_iter()
                .map(|finding| finding.for_edition(edition)),
        );
    }

    /// The module that these lines are the go.mod of, if nothing in the trees is even called like it.
    fn foreign(&self) -> Option<&str> {
        let module = self.said.module()?.text.as_str();
        let known = self.modules();
        let meant = known.iter().any(|known| is_near(module, known));
        (!meant).then_some(module)
    }

    /// What the lines say otherwise than the tree does.
    fn compared(&self) -> Vec<Finding> {
        let findings = self
            .said
            .directives
            .iter()
            .map(|directive| match directive {
                Directive::Module(path) => self.unknown(path),
                Directive::Require(path, version)
                | Directive::Replace {
                    old: path,
                    version: Some(version),
                    ..
                } => self
                    .unknown(path)
                    .or_else(|| self.other_version(path, version)),
                Directive::Exclude(path, _) | Directive::Replace { old: path, .. } => {
                    self.unknown(path)
                }
                Directive::Go(version) => {
                    self.other_word("go", version, |directive| match directive {
                        Directive::Go(version) => Some(version),
                        _ => None,
                    })
                }
                Directive::Toolchain(name) => {
                    self.other_word("toolchain", name, |directive| match directive {
                        Directive::Toolchain(name) => Some(name),
                        _ => None,
                    })
                }
                Directive::Other => None,
            });
        let folders = self.said.directives.iter().filter_map(|directive| {
            let Directive::Replace { new, .. } = directive else {
                return None;
            };
            match new {
                Replacement::Folder(folder) => self.misspelt(folder),
                Replacement::Module(_) => None,
            }
        });
        findings.flatten().chain(folders).collect()
    }

    /// A folder beside the tree that is almost called like a base. Any other may well be there.
    fn misspelt(&self, folder: &Word) -> Option<Finding> {
        let name = folder.text.strip_prefix("../")?;
        let bases = || self.context.edition.base.keys().map(String::as_str);
        if bases().any(|base| base == name) {
            return None;
        }
        let near = bases().find(|base| is_near(name, base))?;
        let message = format!("beside the tree stands no {name}");
        let help = format!("did you mean ../{near}?");
        Some(self.at(Code::GOMOD_FOLDER, folder, message).help(help))
    }

    /// All modules that may be named: those of the tree's go.mod, the bases, and those that these
    /// lines put in the place of others.
    fn modules(&self) -> BTreeSet<String> {
        let of_tree = self.known.iter().flat_map(GoMod::modules);
        let put = self
            .said
            .directives
            .iter()
            .filter_map(|directive| match directive {
                Directive::Replace { new, .. } => new.module().map(|new| new.text.as_str()),
                _ => None,
            });
        let bases = self.context.edition.modules();
        let bases = bases.map(|(_, spec)| spec.module.as_str());
        of_tree.chain(put).chain(bases).map(str::to_owned).collect()
    }

    fn unknown(&self, path: &Word) -> Option<Finding> {
        let modules = self.modules();
        if modules.contains(&path.text) {
            return None;
        }
        let near = nearest(&path.text, modules.iter().map(String::as_str))
            .map(|near| format!("did you mean `{near}`?"));
        let message = format!("the tree's go.mod names no module {}", path.text);
        Some(self.at(Code::GOMOD_MODULE, path, message).maybe_help(near))
    }

    /// The guide may change a version: the one before and the one after are both right.
    fn other_version(&self, path: &Word, version: &Word) -> Option<Finding> {
        let bases = self.context.edition.modules();
        let same = bases.filter(|(_, spec)| spec.module == path.text);
        let of_base = same.map(|(_, spec)| spec.version.as_str());
        let asked = self
            .known
            .iter()
            .filter_map(|file| file.required(&path.text));
        let right: Vec<&str> = asked.chain(of_base).collect();
        let first = right
            .first()
            .filter(|_| !right.contains(&version.text.as_str()))?;
        let message = format!("the tree's go.mod asks for {} {first}", path.text);
        Some(
            self.at(Code::GOMOD_VERSION, version, message)
                .help(format!("write {first}")),
        )
    }

    fn other_word(
        &self,
        directive: &str,
        word: &Word,
        of: impl Fn(&Directive) -> Option<&Word>,
    ) -> Option<Finding> {
        let right: Vec<&str> = self
            .known
            .iter()
            .flat_map(|file| file.directives.iter().filter_map(&of))
            .map(|word| word.text.as_str())
            .collect();
        let first = right
            .first()
            .filter(|_| !right.contains(&word.text.as_str()))?;
        let message = format!("the tree's go.mod says `{directive} {first}`");
        Some(
            self.at(Code::GOMOD_VERSION, word, message)
                .help(format!("write {first}")),
        )
    }

    fn at(&self, code: Code, word: &Word, message: String) -> Finding {
        let span = self.block.content.span(word.at.start, word.at.end);
        Finding::at(code, span, message)
    }
}

/// The go.mod of a base as it stands before a block and at the end of the guide.
fn states(context: &Context<'_>, stitch: &Stitch, base: &str, block: usize) -> Vec<GoMod> {
    let key = FileKey {
        base: base.to_owned(),
        path: "go.mod".to_owned(),
    };
    let earlier = context
        .plan
        .ops
        .iter()
        .filter(|op| op.block < block && op.base == key.base && op.path == key.path);
    let plan = Plan {
        edition: context.plan.edition.clone(),
        ops: earlier.cloned().collect(),
    };
    let (before, _) = workspace::fold(&plan, context.trees, context.blocks);
    [&before, stitch]
        .into_iter()
        .filter_map(|stitch| match stitch.files.get(&key) {
            Some(file) => Some(file.text().to_owned()),
            None => context.trees.get(base)?.read("go.mod").ok(),
        })
        .map(|text| gomod::parse(&text).0)
        .collect()
}
