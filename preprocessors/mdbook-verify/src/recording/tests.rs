use std::path::Path;

use super::*;
use crate::config::{Config, Edition};
use crate::source::{Document, Sources};

fn edition(text: &str) -> Edition {
    let config: Config = toml::from_str(text).unwrap();
    config.edition[0].clone()
}

const MODULE: &str = "[[edition]]\nname = \"m\"\n[edition.base.server]\nmodule = \"example.com/m\"\nversion = \"v1.0.0\"\nsum = \"h1:x\"\n";

/// The recording of a chapter for an edition, with everything parsed.
fn recording(edition: &Edition, text: &str) -> Recording {
    let rules = BTreeMap::from([("proto".to_owned(), "digest".to_owned())]);
    let (documents, blocks) = read(text);
    let digests = Digests::new(&documents, &blocks);
    let inputs = Inputs::new(edition, &rules, &blocks, &digests);
    Recording {
        name: edition.name.clone(),
        digest: inputs.digest(),
        at: "2026-01-02T03:04:05Z".into(),
        tools: BTreeMap::from([("go".to_owned(), "go1.25.0".to_owned())]),
        bases: edition
            .base
            .iter()
            .map(|(name, spec)| RecordedBase::new(name, spec))
            .collect(),
        blocks: inputs
            .blocks()
            .map(|(index, digest)| RecordedBlock {
                id: blocks[index].id.clone(),
                digest: digest.to_owned(),
                evidence: Kind::Parsed,
            })
            .collect(),
        rules,
    }
}

fn read(text: &str) -> (Vec<Document>, Vec<crate::blocks::Block>) {
    let mut sources = Sources::default();
    let file = Path::new("/book/src/a.md");
    let (document, _) = Document::expand(0, file, text, Path::new("/book"), &mut sources);
    let chapter = crate::markdown::Markdown::default().read(&document.text, 0);
    let (blocks, _) = crate::blocks::find(&chapter, "a.md");
    (vec![document], blocks)
}

fn digest(text: &str) -> String {
    recording(&edition(MODULE), text).digest
}

fn steps_digest(text: &str) -> String {
    let (documents, blocks) = read(text);
    let rules = BTreeMap::new();
    let digests = Digests::new(&documents, &blocks);
    Inputs::new(&edition(MODULE), &rules, &blocks, &digests).steps_digest()
}

#[test]
fn only_what_is_done_changes_what_steps_print() {
    let step = "```bash step id=a\nls\n```\n\n";
    let file = "```text file=a.txt\na\n```\n\n";
    let shown = "```json as=any\n{}\n```\n\n```text tree\na.txt\n```\n";
    let before = steps_digest(&format!("{file}{step}"));
    assert_eq!(steps_digest(&format!("{file}{step}{shown}")), before);
    let other_file = file.replace("\na\n", "\nb\n");
    assert_ne!(steps_digest(&format!("{other_file}{step}")), before);
    let other_step = step.replace("ls", "pwd");
    assert_ne!(steps_digest(&format!("{file}{other_step}")), before);
}

fn file(recordings: &[&Recording]) -> String {
    let mut all = Recordings::default();
    let order: Vec<_> = recordings
        .iter()
        .map(|recording| recording.name.as_str())
        .collect();
    for recording in recordings {
        all.replace((*recording).clone(), &order);
    }
    all.text().unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    let recording = recording(
        &edition(MODULE),
        "```json\n1\n```\n\n```yaml id=b\na: 1\n```\n",
    );
    let text = file(&[&recording]);
    assert!(text.starts_with("# What a run proved "), "{text}");
    let read = Recordings::parse(text.as_bytes()).unwrap();
    assert_eq!(read.of("m"), Some(&recording));
    assert_eq!(read.place("m"), Place::Recordings { line: 5, column: 1 });
    // Git may have changed the ends of the lines.
    let windows = Recordings::parse(text.replace('\n', "\r\n").as_bytes()).unwrap();
    assert_eq!(windows.of("m"), Some(&recording));
}

#[test]
fn what_cannot_change_the_evidence_is_no_part_of_the_digest() {
    let one = "```json as=x id=a\n1\n```\n";
    let same = [
        "prose\n\n```json as=x id=a\n1\n```\n",
        "```json id=a as=\"x\"\n1\n```\n",
        "- ```json id=a as=x edition=m,other\n  1\n  ```\n",
        "```text illustrative=\"why\"\nx\n```\n\n```json as=x id=a\n1\n```\n",
        "```json as=x id=a\n1\n```\n\n```json edition=other\n2\n```\n",
    ];
    for text in same {
        assert_eq!(digest(one), digest(text), "{text}");
    }
    let other = [
        "```yaml as=x id=a\n1\n```\n",
        "```json as=y id=a\n1\n```\n",
        "```json as=x id=b\n1\n```\n",
        "```json as=x\n1\n```\n",
        "```json as=x id=a\n2\n```\n",
        "```json as=x id=a\n1\n```\n\n```json\n1\n```\n",
        "",
    ];
    for text in other {
        assert_ne!(digest(one), digest(text), "{text}");
    }
    let pinned = |old: &str, new: &str| recording(&edition(&MODULE.replace(old, new)), one).digest;
    assert_eq!(digest(one), pinned("unused", ""));
    for (old, new) in [
        ("h1:x", "h1:y"),
        ("v1.0.0", "v1.0.1"),
        ("base.server", "base.other"),
        ("\"m\"", "\"n\""),
    ] {
        assert_ne!(digest(one), pinned(old, new), "{new}");
    }
}

#[test]
fn a_file_that_cannot_be_trusted_says_why() {
    let good = file(&[&recording(&edition(MODULE), "```json\n1\n```\n")]);
    let twice = format!("{good}\n{}", &good[good.find("[[edition]]").unwrap()..]);
    let cases = [
        (
            format!("{good}<<<<<<< ours\n"),
            "has the marks of a merge conflict",
            26,
        ),
        (
            good.replace("\"parsed\"", "\"seen\""),
            "unknown variant `seen`",
            25,
        ),
        (
            good.replacen("digest = \"", "digst = \"", 1),
            "unknown field `digst`",
            7,
        ),
        (
            good.replace("v1.0.0", "v1.0.1"),
            "is not that of its entries",
            5,
        ),
        (
            good.replace("2026-01-02T03", "x"),
            "does not say when the edition m was recorded",
            5,
        ),
        (twice, "has the edition m twice", 27),
        (
            good.replace("schema = 1", "schema = 2"),
            "has the schema 2, this mdbook-verify reads 1",
            1,
        ),
        (
            good.replace("schema = 1", ""),
            "does not say which schema it has",
            1,
        ),
        ("{\"json\": 1}".to_owned(), "cannot be read: ", 1),
        (String::new(), "does not say which schema it has", 1),
    ];
    for (text, sentence, line) in cases {
        let finding = Recordings::parse(text.as_bytes()).unwrap_err();
        assert!(finding.message.contains(sentence), "{}", finding.message);
        let Place::Recordings { line: found, .. } = finding.place else {
            panic!("{finding:?}")
        };
        assert_eq!(found, line, "{}\n{text}", finding.message);
        assert!(finding.help.is_some());
    }
    assert!(Recordings::parse(b"\xff").is_err());
}

#[test]
fn changes_are_counted() {
    let before = "```json\n1\n```\n\n```json\n2\n```\n\n```json\n3\n```\n";
    let recording = recording(&edition(MODULE), before);
    let sentence = |text: &str, module: &str| {
        let edition = edition(module);
        let (documents, blocks) = read(text);
        let digests = Digests::new(&documents, &blocks);
        let inputs = Inputs::new(&edition, &recording.rules, &blocks, &digests);
        let changes = inputs.changes(&recording);
        (changes.sentence(), changes.places.len())
    };
    let cases = [
        (before.replace('2', "4"), "1 block changed", 1),
        (
            before.replace('2', "4").replace('3', "5"),
            "2 blocks changed",
            2,
        ),
        (
            format!("{before}\n```json\n3\n```\n"),
            "1 block was added",
            1,
        ),
        (before[..31].to_owned(), "1 block was removed", 0),
        (
            format!("{}\n```json\n4\n```\n\n```json\n5\n```\n", &before[..31]),
            "1 block changed and 1 block was added",
            2,
        ),
        (
            before.replace('1', "9").replace('2', "1").replace('9', "2"),
            "the order of the blocks changed",
            0,
        ),
    ];
    for (text, wanted, places) in cases {
        assert_eq!(
            sentence(&text, MODULE),
            (wanted.to_owned(), places),
            "{text}"
        );
    }
    let pinned = MODULE.replace("h1:x", "h1:y");
    assert_eq!(
        sentence(before, &pinned).0,
        "the pin of the base server changed"
    );
}

#[test]
fn the_order_is_that_of_the_book_and_what_it_does_not_have_is_dropped() {
    let of = |name: &str| {
        recording(
            &edition(&MODULE.replace("\"m\"", &format!("\"{name}\""))),
            "",
        )
    };
    let mut recordings = Recordings::default();
    for name in ["c", "gone", "a", "b"] {
        recordings.replace(of(name), &["a", "b", "c", "gone"]);
    }
    recordings.replace(of("b"), &["a", "b", "c"]);
    assert_eq!(recordings.names().collect::<Vec<_>>(), ["a", "b", "c"]);
}
