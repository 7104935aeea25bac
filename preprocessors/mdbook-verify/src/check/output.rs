//! Outputs: each belongs to a step that stands before it.

use std::collections::BTreeMap;

use crate::attrs::Spanned;
use crate::blocks::Block;
use crate::finding::{Code, Finding, Place, nearest};
use crate::role::Role;

use super::{Context, Outcome, serving};

pub(super) fn check(context: &Context<'_>, outcome: &mut Outcome) {
    // The first output of each step.
    let mut printed: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
    for (index, block) in serving(context, |_| true) {
        let Role::Output { of } = &block.role else {
            continue;
        };
        let twice = printed.get(of.value.as_str()).copied();
        let finding = step(context, index, of).err().or_else(|| {
            let first = twice?;
            let message = format!("the step `{}` has an output already", of.value);
            Some(
                Finding::at(Code::OUTPUT_TWICE, of.span, message)
                    .related(Place::Chapter(first.span), "this one")
                    .help("join the two blocks, or split the step"),
            )
        });
        match finding {
            Some(finding) => outcome
                .findings
                .push(finding.for_edition(&context.edition.name)),
            None => {
                printed.insert(&of.value, of);
                let reason = format!("no run has recorded what the step `{}` prints", of.value);
                outcome.unproven(index, reason);
            }
        }
    }
}

/// The step that an output belongs to.
fn step<'c>(
    context: &'c Context<'_>,
    output: usize,
    of: &Spanned<String>,
) -> Result<&'c Block, Finding> {
    let is_step = |role: &Role| matches!(role, Role::Step { .. });
    let named = serving(context, |_| true).find(|(_, block)| block.id == of.value);
    match named {
        Some((index, block)) if is_step(&block.role) && index < output => Ok(block),
        Some((_, block)) if is_step(&block.role) => {
            let message = format!("the step `{}` stands behind its output", of.value);
            Err(Finding::at(Code::OUTPUT_ORDER, of.span, message)
                .related(Place::Chapter(block.info), "the step"))
        }
        Some((_, block)) => {
            let message = format!(
                "`{}` is no step, but a block that is {}",
                of.value,
                block.role.name()
            );
            Err(Finding::at(Code::OUTPUT_UNKNOWN, of.span, message)
                .related(Place::Chapter(block.info), "the block of this id"))
        }
        None => {
            let steps = serving(context, is_step).filter(|(index, _)| *index < output);
            let near = nearest(&of.value, steps.map(|(_, step)| step.id.as_str()))
                .map(|near| format!("did you mean `{near}`?"));
            let message = format!("no step has the id `{}`", of.value);
            Err(Finding::at(Code::OUTPUT_UNKNOWN, of.span, message).maybe_help(near))
        }
    }
}
