//! Files that nothing compiles: a README, a Makefile, a script. What can be said of a block that
//! writes one is that the edit does what it says in the tree at its step: the new file's place is
//! free, the file to append to is there, the diff's context is in it exactly once. That is a check of
//! existence, and counts as `checked`. Where a parser knows the language besides, what it objects to
//! is a finding, and then the block is not proven.

use crate::evidence::{self, Kind};
use crate::finding::{Code, Finding};
use crate::matter::Matter;
use crate::role::Role;
use crate::workspace::Stitch;

use super::{Context, Outcome, edits_of, serving};

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    // Scripts are the shell check's.
    for matter in [Matter::Other, Matter::Mermaid] {
        for (block, _) in edits_of(context, stitch, matter) {
            outcome.proven(block, Kind::Checked);
        }
    }
    for (index, block) in serving(context, |_| true) {
        if evidence::matter(block) != Matter::Other {
            continue;
        }
        if let Some(fails) = block.role.edit().and_then(|edit| edit.fails.as_ref()) {
            let message = "no tool reads a file of this kind, so nothing can fail";
            let finding = Finding::at(Code::FAILS_NOTHING, fails.span, message);
            outcome
                .findings
                .push(finding.for_edition(&context.edition.name));
        }
        if block.role == Role::Plain {
            outcome.unproven(index, unclaimed(&block.language.value));
        }
    }
}

/// Why nothing is proven about a block that is neither a file nor anything else.
fn unclaimed(language: &str) -> String {
    match language {
        "" | "text" | "txt" | "plain" | "console" => {
            "it is text that claims nothing; say what it is (file=PATH, step, output, tree)"
                .to_owned()
        }
        language => format!("no check knows the language {language}"),
    }
}
