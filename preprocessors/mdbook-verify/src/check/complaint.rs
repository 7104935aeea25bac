//! What Go's tools say about a place, as findings: at its place in the guide, or in upstream, where
//! it counts only if the tool does not say so without the guide.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::segments::{Origin, Stitched};
use crate::workspace::FileKey;

use super::go::GoRun;
use super::helper::{Answer, RelatedError, Stage};
use super::near::Names;
use super::{Outcome, hands, place, whole};

/// Something that a Go tool says about a place.
#[derive(Clone, Debug)]
pub(super) struct Complaint {
    pub(super) code: Code,
    /// The package, if the tool names it.
    pub(super) package: String,
    /// Absolute; empty if the tool names no file.
    pub(super) path: PathBuf,
    /// Line and column, from 1.
    pub(super) start: (usize, usize),
    pub(super) end: Option<(usize, usize)>,
    pub(super) message: String,
    pub(super) related: Vec<RelatedError>,
}

impl Complaint {
    /// The errors in the helper's answer.
    pub(super) fn of_helper(answer: &Answer) -> Vec<Self> {
        let complaint = |error: &super::helper::GoError| Self {
            code: match error.kind {
                Stage::List => Code::GO_LIST,
                Stage::Parse => Code::GO_SYNTAX,
                Stage::Type => Code::GO_TYPE,
            },
            package: String::new(),
            path: error.file.clone(),
            start: (error.line, error.column),
            end: error.end_line.zip(error.end_column),
            message: error.message.clone(),
            related: error.related.clone(),
        };
        answer.errors.iter().map(complaint).collect()
    }

    /// The lines `path:line:column: message` of the compiler; paths are relative to `root`.
    pub(super) fn of_compiler(stderr: &str, root: &Path) -> Vec<Self> {
        let complaint = |(path, line, column, message): (&str, usize, usize, &str)| Self {
            code: Code::GO_BUILD,
            package: String::new(),
            path: root.join(path),
            start: (line, column),
            end: None,
            message: message.to_owned(),
            related: Vec::new(),
        };
        stderr.lines().filter_map(position).map(complaint).collect()
    }

    fn key(&self) -> (&Path, &str) {
        (&self.path, &self.message)
    }
}

/// Words of the go command when a module cannot be fetched: the network's fault, not the guide's.
const OF_THE_NETWORK: &[&str] = &[
    "module lookup disabled",
    "dial tcp",
    "no such host",
    "i/o timeout",
    "connection refused",
    "connection reset",
    "TLS handshake",
    "no space left",
];

impl GoRun<'_> {
    /// Reports complaints. `of_base` is asked, if need be, for those that the same tool has about
    /// upstream without the guide.
    pub(super) fn report(
        &self,
        complaints: Vec<Complaint>,
        of_base: impl FnOnce(&[Complaint]) -> Result<Vec<Complaint>, String>,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        if let Some(unfetched) = complaints
            .iter()
            .find(|complaint| is_of_the_network(complaint))
        {
            return Err(format!("a module cannot be fetched: {}", unfetched.message));
        }
        let names = Names::of(&complaints, self);
        let mut elsewhere = Vec::new();
        for complaint in complaints {
            let finding = names.point(self.finding(&complaint));
            match finding.place {
                Place::Chapter(_) => outcome.findings.push(finding),
                _ => elsewhere.push(complaint),
            }
        }
        if elsewhere.is_empty() {
            return Ok(());
        }
        let known = of_base(&elsewhere)?;
        let known: BTreeSet<_> = known.iter().map(Complaint::key).collect();
        let new = elsewhere
            .iter()
            .filter(|complaint| !known.contains(&complaint.key()));
        outcome
            .findings
            .extend(new.map(|complaint| names.point(self.finding(complaint))));
        Ok(())
    }

    fn finding(&self, complaint: &Complaint) -> Finding {
        let finding = self.locate(
            complaint,
            complaint.start,
            complaint.end,
            &complaint.path,
            &complaint.message,
        );
        let finding = complaint.related.iter().fold(finding, |finding, other| {
            let other = self.locate(
                complaint,
                (other.line, other.column),
                None,
                &other.file,
                &other.message,
            );
            finding.related(other.place, other.message)
        });
        finding.for_edition(&self.context.edition.name)
    }

    fn locate(
        &self,
        complaint: &Complaint,
        start: (usize, usize),
        end: Option<(usize, usize)>,
        path: &Path,
        message: &str,
    ) -> Finding {
        let code = complaint.code;
        let message = self.plain(message);
        let Some(key) = self.context.folders.key(path) else {
            let message = if path.as_os_str().is_empty() {
                message
            } else {
                format!("{}: {message}", path.display())
            };
            return Finding::error(code, Place::Environment, message);
        };
        let Some(file) = self.stitch.files.get(&key) else {
            let (line, column) = start;
            let place = Place::Upstream {
                base: key.base.clone(),
                path: key.path.clone(),
                line,
                column,
            };
            return self.in_upstream(&key, place, &message);
        };
        let from = file.byte_at(start.0, start.1);
        let to = match end {
            Some((line, column)) => file.byte_at(line, column).max(from),
            None => from + word(&file.text()[from..]),
        };
        let made = matches!(file.origin(from), Some(Origin::Made { .. }));
        match place(self.context, &key, file, from, to) {
            place @ Place::Upstream { .. } if code == Code::GO_SYNTAX => {
                self.behind_an_edit(&key, file, from, place, &message)
            }
            place @ Place::Upstream { .. } => self.in_upstream(&key, place, &message),
            place if made => Finding::error(
                code,
                place,
                format!("in {}, generated from this block: {message}", key.path),
            ),
            place => Finding::error(code, place, message),
        }
    }

    /// Upstream's own text does not parse because of the edit above it, such as a missing brace.
    fn behind_an_edit(
        &self,
        key: &FileKey,
        file: &Stitched,
        at: usize,
        upstream: Place,
        message: &str,
    ) -> Finding {
        let text = &file.text()[..at];
        let of_guide = |byte| matches!(file.origin(byte), Some(Origin::Block { .. }));
        let mut bytes = text.char_indices().rev();
        let Some((last, c)) = bytes.find(|(byte, c)| !c.is_whitespace() && of_guide(*byte)) else {
            return self.in_upstream(key, upstream, message);
        };
        let line = text[..last].rfind('\n').map_or(0, |end| end + 1);
        let first = last - text[line..last].trim_start().len();
        let edit = place(self.context, key, file, first, last + c.len_utf8());
        Finding::error(Code::GO_UPSTREAM, upstream, message)
            .related(edit, "what follows this does not parse")
    }

    /// Upstream's own text is at fault only because of what the guide did nearby: in this file, else
    /// in this folder, else anywhere.
    fn in_upstream(&self, key: &FileKey, place: Place, message: &str) -> Finding {
        let folder = |key: &FileKey| {
            (
                key.base.clone(),
                key.path
                    .rsplit_once('/')
                    .map(|(folder, _)| folder.to_owned()),
            )
        };
        let mut near = hands(self.stitch, |other| other == key);
        if near.is_empty() {
            near = hands(self.stitch, |other| folder(other) == folder(key));
        }
        if near.is_empty() {
            near = hands(self.stitch, |other| {
                Matter::of_path(&other.path) == Matter::Go
            });
        }
        let finding = Finding::error(Code::GO_UPSTREAM, place, message);
        near.into_iter().fold(finding, |finding, block| {
            let place = Place::Chapter(whole(self.context, block));
            finding.related(place, "this block may have caused it")
        })
    }

    /// A message without what means nothing to a reader: the folders of the stitched trees, and the
    /// go command's advice for a module of one's own.
    pub(super) fn plain(&self, message: &str) -> String {
        let message = message.replace(&format!("{}/", self.context.folders.root.display()), "");
        message
            .split("; to add it:")
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

fn is_of_the_network(complaint: &Complaint) -> bool {
    complaint.code == Code::GO_LIST
        && OF_THE_NETWORK
            .iter()
            .any(|words| complaint.message.contains(words))
}

/// `path:line:column: message`; the column and the message may be missing.
pub(super) fn position(line: &str) -> Option<(&str, usize, usize, &str)> {
    let go = line.find(".go:")? + 3;
    let mut rest = line[go + 1..].splitn(3, ':');
    let number = rest.next()?.trim().parse().ok()?;
    let second = rest.next().unwrap_or("");
    let third = rest.next().unwrap_or("");
    Some(match second.trim().parse() {
        Ok(column) => (&line[..go], number, column, third.trim()),
        Err(_) => (
            &line[..go],
            number,
            1,
            line[go + 1..]
                .split_once(": ")
                .map_or("", |(_, message)| message),
        ),
    })
}

/// The bytes of the word at the start of a text.
fn word(text: &str) -> usize {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    end.max(
        text.chars()
            .next()
            .filter(|c| *c != '\n')
            .map_or(0, char::len_utf8),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read() {
        assert_eq!(
            position("server/a.go:3:7: undefined: x"),
            Some(("server/a.go", 3, 7, "undefined: x"))
        );
        assert_eq!(position("/x/a.go:3:7"), Some(("/x/a.go", 3, 7, "")));
        assert_eq!(position("a.go:3: oops: y"), Some(("a.go", 3, 1, "oops: y")));
        assert_eq!(position("# package"), None);
    }

    #[test]
    fn words() {
        assert_eq!(word("abc_1.x"), 5);
        assert_eq!(word("(x)"), 1);
        assert_eq!(word("\nx"), 0);
        assert_eq!(word(""), 0);
    }
}
