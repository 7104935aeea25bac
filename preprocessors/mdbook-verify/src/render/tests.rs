//! Chapters with captions, read again by mdBook's own parser: captions may move no code block out of
//! its containers and change none of its text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use super::*;
use crate::blocks::{Markdown, find};
use crate::evidence::Kind;
use crate::report::EditionState;
use crate::source::{Document, Sources};

/// A report in which every block has something to say.
fn report(text: &str) -> Report {
    let mut sources = Sources::default();
    let path = Path::new("/book/src/ch.md");
    let (document, _) = Document::expand(0, path, text, Path::new("/book"), &mut sources);
    let (blocks, findings) = find(&document.text, 0, "ch.md", Markdown::default());
    let states = (0..blocks.len()).map(|block| BlockState {
        block,
        edition: "main".into(),
        needs: Some(crate::evidence::Kind::Parsed),
        evidence: Vec::new(),
        proven: false,
        reason: Some("`a` <b> {{c}}".into()),
    });
    Report {
        book: PathBuf::from("/book"),
        tools: BTreeMap::new(),
        editions: Vec::new(),
        sources,
        states: states.collect(),
        documents: vec![document],
        blocks,
        findings,
        steps: Vec::new(),
        seconds: 0.0,
        cached: false,
    }
}

/// The code blocks of a chapter: containers, language, text.
fn code(text: &str) -> Vec<(String, String, String)> {
    let mut containers: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut open = None;
    for event in new_cmark_parser(text, &MarkdownOptions::default()) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',']).next().unwrap().into(),
                    CodeBlockKind::Indented => "indented".to_owned(),
                };
                open = Some((containers.join(" "), language, String::new()));
            }
            Event::End(TagEnd::CodeBlock) => found.extend(open.take()),
            Event::Text(piece) if open.is_some() => open.as_mut().unwrap().2.push_str(&piece),
            Event::Start(tag) => containers.push(format!("{tag:?}")),
            Event::End(_) => drop(containers.pop()),
            _ => {}
        }
    }
    found
}

/// How many list items, quotes and so on there are: none may be cut in two.
fn containers(text: &str) -> Vec<String> {
    new_cmark_parser(text, &MarkdownOptions::default())
        .filter_map(|event| match event {
            // A caption may make a list loose, which gives its items paragraphs.
            Event::Start(Tag::Paragraph | Tag::HtmlBlock | Tag::CodeBlock(_)) => None,
            Event::Start(tag) => Some(format!("{tag:?}")),
            _ => None,
        })
        .collect()
}

#[track_caller]
fn check(text: &str) -> String {
    let before = code(text);
    let page = chapter(&report(text), 0, "Title", true);
    assert_eq!(before, code(&page), "{text}\n-- became --\n{page}");
    assert_eq!(
        containers(text),
        containers(&page),
        "{text}\n-- became --\n{page}"
    );
    let mut html = String::new();
    mdbook_markdown::pulldown_cmark::html::push_html(
        &mut html,
        new_cmark_parser(&page, &MarkdownOptions::default()),
    );
    let captions = html.matches("<div class=\"verify-caption\">").count();
    assert_eq!(captions, before.len(), "{text}\n-- became --\n{page}");
    page
}

#[test]
fn a_caption_stands_before_its_block() {
    let page = check("text\n```go file=a.go\nx\n```\n");
    assert!(
        page.starts_with("text\n<div class=\"verify-caption\">"),
        "{page}"
    );
    assert!(page.ends_with("</div>\n\n```go\nx\n```\n"), "{page}");
}

#[test]
fn wide_markers_in_quotes() {
    check("> 1234567. ```go file=a.go\n>            x\n>            ```\n> 1234568. y\n");
}

#[test]
fn notes_stay_whole() {
    check("> [!NOTE]\n> a\n> ```go file=a.go\n> x\n> ```\n> b\n>\n> ```text\n> c\n> ```\n");
}

#[test]
fn footnotes_with_long_labels() {
    check("a[^longer]\n\n[^longer]: ```go file=a.go\n    x\n    ```\n    b\n");
}

#[test]
fn indented_blocks() {
    let page = check("a\n\n    code\n\n    more\n");
    assert!(page.contains("</div>\n\n    code\n"), "{page}");
    for text in [
        "- a\n\n\t\tcode\n",
        "- a\n\n      code\n  b\n",
        "-     code\n      more\n",
        "-\t\tcode\n",
        "1.\t  \tcode\n",
        "> a\n>\n>     code\n> b\n",
        ">\tx\n>\n>\t\tcode\n",
        "# a\n    code\n```text\nx\n```\n    code\n",
    ] {
        check(text);
    }
}

#[test]
fn tabs_before_fences() {
    for text in [
        "- a\n\n\t```go\n\tx\n\t\ty\n\t```\n",
        " - ```diff file=go.mod\n\t日\n\t日\n   ```\n",
        "-\t```go\n\tx\n\t```\n",
        ">\t- ```go\n>\t  x\n>\t  ```\n",
        "> [^n]: -\t```go\n>     \tx\n",
        "- a\r\n\r\n\t```go\r\n\tx\r\n\t```\r\n",
    ] {
        check(text);
    }
}

/// A container: how its first line starts, and the others.
const CONTAINERS: [(&str, &str); 13] = [
    ("> ", "> "),
    (">", ">"),
    ("> [!NOTE]\n> ", "> "),
    ("- ", "  "),
    (" -   ", "     "),
    ("1. ", "   "),
    ("123456789. ", "           "),
    ("-\t", "\t"),
    ("[^a]: ", "    "),
    ("[^longer]: ", "    "),
    ("[^日本]:   ", "    "),
    ("term\n: ", "  "),
    ("term\n:   ", "    "),
];

const LEAVES: [&str; 9] = [
    "```go file=a.go\nx\n\n    y\n\tz\n```",
    "~~~~text\n~~~\n~~~~",
    "  ```text\n    x\n   y\n```",
    "text\n```go\nx\n```\nend",
    "text\n\n```go\nx\n```\nend",
    "text\n\n    code\n\n      more\n\nend",
    "    code\n    more",
    "```go\na\n```\n```go\nb\n```",
    "- a\n- ```go\n  x\n  ```\n- c",
];

/// `text` inside a container.
fn inside(container: (&str, &str), text: &str) -> String {
    let mut lines = text.split('\n');
    let mut whole = container.0.to_owned() + lines.next().unwrap_or_default();
    for line in lines {
        whole.push('\n');
        let line = format!("{}{line}", container.1);
        // Editors trim it.
        whole.push_str(line.trim_end());
    }
    whole
}

/// Two containers deep, or three with the lists among the leaves; three deep throughout took twenty
/// seconds and found nothing more.
#[test]
fn every_block_in_every_container() {
    let mut blocks = 0;
    let outside = ("", "");
    for outer in CONTAINERS.into_iter().chain([outside]) {
        for inner in CONTAINERS {
            // A footnote ends a footnote that it stands right in.
            if outer.0.starts_with("[^") && inner.0.starts_with("[^") {
                continue;
            }
            for leaf in LEAVES {
                let text = inside(outer, &inside(inner, leaf));
                let text = format!("a[^a] b[^longer] c[^日本]\n\n{text}\n\nafter\n");
                blocks += code(&text).len();
                check(&text);
            }
        }
    }
    assert!(blocks > 1_500, "only {blocks} blocks were tried");
}

/// A report in which one block is proven for some editions.
fn proven(editions: &[(&str, Kind, Origin, Source)]) -> Report {
    let mut report = report("```go file=a.go\nx\n```\n");
    report.states.clear();
    for (name, kind, origin, source) in editions {
        report.states.push(BlockState {
            block: 0,
            edition: (*name).into(),
            needs: Some(Kind::Compiled),
            evidence: vec![Evidence {
                kind: *kind,
                source: *origin,
                against: "m v1".into(),
                at: "2026-01-02T03:04:05Z".into(),
            }],
            proven: *kind >= Kind::Compiled,
            reason: (*kind < Kind::Compiled).then(|| "a <reason>".into()),
        });
        report.editions.push(EditionState {
            name: (*name).into(),
            bases: ["protocol", "server"]
                .map(|base| BaseUsed {
                    name: base.into(),
                    module: "m".into(),
                    version: "7848d7c73".to_owned() + &"0".repeat(31),
                    sum: None,
                    source: *source,
                })
                .into(),
        });
    }
    report
}

#[test]
fn the_caption_says_how_a_block_was_proven() {
    use Kind::{Checked, Compiled, Ran};
    use Origin::{Live, Recorded};
    let module = ("a", Compiled, Live, Source::Module);
    let other = ("b", Compiled, Live, Source::Git);
    let folder = ("c", Compiled, Live, Source::Directory);
    let recorded = ("d", Compiled, Recorded, Source::Recorded);
    let ran = ("e", Ran, Live, Source::Module);
    let not = ("f", Checked, Live, Source::Module);
    let words = |editions: &[_]| {
        let page = chapter(&proven(editions), 0, "Title", true);
        let tags = regex::Regex::new("<[^>]*>").unwrap();
        let caption = page.lines().next().unwrap().to_owned();
        tags.replace_all(&caption, "").trim().to_owned()
    };
    let cases: [(&[_], &str); 7] = [
        (&[module, other], "✓ compiled for a, b"),
        (&[module, ran], "✓ compiled for a ✓ ran for e"),
        (
            &[folder],
            "✓ compiled against a folder in place of protocol and server for c",
        ),
        (
            &[recorded],
            "✓ compiled against 7848d7c73 on 2026-01-02, recorded, for d",
        ),
        (
            &[module, recorded],
            "✓ compiled for a ✓ compiled against 7848d7c73 on 2026-01-02, recorded, for d",
        ),
        (&[not], "not proven: a &lt;reason&gt;"),
        (
            &[module, not],
            "✓ compiled for a not proven for f: a &lt;reason&gt;",
        ),
    ];
    for (editions, wanted) in cases {
        assert_eq!(words(editions), format!("create a.go {wanted}"));
    }
}

/// The words after the language that mdBook and rustdoc get to see.
#[track_caller]
fn words(fence: &str, wanted: &str) {
    let text = format!("```{fence}\nx\n```\n");
    let passed_on = chapter(&report(&text), 0, "a", false);
    let line = passed_on.lines().find(|line| line.starts_with("```"));
    assert_eq!(line, Some(format!("```{wanted}").as_str()));
}

#[test]
fn words_that_are_passed_on() {
    words("mermaid id=flow", "mermaid");
    words(
        "rust id=x should_panic edition2021",
        "rust,should_panic,edition2021",
    );
    words("rust compile_fail,E0382", "rust,compile_fail,E0382");
    words("rust,ignore illustrative=\"why\"", "rust,ignore");
    // Neither a playground nor rustdoc could compile a part of a crate.
    words("rust file=src/a.rs", "rust,ignore");
    words("rust fragment=src/a.rs", "rust,ignore");
    words("diff file=src/a.rs", "diff");
    words("go file=a.go", "go");
}
