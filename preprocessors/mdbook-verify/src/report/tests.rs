//! One report in every format for machines.
#![allow(
    clippy::needless_raw_string_hashes,
    reason = "SNAPSHOTS=overwrite writes them"
)]

use std::path::Path;

use quick_xml::events::Event;
use quick_xml::reader::Reader;
use snapbox::{assert_data_eq, str};

use super::*;
use crate::base::Source;
use crate::blocks::find;
use crate::evidence::{Kind, Origin};
use crate::finding::{Code, Span};
use crate::markdown::Markdown;

const TEXT: &str = "# A\n\n```go file=a.go id=one\npackage a\n```\n\n```json id=two\n{}\n```\n\n```text id=three illustrative=\"a <sketch>\"\nx\n```\n";

/// A report with one of everything.
fn report() -> Report {
    let mut sources = Sources::default();
    let file = Path::new("/repository/the book/src/a.md");
    let root = Path::new("/repository/the book");
    let (document, _) = Document::expand(0, file, TEXT, root, &mut sources);
    let (blocks, _) = find(&Markdown::default().read(&document.text, 0), "a.md");
    let span = |text: &str| {
        let at = TEXT.find(text).unwrap();
        Span::new(0, at, at + text.len())
    };
    let state =
        |block, edition: &str, kind: Option<Kind>, source, reason: Option<&str>| BlockState {
            block,
            edition: edition.into(),
            needs: (block < 2).then_some(Kind::Parsed),
            evidence: kind
                .map(|kind| Evidence {
                    kind,
                    source,
                    against: "example.com/m v1".into(),
                    at: "2026-01-02T03:04:05Z".into(),
                })
                .into_iter()
                .collect(),
            proven: reason.is_none(),
            reason: reason.map(str::to_owned),
        };
    let edition = |name: &str, source| EditionState {
        name: name.into(),
        bases: vec![BaseUsed {
            name: "server".into(),
            module: "example.com/m".into(),
            version: "v1".into(),
            sum: None,
            source,
        }],
    };
    let sketch = Some("illustrative: a <sketch>");
    Report {
        book: root.to_path_buf(),
        tools: BTreeMap::new(),
        editions: vec![edition("e", Source::Module), edition("f", Source::Recorded)],
        sources,
        documents: vec![document],
        blocks,
        placeholders: Vec::new(),
        states: vec![
            state(0, "e", None, Origin::Live, Some("it has a finding")),
            state(
                1,
                "e",
                None,
                Origin::Live,
                Some("no\u{0} tool, \u{1b}[31mred\u{1b}[0m"),
            ),
            state(2, "e", None, Origin::Live, sketch),
            state(0, "f", Some(Kind::Compiled), Origin::Recorded, None),
            state(1, "f", Some(Kind::Parsed), Origin::Recorded, None),
            state(2, "f", None, Origin::Live, sketch),
        ],
        findings: vec![
            Finding::error(
                Code::TOOL_MISSING,
                Place::Environment,
                "Go is <not> installed",
            ),
            Finding::at(
                Code::GO_TYPE,
                span("package a"),
                "100% wrong: a, b\nand c]]>\r\n::error::no",
            )
            .help("mend it")
            .for_edition("e"),
            Finding::warning(Code::FENCE_LOST, Place::Chapter(span("# A")), "lost"),
            Finding::at(Code::DATA_SYNTAX, span("json id=two\n{}"), "two lines").for_edition("f"),
            Finding::error(
                Code::GO_UPSTREAM,
                Place::Upstream {
                    base: "server".into(),
                    path: "b.go".into(),
                    line: 7,
                    column: 3,
                },
                "it no longer compiles",
            )
            .related(Place::Chapter(span("a.go")), "for this edit"),
            Finding::warning(
                Code::RECORDING_STALE,
                Place::Recordings { line: 5, column: 1 },
                "stale",
            )
            .for_edition("e, f"),
        ],
        steps: Vec::new(),
        seconds: 0.0,
        cached: false,
    }
}

#[test]
fn as_commands_of_github() {
    let text = github(&report(), Path::new("/repository"));
    assert_data_eq!(
        text,
        str![[r#"
::error title=V0501 a tool that is not installed::Go is <not> installed
::error file=the book/src/a.md,line=4,endLine=4,col=1,endColumn=10,title=V0602 Go that does not compile::100%25 wrong: a, b%0Aand c]]>%0D%0A::error::no%0Aedition e%0Ahelp: mend it
::warning file=the book/src/a.md,line=1,endLine=1,col=1,endColumn=4,title=V0201 three backticks that neither open nor close a block::lost
::error file=the book/src/a.md,line=7,endLine=8,title=V0801 data that does not parse::two lines%0Aedition f
::error file=the book/src/a.md,line=3,endLine=3,col=12,endColumn=16,title=V0606 upstream code that the guide breaks::it no longer compiles%0Aat server:b.go:7:3, in upstream's text
::warning file=the book/proofs.lock,line=5,endLine=5,col=1,endColumn=1,title=V1303 a recording that no longer fits::stale%0Aedition e, f
0 of 3 blocks proven for e, 2 of 3 blocks proven for f (recorded on 2026-01-02); 4 errors; 2 warnings (0.0 s)

"#]]
    );
    // A book in no repository is one by itself.
    let alone = github(&report(), Path::new("/elsewhere"));
    assert!(alone.contains(" file=src/a.md,"), "{alone}");
}

#[test]
fn the_repository_is_where_github_or_git_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = std::fs::canonicalize(dir.path()).unwrap();
    let book = dir.join("docs/book");
    std::fs::create_dir_all(&book).unwrap();
    assert_eq!(repository(&book, Some(dir.clone())), dir);
    assert_eq!(repository(&book, Some("/no/such/folder".into())), book);
    std::fs::write(dir.join("docs/.git"), "gitdir: elsewhere").unwrap();
    assert_eq!(repository(&book, None), dir.join("docs"));
}

/// Reads XML to its end; the names of the elements and what stands in their attributes.
fn read(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    let mut open = 0;
    let mut found = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                open += usize::from(matches!(event, Event::Start(_)));
                let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = attribute
                        .normalized_value(quick_xml::XmlVersion::default())
                        .unwrap();
                    assert!(
                        value.chars().all(|c| c >= ' ' || c.is_whitespace()),
                        "{value:?}"
                    );
                    value.into_owned()
                });
                let attributes: Vec<_> = attributes.collect();
                found.push((name, attributes.join(" ")));
            }
            Event::End(_) => open -= 1,
            Event::Text(text) => {
                text.decode().unwrap();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0, "{xml}");
    found
}

#[test]
fn as_junit() {
    let xml = junit(&report(), false).unwrap();
    assert_data_eq!(
        &xml,
        str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mdbook-verify" tests="11" skipped="7" failures="3" errors="0">
    <testsuite name="e" tests="4" skipped="3" errors="0" failures="1">
        <testcase name="one" classname="src/a.md">
            <failure message="100% wrong: a, b" type="V0602 Go that does not compile">error[V0602]: 100% wrong: a, b
and c]]&gt;
::error::no
at src/a.md:4:1
help: mend it</failure>
        </testcase>
        <testcase name="two" classname="src/a.md">
            <skipped message="no tool, red"/>
        </testcase>
        <testcase name="three" classname="src/a.md">
            <skipped message="illustrative: a &lt;sketch&gt;"/>
        </testcase>
        <testcase name="V1303 at proofs.lock:5:1" classname="proofs.lock">
            <skipped message="stale">warning[V1303]: stale
at proofs.lock:5:1</skipped>
        </testcase>
    </testsuite>
    <testsuite name="f" tests="4" skipped="2" errors="0" failures="1">
        <testcase name="one" classname="src/a.md">
            <system-out>compiled against example.com/m v1 on 2026-01-02T03:04:05Z</system-out>
        </testcase>
        <testcase name="two" classname="src/a.md">
            <failure message="two lines" type="V0801 data that does not parse">error[V0801]: two lines
at src/a.md:7:4</failure>
            <system-out>parsed against example.com/m v1 on 2026-01-02T03:04:05Z</system-out>
        </testcase>
        <testcase name="three" classname="src/a.md">
            <skipped message="illustrative: a &lt;sketch&gt;"/>
        </testcase>
        <testcase name="V1303 at proofs.lock:5:1" classname="proofs.lock">
            <skipped message="stale">warning[V1303]: stale
at proofs.lock:5:1</skipped>
        </testcase>
    </testsuite>
    <testsuite name="book" tests="3" skipped="2" errors="0" failures="1">
        <testcase name="V0501" classname="surroundings">
            <skipped message="Go is &lt;not&gt; installed">error[V0501]: Go is &lt;not&gt; installed</skipped>
        </testcase>
        <testcase name="V0201 at src/a.md:1:1" classname="src/a.md">
            <skipped message="lost">warning[V0201]: lost
at src/a.md:1:1</skipped>
        </testcase>
        <testcase name="V0606 at server:b.go:7:3" classname="server:b.go">
            <failure message="it no longer compiles" type="V0606 upstream code that the guide breaks">error[V0606]: it no longer compiles
at server:b.go:7:3
and src/a.md:3:12: for this edit</failure>
        </testcase>
    </testsuite>
</testsuites>

"#]]
    );
    let elements = read(&xml);
    let count = |xml: &[(String, String)], name: &str| {
        xml.iter().filter(|(other, _)| other == name).count()
    };
    // Six blocks, and four findings outside of them, one of them for both editions.
    assert_eq!(count(&elements, "testcase"), 11);
    assert_eq!(count(&elements, "failure"), 3);
    assert!(
        elements
            .iter()
            .any(|(_, text)| text.contains("100% wrong: a, b")),
        "{xml}"
    );
    // In strict mode also what is unproven has failed, and what the surroundings lack is an error.
    let strict = read(&junit(&report(), true).unwrap());
    assert_eq!((count(&strict, "failure"), count(&strict, "error")), (7, 1));
    assert_eq!(count(&strict, "skipped"), 2);
}
