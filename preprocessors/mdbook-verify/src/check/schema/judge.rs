//! Holds a text against what it claims to be. What that takes is had once for all texts, and only
//! when the first one asks for it.

use std::collections::{BTreeMap, BTreeSet};

use protox::prost_reflect::MessageDescriptor;
use serde_json::Value;

use crate::attrs::Spanned;
use crate::book;
use crate::check::{BROKEN_TREE, Context, Outcome};
use crate::config::{Schema, SchemaKind};
use crate::finding::{Code, Finding, Place, nearest};
use crate::golang::Go;
use crate::workspace::Stitch;

use super::Problem;
use super::json::JsonSchema;
use super::message::{self, Messages};
use super::probe::{Probe, Probes};
use super::subject::{Claim, Text, serving};
use super::values::values;

/// The reason of data whose schema has a finding.
pub(super) const UNUSABLE: &str = "its schema cannot be used";

/// Judges texts.
pub(in crate::check) struct Judge<'a> {
    context: &'a Context<'a>,
    stitch: &'a Stitch,
    /// Go, or why probes cannot be built.
    go: Result<&'a Go, String>,
    probes: Option<Result<Probes, String>>,
    schemas: BTreeMap<&'a str, Result<JsonSchema, String>>,
    /// The messages of the guide's own files.
    of_guide: Option<Messages>,
    /// Those of all files.
    messages: Option<Messages>,
}

impl<'a> Judge<'a> {
    /// A judge on the stitched trees. `code` says why there is no compiled code in them, if so.
    pub(in crate::check) fn new(
        context: &'a Context<'a>,
        stitch: &'a Stitch,
        code: Result<(), String>,
    ) -> Self {
        Self {
            context,
            stitch,
            go: code.and_then(|()| context.go.map_err(str::to_owned)),
            probes: None,
            schemas: BTreeMap::new(),
            of_guide: None,
            messages: None,
        }
    }

    /// What is wrong with a text.
    ///
    /// # Errors
    /// Why that could not be found out; if the book is at fault, that is a finding besides.
    pub(in crate::check) fn problems(
        &mut self,
        claim: &Claim<'a>,
        text: &Text<'_>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Problem>, String> {
        match claim {
            Claim::Schema { name, schema } => match &schema.kind {
                SchemaKind::Probe(path) => {
                    let probe = self.probe(schema, path);
                    self.ask(&probe, name, text, outcome)
                }
                SchemaKind::JsonSchema(path) => {
                    let documents = documents(text)?;
                    let schema = self.json_schema(name, path, outcome)?;
                    Ok(schema.problems(&documents))
                }
                SchemaKind::Message(message) => {
                    let documents = documents(text)?;
                    match self.message(message)? {
                        Some(message) => Ok(message::problems(&message, &documents)),
                        None => Err(self.no_such_message(name, message, outcome)),
                    }
                }
            },
            Claim::Other(name) => {
                let documents = documents(text)?;
                match self.message(&name.value)? {
                    Some(message) => Ok(message::problems(&message, &documents)),
                    None => Err(self.unknown(name, outcome)),
                }
            }
        }
    }

    fn probe(&self, schema: &Schema, path: &str) -> Probe {
        Probe {
            base: schema.base(self.context.edition).to_owned(),
            path: path.to_owned(),
        }
    }

    fn ask(
        &mut self,
        probe: &Probe,
        schema: &str,
        text: &Text<'_>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Problem>, String> {
        if self.probes.is_none() {
            self.probes = Some(self.build_probes(outcome));
        }
        let context = self.context;
        let built = self.probes.as_ref().map_or(Err(BROKEN_TREE), |probes| {
            probes.as_ref().map_err(String::as_str)
        });
        let Some(program) = built?.program(probe) else {
            return Err(format!("the probe {} does not compile", probe.path));
        };
        let answer = probe.ask(context, program, (schema, text.path), text.content);
        answer.map_err(|finding| {
            let finding = finding.for_edition(&context.edition.name);
            outcome.findings.push(finding);
            format!("the probe {} gave no answer", probe.path)
        })
    }

    fn build_probes(&self, outcome: &mut Outcome) -> Result<Probes, String> {
        let probes: BTreeSet<_> = serving(self.context)
            .filter_map(|(_, schema)| match &schema.kind {
                SchemaKind::Probe(path) => Some(self.probe(schema, path)),
                _ => None,
            })
            .collect();
        let go = self.go.clone()?;
        Probes::build(self.context, self.stitch, go, probes, outcome)
    }

    fn json_schema(
        &mut self,
        name: &'a str,
        path: &str,
        outcome: &mut Outcome,
    ) -> Result<&JsonSchema, String> {
        let context = self.context;
        let read = || {
            let texts = book::texts(context.root, path);
            let text = texts.map(|texts| texts.into_values().next().unwrap_or_default());
            let schema = text.and_then(|text| JsonSchema::read(&text));
            schema.map_err(|why| {
                let message = format!("the JSON Schema {path} cannot be used: {why}");
                let finding = Finding::error(Code::SCHEMA_UNUSABLE, Place::Config, message);
                outcome
                    .findings
                    .push(finding.for_edition(&context.edition.name));
                UNUSABLE.to_owned()
            })
        };
        let schema = self.schemas.entry(name).or_insert_with(read);
        schema.as_ref().map_err(Clone::clone)
    }

    /// The message of a name; none if there is no such message.
    fn message(&mut self, name: &str) -> Result<Option<MessageDescriptor>, String> {
        let (context, stitch) = (self.context, self.stitch);
        let of_guide = || Messages::of_guide(context, stitch);
        let of_guide = self.of_guide.get_or_insert_with(of_guide);
        if let Some(message) = of_guide.get(name) {
            return Ok(Some(message.clone()));
        }
        if of_guide.broken {
            return Err(BROKEN_TREE.to_owned());
        }
        Ok(self.messages().get(name).cloned())
    }

    /// All messages.
    fn messages(&mut self) -> &Messages {
        let context = self.context;
        self.messages.get_or_insert_with(|| {
            let mut messages = Messages::of_guide(context, self.stitch);
            messages.add_upstream(context);
            messages
        })
    }

    fn no_such_message(&mut self, schema: &str, message: &str, outcome: &mut Outcome) -> String {
        let edition = &self.context.edition.name;
        let near = nearest(message, self.messages().names());
        let said =
            format!("the schema `{schema}` is the message {message}, which no .proto file has");
        let finding = Finding::error(Code::SCHEMA_UNUSABLE, Place::Config, said)
            .maybe_help(near.map(|near| format!("did you mean {near}?")));
        outcome.findings.push(finding.for_edition(edition));
        UNUSABLE.to_owned()
    }

    fn unknown(&mut self, name: &Spanned<String>, outcome: &mut Outcome) -> String {
        let context = self.context;
        let edition = &context.edition.name;
        let elsewhere = context.config.schema.contains_key(&name.value);
        let said = if elsewhere {
            format!(
                "the schema `{}` is not for the edition {edition}",
                name.value
            )
        } else {
            format!("`{}` is neither a schema nor a message", name.value)
        };
        let schemas = serving(context).map(|(name, _)| name);
        let near = nearest(&name.value, schemas.chain(self.messages().names()));
        let help = near
            .filter(|_| !elsewhere)
            .map(|near| format!("did you mean `{near}`?"));
        let finding = Finding::at(Code::CLAIM_UNKNOWN, name.span, &said).maybe_help(help);
        outcome.findings.push(finding.for_edition(edition));
        said
    }
}

fn documents(text: &Text<'_>) -> Result<Vec<Value>, String> {
    if !text.matter.is_data() {
        return Err("only a probe can judge what is no YAML, JSON or TOML".to_owned());
    }
    values(text.matter, text.content)
        .map_err(|why| format!("it holds what JSON cannot, so this schema cannot judge it: {why}"))
}
