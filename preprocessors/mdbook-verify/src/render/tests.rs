//! Chapters with captions, read again by mdBook's own parser: captions may move no code block out of
//! its containers and change none of its text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use super::*;
use crate::base::Source;
use crate::blocks::{CrateFile, find};
use crate::evidence::{Evidence, Kind, Origin};
use crate::finding::Span;
use crate::markdown::Markdown;
use crate::placeholder;
use crate::report::EditionState;
use crate::segments::{self, Stitched};
use crate::source::{Document, Sources};
use crate::steps::{Step, Steps};
use crate::verdict::BaseUsed;
use crate::workspace::FileKey;

/// The page of a report's only chapter.
fn page(report: &Report) -> String {
    let chapters = [Chapter {
        path: "ch.md".into(),
        name: "Title".into(),
        content: String::new(),
    }];
    Site::new(report, &chapters).chapter(0, "Title")
}

/// What the page shows, without its elements.
fn shown(page: &str) -> String {
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    tags.replace_all(page, "").into_owned()
}

/// A report in which every block has something to say.
fn report(text: &str) -> Report {
    let mut sources = Sources::default();
    let path = Path::new("/book/src/ch.md");
    let (document, _) = Document::expand(0, path, text, Path::new("/book"), &mut sources);
    let chapter = Markdown::default().read(&document.text, 0);
    let (blocks, findings) = find(&chapter, "ch.md");
    let (placeholders, _) = placeholder::find(&chapter);
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
        placeholders,
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
    let page = page(&report(text));
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
    let captions = html.matches("<div class=\"verify-caption\"").count();
    assert_eq!(captions, before.len(), "{text}\n-- became --\n{page}");
    page
}

#[test]
fn a_caption_stands_before_its_block() {
    let page = check("text\n```go file=a.go\nx\n```\n");
    assert!(
        page.starts_with("text\n<div class=\"verify-caption\" id=\"block-1\">"),
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
    let summary = |editions: &[_]| {
        let page = page(&proven(editions));
        let summary = page.split("<summary>").nth(1).unwrap();
        summary.split("</summary>").next().unwrap().to_owned()
    };
    let cases: [(&[_], &str); 7] = [
        (&[module, other], "✓ compiled, live"),
        (&[module, ran], "✓ compiled, live · ran, live"),
        (&[folder], "✓ compiled, live"),
        (&[recorded], "✓ compiled, recorded"),
        (&[module, recorded], "✓ compiled, live and recorded"),
        (&[not], "not proven"),
        (&[module, not], "✓ compiled, live; not proven for f"),
    ];
    for (editions, wanted) in cases {
        assert_eq!(summary(editions), wanted);
    }
    let details = |edition| shown(&page(&proven(&[edition])));
    let known = [
        (
            module,
            "a: 2026-01-02. Source: m 7848d7c73 and m 7848d7c73.",
        ),
        (folder, "Source: a folder in place of m 7848d7c73"),
        (recorded, "d: 2026-01-02."),
        (not, "f: not proven: a &lt;reason&gt;"),
    ];
    for (edition, wanted) in known {
        let details = details(edition);
        assert!(details.contains(wanted), "{details}");
    }
    // Why nothing is proven is seen without a click; that something is not, in any case.
    let opens = |editions: &[_]| page(&proven(editions)).contains("verify-unproven\" open>");
    assert!(opens(&[not]) && !opens(&[module, not]) && !opens(&[module]));
}

#[test]
fn evidence_that_another_includes_is_not_said_again() {
    let mut report = proven(&[("a", Kind::Compiled, Origin::Live, Source::Module)]);
    let ran = Evidence {
        kind: Kind::Ran,
        ..report.states[0].evidence[0].clone()
    };
    report.states[0].evidence.push(ran);
    let said = shown(&page(&report));
    for wanted in ["✓ ran, live", "a: 2026-01-02. Source:", "Ran: it was run."] {
        assert!(said.contains(wanted), "{said}");
    }
    assert!(!said.to_lowercase().contains("compiled"), "{said}");
}

#[test]
fn only_a_block_whose_file_is_not_at_hand_says_so() {
    let mut report = proven(&[("a", Kind::Compiled, Origin::Live, Source::Module)]);
    let says_so = |report: &Report| page(report).contains("not at hand");
    assert!(!says_so(&report));
    report.steps.push(Steps {
        edition: "a".into(),
        ..Steps::default()
    });
    assert!(says_so(&report));
    // A block that makes a file has no lines around it.
    let mut file = Stitched::default();
    file.push("x\n", segments::Origin::Block { block: 0, at: 0 });
    report.steps[0].steps.push(Step {
        block: 0,
        key: FileKey {
            base: "server".into(),
            path: "a.go".into(),
        },
        file,
        stays: true,
    });
    assert!(!says_so(&report));
}

#[test]
fn in_a_book_with_a_summary_the_caption_is_short() {
    let recorded = |edition| (edition, Kind::Compiled, Origin::Recorded, Source::Recorded);
    let live = ("c", Kind::Compiled, Origin::Live, Source::Module);
    let folder = ("d", Kind::Compiled, Origin::Live, Source::Directory);
    let mut report = proven(&[recorded("a"), recorded("b"), live, folder]);
    let text = "<!-- verify:summary -->\n";
    report.documents.extend(self::report(text).documents);
    let span = Span::new(1, 0, text.trim_end().len());
    report.placeholders = vec![(Placeholder::Summary, span)];
    let chapter = |path: &str| Chapter {
        path: path.into(),
        name: String::new(),
        content: String::new(),
    };
    let chapters = [chapter("a/a.md"), chapter("proof.md")];
    let site = Site::new(&report, &chapters);
    let page = site.chapter(0, "a");
    // What editions have in common is said once.
    let said = shown(&page);
    for wanted in [
        "a@7848d7c73 and b@7848d7c73: recorded, 2026-01-02.",
        "c@7848d7c73 and d (a folder in place of 7848d7c73): live, 2026-01-02.",
    ] {
        assert!(said.contains(wanted), "{said}");
    }
    assert!(
        !said.contains("Source:") && !said.contains("Compiled:"),
        "{said}"
    );
    let link = "<a href=\"../proof.html#proven-on\">";
    assert_eq!(page.matches(link).count(), 1, "{page}");
    assert!(site.chapter(1, "b").contains("<div id=\"proven-on\">"));
}

/// The words after the language that mdBook and rustdoc get to see.
#[track_caller]
fn words(fence: &str, wanted: &str) {
    let text = format!("```{fence}\nx\n```\n");
    let report = report(&text);
    let passed_on = Site::new(&report, &[]).bare_chapter(0, "a");
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

/// Without files and their pages: what a block's text is, nobody's HTML is made of.
#[test]
fn nothing_in_a_block_becomes_html() {
    let hostile = "</code></pre><script>alert(1)</script>{{x}}&\"";
    let text = format!(
        "```diff file=a<b>.go\n {hostile}\n-{hostile}\n+{hostile}\n```\n\n```bash step cwd=<i>\ntrue\n```\n\n```json as=\"<u>\"\n{{}}\n```\n"
    );
    let page = page(&report(&text));
    for tag in ["<script", "<b>.go", "<i>", "<u>", "{{x"] {
        assert!(!page.contains(tag), "{tag}: {page}");
    }
    assert!(
        page.contains("<del>&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;"),
        "{page}"
    );
}

/// The pieces of code that a page shows of its diffs, as they would be copied.
fn copied(page: &str) -> Vec<String> {
    let unwanted =
        regex::Regex::new(r#"<del>.*?</del>|<span class="verify-around">.*?</span>|<[^>]*>"#)
            .unwrap();
    let pieces = page.split("<pre class=\"verify-diff").skip(1);
    let codes = pieces.map(|piece| piece.split("<code").nth(1).unwrap());
    codes
        .map(|code| {
            code.split("</code>")
                .next()
                .unwrap()
                .split_once('>')
                .unwrap()
                .1
        })
        .map(|code| {
            unwanted
                .replace_all(code, "")
                .replace("&#10;", "\n")
                .replace("&#9;", "\t")
        })
        .collect()
}

#[test]
fn of_a_diff_is_copied_what_is_to_be_pasted() {
    let diff = " a\n+\tb\n c\n@@ d\n-e\n+f\n g\n+h\n\n@@ i\n-j\n k";
    let page = page(&report(&format!("```diff file=x.go\n{diff}\n```\n")));
    assert_eq!(copied(&page), ["\tb\n", "f\ng\nh\n", ""]);
    assert!(
        page.contains("<code class=\"language-go verify-tabs\">"),
        "{page}"
    );
    // Each place is told of where it is; nothing can be pasted where lines only go.
    let shown = shown(&page);
    for words in [
        "In x.go, in 3 places",
        "after a",
        "in place of e",
        "remove j",
    ] {
        assert!(shown.contains(words), "{shown}");
    }
    assert!(
        page.contains("<pre class=\"verify-diff verify-no-copy\">"),
        "{page}"
    );
}

#[test]
fn a_place_is_told_in_words() {
    let words = |text: &str| {
        let page = page(&report(text));
        let place = page.split("verify-place\">").nth(1).unwrap();
        shown(
            place
                .split("</div>")
                .next()
                .unwrap()
                .split("<pre")
                .next()
                .unwrap(),
        )
    };
    for (fence, wanted) in [
        ("go file=a.go\nx", "Create a.go"),
        ("go file=a.go base=protocol\nx", "Create a.go (protocol)"),
        ("go file=a.go append\nx", "Append to a.go"),
        ("go fragment=a.go\nx", "To read: a.go as it stands"),
        ("diff file=a.go\n b\n+c", "In a.go, after b"),
        ("diff file=a.go\n+c\n b", "In a.go, before b"),
        (
            "diff file=a.go\n@@ func x() {\n+c\n b",
            "In a.go, before b, below func x() {",
        ),
        (
            "go file=a.go fails=\"no\"\nx",
            "Not to keep, in a.go: fails with no",
        ),
        ("bash step\nx", "Run in server"),
        ("bash step cwd=..\nx", "Run in the folder above server"),
        ("bash step cwd=cmd\nx", "Run in server/cmd"),
        ("text tree\nx", "To read: paths in server"),
        ("gomod\nx", "To read: from go.mod"),
        ("json as=\"POST /a\"\nx", "Data for POST /a"),
    ] {
        let words = words(&format!("```{fence}\n```\n"));
        assert_eq!(words, wanted);
    }
}

/// What a crate has already is not to be entered, whatever page it is shown on.
#[test]
fn source_of_a_crate_is_to_be_read() {
    let mut report = report("```rust\nfn f() {}\n```\n");
    assert!(!page(&report).contains("To read"));
    report.book = "/repo/docs".into();
    // Beside the book's folder too; nothing of the machine that the page was built on.
    for (file, wanted) in [
        ("/repo/docs/crate/src/lib.rs", "crate/src/lib.rs"),
        ("/repo/crate/src/lib.rs", "../crate/src/lib.rs"),
        ("/home/me/lib.rs", "lib.rs"),
    ] {
        report.blocks[0].crate_file = Some(CrateFile {
            file: file.into(),
            offsets: Vec::new(),
        });
        let page = page(&report);
        let words = format!("To read: <code>{wanted}</code> as it stands");
        assert!(page.contains(&words), "{page}");
    }
}

#[test]
fn diffs_stay_in_their_containers() {
    // A quote without a space behind its mark would take the diff's own.
    for container in CONTAINERS.into_iter().filter(|(first, _)| *first != ">") {
        let diff = "```diff file=a.go\n a\n\n+b\n@@ c\n+d\n e\n```";
        let text = inside(container, &format!("text\n\n{diff}\n\nend"));
        let text = format!("a[^a] b[^longer] c[^日本]\n\n{text}\n\nafter\n");
        let page = page(&report(&text));
        assert_eq!(
            containers(&text),
            containers(&page),
            "{text}\n-- became --\n{page}"
        );
        assert_eq!(copied(&page), ["b\n", "d\n"], "{page}");
        assert_eq!(code(&page), []);
    }
}

/// A report with editions, in which nothing is proven.
fn of_editions(text: &str, names: &[&str]) -> Report {
    let mut report = report(text);
    report.editions = names
        .iter()
        .map(|name| EditionState {
            name: (*name).into(),
            bases: Vec::new(),
        })
        .collect();
    report
}

#[test]
fn where_nothing_differs_there_is_no_table_of_differences() {
    let text = "<!-- verify:editions -->\n\n```go file=a.go\nx\n```\n";
    let chapters = [Chapter {
        path: "a.md".into(),
        name: "a".into(),
        content: text.into(),
    }];
    let report = of_editions(text, &["a", "b"]);
    let page = Site::new(&report, &chapters).chapter(0, "a");
    assert!(
        page.contains("<p>The one code block serves all editions.</p>"),
        "{page}"
    );
    assert!(!page.contains("<table>"), "{page}");
}

#[test]
fn a_place_says_once_what_all_editions_do_there() {
    let differences = |other: &str| {
        let text = format!(
            "<!-- verify:editions -->\n\n```go file=a.go edition=a\nx\n```\n\n```go file={other} edition=b\ny\n```\n"
        );
        let chapters = [Chapter {
            path: "a.md".into(),
            name: "a".into(),
            content: text.clone(),
        }];
        let report = of_editions(&text, &["a", "b"]);
        let page = Site::new(&report, &chapters).chapter(0, "a");
        let (_, table) = page.split_once("scope=\"row\">").unwrap();
        shown(&table.split("</tr>").next().unwrap().replace("</t", " </t"))
    };
    assert_eq!(
        differences("a.go"),
        "create a.go block&nbsp;1 block&nbsp;2 "
    );
    assert_eq!(differences("b.go"), "not alike create a.go create b.go ");
}

#[test]
fn neighbours_of_different_editions_are_a_group() {
    let fence = |edition: &str| format!("```go file=a.go edition={edition}\nx\n```\n\n");
    let (a, b, c, ab) = (fence("a"), fence("b"), fence("c"), fence("a,b"));
    let all = "```go file=b.go\nx\n```\n\n";
    for (text, groups, panels, absent) in [
        (format!("{a}{b}{c}"), 1, 3, 0),
        (format!("{ab}{c}"), 1, 2, 0),
        (format!("{a}{b}"), 1, 3, 1),
        (format!("{a}text\n\n{b}"), 0, 0, 0),
        (format!("{a}{all}{b}"), 0, 0, 0),
        // The second one for `a` starts another group.
        (format!("{a}{b}{a}{b}{c}"), 2, 6, 1),
        (format!("{ab}{b}{c}"), 1, 3, 1),
        (
            format!(
                "- {}- {}",
                a.replace('\n', "\n  ").trim_end(),
                b.replace('\n', "\n  ")
            ),
            0,
            0,
            0,
        ),
    ] {
        let page = page(&of_editions(&text, &["a", "b", "c"]));
        let count = |what: &str| page.matches(what).count();
        assert_eq!(count("<div class=\"verify-editions\""), groups, "{page}");
        assert_eq!(count("<div class=\"verify-edition\""), panels, "{page}");
        assert_eq!(count("Nothing to do here"), absent, "{page}");
        assert_eq!(count("<div"), count("</div>"), "{page}");
        assert_eq!(code(&text), code(&page), "{page}");
    }
}

/// Makes a chapter without blocks the only one that is left of a report.
fn first_chapter(report: &mut Report, text: &str) {
    let first = self::report(text);
    (report.documents, report.placeholders) = (first.documents, first.placeholders);
    report.blocks[0].span.chapter = 1;
}

#[test]
fn a_sentence_says_whether_all_is_proven() {
    let sentence = |editions: &[_]| {
        let mut report = proven(editions);
        first_chapter(&mut report, "<!-- verify:proven -->\n");
        shown(&page(&report)).trim().to_owned()
    };
    let live = ("a", Kind::Compiled, Origin::Live, Source::Module);
    let recorded = ("b", Kind::Compiled, Origin::Recorded, Source::Recorded);
    let not = ("c", Kind::Checked, Origin::Live, Source::Module);
    assert_eq!(
        sentence(&[live, recorded]),
        "1 code block, all proven on the source of a (in this build, 2026-01-02) and b (recorded 2026-01-02)."
    );
    assert_eq!(
        sentence(&[live, not]),
        "1 code block, not all proven. Unproven: 1 of c. All that serve a (in this build, 2026-01-02) are proven."
    );
}

#[test]
fn what_is_proven_by_a_recording_alone_is_not_said_to_be_of_this_build() {
    let mut report = proven(&[("a", Kind::Compiled, Origin::Live, Source::Module)]);
    let recorded = |kind| Evidence {
        kind,
        source: Origin::Recorded,
        against: "m v1".into(),
        at: "2026-01-03T03:04:05Z".into(),
    };
    // That it also ran is more than it needs; an output has nothing but what was recorded.
    report.states[0].evidence.push(recorded(Kind::Ran));
    let mut output = report.states[0].clone();
    output.needs = Some(Kind::Matched);
    output.evidence = vec![recorded(Kind::Matched)];
    report.states.push(output);
    let badges = shown(&page(&report));
    for wanted in [
        "✓ ran, recorded · matched, recorded",
        "compiled, live, 2026-01-02; ran, recorded, 2026-01-03.",
    ] {
        assert!(badges.contains(wanted), "{badges}");
    }
    let text = "<!-- verify:proven -->\n\n<!-- verify:summary -->\n";
    first_chapter(&mut report, text);
    let said = shown(&page(&report));
    for wanted in [
        "a (1 in this build, 1 recorded 2026-01-03)",
        "2 of 2 proven: 1 in this build, 1 recorded 2026-01-03",
        "1 matched recorded, 1 ran recorded",
    ] {
        assert!(said.contains(wanted), "{said}");
    }
}
