//! Go: all type errors from source, then vet and a build of everything touched and everything that
//! depends on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::evidence::{Kind, Matter};
use crate::finding::{Code, Finding, Place};
use crate::golang::Go;
use crate::gowork;
use crate::segments::Stitched;
use crate::workspace::{FileKey, Stitch};

use super::helper::{Answer, GoError, Helper, Request, Stage};
use super::{Context, Outcome, edits_of, fails, hands, place, whole};

pub(super) fn check(context: &Context<'_>, stitch: &Stitch, outcome: &mut Outcome) {
    let edits: Vec<_> = edits_of(context, stitch, Matter::Go).collect();
    let touched = go_files(stitch).next().is_some();
    if !touched && stitch.failing.is_empty() {
        return;
    }
    let go = match context.go {
        Ok(go) => go,
        Err(why) => {
            give_up(context, stitch, why, outcome);
            return;
        }
    };
    let result = Helper::build(go, context.cache, context.progress).and_then(|helper| {
        let run = GoRun { context, stitch, go, helper };
        if touched {
            run.check(&edits, outcome)?;
        }
        fails::check(&run, outcome)
    });
    if let Err(why) = result {
        outcome.findings.push(Finding::error(Code::TOOL_FAILED, Place::Environment, why.clone()));
        give_up(context, stitch, &why, outcome);
    }
}

/// Nothing of Go, nor what is generated as Go, can be proven in this run.
pub(super) fn give_up(context: &Context<'_>, stitch: &Stitch, why: &str, outcome: &mut Outcome) {
    let edits = edits_of(context, stitch, Matter::Go).chain(edits_of(context, stitch, Matter::Proto));
    for block in edits.map(|(block, _)| block).chain(stitch.failing.iter().map(|failing| failing.block)) {
        outcome.unproven(block, why);
    }
}

pub(super) struct GoRun<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) stitch: &'a Stitch,
    pub(super) go: &'a Go,
    pub(super) helper: Helper<'a>,
}

impl GoRun<'_> {
    fn check(&self, edits: &[(usize, FileKey)], outcome: &mut Outcome) -> Result<(), String> {
        let before = outcome.findings.len();
        let answer = self.ask(self.touched(), BTreeMap::new())?;
        self.report_errors(&answer, outcome)?;
        self.report_ignored(&answer, outcome);
        if outcome.findings.len() == before && !self.context.quick {
            self.build(&answer, outcome)?;
        }
        if outcome.findings.len() == before && !self.context.quick {
            self.vet(&answer, outcome)?;
        }
        let kind = if self.context.quick { Kind::Checked } else { Kind::Compiled };
        if outcome.findings.len() > before {
            for (block, _) in edits {
                outcome.unproven(*block, super::BROKEN_TREE);
            }
            return Ok(());
        }
        for (block, key) in edits {
            if answer.files.contains_key(&self.context.folders.file(key)) {
                outcome.proven(*block, kind);
            }
        }
        self.generated(&answer, kind, outcome);
        Ok(())
    }

    /// A .proto block is compiled when all code generated from it is.
    fn generated(&self, answer: &Answer, kind: Kind, outcome: &mut Outcome) {
        for (block, key) in edits_of(self.context, self.stitch, Matter::Proto) {
            let last = self.stitch.files.get(&key).and_then(|file| file.blocks().last().copied());
            let made: Vec<_> = go_files(self.stitch)
                .filter(|(_, file)| Some(file.blocks()) == last.map(|last| vec![last]))
                .filter(|(_, file)| file.origin(0) == last.map(|block| crate::segments::Origin::Made { block }))
                .collect();
            let all = made.iter().all(|(key, _)| answer.files.contains_key(&self.context.folders.file(key)));
            if !made.is_empty() && all {
                outcome.proven(block, kind);
            }
        }
    }

    fn touched(&self) -> Vec<PathBuf> {
        go_files(self.stitch).map(|(key, _)| self.context.folders.file(key)).collect()
    }

    pub(super) fn ask(&self, touched: Vec<PathBuf>, overlay: BTreeMap<PathBuf, String>) -> Result<Answer, String> {
        let modules = gowork::modules(self.context.edition, self.context.trees);
        let roots = modules.iter().map(|module| match module.used {
            true => format!("./{}/...", module.base),
            false => format!("{}/...", module.path),
        });
        let request = Request { dir: &self.context.folders.root, roots: roots.collect(), touched, overlay };
        self.helper.ask(&request, self.context.progress)
    }

    fn report_errors(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        let mut upstream = Vec::new();
        for error in &answer.errors {
            match self.finding(error) {
                finding if matches!(finding.place, Place::Chapter(_)) => outcome.findings.push(finding),
                finding => upstream.push((error, finding)),
            }
        }
        if upstream.is_empty() {
            return Ok(());
        }
        let known = self.errors_of_base()?;
        for (error, finding) in upstream {
            if !known.contains(&(error.file.clone(), error.message.clone())) {
                outcome.findings.push(finding);
            }
        }
        Ok(())
    }

    /// The errors that upstream has without the guide: they are not the guide's.
    fn errors_of_base(&self) -> Result<BTreeSet<(PathBuf, String)>, String> {
        let overlay = self.overlay(&BTreeMap::new());
        let answer = self.ask(self.touched(), overlay)?;
        Ok(answer.errors.into_iter().map(|error| (error.file, error.message)).collect())
    }

    /// Contents for every changed file that turn the tree into one in which `files` are changed.
    pub(super) fn overlay(&self, files: &BTreeMap<FileKey, Stitched>) -> BTreeMap<PathBuf, String> {
        let keys = go_files(self.stitch).map(|(key, _)| key).chain(files.keys());
        keys.map(|key| {
            let text = match files.get(key) {
                Some(file) => file.text().to_owned(),
                None => self.context.trees[&key.base].read(&key.path).unwrap_or_else(|_| ABSENT.to_owned()),
            };
            (self.context.folders.file(key), text)
        })
        .collect()
    }

    fn finding(&self, error: &GoError) -> Finding {
        let code = match error.kind {
            Stage::List => Code::GO_LIST,
            Stage::Parse => Code::GO_SYNTAX,
            Stage::Type => Code::GO_TYPE,
        };
        let end = error.end_line.zip(error.end_column);
        let mut finding = self.locate(code, &error.file, (error.line, error.column), end, &error.message);
        for other in &error.related {
            let other = self.locate(code, &other.file, (other.line, other.column), None, &other.message);
            finding = finding.related(other.place, other.message);
        }
        finding.for_edition(&self.context.edition.name)
    }

    /// A tool's message at its place in the guide or in upstream.
    pub(super) fn locate(
        &self,
        code: Code,
        path: &Path,
        start: (usize, usize),
        end: Option<(usize, usize)>,
        message: &str,
    ) -> Finding {
        let message = self.without_folders(message);
        let Some(key) = self.context.folders.key(path) else {
            let shown = path.display();
            let message = if path.as_os_str().is_empty() { message } else { format!("{shown}: {message}") };
            return Finding::error(code, Place::Environment, message);
        };
        let Some(file) = self.stitch.files.get(&key) else {
            let place = Place::Upstream { base: key.base.clone(), path: key.path.clone(), line: start.0, column: start.1 };
            return self.in_upstream(&key, place, &message);
        };
        let from = file.byte_at(start.0, start.1);
        let to = match end {
            Some((line, column)) => file.byte_at(line, column).max(from),
            None => from + word(&file.text()[from..]),
        };
        match place(self.context, &key, file, from, to) {
            place @ Place::Upstream { .. } => self.in_upstream(&key, place, &message),
            place if file.origin(from).is_some_and(|origin| matches!(origin, crate::segments::Origin::Made { .. })) => {
                Finding::error(code, place, format!("in {}, generated from this block: {message}", key.path))
            }
            place => Finding::error(code, place, message),
        }
    }

    /// Upstream's own text is at fault only because of what the guide did nearby.
    fn in_upstream(&self, key: &FileKey, place: Place, message: &str) -> Finding {
        let finding = Finding::error(Code::GO_UPSTREAM, place, message);
        let mut near = hands(self.stitch, |other| other == key);
        if near.is_empty() {
            let folder = |key: &FileKey| (key.base.clone(), key.path.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
            near = hands(self.stitch, |other| folder(other) == folder(key));
        }
        if near.is_empty() {
            near = hands(self.stitch, |other| Matter::of_path(&other.path) == Matter::Go);
        }
        near.into_iter().fold(finding, |finding, block| {
            finding.related(Place::Chapter(whole(self.context, block)), "this block may have caused it")
        })
    }

    /// The folders of the stitched trees mean nothing to a reader.
    pub(super) fn without_folders(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.context.folders.root.display()), "")
    }

    fn report_ignored(&self, answer: &Answer, outcome: &mut Outcome) {
        for ignored in &answer.ignored {
            let Some(key) = self.context.folders.key(&ignored.file) else { continue };
            for block in hands(self.stitch, |other| *other == key) {
                let message = format!("{} is in no build: {}", key.path, ignored.reason);
                let place = Place::Chapter(whole(self.context, block));
                outcome.findings.push(Finding::error(Code::GO_NOT_COMPILED, place, message).for_edition(&self.context.edition.name));
            }
        }
    }

    fn build(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        let task = self.context.progress.start(format!("go build of {} packages", answer.packages.len()));
        let result = self
            .go
            .call(&self.context.folders.root)
            // -v names each package as it is compiled, which is the progress.
            .args(["build", "-v"])
            .args(&answer.packages)
            .on_line(|line| if line.is_empty() { task.tick() } else { task.count() })
            .run()
            .map_err(|error| error.to_string())?;
        if result.ok() {
            return Ok(());
        }
        let mut any = false;
        for (path, line, column, message) in result.stderr.lines().filter_map(position) {
            let path = self.context.folders.root.join(path);
            outcome.findings.push(self.locate(Code::GO_BUILD, &path, (line, column), None, message).for_edition(&self.context.edition.name));
            any = true;
        }
        if any { Ok(()) } else { Err(format!("go build failed with {}", self.without_folders(&result.complaint()))) }
    }

    fn vet(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        #[derive(Deserialize)]
        struct Diagnostic {
            posn: String,
            message: String,
        }
        let task = self.context.progress.start(format!("go vet of {} packages", answer.touched_packages.len()));
        let result = self
            .go
            .call(&self.context.folders.root)
            .args(["vet", "-json"])
            .args(&answer.touched_packages)
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| error.to_string())?;
        if !result.ok() {
            return Err(format!("go vet failed with {}", self.without_folders(&result.complaint())));
        }
        type Vet = BTreeMap<String, BTreeMap<String, Vec<Diagnostic>>>;
        let printed = format!("{}\n{}", String::from_utf8_lossy(&result.stdout), result.stderr);
        let json: String = printed.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        for package in serde_json::Deserializer::from_str(&json).into_iter::<Vet>() {
            let package = package.map_err(|error| format!("go vet's answer cannot be read: {error}"))?;
            for (analyzer, diagnostics) in package.into_values().flatten() {
                for diagnostic in diagnostics {
                    let Some((path, line, column, _)) = position(&diagnostic.posn) else { continue };
                    let message = format!("{} (go vet: {analyzer})", diagnostic.message);
                    let finding = self.locate(Code::GO_VET, Path::new(path), (line, column), None, &message);
                    // What vet says of upstream's own lines was so before the guide came.
                    if matches!(finding.place, Place::Chapter(_)) {
                        outcome.findings.push(finding.for_edition(&self.context.edition.name));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Stands for a file that the tree does not have: it belongs to no build.
const ABSENT: &str = "//go:build ignore\n\npackage absent\n";

pub(super) fn go_files(stitch: &Stitch) -> impl Iterator<Item = (&FileKey, &Stitched)> {
    stitch.files.iter().filter(|(key, _)| Matter::of_path(&key.path) == Matter::Go)
}

/// `path:line:column: message`; the column and the message may be missing.
fn position(line: &str) -> Option<(&str, usize, usize, &str)> {
    let go = line.find(".go:")? + 3;
    let mut rest = line[go + 1..].splitn(3, ':');
    let number = rest.next()?.trim().parse().ok()?;
    let second = rest.next().unwrap_or("");
    let third = rest.next().unwrap_or("");
    Some(match second.trim().parse() {
        Ok(column) => (&line[..go], number, column, third.trim()),
        Err(_) => (&line[..go], number, 1, line[go + 1..].split_once(": ").map_or("", |(_, message)| message)),
    })
}

/// The bytes of the word at the start of a text.
fn word(text: &str) -> usize {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    end.max(text.chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read() {
        assert_eq!(position("server/a.go:3:7: undefined: x"), Some(("server/a.go", 3, 7, "undefined: x")));
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
