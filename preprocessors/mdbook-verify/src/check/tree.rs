//! Listings: each path that they name must stand in the tree at their step.

use crate::blocks::Block;
use crate::config::BaseSpec;
use crate::evidence::Kind;
use crate::finding::{Code, Finding, Span, nearest};
use crate::gomod::is_major;
use crate::listing::{self, Entry};
use crate::plan;
use crate::role::Role;
use crate::workspace::{Moment, Stitch};

use super::{Context, Outcome, serving};

/// `generated` is the outcome of generating code, which a listing may name too.
pub(super) fn check(
    context: &Context<'_>,
    stitch: &Stitch,
    generated: &Result<(), String>,
    outcome: &mut Outcome,
) {
    for (index, block) in serving(context, |role| *role == Role::Tree) {
        let Some(base) = plan::base_meant(context.edition, block) else {
            continue;
        };
        let listing = Listing {
            context,
            block,
            base,
            moment: Moment::before(index, context.trees, stitch),
        };
        match (listing.findings(), generated) {
            (findings, _) if findings.is_empty() => outcome.proven(index, Kind::Checked),
            // What is missing may be just what was not generated.
            (_, Err(why)) => outcome.unproven(index, why),
            (findings, Ok(())) => outcome.findings.extend(findings),
        }
    }
}

struct Listing<'a> {
    context: &'a Context<'a>,
    block: &'a Block,
    base: &'a str,
    moment: Moment<'a>,
}

impl Listing<'_> {
    fn findings(&self) -> Vec<Finding> {
        let entries = listing::parse(&self.block.content.text);
        if entries.is_empty() {
            let message = "this listing names no path";
            return vec![self.finding(Code::LISTING_EMPTY, self.block.info, message)];
        }
        let mut findings = Vec::new();
        // The path of each entry; none if it is wrong, in which case what stands below it can only
        // be wrong too.
        let mut paths: Vec<Option<String>> = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            let above = match entry.parent {
                None => Some(String::new()),
                Some(parent) => paths[parent].clone(),
            };
            let path = above.and_then(|above| {
                if number == 0 && self.is_root(entry) {
                    return Some(above);
                }
                self.resolve(entry, above)
                    .map_err(|finding| findings.push(*finding))
                    .ok()
            });
            paths.push(path);
        }
        findings
    }

    fn text(&self, entry: &Entry) -> &str {
        &self.block.content.text[entry.name.clone()]
    }

    /// Whether the first entry names the root of the tree: as `.`, or by the name that the tree has
    /// for people, if it has no such folder.
    fn is_root(&self, entry: &Entry) -> bool {
        let name = self.text(entry);
        name == "."
            || entry.folder
                && !self.moment.has_folder(self.base, name)
                && (name == self.base || name == self.name_of_base())
    }

    /// The last part of the module's path, without its major version, or of the repository's URL.
    fn name_of_base(&self) -> &str {
        let path = match &self.context.edition.base[self.base] {
            BaseSpec::Module(spec) => spec.module.as_str(),
            BaseSpec::Git(spec) => spec.git.trim_end_matches('/').trim_end_matches(".git"),
        };
        let mut parts = path.rsplit('/').filter(|part| !is_major(part));
        parts.next().unwrap_or(path)
    }

    /// The path of an entry below `folder`. What is wrong is found at the first part that is.
    fn resolve(&self, entry: &Entry, folder: String) -> Result<String, Box<Finding>> {
        let text = self.text(entry);
        let mut path = folder;
        let mut at = entry.name.start;
        let mut parts = text.split('/').peekable();
        while let Some(part) = parts.next() {
            let span = self.block.content.span(at, at + part.len());
            at += part.len() + 1;
            // `./a` is a path as `a` is.
            if part == "." && at == entry.name.start + 2 && parts.peek().is_some() {
                continue;
            }
            let is_folder = parts.peek().is_some() || entry.folder;
            path = self.step(&path, part, is_folder, span, text)?;
        }
        Ok(path)
    }

    fn step(
        &self,
        folder: &str,
        part: &str,
        is_folder: bool,
        span: Span,
        text: &str,
    ) -> Result<String, Box<Finding>> {
        if let Err(why) = plan::tree_path(part) {
            return Err(Box::new(self.finding(Code::PATH_REFUSED, span, why)));
        }
        let path = match folder {
            "" => part.to_owned(),
            folder => format!("{folder}/{part}"),
        };
        let is_file = self.moment.has_file(self.base, &path);
        if self.moment.has_folder(self.base, &path) || is_file && !is_folder {
            return Ok(path);
        }
        if is_file {
            let message = format!("{path} is a file, and the listing takes it for a folder");
            return Err(Box::new(self.finding(Code::LISTING_KIND, span, message)));
        }
        let message = format!("at this step the tree of {} has no {path}", self.base);
        let help = self.help(folder, part, text);
        let finding = self.finding(Code::LISTING_MISSING, span, message);
        Err(Box::new(finding.maybe_help(help)))
    }

    fn help(&self, folder: &str, part: &str, text: &str) -> Option<String> {
        let siblings = self.moment.children(self.base, folder);
        let first = text.split(' ').next().unwrap_or(text);
        if first.len() < text.len() && siblings.contains(first) {
            return Some("put two spaces or # before a comment".to_owned());
        }
        nearest(part, siblings).map(|near| format!("did you mean `{near}`?"))
    }

    fn finding(&self, code: Code, span: Span, message: impl Into<String>) -> Finding {
        Finding::at(code, span, message).for_edition(&self.context.edition.name)
    }
}
