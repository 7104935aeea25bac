//! What stands beside the blocks: badges, against the verifier's report, and places, against the
//! trees that it stitches.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use guide_tests::browser::{Page, View, browse};
use guide_tests::{both, chapters, mdbook_verify, report_of, root};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::error::WebDriverResult;

/// The edition whose files can be had wherever the book is built.
const AT_HAND: &str = "v3.8.3-module";

/// From the weakest.
const KINDS: [&str; 5] = ["parsed", "checked", "compiled", "ran", "matched"];

/// What a badge says.
#[derive(Deserialize)]
struct Badge {
    id: String,
    summary: String,
    details: Vec<Detail>,
}

/// What it says of an edition.
#[derive(Deserialize)]
struct Detail {
    edition: String,
    /// What stands behind the edition's name.
    version: Option<String>,
    text: String,
    days: BTreeSet<String>,
}

const BADGES: &str = "
    return [...document.querySelectorAll('.verify-caption')].map(caption => ({
        id: caption.id,
        summary: caption.querySelector('.verify-badge > summary').textContent,
        details: [...caption.querySelectorAll('.verify-badge p')].flatMap(({textContent}) => {
            const [, editions, text] = textContent.match(/^([^:]*): (.*)$/);
            return editions.split(/, | and /).map(said => {
                const [edition, version] = said.split('@');
                return {edition, version, text, days: text.match(/[0-9]{4}-[0-9]{2}-[0-9]{2}/g)};
            });
        }),
    }))";

/// The page of a chapter.
fn page_of(chapter: &str) -> String {
    chapter
        .replace("README.md", "index.md")
        .replace(".md", ".html")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

#[test]
fn badges_say_what_the_report_says() {
    let (_, report) = report_of(&root(), &[]);
    browse(View::default(), async |page| {
        let mut number = 0;
        for chapter in chapters(&root().join("src")) {
            page.open(&page_of(&chapter)).await?;
            let badges: Vec<Badge> =
                serde_json::from_value(page.js(BADGES).await?).expect("badges");
            let blocks = blocks_of(&report, &chapter);
            assert_eq!(badges.len(), blocks.len(), "{chapter}");
            for (badge, states) in badges.iter().zip(blocks.values()) {
                number += 1;
                assert_eq!(badge.id, format!("block-{number}"), "{chapter}");
                let id = &states[0]["id"];
                assert_eq!(badge.summary.trim(), summary(states), "{id}");
                assert_eq!(badge.details.len(), states.len(), "{id}");
                for state in states {
                    let edition = &state["edition"];
                    let mut details = badge.details.iter();
                    let detail = details.find(|detail| *edition == detail.edition.as_str());
                    let detail = detail.expect("each edition");
                    agree(&badge.summary, detail, state, &report["editions"]);
                }
            }
            let sources = "return [...document.querySelectorAll('.verify-sources a')]
                .map(link => new URL(link.href).pathname + link.hash)";
            let wanted = match blocks.len() {
                0 => json!([]),
                _ => json!(["/proof/verified.html#proven-on"]),
            };
            assert_eq!(page.js(sources).await?, wanted, "{chapter}");
        }
        assert_eq!(report["totals"]["blocks"], number);
        Ok(())
    });
}

/// The blocks of a chapter by their lines, each with its states.
fn blocks_of<'r>(report: &'r Value, chapter: &str) -> BTreeMap<u64, Vec<&'r Value>> {
    let chapter = format!("src/{chapter}");
    let mut blocks: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    for state in list(&report["blocks"]) {
        if state["file"] == chapter.as_str() {
            let line = state["line"].as_u64().expect("a line");
            blocks.entry(line).or_default().push(state);
        }
    }
    blocks
}

/// The strongest evidence, with whether this build has obtained it.
fn summary(states: &[&Value]) -> String {
    let of_kind = |kind: &str| -> BTreeSet<&str> {
        let evidence = states
            .iter()
            .filter_map(|state| list(&state["evidence"]).last());
        evidence
            .filter(|proof| proof["kind"] == kind)
            .map(|proof| text(&proof["source"]))
            .collect()
    };
    let words = KINDS.iter().filter_map(|kind| {
        let sources: Vec<_> = of_kind(kind).into_iter().collect();
        (!sources.is_empty()).then(|| format!("{kind}, {}", sources.join(" and ")))
    });
    format!("✓ {}", words.collect::<Vec<_>>().join(" · "))
}

/// What an edition has, from where, when, and against what. What all editions have, the summary says.
fn agree(summary: &str, detail: &Detail, state: &Value, editions: &Value) {
    let at = format!("{}, {}: {}", state["id"], detail.edition, detail.text);
    assert_eq!(state["proven"], true, "{at}");
    assert_eq!(state["edition"], detail.edition.as_str(), "{at}");
    let evidence = list(&state["evidence"]);
    let said_in = |text: &str| -> BTreeSet<_> {
        let kinds = KINDS.into_iter().filter(|kind| text.contains(kind));
        kinds.collect()
    };
    let mut said = said_in(&detail.text);
    if said.is_empty() {
        said = said_in(summary);
        assert_eq!(said.len(), 1, "{at}");
    }
    // Of what was had in the same way and on the same day, the strongest is said.
    let how = |proof: &Value| {
        (
            text(&proof["source"]).to_owned(),
            text(&proof["at"])[..10].to_owned(),
        )
    };
    let strongest = evidence
        .chunk_by(|a, b| how(a) == how(b))
        .filter_map(<[_]>::last);
    let kinds: BTreeSet<_> = strongest.map(|proof| text(&proof["kind"])).collect();
    assert_eq!(said, kinds, "{at}");
    let days: BTreeSet<_> = evidence
        .iter()
        .map(|proof| text(&proof["at"])[..10].to_owned())
        .collect();
    assert_eq!(detail.days, days, "{at}");
    let sources = ["live", "recorded"];
    let said = sources.map(|source| detail.text.contains(source));
    let said_of_all = sources.map(|source| summary.contains(source));
    let had = sources.map(|source| evidence.iter().any(|proof| proof["source"] == source));
    let nothing = [false; 2];
    assert_eq!(
        if said == nothing { said_of_all } else { said },
        had,
        "{at}"
    );
    // That a parser accepts a text has nothing to do with upstream.
    let bases = &edition_of(editions, &detail.edition)["bases"];
    let base = list(bases).iter().find(|base| base["name"] == "server");
    let base = base.expect("the default base");
    let (module, version) = (text(&base["module"]), text(&base["version"]));
    let is_commit = version.len() == 40;
    let short = if is_commit { &version[..9] } else { version };
    let is = !kinds.contains("parsed")
        && evidence
            .iter()
            .any(|proof| text(&proof["against"]).contains(module));
    assert_eq!(detail.version.as_deref(), is.then_some(short), "{at}");
}

/// The edition of the report.
fn edition_of<'r>(editions: &'r Value, name: &str) -> &'r Value {
    let mut editions = list(editions).iter();
    let edition = editions.find(|edition| edition["name"] == name);
    edition.expect("an edition of the report")
}

/// The cells of the table by kind, edition and evidence, but for its last row, edition by edition; and
/// what the page says at all.
const NUMBERS: &str = "
    const rows = [...document.querySelector('.verify-table table').tBodies[0].rows].slice(0, -1);
    const editions = rows[0].cells.length - 1;
    return [
        Array.from({length: editions}, (_, edition) => rows.map(row => row.cells[edition + 1].textContent)),
        document.querySelector('main').innerText,
        document.getElementById('proven-on').innerText,
    ]";

#[test]
fn the_page_of_the_proof_counts_what_the_report_counts() {
    let (_, report) = report_of(&root(), &[]);
    browse(View::default(), async |page| {
        page.open("index.html").await?;
        let first = format!("{} code blocks, all proven", report["totals"]["blocks"]);
        let bottom = "const said = [...document.querySelectorAll('main b')]
            .find(said => said.textContent === arguments[0]);
            return said.getBoundingClientRect().bottom < innerHeight / 2";
        assert_eq!(page.js_with(bottom, json!(first)).await?, true);
        page.open("proof/verified.html").await?;
        let said = page.js(NUMBERS).await?;
        let (editions, page) = (list(&report["editions"]), text(&said[1]));
        assert_eq!(list(&said[0]).len(), editions.len());
        for (edition, cells) in editions.iter().zip(list(&said[0])) {
            let states = list(&report["blocks"]).iter();
            let states = states.filter(|state| state["edition"] == edition["name"]);
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for proof in states.map(|state| list(&state["evidence"]).last().expect("a proof")) {
                let recorded = proof["source"] == "recorded";
                let recorded = if recorded { " recorded" } else { "" };
                let how = format!("{}{recorded}", text(&proof["kind"]));
                *counts.entry(how).or_default() += 1;
            }
            let mut shown: BTreeMap<String, usize> = BTreeMap::new();
            let cells = list(cells).iter().flat_map(|cell| text(cell).split(", "));
            for (count, how) in cells.filter_map(|part| part.split_once(' ')) {
                *shown.entry(how.to_owned()).or_default() +=
                    count.parse::<usize>().expect("a number");
            }
            assert_eq!(shown, counts, "{}", edition["name"]);
            for base in list(&edition["bases"]) {
                for key in ["module", "version"] {
                    assert!(text(&said[2]).contains(text(&base[key])), "{base}");
                }
            }
        }
        let settings = fs::read_to_string(root().join("book.toml")).expect("settings");
        for rest in settings.split("\nsum = \"").skip(1) {
            let sum = rest.split('"').next().expect("a sum");
            assert!(page.contains(sum), "{sum}");
        }
        for (tool, version) in report["tools"].as_object().expect("tools") {
            assert!(
                page.contains(&format!("{tool} {}", text(version))),
                "{tool}"
            );
        }
        for command in ["cargo xtask check --strict", "cargo xtask perform"] {
            assert!(page.contains(command), "{command}");
        }
        Ok(())
    });
}

/// The lines that are to be seen of the file that the address names.
async fn listing(page: &Page) -> WebDriverResult<Vec<String>> {
    let body = "
        const walker = document.createTreeWalker(
            document.querySelector('.verify-file > :target ~ code'), NodeFilter.SHOW_TEXT);
        let text = '';
        while (walker.nextNode()) {
            if (walker.currentNode.parentElement.checkVisibility()) text += walker.currentNode.data;
        }
        return text";
    let found = page.js(body).await?;
    Ok(lines(text(&found)))
}

/// Lines with the four spaces that mdBook's page makes of each tab before them.
fn lines(text: &str) -> Vec<String> {
    let spaced = |line: &str| {
        let rest = line.trim_start_matches('\t');
        "    ".repeat(line.len() - rest.len()) + rest
    };
    text.lines().map(spaced).collect()
}

/// The links in places to files of the edition, each with the lines that its block adds.
const PLACES: &str = "
    const places = [...document.querySelectorAll('.verify-place')];
    return places.filter(place => place.localName === 'details' && place.checkVisibility()).flatMap(place => {
        place.querySelector('summary').click();
        const caption = place.closest('.verify-caption');
        const added = [];
        for (let next = caption.nextElementSibling; next; next = next.nextElementSibling) {
            if (next.matches('pre.verify-diff')) {
                added.push(...[...next.querySelectorAll('ins')].map(line => line.textContent));
            } else if (next.matches('pre')) added.push(next.querySelector('code').textContent);
            else if (!next.matches('.verify-hunk')) break;
        }
        return [...place.querySelectorAll(`a[href*='/${arguments[0]}/']`)]
            .filter(link => link.checkVisibility())
            .map(link => [new URL(link.href).pathname + decodeURIComponent(link.hash), added.join('')]);
    })";

#[test]
fn places_lead_to_the_file_as_it_stands_then_and_at_the_end() {
    let folder = stitched();
    browse(View::default(), async |page| {
        let mut files: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for chapter in chapters(&root().join("src")) {
            page.open(&format!("{}?edition={AT_HAND}", page_of(&chapter)))
                .await?;
            let links = page.js_with(PLACES, json!(AT_HAND)).await?;
            for link in list(&links) {
                let (path, added) = (text(&link[0]).trim_start_matches('/'), text(&link[1]));
                let (file, step) = file_and_step(path);
                // From another page: on its own the browser would only follow the anchor.
                page.open("404.html").await?;
                page.open(path).await?;
                let target = "return document.querySelector('.verify-file > :target').id";
                let target = page.js(target).await?;
                assert!(
                    text(&target).ends_with(&step),
                    "{chapter}: {path}: {target}"
                );
                let shown = listing(page).await?;
                if step == "end" {
                    assert_eq!(shown, finished(folder.path(), &file), "{path}");
                } else {
                    for line in &lines(added) {
                        assert!(shown.contains(line), "{chapter}: {path}: {line}");
                    }
                }
                files.entry(file).or_default().insert(step, shown);
            }
        }
        assert!(files.len() > 10, "{:?}", files.keys());
        let mut several = 0;
        for (file, mut states) in files {
            let end = states.remove("end").expect("each file has an end");
            let states: Vec<_> = states.into_values().chain([end]).collect();
            several += usize::from(states.len() > 2);
            for pair in states.windows(2) {
                assert_ne!(pair[0], pair[1], "{file}");
            }
        }
        assert!(several > 0, "no file has more than two states");
        Ok(())
    });
}

/// The finished trees of the edition.
fn stitched() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(mdbook_verify())
        .args(["stitch", "--edition", AT_HAND, "--out"])
        .arg(folder.path())
        .current_dir(root())
        .output()
        .expect("the verifier runs");
    assert!(output.status.success(), "{}", both(&output));
    folder
}

/// The file below the trees that an address shows, and the step.
fn file_and_step(address: &str) -> (String, String) {
    let (page, place) = address.split_once('#').expect("a step");
    let page = page.strip_prefix(&format!("files/{AT_HAND}/"));
    let page = page.and_then(|page| page.strip_suffix(".html"));
    let tree = page.expect("a page of files");
    let (file, step) = place.split_once(':').expect("a file and its step");
    (format!("{tree}/{file}"), step.to_owned())
}

/// The address that shows a file below the trees after a step.
fn address(file: &str, step: &str) -> String {
    let (tree, file) = file.split_once('/').expect("a file of a tree");
    format!("files/{AT_HAND}/{tree}.html#{file}:{step}")
}

/// A file in the finished trees.
fn finished(folder: &Path, file: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(file)).expect("a file of the finished tree");
    lines(&text)
}

/// A block that changes a file, as its chapter has it.
struct Change {
    /// The words of its fence.
    words: String,
    text: String,
}

impl Change {
    /// The value of a word such as `file=…`.
    fn word(&self, key: &str) -> Option<&str> {
        let mut words = self.words.split(' ');
        words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    /// Whether it is the whole file.
    fn creates(&self) -> bool {
        !self.words.contains(" append") && !self.words.starts_with("diff ")
    }

    /// What the file was before, if it was there: the change taken out of what the change has left.
    fn undone(&self, after: &str) -> Option<String> {
        if self.words.contains(" append") {
            return Some(after.strip_suffix(&self.text).expect("the end").to_owned());
        }
        if self.creates() {
            assert_eq!(after, self.text);
            return None;
        }
        let places = self.text.split_inclusive('\n').collect::<Vec<_>>();
        let places = places.split(|line| line.starts_with("@@"));
        Some(places.fold(after.to_owned(), |after, place| {
            let side = |marks: [char; 2]| -> String {
                let lines = place.iter().filter(|line| line.starts_with(marks));
                lines.map(|line| &line[1..]).collect()
            };
            let new = side([' ', '+']);
            assert_eq!(after.matches(&new).count(), 1, "{new}");
            after.replacen(&new, &side([' ', '-']), 1)
        }))
    }
}

/// What changes each file of the edition, in the order of the chapters.
fn changes() -> BTreeMap<String, Vec<Change>> {
    let mut changes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for chapter in chapters(&root().join("src")) {
        let text = fs::read_to_string(root().join("src").join(chapter)).expect("a chapter");
        for rest in text.split("\n```").skip(1) {
            let (words, text) = rest.split_once('\n').unwrap_or_default();
            let (words, text) = (words.to_owned(), format!("{text}\n"));
            let change = Change { words, text };
            let Some(file) = change
                .word("file")
                .filter(|_| change.word("fails").is_none())
            else {
                continue;
            };
            let editions = change.word("edition").unwrap_or(AT_HAND);
            if editions.split(',').any(|edition| edition == AT_HAND) {
                let base = change.word("base").unwrap_or("server");
                let of_file = changes.entry(format!("{base}/{file}"));
                of_file.or_default().push(change);
            }
        }
    }
    changes
}

/// How far below the beginning of a line of a file's listing, and of the window, the address has
/// brought the reader.
const LANDED: &str = "
    const code = document.querySelector('.verify-file > :target ~ code');
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    let left = arguments[0];
    const top = document.querySelector(':target').getBoundingClientRect().top;
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.parentElement.checkVisibility()) continue;
        for (let at = 0; at < node.length; at += 1) {
            if (left === 0) {
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + 1);
                return [top - range.getBoundingClientRect().top, top, innerHeight];
            }
            if (node.data[at] === '\\n') left -= 1;
        }
    }";

#[test]
fn pages_show_every_file_as_each_step_leaves_it_and_where_it_changes() {
    let folder = stitched();
    browse(View::default(), async |page| {
        let changes = changes();
        assert!(changes.len() > 10, "{:?}", changes.keys());
        let mut steps = 0;
        for (file, changes) in changes {
            let finished = fs::read_to_string(folder.path().join(&file));
            let mut after = finished.expect("a file of the finished tree");
            for (number, change) in changes.iter().enumerate().rev() {
                let before = change.undone(&after);
                let last = number + 1 == changes.len();
                let step = if last {
                    "end"
                } else {
                    &format!("step-{}", number + 1)
                };
                page.open("404.html").await?;
                page.open(&address(&file, step)).await?;
                assert_eq!(listing(page).await?, lines(&after), "{file}#{step}");
                let before = before.unwrap_or_default();
                let same = after.lines().zip(before.lines());
                let same = same.take_while(|(now, then)| now == then).count();
                let landed = page.js_with(LANDED, json!(same)).await?;
                let [below, top, height]: [f64; 3] =
                    serde_json::from_value(landed).expect("three numbers");
                let in_window = 0.0 < top && top < height;
                assert!(
                    below.abs() < 8.0 && in_window,
                    "{file}#{step}: {below}, {top}"
                );
                after = before;
                steps += 1;
            }
        }
        assert!(steps > 15, "{steps}");
        Ok(())
    });
}
