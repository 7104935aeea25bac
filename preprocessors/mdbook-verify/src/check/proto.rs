//! Protobuf: compiled, held against the rules of its repository, and turned into Go by the real
//! plugins. The generated files join the stitched tree, where the Go check compiles them.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::ProtoRules;
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::proto::{self, Compiled, GenerateError, Kind, Problem};
use crate::segments::{Origin, Stitched};
use crate::tool;
use crate::workspace::{FileKey, Stitch};

use super::{BROKEN_TREE, Context, Outcome, PLUGINS, edits_of, place, whole};

/// Puts the generated code into the tree.
///
/// # Errors
/// Why there is none, or not all of it.
pub(super) fn check(
    context: &Context<'_>,
    stitch: &mut Stitch,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let mut touched: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, key) in edits_of(context, stitch, Matter::Proto) {
        touched.entry(key.base).or_default().insert(key.path);
    }
    let mut result = Ok(());
    for (base, files) in touched {
        let files: Vec<_> = files.into_iter().collect();
        let compiled = match proto::compile(&context.folders.base(&base), &files) {
            Ok(compiled) => compiled,
            Err(problems) => {
                report(context, stitch, &base, problems, outcome);
                result = Err(BROKEN_TREE.to_owned());
                continue;
            }
        };
        for file in &files {
            result = check_file(context, stitch, &compiled, &base, file, outcome).and(result);
        }
    }
    result
}

fn check_file(
    context: &Context<'_>,
    stitch: &mut Stitch,
    compiled: &Compiled,
    base: &str,
    file: &str,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let key = FileKey {
        base: base.to_owned(),
        path: file.to_owned(),
    };
    let rules = context.config.proto.get(base).cloned().unwrap_or_default();
    let source = stitch.files[&key].clone();
    let broken = proto::check_rules(compiled, file, source.text(), &rules);
    if !broken.is_empty() {
        report(context, stitch, base, broken, outcome);
        return Err(BROKEN_TREE.to_owned());
    }
    // The last edit is what the generated code stands for.
    let Some(block) = source.blocks().last().copied() else {
        return Ok(());
    };
    match generate(context, stitch, compiled, &key, &rules) {
        Ok(generated) => join(context, stitch, base, block, generated, outcome),
        Err(Generate::Missing(plugin)) => {
            let message =
                format!("{plugin} is not installed, so no Go code is generated from {file}");
            let finding = Finding::error(Code::TOOL_MISSING, Place::Environment, message.clone());
            outcome.findings.push(
                finding.help("install it on PATH, or in the folder that book.toml names as tools"),
            );
            Err(message)
        }
        Err(Generate::Failed(GenerateError::Tool(why))) => {
            let message = format!("no Go code could be generated from {file}: {why}");
            outcome.findings.push(Finding::error(
                Code::TOOL_FAILED,
                Place::Environment,
                message.clone(),
            ));
            Err(message)
        }
        Err(Generate::Failed(GenerateError::Refused(problem))) => {
            report(context, stitch, base, vec![problem], outcome);
            Err(BROKEN_TREE.to_owned())
        }
    }
}

/// Puts generated files into the tree. A file that a block writes by hand is not replaced: it would
/// count as compiled and never have been.
fn join(
    context: &Context<'_>,
    stitch: &mut Stitch,
    base: &str,
    block: usize,
    generated: Vec<(String, String)>,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let mut result = Ok(());
    for (path, text) in generated {
        let key = FileKey {
            base: base.to_owned(),
            path,
        };
        let by_hand = stitch
            .files
            .get(&key)
            .filter(|file| !matches!(file.origin(0), Some(Origin::Made { .. })));
        for other in by_hand.map(Stitched::blocks).unwrap_or_default() {
            let message = format!(
                "{} is generated from a .proto file of the guide as well",
                key.path
            );
            let finding = Finding::error(
                Code::FILE_EXISTS,
                Place::Chapter(whole(context, other)),
                message,
            )
            .related(
                Place::Chapter(whole(context, block)),
                "it is generated from this block",
            )
            .help("leave the file to the generator, or write under another name");
            outcome
                .findings
                .push(finding.for_edition(&context.edition.name));
            result = Err(BROKEN_TREE.to_owned());
        }
        if result.is_ok() {
            // A reader who follows the guide has it from here on, so a listing may name it.
            stitch.created.entry(key.clone()).or_insert(block);
            stitch.files.insert(key, Stitched::made(&text, block));
        }
    }
    result
}

enum Generate {
    Missing(&'static str),
    Failed(GenerateError),
}

fn generate(
    context: &Context<'_>,
    stitch: &Stitch,
    compiled: &Compiled,
    key: &FileKey,
    rules: &ProtoRules,
) -> Result<Vec<(String, String)>, Generate> {
    // The path that generated code loses in front: the module whose tree this is.
    let modules = crate::gowork::modules(context.edition, context.trees, stitch);
    let module = modules.iter().find(|module| module.base == key.base);
    let parameter = module
        .map(|module| format!("module={}", module.path))
        .unwrap_or_default();
    let mut generated = Vec::new();
    for plugin in PLUGINS {
        let program = tool::find(plugin, context.tools).ok_or(Generate::Missing(plugin))?;
        let cwd = context.folders.base(&key.base);
        let files = proto::generate(compiled, &key.path, &program, &parameter, &cwd)
            .map_err(Generate::Failed)?;
        generated.extend(files);
    }
    if rules.strip_omitempty {
        for (_, text) in &mut generated {
            *text = proto::strip_omitempty(text);
        }
    }
    Ok(generated)
}

fn report(
    context: &Context<'_>,
    stitch: &Stitch,
    base: &str,
    problems: Vec<Problem>,
    outcome: &mut Outcome,
) {
    for problem in problems {
        let code = match problem.kind {
            Kind::Syntax => Code::PROTO_SYNTAX,
            Kind::Rule => Code::PROTO_RULE,
            Kind::Generate => Code::PROTO_GENERATE,
        };
        let key = FileKey {
            base: base.to_owned(),
            path: problem.file,
        };
        let place = match stitch.files.get(&key) {
            // What is said of the file as a whole is said of its name.
            Some(file) if problem.range == (0..0) && problem.kind != Kind::Syntax => {
                let block = file.blocks().into_iter().next();
                block.map_or(Place::Environment, |block| {
                    Place::Chapter(whole(context, block))
                })
            }
            Some(file) => place(context, &key, file, problem.range.start, problem.range.end),
            None => Place::Upstream {
                base: key.base,
                path: key.path,
                line: 1,
                column: 1,
            },
        };
        let finding = Finding::error(code, place, problem.message).maybe_help(problem.help);
        outcome
            .findings
            .push(finding.for_edition(&context.edition.name));
    }
}
