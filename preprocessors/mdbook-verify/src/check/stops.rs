//! Steps that end another: that one stands before it and goes on running.

use crate::attrs::Spanned;
use crate::finding::{Code, Finding, Place, nearest};
use crate::role::{Role, Step};

use super::{Context, Outcome, serving};

pub(super) fn check(context: &Context<'_>, outcome: &mut Outcome) {
    // What goes on running, by its id.
    let mut running = Vec::new();
    for (index, block) in serving(context, |_| true) {
        let Role::Step(step) = &block.role else {
            continue;
        };
        if let Some(id) = &step.stops {
            if let Some(at) = running.iter().position(|name| *name == id.value) {
                running.remove(at);
            } else {
                let finding = unknown(context, index, id, &running);
                let finding = finding.for_edition(&context.edition.name);
                outcome.findings.push(finding);
            }
        }
        if step.background {
            running.push(block.id.as_str());
        }
    }
}

/// The finding for a step that nothing runs of.
fn unknown(
    context: &Context<'_>,
    stopping: usize,
    id: &Spanned<String>,
    running: &[&str],
) -> Finding {
    let finding = |message: String| Finding::at(Code::STOPS_UNKNOWN, id.span, message);
    let named = serving(context, |_| true).find(|(_, block)| block.id == id.value);
    let Some((index, block)) = named else {
        let near = nearest(&id.value, running.iter().copied())
            .map(|near| format!("did you mean `{near}`?"));
        return finding(format!("no step has the id `{}`", id.value)).maybe_help(near);
    };
    let message = match &block.role {
        Role::Step(Step {
            background: false, ..
        }) => format!("the step `{}` has ended by itself", id.value),
        Role::Step(_) if index >= stopping => {
            format!("the step `{}` has not been started here", id.value)
        }
        Role::Step(_) => format!("the step `{}` is stopped already", id.value),
        role => format!(
            "`{}` is no step, but a block that is {}",
            id.value,
            role.name()
        ),
    };
    finding(message).related(Place::Chapter(block.info), "the block of this id")
}
