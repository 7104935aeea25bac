//! Script files: what the guide's edits leave must be something that Bash can read.

use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::shell;
use crate::workspace::Stitch;

use super::super::{Context, Outcome, edits_of, place};

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let scripts = stitch
        .files
        .iter()
        .filter(|(key, _)| Matter::of_path(&key.path) == Matter::Shell);
    for (key, file) in scripts {
        let errors = shell::parse(file.text()).errors;
        for error in &errors {
            let place = place(context, key, file, error.at.start, error.at.end);
            let finding = Finding::error(
                Code::SHELL_SYNTAX,
                place,
                format!("in {}: {}", key.path, error.message),
            );
            let help = error.meant.map(|meant| format!("did you mean `{meant}`?"));
            let mut finding = finding.maybe_help(help);
            for (block, _) in edits_of(context, stitch, Matter::Shell).filter(|(_, edited)| edited == key) {
                let span = super::super::whole(context, block);
                finding = finding.related(Place::Chapter(span), "this block edits the file");
            }
            outcome.findings.push(finding.for_edition(&context.edition.name));
        }
        let edits = edits_of(context, stitch, Matter::Shell).filter(|(_, edited)| edited == key);
        for (block, _) in edits.filter(|_| errors.is_empty()) {
            outcome.proven(block, Kind::Parsed);
            outcome.unproven(block, "of a script file only the syntax is checked");
        }
    }
}
