//! Go: all type errors from source, then vet and a build of everything touched and everything that
//! depends on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::evidence::{Kind, Matter};
use crate::finding::{Code, Finding, Place};
use crate::golang::Go;
use crate::gowork;
use crate::segments::{Origin, Stitched};
use crate::workspace::{FileKey, Stitch};

use super::helper::{Answer, GoError, Helper, Request, Stage};
use super::overlay::Overlay;
use super::vet::{self, Diagnostic};
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
            let finding = Finding::error(Code::TOOL_MISSING, Place::Environment, why);
            outcome.findings.push(finding);
            give_up(context, stitch, why, outcome);
            return;
        }
    };
    let result = Helper::build(go, context.cache, context.progress).and_then(|helper| {
        let run = GoRun {
            context,
            stitch,
            go,
            helper,
        };
        if touched {
            run.check(&edits, outcome)?;
        }
        fails::check(&run, outcome)
    });
    if let Err(why) = result {
        outcome.findings.push(Finding::error(
            Code::TOOL_FAILED,
            Place::Environment,
            why.clone(),
        ));
        give_up(context, stitch, &why, outcome);
    }
}

/// Nothing of Go, nor what is generated as Go, can be proven in this run.
pub(super) fn give_up(context: &Context<'_>, stitch: &Stitch, why: &str, outcome: &mut Outcome) {
    let edits =
        edits_of(context, stitch, Matter::Go).chain(edits_of(context, stitch, Matter::Proto));
    for block in edits
        .map(|(block, _)| block)
        .chain(stitch.failing.iter().map(|failing| failing.block))
    {
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
        let answer = self.ask(self.roots(), self.touched(), BTreeMap::new())?;
        self.report_errors(&answer, outcome)?;
        self.report_ignored(&answer, outcome);
        if outcome.findings.len() == before && !self.context.quick {
            self.build(&answer, outcome)?;
        }
        if outcome.findings.len() == before && !self.context.quick {
            self.vet(&answer, outcome)?;
        }
        let kind = if self.context.quick {
            Kind::Checked
        } else {
            Kind::Compiled
        };
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
            let last = self
                .stitch
                .files
                .get(&key)
                .and_then(|file| file.blocks().last().copied());
            let made: Vec<_> = go_files(self.stitch)
                .filter(|(_, file)| is_generated(file) && file.blocks().first().copied() == last)
                .collect();
            let all = made
                .iter()
                .all(|(key, _)| answer.files.contains_key(&self.context.folders.file(key)));
            if !made.is_empty() && all {
                outcome.proven(block, kind);
            }
        }
    }

    fn touched(&self) -> Vec<PathBuf> {
        go_files(self.stitch)
            .map(|(key, _)| self.context.folders.file(key))
            .collect()
    }

    /// Patterns of all packages that may depend on what was touched.
    fn roots(&self) -> Vec<String> {
        let modules = gowork::modules(self.context.edition, self.context.trees);
        let pattern = |module: &gowork::Module| {
            if module.used {
                format!("./{}/...", module.base)
            } else {
                format!("{}/...", module.path)
            }
        };
        modules.iter().map(pattern).collect()
    }

    /// The pattern of the package that holds a file.
    pub(super) fn package_of(&self, key: &FileKey) -> String {
        let folder = key.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let modules = gowork::modules(self.context.edition, self.context.trees);
        let replaced = modules
            .iter()
            .find(|module| module.base == key.base && !module.used);
        match replaced {
            Some(module) => format!("{}/{folder}", module.path),
            None => format!("./{}/{folder}", key.base),
        }
    }

    pub(super) fn ask(
        &self,
        roots: Vec<String>,
        touched: Vec<PathBuf>,
        overlay: BTreeMap<PathBuf, String>,
    ) -> Result<Answer, String> {
        let dir = &self.context.folders.root;
        let request = Request {
            dir,
            roots,
            touched,
            overlay,
        };
        self.helper.ask(&request, self.context.progress)
    }

    fn report_errors(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        let mut upstream = Vec::new();
        for error in &answer.errors {
            match self.finding(error) {
                finding if matches!(finding.place, Place::Chapter(_)) => {
                    outcome.findings.push(finding);
                }
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
        let answer = self.ask(self.roots(), self.touched(), overlay)?;
        Ok(answer
            .errors
            .into_iter()
            .map(|error| (error.file, error.message))
            .collect())
    }

    /// Contents for every changed file that turn the tree into one in which `files` are changed.
    pub(super) fn overlay(&self, files: &BTreeMap<FileKey, Stitched>) -> BTreeMap<PathBuf, String> {
        // Generated code is not a step of its own: it is there once its definition is.
        let stitched = go_files(self.stitch).filter(|(_, file)| !is_generated(file));
        let keys = stitched.map(|(key, _)| key).chain(files.keys());
        keys.map(|key| {
            let text = match files.get(key) {
                Some(file) => file.text().to_owned(),
                None => self.context.trees[&key.base]
                    .read(&key.path)
                    .unwrap_or_else(|_| ABSENT.to_owned()),
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
        let mut finding = self.locate(
            code,
            &error.file,
            (error.line, error.column),
            end,
            &error.message,
        );
        for other in &error.related {
            let other = self.locate(
                code,
                &other.file,
                (other.line, other.column),
                None,
                &other.message,
            );
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
        // The go command's advice is for a module of one's own, not for a stitched tree.
        let message = message
            .split("; to add it:")
            .next()
            .unwrap_or(&message)
            .to_owned();
        let Some(key) = self.context.folders.key(path) else {
            let shown = path.display();
            let message = if path.as_os_str().is_empty() {
                message
            } else {
                format!("{shown}: {message}")
            };
            return Finding::error(code, Place::Environment, message);
        };
        let Some(file) = self.stitch.files.get(&key) else {
            let place = Place::Upstream {
                base: key.base.clone(),
                path: key.path.clone(),
                line: start.0,
                column: start.1,
            };
            return self.in_upstream(&key, place, &message);
        };
        let from = file.byte_at(start.0, start.1);
        let to = match end {
            Some((line, column)) => file.byte_at(line, column).max(from),
            None => from + word(&file.text()[from..]),
        };
        match place(self.context, &key, file, from, to) {
            place @ Place::Upstream { .. } => self.in_upstream(&key, place, &message),
            place
                if file
                    .origin(from)
                    .is_some_and(|origin| matches!(origin, Origin::Made { .. })) =>
            {
                Finding::error(
                    code,
                    place,
                    format!("in {}, generated from this block: {message}", key.path),
                )
            }
            place => Finding::error(code, place, message),
        }
    }

    /// Upstream's own text is at fault only because of what the guide did nearby.
    fn in_upstream(&self, key: &FileKey, place: Place, message: &str) -> Finding {
        let finding = Finding::error(Code::GO_UPSTREAM, place, message);
        let mut near = hands(self.stitch, |other| other == key);
        if near.is_empty() {
            let folder = |key: &FileKey| {
                (
                    key.base.clone(),
                    key.path
                        .rsplit_once('/')
                        .map(|(folder, _)| folder.to_owned()),
                )
            };
            near = hands(self.stitch, |other| folder(other) == folder(key));
        }
        if near.is_empty() {
            near = hands(self.stitch, |other| {
                Matter::of_path(&other.path) == Matter::Go
            });
        }
        near.into_iter().fold(finding, |finding, block| {
            finding.related(
                Place::Chapter(whole(self.context, block)),
                "this block may have caused it",
            )
        })
    }

    /// The folders of the stitched trees mean nothing to a reader.
    pub(super) fn without_folders(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.context.folders.root.display()), "")
    }

    fn report_ignored(&self, answer: &Answer, outcome: &mut Outcome) {
        for ignored in &answer.ignored {
            let Some(key) = self.context.folders.key(&ignored.file) else {
                continue;
            };
            for block in hands(self.stitch, |other| *other == key) {
                let message = format!("{} is in no build: {}", key.path, ignored.reason);
                let place = Place::Chapter(whole(self.context, block));
                outcome.findings.push(
                    Finding::error(Code::GO_NOT_COMPILED, place, message)
                        .for_edition(&self.context.edition.name),
                );
            }
        }
    }

    /// Compiles everything touched and everything that depends on it, then links the programs that
    /// were touched. `go build` of all packages would link every program of upstream besides, which
    /// takes most of the time and can fail only where compiling did.
    fn build(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        let before = outcome.findings.len();
        self.compile(
            &["list", "-v", "-export", "-f", ""],
            &answer.packages,
            outcome,
        )?;
        if outcome.findings.len() == before {
            self.compile(&["build", "-v"], &answer.touched_packages, outcome)?;
        }
        Ok(())
    }

    fn compile(
        &self,
        command: &[&str],
        packages: &[String],
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let task = self.context.progress.start(format!(
            "compiling {} Go packages and what they import",
            packages.len()
        ));
        let result = self
            .go
            .call(&self.context.folders.root)
            .args(command)
            .args(packages)
            // -v names each package as it is compiled, which is the progress.
            .on_line(|line| {
                if line.is_empty() {
                    task.tick();
                } else {
                    task.count();
                }
            })
            .run()
            .map_err(|error| error.to_string())?;
        if result.ok() {
            return Ok(());
        }
        let mut any = false;
        for (path, line, column, message) in result.stderr.lines().filter_map(position) {
            let path = self.context.folders.root.join(path);
            let finding = self.locate(Code::GO_BUILD, &path, (line, column), None, message);
            outcome
                .findings
                .push(finding.for_edition(&self.context.edition.name));
            any = true;
        }
        if any {
            Ok(())
        } else {
            Err(format!(
                "go {} failed with {}",
                command[0],
                self.without_folders(&result.complaint())
            ))
        }
    }

    /// `go vet` of all packages. What it says of upstream's own lines counts only if it does not
    /// say so without the guide.
    fn vet(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        let mut upstream = Vec::new();
        for diagnostic in self.run_vet(&answer.packages, None)? {
            let message = format!("{} (go vet: {})", diagnostic.message, diagnostic.analyzer);
            let finding = self.locate(
                Code::GO_VET,
                &diagnostic.path,
                diagnostic.start,
                None,
                &message,
            );
            match finding.place {
                Place::Chapter(_) => outcome
                    .findings
                    .push(finding.for_edition(&self.context.edition.name)),
                _ => upstream.push((diagnostic, finding)),
            }
        }
        if upstream.is_empty() {
            return Ok(());
        }
        let packages: BTreeSet<_> = upstream
            .iter()
            .map(|(diagnostic, _)| diagnostic.package.clone())
            .collect();
        let overlay = Overlay::new(self.context.cache, self.overlay(&BTreeMap::new()))?;
        let known: BTreeSet<_> = self
            .run_vet(&packages.into_iter().collect::<Vec<_>>(), Some(&overlay))?
            .into_iter()
            .map(|diagnostic| (diagnostic.path, diagnostic.message))
            .collect();
        for (diagnostic, finding) in upstream {
            if !known.contains(&(diagnostic.path, diagnostic.message)) {
                outcome
                    .findings
                    .push(finding.for_edition(&self.context.edition.name));
            }
        }
        Ok(())
    }

    fn run_vet(
        &self,
        packages: &[String],
        overlay: Option<&Overlay>,
    ) -> Result<Vec<Diagnostic>, String> {
        let task = self
            .context
            .progress
            .start(format!("go vet of {} packages", packages.len()));
        let overlay: Vec<_> = overlay.iter().flat_map(|overlay| overlay.args()).collect();
        let result = self
            .go
            .call(&self.context.folders.root)
            .args(["vet", "-json"])
            .args(overlay)
            .args(packages)
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| error.to_string())?;
        let printed = format!(
            "{}\n{}",
            String::from_utf8_lossy(&result.stdout),
            result.stderr
        );
        let mut found = vet::read(&printed)?;
        if !result.ok() && found.is_empty() {
            return Err(format!(
                "go vet failed with {}",
                self.without_folders(&result.complaint())
            ));
        }
        for diagnostic in &mut found {
            // Where a package does not even compile, vet names its place relative to its own folder.
            diagnostic.path = self.context.folders.root.join(&diagnostic.path);
        }
        Ok(found)
    }
}

/// Stands for a file that the tree does not have: it belongs to no build.
const ABSENT: &str = "//go:build ignore\n\npackage absent\n";

pub(super) fn go_files(stitch: &Stitch) -> impl Iterator<Item = (&FileKey, &Stitched)> {
    stitch
        .files
        .iter()
        .filter(|(key, _)| Matter::of_path(&key.path) == Matter::Go)
}

/// Whether a file was made by a tool from a block.
fn is_generated(file: &Stitched) -> bool {
    matches!(file.origin(0), Some(Origin::Made { .. }))
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
