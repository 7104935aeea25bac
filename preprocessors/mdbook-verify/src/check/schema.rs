//! Data held against schemas: the one that a block claims (`as=NAME`), and those that book.toml gives
//! to files.
//!
//! | file | job |
//! |---|---|
//! | `subject.rs` | which texts there are, and what each claims |
//! | `judge.rs` | holds a text against what it claims |
//! | `probe.rs`, `answer.rs` | builds and asks the book's probes |
//! | `json.rs` | JSON Schema |
//! | `message.rs` | messages of the .proto files |
//! | `places.rs`, `values.rs` | where the values of data stand, and what they are |

mod answer;
mod json;
mod judge;
mod message;
mod places;
mod probe;
mod subject;
mod values;

use std::ops::Range;

use crate::evidence::Kind;
use crate::finding::{Code, Finding, Place, nearest};
use crate::matter::Matter;
use crate::workspace::Stitch;

use super::{BROKEN_DATA, Context, Outcome, data, whole};
use places::{Aspect, Places};
use subject::Subject;

pub(super) use judge::Judge;
pub(super) use subject::{Claim, Text, claims_of_block, claims_of_file, text_of};

/// What a schema has against a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    at: At,
    /// What is wrong.
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Where in a text.
#[derive(Clone, Debug, PartialEq)]
enum At {
    /// All of it.
    Whole,
    Bytes(Range<usize>),
    Path {
        document: usize,
        path: Vec<String>,
        aspect: Aspect,
    },
}

/// The reason of data about which nothing is known.
const NO_SCHEMA: &str = "no schema says what may stand here; claim one with as=NAME, or give one to the file in book.toml";

pub(super) fn check<'a>(
    context: &Context<'a>,
    stitch: &'a Stitch,
    judge: &mut Judge<'a>,
    outcome: &mut Outcome,
) {
    outcome.findings.extend(subject::misplaced(context));
    if stitch.is_whole(context.plan) {
        outcome.findings.extend(idle(context, stitch));
    }
    for subject in subject::all(context, stitch) {
        if data::parses(subject.text.matter, subject.text.content) {
            check_subject(context, judge, &subject, outcome);
        } else {
            // The parser has said why.
            for block in subject.hands {
                outcome.unproven(block, BROKEN_DATA);
            }
        }
    }
}

fn check_subject<'a>(
    context: &Context<'a>,
    judge: &mut Judge<'a>,
    subject: &Subject<'a>,
    outcome: &mut Outcome,
) {
    let before = outcome.findings.len();
    let mut unchecked = subject.claims.is_empty().then(|| NO_SCHEMA.to_owned());
    for claim in &subject.claims {
        match judge.problems(claim, &subject.text, outcome) {
            Ok(problems) => {
                let findings = findings(context, judge, subject, claim, problems);
                outcome.findings.extend(findings);
            }
            Err(why) => unchecked = Some(why),
        }
    }
    let refused = outcome.findings.len() > before;
    for &block in &subject.hands {
        match &unchecked {
            Some(why) => outcome.unproven(block, why),
            None if refused => outcome.unproven(block, BROKEN_DATA),
            None => outcome.proven(block, Kind::Checked),
        }
    }
}

/// Problems at their places. What upstream's own text has as well is upstream's affair.
fn findings<'a>(
    context: &Context<'a>,
    judge: &mut Judge<'a>,
    subject: &Subject<'a>,
    claim: &Claim<'a>,
    problems: Vec<Problem>,
) -> Vec<Finding> {
    let places = Places::of(subject.text.matter, subject.text.content);
    let mut of_upstream = None;
    let mut findings = Vec::new();
    for problem in problems {
        let place = subject.place(context, &places, &problem.at);
        let in_upstream = matches!(place, Place::Upstream { .. });
        let known = || upstream_problems(context, judge, subject, claim);
        if in_upstream
            && of_upstream
                .get_or_insert_with(known)
                .iter()
                .any(|known| known.is_like(&problem))
        {
            continue;
        }
        let mut finding = Finding::error(Code::DATA_REFUSED, place, problem.message)
            .maybe_help(problem.help)
            .for_edition(&context.edition.name);
        for &block in subject.hands.iter().filter(|_| in_upstream) {
            let place = Place::Chapter(whole(context, block));
            finding = finding.related(place, "this block edits the file");
        }
        findings.push(finding);
    }
    findings
}

/// What is wrong with what a request sends, by the schema that has the request's name, such as
/// `POST /path`: each problem at its bytes of the JSON text `body`.
///
/// # Errors
/// Why that is not known.
pub(super) fn of_request<'a>(
    context: &Context<'a>,
    judge: &mut Judge<'a>,
    request: &str,
    body: &str,
    outcome: &mut Outcome,
) -> Result<Vec<(Range<usize>, Problem)>, String> {
    let Some((name, schema)) = subject::serving(context).find(|(name, _)| *name == request) else {
        return Err(format!(
            "no schema says what may be sent; give one of the name `{request}` in book.toml"
        ));
    };
    let text = Text {
        base: schema.base(context.edition),
        path: "",
        matter: Matter::Json,
        content: body,
    };
    let problems = judge.problems(&Claim::Schema { name, schema }, &text, outcome)?;
    let spots = Places::of(Matter::Json, body);
    let placed = problems.into_iter().map(|problem| {
        let range = spots.range(&problem.at);
        (range.unwrap_or(0..body.len()), problem)
    });
    Ok(placed.collect())
}

fn upstream_problems<'a>(
    context: &Context<'a>,
    judge: &mut Judge<'a>,
    subject: &Subject<'a>,
    claim: &Claim<'a>,
) -> Vec<Problem> {
    let tree = &context.trees[subject.text.base];
    let text = tree.read(subject.text.path).unwrap_or_default();
    let text = Text {
        content: &text,
        ..subject.text
    };
    // What else comes of it was said of the text as it is now.
    let problems = judge.problems(claim, &text, &mut Outcome::default());
    problems.unwrap_or_default()
}

impl Problem {
    /// Whether it is the same one in another state of the text.
    fn is_like(&self, other: &Self) -> bool {
        let bytes = |at: &At| matches!(at, At::Bytes(_));
        self.message == other.message
            && (self.at == other.at || bytes(&self.at) && bytes(&other.at))
    }
}

/// Patterns of schemas that match no file.
fn idle(context: &Context<'_>, stitch: &Stitch) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, schema) in subject::serving(context) {
        let base = schema.base(context.edition);
        let created = stitch.created.keys().filter(|key| key.base == base);
        let paths: Vec<_> = context.trees[base]
            .names()
            .chain(created.map(|key| key.path.as_str()))
            .collect();
        for pattern in schema.idle(&paths) {
            let message = format!(
                "no file of the base {base} is one of those that the schema `{name}` is for: {pattern}"
            );
            let near = nearest(pattern, paths.iter().copied());
            let finding = Finding::error(Code::SCHEMA_IDLE, Place::Config, message)
                .maybe_help(near.map(|near| format!("did you mean {near}?")));
            findings.push(finding.for_edition(&context.edition.name));
        }
    }
    findings
}

/// A way out for an unknown key: the one that was probably meant, else `help`, else all that are
/// known, if they are few.
fn did_you_mean(key: &str, known: &[String], help: Option<String>) -> Option<String> {
    const FEW: usize = 12;
    let near = nearest(key, known.iter().map(String::as_str));
    let few = !known.is_empty() && known.len() <= FEW;
    near.map(|near| format!("did you mean `{near}`?"))
        .or(help)
        .or_else(|| few.then(|| format!("known here: {}", known.join(", "))))
}
