//! Data and protobuf that must be refused, each as it stands at its step.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::attrs::Spanned;
use crate::blocks::Block;
use crate::config::ProtoRules;
use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::proto;
use crate::segments::Stitched;
use crate::workspace::{Failing, FileKey, Stitch, put};

use super::rust::is_manifest;
use super::schema::{Claim, Judge, Text, claims_of_block, claims_of_file, text_of};
use super::{BROKEN_TREE, Context, Outcome, data};

pub(super) fn check<'a>(
    context: &Context<'a>,
    stitch: &Stitch,
    judge: &mut Judge<'a>,
    outcome: &mut Outcome,
) {
    // In a broken tree another error may stand in the way of the promised one.
    let sound = outcome.findings.is_empty() && stitch.is_whole(context.plan);
    for failing in &stitch.failing {
        let matter = Matter::of_path(&failing.key.path);
        let errors = match matter {
            // Cargo knows what its manifests may say.
            _ if is_manifest(&failing.key) => continue,
            _ if matter != Matter::Proto && !matter.is_data() => continue,
            _ if !sound => Err(BROKEN_TREE.to_owned()),
            Matter::Proto => new_proto_errors(context, failing),
            _ => new_data_errors(context, judge, failing, outcome),
        };
        let kind = match matter {
            Matter::Proto => Kind::Compiled,
            _ => Kind::Checked,
        };
        note(context, failing.block, kind, errors, outcome);
    }
    for (index, block) in context.blocks.iter().enumerate() {
        if block.serves(&context.edition.name) && block.fails.is_some() {
            let text = text_of(context, block);
            let claims = claims_of_block(context, block);
            let errors = if sound {
                data_errors(judge, &text, &claims, outcome)
            } else {
                Err(BROKEN_TREE.to_owned())
            };
            note(context, index, Kind::Checked, errors, outcome);
        }
    }
}

/// Notes what came of a block that must cause an error.
pub(super) fn note(
    context: &Context<'_>,
    index: usize,
    kind: Kind,
    errors: Result<Vec<String>, String>,
    outcome: &mut Outcome,
) {
    let promised = promise(&context.blocks[index]).map_or("", |fails| &fails.value);
    match errors {
        Ok(errors) if errors.iter().any(|error| error.contains(promised)) => {
            outcome.proven(index, kind);
        }
        Ok(errors) => outcome.findings.push(otherwise(context, index, &errors)),
        Err(why) => outcome.unproven(index, why),
    }
}

/// The error that a block must cause.
fn promise(block: &Block) -> Option<&Spanned<String>> {
    let of_edit = block.role.edit().and_then(|edit| edit.fails.as_ref());
    of_edit.or(block.fails.as_ref())
}

/// The block does not fail as it promises.
pub(super) fn otherwise(context: &Context<'_>, index: usize, errors: &[String]) -> Finding {
    let block = &context.blocks[index];
    let promised = promise(block);
    let place = Place::Chapter(promised.map_or(block.info, |fails| fails.span));
    let text = promised.map_or("", |fails| &fails.value);
    let finding = match errors.first() {
        None => Finding::error(
            Code::FAILS_NOT,
            place,
            "this block should fail, but it causes no error",
        ),
        Some(first) => Finding::error(
            Code::FAILS_NOT,
            place,
            format!("this block should fail with {text:?}, but fails otherwise"),
        )
        .help(format!("the first error is: {first}")),
    };
    finding.for_edition(&context.edition.name)
}

/// Those errors of the file with the block's change that it has not without.
fn new_data_errors<'a>(
    context: &Context<'a>,
    judge: &mut Judge<'a>,
    failing: &Failing,
    outcome: &mut Outcome,
) -> Result<Vec<String>, String> {
    let key = &failing.key;
    let claims = claims_of_file(context, key, &[failing.block]);
    let mut errors = |content: &str| {
        let text = Text {
            base: &key.base,
            path: &key.path,
            matter: Matter::of_path(&key.path),
            content,
        };
        data_errors(judge, &text, &claims, outcome)
    };
    let with = errors(failing.files[key].text())?;
    let without = match before(context, failing) {
        Some(text) => errors(&text)?,
        None => Vec::new(),
    };
    Ok(new(with, &without))
}

/// The text of the file without the block's change, if there is one.
fn before(context: &Context<'_>, failing: &Failing) -> Option<String> {
    let of_upstream = || {
        context.trees[&failing.key.base]
            .read(&failing.key.path)
            .ok()
    };
    let of_guide = failing.before.as_ref().map(|file| file.text().to_owned());
    of_guide.or_else(of_upstream)
}

/// Those errors that were not there without the block.
pub(super) fn new(with: Vec<String>, without: &[String]) -> Vec<String> {
    let is_new = |error: &String| !without.contains(error);
    with.into_iter().filter(is_new).collect()
}

/// What the parser, or else the schemas, have against a text.
fn data_errors<'a>(
    judge: &mut Judge<'a>,
    text: &Text<'_>,
    claims: &[Claim<'a>],
    outcome: &mut Outcome,
) -> Result<Vec<String>, String> {
    if let Some(error) = data::error(text.matter, text.content) {
        return Ok(vec![error]);
    }
    let mut errors = Vec::new();
    for claim in claims {
        let problems = judge.problems(claim, text, outcome)?;
        errors.extend(problems.into_iter().map(|problem| problem.message));
    }
    Ok(errors)
}

fn new_proto_errors(context: &Context<'_>, failing: &Failing) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir_in(context.cache).map_err(|error| error.to_string())?;
    let folder = folder.path();
    let base = &failing.key.base;
    let is_proto = |path: &str| Matter::of_path(path) == Matter::Proto;
    let write = |path: &str, text: &str| {
        put(&folder.join(path), text.as_bytes()).map_err(|error| error.to_string())
    };
    for name in context.trees[base].names().filter(|name| is_proto(name)) {
        write(name, &context.trees[base].read(name)?)?;
    }
    let mut changed = Vec::new();
    for (key, file) in &failing.files {
        if key.base == *base && is_proto(&key.path) {
            write(&key.path, file.text())?;
            changed.push(key.path.clone());
        }
    }
    let rules = context.config.proto.get(base).cloned().unwrap_or_default();
    let with = proto_errors(folder, &changed, &failing.files, base, &rules);
    let mut files = failing.files.clone();
    if let Some(text) = before(context, failing) {
        write(&failing.key.path, &text)?;
        files.insert(failing.key.clone(), Stitched::from_base(&text));
    } else {
        let path = folder.join(&failing.key.path);
        fs::remove_file(&path).map_err(|error| error.to_string())?;
        changed.retain(|path| *path != failing.key.path);
    }
    let without = proto_errors(folder, &changed, &files, base, &rules);
    Ok(new(with, &without))
}

/// What the compiler, or else the rules of the repository, have against some files of a folder.
fn proto_errors(
    folder: &Path,
    paths: &[String],
    files: &BTreeMap<FileKey, Stitched>,
    base: &str,
    rules: &ProtoRules,
) -> Vec<String> {
    let problems = match proto::compile(folder, paths) {
        Err(problems) => problems,
        Ok(compiled) => {
            let text = |path: &String| {
                let key = FileKey {
                    base: base.to_owned(),
                    path: path.clone(),
                };
                files.get(&key).map_or("", Stitched::text)
            };
            let broken = |path: &String| proto::check_rules(&compiled, path, text(path), rules);
            paths.iter().flat_map(broken).collect()
        }
    };
    problems
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}
