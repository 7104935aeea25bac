//! Probes: Go programs of the book that judge data with upstream's own code.
//!
//! All probes of an edition are compiled by one call of `go build`, as packages of the stitched trees,
//! whose `internal` packages they may import. The files are laid over, not written, so that they are
//! no part of the trees.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::book;
use crate::check::complaint::position;
use crate::check::overlay::Overlay;
use crate::check::{Context, Outcome};
use crate::finding::{Code, Finding, Place};
use crate::golang::Go;
use crate::gowork;
use crate::matter::Matter;
use crate::tool::{Answer, Call};
use crate::verdict::Key;
use crate::workspace::{Stitch, put};

use super::judge::UNUSABLE;
use super::{Problem, answer};

/// How long a probe may think about one text.
const LIMIT: Duration = Duration::from_secs(10);

/// The folder, in a base's tree, of the probes' packages.
const PACKAGES: &str = "mdbook-verify-probes";

/// A probe of the book: the base that it is compiled in, and its path in the book's folder, of a Go
/// file or of a folder of such.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Probe {
    pub(super) base: String,
    pub(super) path: String,
}

/// The programs of an edition's probes.
pub(super) struct Probes {
    programs: BTreeMap<Probe, PathBuf>,
    /// Holds programs that are not kept, because another one could not be built.
    _aside: Option<TempDir>,
}

/// What is kept beside the programs, to know whether they are still right.
#[derive(Serialize, Deserialize)]
struct Built {
    /// The state of everything that they are compiled from, but for what is embedded.
    state: String,
    /// Folders of the stitched trees from which packages embed files.
    embedding: BTreeSet<PathBuf>,
    /// The state of the files there.
    embedded: String,
}

/// A probe on its way to a program.
struct Source {
    probe: Probe,
    /// Its files, by their paths in the book's folder.
    texts: BTreeMap<String, String>,
    /// Its package's folder, relative to the stitched trees.
    folder: PathBuf,
    /// The package, for the go command.
    package: String,
    /// The program's name.
    name: String,
}

impl Probes {
    /// The programs: those of an earlier run, or built now. A quick check does not build.
    ///
    /// # Errors
    /// Why there are none; a defect of a probe is a finding besides.
    pub(super) fn build(
        context: &Context<'_>,
        stitch: &Stitch,
        go: &Go,
        probes: BTreeSet<Probe>,
        outcome: &mut Outcome,
    ) -> Result<Self, String> {
        let builder = Builder {
            context,
            stitch,
            go,
            folder: context.cache.join("probes").join(&context.edition.name),
        };
        let sources = builder.sources(probes, outcome)?;
        let state = builder.state(&sources);
        if builder.is_built(&state) {
            return Ok(Self {
                programs: programs(&sources, &builder.folder),
                _aside: None,
            });
        }
        if context.quick {
            return Err("a quick check builds no probe".to_owned());
        }
        builder.build(&sources, state, outcome)
    }

    /// The program of a probe; none if the probe does not compile.
    pub(super) fn program(&self, probe: &Probe) -> Option<&Path> {
        self.programs.get(probe).map(PathBuf::as_path)
    }
}

impl Probe {
    /// What its program says about a text that claims a schema: its problems, or why it gave no
    /// answer.
    pub(super) fn ask(
        &self,
        context: &Context<'_>,
        program: &Path,
        (schema, path): (&str, &str),
        text: &str,
    ) -> Result<Vec<Problem>, Box<Finding>> {
        let failed = |why: String, place: Place| {
            let message = format!("the probe gave no answer for the schema `{schema}`: {why}");
            Box::new(
                Finding::error(Code::PROBE_FAILED, place, message)
                    .help("a probe prints its findings, one JSON object a line, then {\"checked\": true}, and exits with status 0"),
            )
        };
        let answer = Call::new(program, &context.folders.base(&self.base))
            .args([schema, path])
            .stdin(text.as_bytes().to_vec())
            .limit(LIMIT)
            .run()
            .map_err(|error| {
                let program = program.display().to_string();
                let why = error.to_string().replace(&program, "it");
                failed(why, self.place(""))
            })?;
        if !answer.ok() {
            return Err(failed(ending(&answer), self.place(&answer.stderr)));
        }
        let stdout = String::from_utf8_lossy(&answer.stdout);
        answer::read(&stdout, text).map_err(|why| failed(why, self.place("")))
    }

    /// Where in the probe it panicked, by the stack that Go prints; else its beginning.
    fn place(&self, stderr: &str) -> Place {
        let mut own = stderr
            .lines()
            .filter(|line| line.contains(PACKAGES))
            // `<tab>path:line +offset`
            .filter_map(|line| position(line.split(" +0x").next()?));
        let (path, line) = match own.next() {
            Some((_, line, ..)) if Matter::of_path(&self.path) == Matter::Go => {
                (self.path.clone(), line)
            }
            Some((file, line, ..)) => {
                let name = file.rsplit('/').next().unwrap_or(file);
                (format!("{}/{name}", self.path), line)
            }
            None => (self.path.clone(), 1),
        };
        Place::Book {
            path,
            line,
            column: 1,
        }
    }
}

struct Builder<'a> {
    context: &'a Context<'a>,
    stitch: &'a Stitch,
    go: &'a Go,
    folder: PathBuf,
}

impl Builder<'_> {
    fn sources(
        &self,
        probes: BTreeSet<Probe>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Source>, String> {
        let modules = gowork::modules(self.context.edition, self.context.trees, self.stitch);
        let mut sources = Vec::new();
        let mut usable = true;
        for (number, probe) in probes.into_iter().enumerate() {
            let stem = Path::new(&probe.path).file_stem().unwrap_or_default();
            let name = format!("{number}-{}", stem.to_string_lossy());
            let texts = if modules.iter().any(|module| module.base == probe.base) {
                book::texts(self.context.root, &probe.path)
            } else {
                Err(format!("the base {} is no Go module", probe.base))
            };
            match texts {
                Ok(texts) => sources.push(Source {
                    texts,
                    folder: [&probe.base, PACKAGES, &name].iter().collect(),
                    package: gowork::package(&modules, &probe.base, &format!("{PACKAGES}/{name}")),
                    name,
                    probe,
                }),
                Err(why) => {
                    let message = format!("the probe {} cannot be used: {why}", probe.path);
                    let finding = Finding::error(Code::SCHEMA_UNUSABLE, Place::Config, message);
                    outcome.findings.push(self.own(finding));
                    usable = false;
                }
            }
        }
        if usable {
            Ok(sources)
        } else {
            Err(UNUSABLE.to_owned())
        }
    }

    fn own(&self, finding: Finding) -> Finding {
        finding.for_edition(&self.context.edition.name)
    }

    /// Everything that the programs are compiled from. Changed data is no part of it, unless a package
    /// embeds it.
    fn state(&self, sources: &[Source]) -> String {
        let mut key = Key::default();
        key.add(&self.go.identity());
        for (name, tree) in self.context.trees {
            key.add(name);
            key.add(&tree.base.digest);
        }
        for source in sources {
            key.add(&source.package);
            for (path, text) in &source.texts {
                key.add(path);
                key.add(text);
            }
        }
        self.add_files(&mut key, |path| !is_data(path));
        key.finish()
    }

    fn embedded(&self, folders: &BTreeSet<PathBuf>) -> String {
        let mut key = Key::default();
        self.add_files(&mut key, |path| {
            is_data(path) && folders.iter().any(|folder| path.starts_with(folder))
        });
        key.finish()
    }

    fn add_files(&self, key: &mut Key, wanted: impl Fn(&Path) -> bool) {
        for (file, stitched) in &self.stitch.files {
            let path = Path::new(&file.base).join(&file.path);
            if wanted(&path) {
                key.add(&path.to_string_lossy());
                key.add(stitched.text());
            }
        }
    }

    fn is_built(&self, state: &str) -> bool {
        let built = fs::read(self.folder.join(BUILT)).ok();
        let built: Option<Built> = built.and_then(|json| serde_json::from_slice(&json).ok());
        built.is_some_and(|built| {
            built.state == state && built.embedded == self.embedded(&built.embedding)
        })
    }

    /// The build tag by which a file of a probe says that it is for this edition, or not: upstream's
    /// versions differ in what they declare.
    fn tag(&self) -> String {
        format!("edition_{}", self.context.edition.name.replace('-', "_"))
    }

    fn call(&self) -> Call<'_> {
        let root = &self.context.folders.root;
        self.go.call(root).envs([("GOWORK", root.join("go.work"))])
    }

    fn build(
        &self,
        sources: &[Source],
        state: String,
        outcome: &mut Outcome,
    ) -> Result<Probes, String> {
        let parent = self.folder.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        // Built aside: a killed build leaves no half program where the next run looks for one.
        let aside = tempfile::tempdir_in(parent).map_err(|error| error.to_string())?;
        let files = sources.iter().flat_map(|source| {
            let folder = self.context.folders.root.join(&source.folder);
            let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
            let paths = source.texts.keys();
            paths.map(move |path| (folder.join(name(path)), self.context.root.join(path)))
        });
        let overlay = Overlay::of_files(self.context.cache, &files.collect())?;
        let packages: Vec<&str> = sources
            .iter()
            .map(|source| source.package.as_str())
            .collect();
        let task = self.context.progress.start("building the book's probes");
        let answer = self
            .call()
            // Without what debuggers want, linking takes half the time. All errors of the probes, not
            // the first ten.
            .args(["build", "-ldflags=-s -w", "-gcflags=-e", "-o"])
            .args([aside.path()])
            .args(["-tags", &self.tag()])
            .args(overlay.args())
            .args(&packages)
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| error.to_string())?;
        if !answer.ok() {
            self.report(sources, &answer, outcome)?;
            return Ok(Probes {
                programs: programs(sources, aside.path()),
                _aside: Some(aside),
            });
        }
        let embedding = self.embedding(&overlay, &packages)?;
        let built = Built {
            state,
            embedded: self.embedded(&embedding),
            embedding,
        };
        let json = serde_json::to_vec(&built).map_err(|error| error.to_string())?;
        put(&aside.path().join(BUILT), &json).map_err(|error| error.to_string())?;
        let replaced = fs::remove_dir_all(&self.folder);
        match replaced {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!(
                    "{} cannot be removed: {error}",
                    self.folder.display()
                ));
            }
            _ => {}
        }
        fs::rename(aside.keep(), &self.folder)
            .map_err(|error| format!("{} cannot be written: {error}", self.folder.display()))?;
        Ok(Probes {
            programs: programs(sources, &self.folder),
            _aside: None,
        })
    }

    /// Reports what the compiler says of the probes.
    ///
    /// # Errors
    /// When it says something else.
    fn report(
        &self,
        sources: &[Source],
        answer: &Answer,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let mut found = 0;
        for (file, line, column, message) in answer.stderr.lines().filter_map(position) {
            let file = self.context.folders.root.join(file);
            let mut paths = sources.iter().flat_map(|source| source.texts.keys());
            if let Some(path) = paths.find(|path| is(&file, self.context.root, path)) {
                let place = Place::Book {
                    path: path.clone(),
                    line,
                    column,
                };
                let message = message.split("; to add it:").next().unwrap_or_default();
                let finding = Finding::error(Code::PROBE_BROKEN, place, message);
                outcome.findings.push(self.own(finding));
                found += 1;
            }
        }
        if found > 0 {
            return Ok(());
        }
        let why = format!("the probes could not be built: {}", answer.complaint());
        let finding = Finding::error(Code::TOOL_FAILED, Place::Environment, why.clone());
        outcome.findings.push(finding);
        Err(why)
    }

    /// The folders of the stitched trees from which packages of the probes embed files, relative.
    fn embedding(&self, overlay: &Overlay, packages: &[&str]) -> Result<BTreeSet<PathBuf>, String> {
        let answer = self
            .call()
            .args([
                "list",
                "-deps",
                "-f",
                "{{if .EmbedPatterns}}{{.Dir}}{{end}}",
                "-tags",
                &self.tag(),
            ])
            .args(overlay.args())
            .args(packages)
            .run()
            .map_err(|error| error.to_string())?;
        if !answer.ok() {
            return Err(format!("go list failed with {}", answer.complaint()));
        }
        let stdout = String::from_utf8_lossy(&answer.stdout);
        let root = &self.context.folders.root;
        let folders = stdout.lines().map(Path::new);
        Ok(folders
            .filter_map(|folder| folder.strip_prefix(root).ok())
            .map(Path::to_path_buf)
            .collect())
    }
}

/// The programs that are in a folder.
fn programs(sources: &[Source], folder: &Path) -> BTreeMap<Probe, PathBuf> {
    let program = |source: &Source| {
        let file = format!("{}{}", source.name, std::env::consts::EXE_SUFFIX);
        (source.probe.clone(), folder.join(file))
    };
    let programs = sources.iter().map(program);
    programs.filter(|(_, file)| file.is_file()).collect()
}

/// Describes the programs of a folder.
const BUILT: &str = "built.json";

fn is_data(path: &Path) -> bool {
    Matter::of_path(&path.to_string_lossy()).is_data()
}

/// Whether a path, which may climb, names a file of the book's folder.
fn is(file: &Path, root: &Path, path: &str) -> bool {
    let mut plain = PathBuf::new();
    for part in file.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain == root.join(path)
}

/// How a probe ended: what it panicked with, else the end of what it complained.
fn ending(answer: &Answer) -> String {
    let panicked = answer
        .stderr
        .lines()
        .find(|line| line.starts_with("panic: "));
    match (panicked, answer.status) {
        (Some(panicked), _) => panicked.to_owned(),
        (None, _) => answer.complaint(),
    }
}
