//! Outputs: each belongs to a step that stands before it.

use std::collections::BTreeMap;

use crate::attrs::Spanned;
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
        let wrong = misplaced(context, index, of).or_else(|| {
            let first = printed.get(of.value.as_str())?;
            let message = format!("the step `{}` has an output already", of.value);
            let finding = Finding::at(Code::OUTPUT_TWICE, of.span, message)
                .related(Place::Chapter(first.span), "this one")
                .help("join the two blocks, or split the step");
            Some(finding)
        });
        if let Some(finding) = wrong {
            let finding = finding.for_edition(&context.edition.name);
            outcome.findings.push(finding);
            continue;
        }
        printed.insert(&of.value, of);
        let reason = format!("no run has recorded what the step `{}` prints", of.value);
        outcome.unproven(index, reason);
    }
}

/// What is wrong with the step that an output names, if anything is.
fn misplaced(context: &Context<'_>, output: usize, of: &Spanned<String>) -> Option<Finding> {
    let is_step = |role: &Role| matches!(role, Role::Step(_));
    let named = serving(context, |_| true).find(|(_, block)| block.id == of.value);
    let Some((index, block)) = named else {
        let steps = serving(context, is_step).filter(|(index, _)| *index < output);
        let near = nearest(&of.value, steps.map(|(_, step)| step.id.as_str()))
            .map(|near| format!("did you mean `{near}`?"));
        let message = format!("no step has the id `{}`", of.value);
        return Some(Finding::at(Code::OUTPUT_UNKNOWN, of.span, message).maybe_help(near));
    };
    let (code, message, why) = if !is_step(&block.role) {
        let role = block.role.name();
        let message = format!("`{}` is no step, but a block that is {role}", of.value);
        (Code::OUTPUT_UNKNOWN, message, "the block of this id")
    } else if index > output {
        let message = format!("the step `{}` stands behind its output", of.value);
        (Code::OUTPUT_ORDER, message, "the step")
    } else {
        return None;
    };
    Some(Finding::at(code, of.span, message).related(Place::Chapter(block.info), why))
}
