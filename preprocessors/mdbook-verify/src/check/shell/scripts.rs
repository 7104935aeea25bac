//! Script files. One that a single block creates is checked like commands that are typed; of others
//! upstream wrote a part, or other blocks did, and what they leave must be something that Bash can
//! read.

use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::role::Role;
use crate::shell;
use crate::workspace::Stitch;

use super::super::{Context, Outcome, edits_of, place, whole};

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let scripts = stitch
        .files
        .iter()
        .filter(|(key, _)| Matter::of_path(&key.path) == Matter::Shell);
    for (key, file) in scripts {
        let edits: Vec<_> = edits_of(context, stitch, Matter::Shell)
            .filter(|(_, edited)| edited == key)
            .map(|(block, _)| block)
            .collect();
        if matches!(edits.as_slice(), [block] if is_one_piece(context, stitch, *block)) {
            continue;
        }
        let errors = shell::parse(file.text()).errors;
        if errors.is_empty() {
            for block in &edits {
                outcome.proven(*block, Kind::Checked);
            }
        }
        for error in errors {
            let place = place(context, key, file, error.at.start, error.at.end);
            let message = format!("in {}: {}", key.path, error.message);
            let help = error.meant.map(|meant| format!("did you mean `{meant}`?"));
            let mut finding = Finding::error(Code::SHELL_SYNTAX, place, message).maybe_help(help);
            for block in &edits {
                let span = whole(context, *block);
                finding = finding.related(Place::Chapter(span), "this block edits the file");
            }
            outcome
                .findings
                .push(finding.for_edition(&context.edition.name));
        }
    }
}

/// Whether a block alone makes a script.
pub(super) fn is_one_piece(context: &Context<'_>, stitch: &Stitch, block: usize) -> bool {
    let creates = matches!(context.blocks[block].role, Role::Create(_));
    creates
        && edits_of(context, stitch, Matter::Shell)
            .find(|(edit, _)| *edit == block)
            .and_then(|(_, key)| stitch.files.get(&key))
            .is_some_and(|file| file.blocks() == [block])
}
