//! The pipeline: markdown → blocks → plan → workspace → checks → report.

mod key;
mod performed;
mod prose;
mod reading;
pub(crate) mod recorded;
mod shown;
mod steps;
mod stitching;
mod upstream;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::asked::Memory;
use crate::base::{Fetcher, Source};
use crate::blocks::Block;
use crate::book::Book;
use crate::check::{self, Outcome};
use crate::config::{BaseSpec, Edition};
use crate::evidence::Origin;
use crate::finding::{Code, Finding, Place, Severity};
use crate::golang::Go;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::proof;
use crate::prose::Remark;
use crate::recording::Recordings;
use crate::report::{EditionState, Report};
use crate::rust;
use crate::steps::Steps;
use crate::verdict::{BaseUsed, Frame, Store, Verdict};
use crate::workspace::{self, Folders, Lock, Stitch, Tree};

use key::Shared;
pub use reading::Reading;
pub use stitching::stitch;
use upstream::Upstream;

/// How to verify.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only these editions; none means all.
    pub editions: Option<Vec<String>>,
    /// Types only, no code generation.
    pub quick: bool,
    /// What the run is to make.
    pub product: Product,
    /// Whether verdicts of earlier runs count.
    pub cached: bool,
    /// Whether hosts that did not answer a moment ago are asked again.
    pub strict: bool,
    /// What may stand in for a pinned tree.
    pub trust: Trust,
    /// Folders that stand in for bases, by edition and base.
    pub directories: BTreeMap<(String, String), PathBuf>,
    /// Where progress goes.
    pub progress: Progress,
}

/// What a run makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// A report of what is proven.
    Report,
    /// One of which pages are made, which show the files at each step.
    Pages,
}

/// What may stand in for a pinned tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Folders named by the user, and where a tree cannot be had, recorded evidence.
    Recordings,
    /// Folders named by the user.
    Folders,
    /// Nothing: each tree is held against its pin.
    Pins,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            editions: None,
            quick: false,
            product: Product::Report,
            cached: true,
            strict: false,
            trust: Trust::Recordings,
            directories: BTreeMap::new(),
            progress: Progress::quiet(),
        }
    }
}

impl Options {
    /// The folders that stand in for the bases of an edition, by base.
    #[must_use]
    pub fn directories_of(&self, edition: &Edition) -> BTreeMap<String, PathBuf> {
        let named = self.directories.iter();
        let named = named.filter(|((name, _), _)| *name == edition.name);
        named
            .map(|((_, base), dir)| (base.clone(), dir.clone()))
            .collect()
    }
}

/// Verifies a book.
#[must_use]
pub fn verify(book: &Book, options: &Options) -> Report {
    let begun = Instant::now();
    let cache = cache_folder(&book.root);
    let tools = book.config.tools.as_ref();
    let tools = tools.map(|tools| book.root.join(tools));
    let mut findings = Vec::new();
    if let Err(error) = make_cache(&cache) {
        findings.push(unwritable(&cache, &error));
    }
    let link = workspace::link_in_cache(&cache);
    let memory = memory(&cache, options, link.as_deref());
    let at_most = book.config.longest_call();
    let go = || Go::find(tools.as_deref(), &cache, at_most, &memory);
    let (go, recordings, reading) = read(book, options, go, &mut findings);
    let rust = rust::Setting::new(book, &reading.blocks, tools.as_deref(), &memory);
    let shared = Shared::new(book, &reading, &rust, tools.as_deref(), &cache);
    let mut run = Run {
        book,
        options,
        reading: &reading,
        go,
        rust,
        shared,
        tools,
        cache,
        link,
        memory: &memory,
        recordings: &recordings,
        asked_since: asked_since(options),
        all_cached: true,
        remarks: Vec::new(),
        steps: Vec::new(),
    };
    let mut states = Vec::new();
    let mut editions = Vec::new();
    let mut shown = run.shown();
    for edition in chosen(book, options) {
        let mut verdict = run.edition(edition);
        let mut performed = run.performed(edition);
        let known = proof::states(
            edition,
            &reading,
            &verdict,
            &shown,
            &performed,
            options.quick,
        );
        states.extend(known);
        findings.append(&mut verdict.findings);
        findings.append(&mut performed.findings);
        // Only now: that a recording is stale takes nothing from what was proven here.
        if verdict.is_live() {
            findings.extend(run.stale(edition));
        }
        editions.push(EditionState {
            name: edition.name.clone(),
            bases: verdict.bases,
        });
    }
    findings.append(&mut shown.findings);
    let (tools, cached) = (run.versions(), run.all_cached);
    let steps = std::mem::take(&mut run.steps);
    let doubts = run.doubts(&findings);
    drop(run);
    let mut all = reading.findings;
    all.extend(merged(findings));
    all.extend(doubts);
    all.extend(proof::unproven(&reading.blocks, &states, &all));
    all.iter_mut().for_each(of_surroundings);
    Report {
        book: book.root.clone(),
        tools,
        editions,
        sources: reading.sources,
        documents: reading.documents,
        blocks: reading.blocks,
        placeholders: reading.placeholders,
        states,
        steps,
        findings: all,
        seconds: begun.elapsed().as_secs_f64(),
        cached,
    }
    .sorted()
}

/// The editions that were asked for.
fn chosen<'b>(book: &'b Book, options: &'b Options) -> impl Iterator<Item = &'b Edition> {
    let editions = book.config.edition.iter();
    editions.filter(|edition| {
        let names = options.editions.as_ref();
        names.is_none_or(|names| names.contains(&edition.name))
    })
}

/// Go, what was recorded, and the text of the book: the two are had while the text is read, which takes
/// as long.
fn read(
    book: &Book,
    options: &Options,
    go: impl Send + FnOnce() -> Result<Go, String>,
    findings: &mut Vec<Finding>,
) -> (Result<Go, String>, Recordings, Reading) {
    thread::scope(|scope| {
        let go = scope.spawn(go);
        let recordings = scope.spawn(|| recorded::read(book, options, findings));
        let reading = Reading::new(book);
        let stopped = |_| Err("the search for Go stopped".to_owned());
        let go = go.join().unwrap_or_else(stopped);
        let recordings = recordings.join();
        (
            go,
            recordings.unwrap_or_else(|why| resume_unwind(why)),
            reading,
        )
    })
}

/// A guide is not wrong because a tool is missing here; strict mode has its own exit status.
fn of_surroundings(finding: &mut Finding) {
    if finding.code.is_of_environment() {
        finding.severity = Severity::Warning;
        if finding.message.to_lowercase().contains("no space left") {
            finding.help = Some("make room on the disk and run it again".to_owned());
        }
    }
}

/// How long one run waits for another.
const TURN: Duration = Duration::from_secs(30 * 60);

fn lock_file(cache: &Path, edition: &Edition) -> PathBuf {
    cache.join(format!("{}.lock", edition.name))
}

pub(crate) fn cache_folder(root: &Path) -> PathBuf {
    root.join("target/verify/v1")
}

/// A strict run believes nothing that it was told before. Nothing is written through a link.
fn memory(cache: &Path, options: &Options, link: Option<&Path>) -> Memory {
    if options.cached && !options.strict && link.is_none() {
        Memory::new(cache)
    } else {
        Memory::none()
    }
}

/// For how long a host that did not answer is left alone: whoever builds the pages now and then shall
/// not wait for it each time. A strict run asks each once.
const LEFT_ALONE: Duration = Duration::from_secs(60 * 60);

fn asked_since(options: &Options) -> SystemTime {
    let now = SystemTime::now();
    if options.strict {
        return now;
    }
    now.checked_sub(LEFT_ALONE).unwrap_or(now)
}

/// A link in its place is refused for each edition; here it only must not be followed.
fn make_cache(cache: &Path) -> std::io::Result<()> {
    if cache.parent().is_some_and(Path::is_symlink) {
        return Ok(());
    }
    fs::create_dir_all(cache)
}

fn folders(cache: &Path, edition: &Edition) -> Folders {
    Folders {
        root: cache.join("trees").join(&edition.name),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Finding {
    let message = format!("{} cannot be written: {error}", path.display());
    Finding::error(Code::WORKSPACE_WRITE, Place::Environment, message)
        .help("make room on the disk, or check the permissions of target/verify")
}

fn linked(link: &Path) -> Finding {
    let message = format!(
        "{} is a symbolic link, and the workspace is not written through one",
        link.display()
    );
    Finding::error(Code::WORKSPACE_LINK, Place::Environment, message)
        .help("remove the link; the verifier makes the folder anew")
}

struct Run<'a> {
    book: &'a Book,
    options: &'a Options,
    reading: &'a Reading,
    tools: Option<PathBuf>,
    go: Result<Go, String>,
    rust: rust::Setting,
    shared: Shared,
    cache: PathBuf,
    /// The link in the place of a folder or file of the cache, through which nothing is written.
    link: Option<PathBuf>,
    memory: &'a Memory,
    recordings: &'a Recordings,
    asked_since: SystemTime,
    all_cached: bool,
    /// The doubts about inline code, for each edition whose trees could be had.
    remarks: Vec<Vec<Remark>>,
    /// The steps of the editions whose trees could be had.
    steps: Vec<Steps>,
}

impl Run<'_> {
    fn edition(&mut self, edition: &Edition) -> Verdict {
        let (plan, findings) = Plan::new(edition, &self.reading.blocks);
        let of_edition = || workspace::link_in_trees(&self.cache, edition);
        if let Some(link) = self.link.clone().or_else(of_edition) {
            self.all_cached = false;
            let frame = Frame::new(&self.reading.blocks, &edition.name);
            return nothing(&frame, findings, linked(&link));
        }
        let directories = self.options.directories_of(edition);
        let fetcher = Fetcher {
            go: self.go.as_ref().map_err(String::as_str),
            root: &self.book.root,
            cache: &self.cache,
            directories: &directories,
            pinned: self.options.trust == Trust::Pins,
            asked_since: self.asked_since,
            at_most: self.book.config.longest_call(),
            progress: self.options.progress,
        };
        let upstream = Upstream::new(edition, &fetcher);
        let (verdict, cached) = self.verdict(edition, &plan, &upstream, findings);
        let remarks = self.remarks(edition, &plan, &upstream);
        self.all_cached &= cached;
        self.remarks.extend(remarks);
        if self.options.product == Product::Pages {
            let steps = self.steps(edition, &plan, &upstream);
            self.steps.extend(steps);
        }
        verdict
    }

    /// The verdict on an edition, and whether it came from an earlier run.
    fn verdict(
        &self,
        edition: &Edition,
        plan: &Plan,
        upstream: &Upstream<'_>,
        findings: Vec<Finding>,
    ) -> (Verdict, bool) {
        let frame = Frame::on_bases(&self.reading.blocks, &edition.name);
        let key = match self.key(edition, upstream.fetcher, &frame) {
            Ok(key) => key,
            Err(finding) => {
                return (nothing(&frame, findings, *finding), false);
            }
        };
        let store = Store::new(&self.cache);
        if let Some(known) = store.load(&key, &frame).filter(|_| self.options.cached) {
            return (known, true);
        }
        let verdict = match self.examine(edition, plan, upstream) {
            Ok(mut verdict) => {
                verdict.findings.splice(0..0, findings);
                verdict
            }
            Err(finding) => self.not_examined(edition, &frame, findings, *finding),
        };
        // What the surroundings did may be over in the next run; a probe may have run out of time
        // because of them.
        let lasting = !verdict
            .findings
            .iter()
            .any(|finding| finding.code.is_of_environment() || finding.code == Code::PROBE_FAILED);
        if lasting && verdict.is_live() {
            store.save(&key, &frame, &verdict);
        }
        (verdict, false)
    }

    fn examine(
        &self,
        edition: &Edition,
        plan: &Plan,
        upstream: &Upstream<'_>,
    ) -> Result<Verdict, Box<Finding>> {
        let lock = lock_file(&self.cache, edition);
        let _lock =
            Lock::take(&lock, TURN, self.options.progress).map_err(|error| match error.kind() {
                std::io::ErrorKind::TimedOut => {
                    let message = "another run on this book did not finish within 30 minutes";
                    Box::new(
                        Finding::error(Code::WORKSPACE_BUSY, Place::Environment, message)
                            .help(format!("end the process that holds {}", lock.display())),
                    )
                }
                _ => Box::new(unwritable(&lock, &error)),
            })?;
        let trees = upstream.trees()?;
        let (stitch, mut findings) = workspace::fold(plan, trees, &self.reading.blocks);
        let outcome = self.check(edition, plan, trees, stitch);
        findings.extend(outcome.findings);
        if upstream.fetcher.pinned {
            // Whether they still are what they were: the check has taken its time.
            for (name, spec) in &edition.base {
                upstream.fetcher.fetch(name, spec)?;
            }
        }
        Ok(Verdict {
            source: Origin::Live,
            at: now(),
            bases: trees
                .iter()
                .map(|(name, tree)| base_used(name, &edition.base[name], tree.base.source))
                .collect(),
            findings,
            evidence: outcome.evidence,
            reasons: outcome.reasons,
        })
    }

    fn check(
        &self,
        edition: &Edition,
        plan: &Plan,
        trees: &BTreeMap<String, Tree>,
        stitch: Stitch,
    ) -> Outcome {
        let context = check::Context {
            root: &self.book.root,
            config: &self.book.config,
            edition,
            blocks: &self.reading.blocks,
            names: &self.reading.names,
            plan,
            trees,
            folders: &folders(&self.cache, edition),
            cache: &self.cache,
            tools: self.tools.as_deref(),
            go: self.go.as_ref().map_err(String::as_str),
            rust: &self.rust,
            quick: self.options.quick,
            cached: self.options.cached,
            progress: self.options.progress,
        };
        check::run(&context, stitch)
    }
}

/// Where a block stands, for people: `src/run.md:54`.
pub(crate) fn place_of(reading: &Reading, block: &Block) -> String {
    let document = &reading.documents[block.span.chapter];
    let position = document.position(block.span.start, &reading.sources);
    format!("{}:{}", position.file.display(), position.line)
}

/// The time, in UTC.
pub(crate) fn now() -> String {
    let now = jiff::Timestamp::now();
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Nothing could be proven, for this one reason.
fn nothing(frame: &Frame<'_>, mut findings: Vec<Finding>, why: Finding) -> Verdict {
    let reasons = frame
        .blocks()
        .map(|(index, _)| (index, why.message.clone()))
        .collect();
    findings.push(why);
    Verdict {
        findings,
        reasons,
        ..Verdict::default()
    }
}

fn base_used(name: &str, spec: &BaseSpec, source: Source) -> BaseUsed {
    let (module, version, sum) = match spec {
        BaseSpec::Module(spec) => (&spec.module, &spec.version, Some(spec.sum.clone())),
        BaseSpec::Git(spec) => (&spec.git, &spec.commit, None),
    };
    let (module, version) = (module.clone(), version.clone());
    BaseUsed {
        name: name.to_owned(),
        module,
        version,
        sum,
        source,
    }
}

/// A finding that several editions share is shown once, without an edition.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut by_content: BTreeMap<Finding, Vec<Option<String>>> = BTreeMap::new();
    for mut finding in findings {
        let edition = finding.edition.take();
        by_content.entry(finding).or_default().push(edition);
    }
    by_content
        .into_iter()
        .map(|(mut finding, editions)| {
            let named: BTreeSet<_> = editions.into_iter().flatten().collect();
            finding.edition =
                (!named.is_empty()).then(|| named.into_iter().collect::<Vec<_>>().join(", "));
            finding
        })
        .collect()
}
