use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use mdbook_core::book::{Book, BookItem, Chapter};
use mdbook_core::config::Config;
use mdbook_driver::builtin_preprocessors::LinkPreprocessor;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use super::*;
use crate::finding::Severity;

mod random;

/// The chapter of all cases, deep enough that `../` stays inside the book.
const CHAPTER: &str = "part/chapter.md";
const NAME: &str = "A chapter";

/// The files that cases include, below `src`.
const FILES: &[(&str, &str)] = &[
    ("part/five.txt", "one\ntwo\nthree\nfour\nfive\n"),
    ("part/open.txt", "alpha\nbeta"),
    ("part/crlf.txt", "uno\r\ndos\r\n\r\ntres\r\n"),
    ("part/lone.txt", "a\rb\r\nc\r"),
    ("part/empty.txt", ""),
    ("part/newline.txt", "\n"),
    ("part/bom.txt", "\u{feff}first\nsecond\n"),
    ("part/umlaut.txt", "grüße\n世界 \u{2028}x\n\u{1f980}!\n"),
    (
        "part/main.rs",
        "fn main() {\n    // ANCHOR: all\n    a();\n    // ANCHOR: in\n    b();\n    // ANCHOR_END: in\n    c();\n    // ANCHOR_END: all\n}\n",
    ),
    (
        "part/twice.rs",
        "x\n// ANCHOR: a\n1\n// ANCHOR_END: a\ny\n// ANCHOR: a\n2\n// ANCHOR_END: a\nz",
    ),
    ("part/never.rs", "x\n# ANCHOR:   n_1-ü\ny\nz\n"),
    (
        "part/odd.rs",
        "ANCHOR_END: b ANCHOR: b\n1\nANCHOR: c ANCHOR_END: b\n2\nANCHOR:\n3\nANCHOR: d\r\n4\r\nANCHOR_END: d\r\n",
    ),
    (
        "part/links.md",
        "in {{#include five.txt:2}} and {{#include ../other/deep.md}} end\n",
    ),
    (
        "other/deep.md",
        "deep {{#include leaf.txt}}{{#title Deep title}}, \\{{#include leaf.txt}} {{#include gone.txt}}\n",
    ),
    ("other/leaf.txt", "leaf\n"),
    ("part/brace.txt", "{{"),
    ("part/tail.txt", "#include five.txt:1}}"),
    ("part/self.md", "before\n{{#include self.md:1}}\nafter"),
    ("part/play.md", "five.txt}} and {{#playground open.txt}}"),
];

/// Chapters whose expansion must be mdBook's.
const CHAPTERS: &[&str] = &[
    "",
    "nothing to do\r\nhere",
    "{{#include five.txt}}",
    "a {{#include five.txt:2}} b {{#include five.txt:2:3}} c {{#include five.txt::2}} d {{#include five.txt:4:}} e",
    "{{#include five.txt:}}|{{#include five.txt::}}|{{#include five.txt:::}}|{{#include five.txt:+2:+3}}|",
    "{{#include five.txt:0}}|{{#include five.txt:0:1}}|{{#include five.txt:3:2}}|{{#include five.txt::0}}|{{#include five.txt:4:9}}|",
    "{{#include five.txt:6}}|{{#include five.txt:9:}}|{{#include five.txt:2:x}}|{{#include five.txt::x}}|{{#include five.txt:1:2:3}}|",
    "{{#include five.txt:18446744073709551615}}|{{#include five.txt:18446744073709551615:}}|{{#include five.txt:18446744073709551616}}|",
    "{{#include five.txt:1:18446744073709551615}}|{{#rustdoc_include five.txt:18446744073709551615}}|",
    "{{#include open.txt}}{{#include open.txt:2}}{{#include open.txt:1}}",
    "{{#include crlf.txt}}|{{#include crlf.txt:2:3}}|{{#rustdoc_include crlf.txt:2}}|{{#playground crlf.txt}}|",
    "{{#include lone.txt}}|{{#rustdoc_include lone.txt:2}}|{{#include lone.txt:2}}",
    "{{#include empty.txt}}|{{#include empty.txt:1}}|{{#rustdoc_include empty.txt}}|{{#playground empty.txt}}|{{#include newline.txt}}|{{#rustdoc_include newline.txt:2}}",
    "{{#include bom.txt}}|{{#include bom.txt:1}}|{{#playground bom.txt}}",
    "ä {{#include umlaut.txt}} ß {{#include umlaut.txt:2}} {{#rustdoc_include umlaut.txt:3}}",
    "{{#include main.rs:all}}|{{#include main.rs:in}}|{{#include main.rs:gone}}|{{#include main.rs:in:4}}|{{#include main.rs:-1}}",
    "{{#rustdoc_include main.rs:all}}|{{#rustdoc_include main.rs:in}}|{{#rustdoc_include main.rs:gone}}",
    "{{#rustdoc_include main.rs}}|{{#rustdoc_include main.rs:3:5}}|{{#rustdoc_include main.rs:5:3}}|{{#rustdoc_include main.rs::2}}|{{#rustdoc_include main.rs:4:}}|{{#rustdoc_include main.rs:99}}",
    "{{#include twice.rs:a}}|{{#rustdoc_include twice.rs:a}}|{{#rustdoc_include twice.rs:b}}",
    "{{#include never.rs:n_1-ü}}|{{#rustdoc_include never.rs:n_1-ü}}|{{#include never.rs:n_1}}",
    "{{#include odd.rs:b}}|{{#include odd.rs:c}}|{{#include odd.rs:d}}|{{#rustdoc_include odd.rs:b}}|{{#rustdoc_include odd.rs:c}}|{{#rustdoc_include odd.rs:d}}",
    "{{#playground main.rs}}\n{{#playground main.rs editable no_run}}{{#playpen open.txt  a,b \n c}}",
    "```rust\n{{#playground main.rs {{#include}}\n",
    "{{#playground open.txt {{#include}} {{#playground play.md {{#include}}",
    "- item\n\n  ```text\n  {{#include five.txt}}\n  ```\n> {{#include five.txt:2:3}}\n",
    "x {{#include links.md}} y {{#include ../other/deep.md}} {{#include ./../part/../other/leaf.txt:1}}",
    "{{#title One}}# H\n{{#title Two\nlines}} \\{{#include five.txt}} {{#title Three}}",
    "\\{{#title No}} text {{#title   }}|{{#title  spaced  }}|{{#title {{#include five.txt}}",
    "\\{{#include five.txt}} \\{{#include five.txt:1}}\n`\\{{#x}}` {{#include five.txt:1}}",
    "\\{{#a}} {{#include five.txt:1}} {{ #include five.txt:1}} \\\\{{#include five.txt}}\n\\\\{{#include five.txt:1}} \\\\\\{{#b}}",
    "\\{{ #include five.txt:1}} \\{{#include\nfive.txt:1}} {{\n#include\n\tfive.txt:1\n}}",
    "{{ #include gone.txt}} {{#include\ngone.txt}} {{\t#playground gone.txt}}",
    "{{#include gone.txt}}{{#include ../part}}{{#include }}{{#include}}{{#include  }}{{#include :3}}{{#include /}}{{#include ..}}",
    "{{#foo five.txt}} {{#inlcude five.txt}} {{#foo {{#include five.txt}} {{#include five.txt:1}} {{#if}}",
    "{{#include five.txt:1} {{#include five.txt:2}} } }} {{{#include five.txt:1}}} {{{{#include five.txt:1}}}}",
    "{{#include brace.txt}}#include five.txt}} {{{#include brace.txt}}#include five.txt:1}} {{#include brace.txt}}{{#include tail.txt}}",
    "\\{{#a {{#include x {{ #include\ngone.txt}} \\{{#b {{#include\ngone.txt}}",
    "{{#include brace.txt}} #include five.txt:1}} \\{{#include brace.txt}}#include five.txt:1}}",
    "{{#include self.md}} {{#include self.md:2}}",
    "{{#include five.txt editable}} {{#include my file.md}} {{#include five.txt:1 x y}}",
    "{{#Include five.txt}} {{#rustdoc-include main.rs}} {{# include five.txt}} {{#include:five.txt}}",
];

/// A book in a temporary folder.
struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    fn new(files: &[(&str, &str)]) -> Self {
        let lab = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(lab.src().join("part")).unwrap();
        for (path, text) in files {
            lab.write(path, text.as_bytes());
        }
        lab
    }

    fn src(&self) -> PathBuf {
        self.folder.path().join("src")
    }

    fn write(&self, path: &str, text: &[u8]) {
        let path = self.src().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn expand(&self, content: &str) -> (Document, Vec<Finding>, Sources) {
        let mut sources = Sources::default();
        let path = self.src().join(CHAPTER);
        let (document, findings) =
            Document::expand(7, &path, content, self.folder.path(), &mut sources);
        check_origins(&document, &sources);
        check_spans(&document, &findings, &sources);
        (document, findings, sources)
    }

    /// The text and title that mdBook's own preprocessor makes of a chapter.
    fn mdbook(&self, content: &str) -> (String, Option<String>) {
        let chapter = Chapter::new(NAME, content.to_owned(), CHAPTER, Vec::new());
        let book = Book::new_with_items(vec![BookItem::Chapter(chapter)]);
        let run = PreprocessorContext::new(
            self.folder.path().to_owned(),
            Config::default(),
            "html".to_owned(),
        );
        let book = LinkPreprocessor::new().run(&run, book).unwrap();
        let text = book.chapters().next().unwrap().content.clone();
        let title = run.chapter_titles.borrow().get(Path::new(CHAPTER)).cloned();
        (text, title)
    }

    /// Checks that a chapter comes out as mdBook would have it, directly and by way of mdBook.
    fn check(&self, content: &str) {
        let (document, _, _) = self.expand(content);
        let (text, title) = self.mdbook(content);
        assert_eq!(document.text, text, "expansion of {content:?}");
        let passed_on = document.splice(Vec::new(), NAME);
        assert_eq!(
            self.mdbook(&passed_on),
            (text, title),
            "{content:?} passed on as {passed_on:?}"
        );
    }

    /// The findings, one a line: `V0101 error src/part/chapter.md:1:1-1:5 "spanned text" message (help)`.
    fn findings(&self, content: &str) -> String {
        let (document, findings, sources) = self.expand(content);
        let mut report = String::new();
        for finding in findings {
            let span = finding.span().unwrap();
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let (start, end) = document.positions(&(span.start..span.end), &sources);
            let place = format!(
                "{}:{}:{}-{}:{}",
                start.file.display(),
                start.line,
                start.column,
                end.line,
                end.column
            );
            let text = &document.text[span.start..span.end];
            let help = finding
                .help
                .map(|help| format!(" ({help})"))
                .unwrap_or_default();
            writeln!(
                report,
                "{} {severity} {place} {text:?} {}{help}",
                finding.code.id, finding.message
            )
            .unwrap();
        }
        report
    }
}

/// Every byte that is not made up is the byte at its origin, and none is without origin.
fn check_origins(document: &Document, sources: &Sources) {
    let mut next = 0;
    for (range, segment) in document.trail.segments() {
        assert_eq!(range.start, next);
        assert!(!range.is_empty());
        next = range.end;
        let text = &document.text[range];
        let file = &sources.get(segment.file).text;
        assert!(file.is_char_boundary(segment.offset));
        if segment.made {
            assert!(
                text.chars().all(|c| c == '\n') || text.contains("# ") || text.contains("```"),
                "{text:?}"
            );
        } else {
            assert_eq!(text, &file[segment.offset..segment.offset + text.len()]);
        }
    }
    assert_eq!(next, document.text.len());
    for byte in 0..=document.text.len() {
        let (file, offset) = document.origin(byte);
        assert!(offset <= sources.get(file).text.len());
    }
}

/// Findings span characters of their chapter, in order, and have a place.
fn check_spans(document: &Document, findings: &[Finding], sources: &Sources) {
    assert!(findings.is_sorted_by_key(Finding::span));
    for finding in findings {
        let span = finding.span().unwrap();
        assert_eq!(span.chapter, 7);
        assert!(document.text.get(span.start..span.end).is_some());
        let (start, end) = document.positions(&(span.start..span.end), sources);
        assert!(start <= end, "{finding:?} is at {start:?}, {end:?}");
    }
}

#[test]
fn expands_as_mdbook_does() {
    let lab = Lab::new(FILES);
    for chapter in CHAPTERS {
        lab.check(chapter);
        lab.check(&chapter.replace('\n', "\r\n"));
    }
    lab.check(&CHAPTERS.join("\n"));
}

#[test]
fn edits_survive_mdbook() {
    let lab = Lab::new(FILES);
    let (document, _, _) =
        lab.expand("a \\{{#include five.txt}}\n{{#title T}}b {{ #include gone.txt}}\n");
    assert_eq!(
        document.text,
        "a {{#include five.txt}}\nb {{ #include gone.txt}}\n"
    );
    let edits = vec![
        (24..25, "\\{{#x}} B".to_owned()),
        (2..2, "one ".to_owned()),
        (2..2, "two ".to_owned()),
        (2..2, "{{#title three}} ".to_owned()),
        (0..2, String::new()),
    ];
    let passed_on = document.splice(edits, NAME);
    let read =
        "one two {{#title three}} {{#include five.txt}}\n\\{{#x}} B {{ #include gone.txt}}\n";
    assert_eq!(
        lab.mdbook(&passed_on),
        (read.to_owned(), Some("T".to_owned()))
    );
}

#[test]
fn what_is_passed_on_reads_like_the_chapter() {
    let lab = Lab::new(FILES);
    let passed_on = |content: &str, name: &str| lab.expand(content).0.splice(Vec::new(), name);
    assert_eq!(
        passed_on("{{#title T}}\n\\{{#include x}} {{#inlcude y}}\n", NAME),
        "{{#title T}}\n\\{{#include x}} {{#inlcude y}}\n"
    );
    assert_eq!(passed_on("{{#include gone}}", NAME), "\\{{#include gone}}");
    assert_eq!(
        passed_on("{{ #include gone}}", NAME),
        "{{{#title\nA chapter}}{ #include gone}}"
    );
    // Nothing can be done here, and the link fails again.
    for name in ["", " x", "a}b"] {
        assert_eq!(passed_on("{{ #include gone}}", name), "{{ #include gone}}");
    }
}

/// A chapter, its expansion, and where some words of that come from.
type Origins = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

#[test]
fn origins() {
    let lab = Lab::new(FILES);
    let cases: &[Origins] = &[
        (
            "ab\ncd",
            "ab\ncd",
            &[
                ("ab", "src/part/chapter.md:1:1"),
                ("d", "src/part/chapter.md:2:2"),
            ],
        ),
        (
            "x {{#include five.txt:2:3}} y",
            "x two\nthree y",
            &[
                ("x", "src/part/chapter.md:1:1"),
                ("two", "src/part/five.txt:2:1"),
                ("\n", "src/part/five.txt:2:4"),
                ("ree", "src/part/five.txt:3:3"),
                (" y", "src/part/chapter.md:1:28"),
            ],
        ),
        (
            "{{#include crlf.txt}}",
            "uno\ndos\n\ntres",
            &[
                ("\ndos", "src/part/crlf.txt:1:5"),
                ("os", "src/part/crlf.txt:2:2"),
                ("\ntres", "src/part/crlf.txt:3:2"),
                ("res", "src/part/crlf.txt:4:2"),
            ],
        ),
        (
            "{{#include bom.txt}}",
            "\u{feff}first\nsecond",
            &[
                ("\u{feff}", "src/part/bom.txt:1:1"),
                ("irst", "src/part/bom.txt:1:2"),
                ("second", "src/part/bom.txt:2:1"),
            ],
        ),
        (
            "{{#include umlaut.txt:1:2}}",
            "grüße\n世界 \u{2028}x",
            &[
                ("ße", "src/part/umlaut.txt:1:5"),
                ("界", "src/part/umlaut.txt:2:4"),
            ],
        ),
        (
            "{{#rustdoc_include twice.rs:a}}",
            "# x\n1\n# y\n2\n# z",
            &[
                ("# x", "src/part/twice.rs:1:1"),
                ("x", "src/part/twice.rs:1:1"),
                ("1", "src/part/twice.rs:3:1"),
                ("# z", "src/part/twice.rs:9:1"),
            ],
        ),
        (
            "> {{#playground open.txt editable}}",
            "> ```rust,editable\nalpha\nbeta\n```\n",
            &[
                ("```rust", "src/part/chapter.md:1:3"),
                ("editable", "src/part/chapter.md:1:3"),
                ("beta", "src/part/open.txt:2:1"),
                ("\n```\n", "src/part/open.txt:2:5"),
                ("```\n", "src/part/chapter.md:1:3"),
            ],
        ),
        (
            "{{#include links.md}}",
            "in two and deep leaf, {{#include leaf.txt}} {{#include gone.txt}} end",
            &[
                ("in two", "src/part/links.md:1:1"),
                ("two", "src/part/five.txt:2:1"),
                ("deep", "src/other/deep.md:1:1"),
                ("leaf,", "src/other/leaf.txt:1:1"),
                ("{{#include leaf", "src/other/deep.md:1:51"),
                ("{{#include gone", "src/other/deep.md:1:73"),
                (" end", "src/part/links.md:1:61"),
            ],
        ),
    ];
    for (content, text, places) in cases {
        let (document, _, sources) = lab.expand(content);
        assert_eq!(document.text, *text);
        for (word, place) in *places {
            let byte = text.find(word).unwrap();
            let Position { file, line, column } = document.position(byte, &sources);
            assert_eq!(
                format!("{}:{line}:{column}", file.display()),
                *place,
                "{word:?} of {content:?}"
            );
        }
    }
}

#[test]
fn the_end_and_the_empty_text_have_a_place() {
    let lab = Lab::new(FILES);
    let end = |content: &str| {
        let (document, _, sources) = lab.expand(content);
        let Position { file, line, column } = document.position(document.text.len(), &sources);
        format!("{}:{line}:{column}", file.display())
    };
    assert_eq!(end(""), "src/part/chapter.md:1:1");
    assert_eq!(end("{{#include empty.txt}}"), "src/part/chapter.md:1:1");
    assert_eq!(end("a\n"), "src/part/chapter.md:2:1");
    assert_eq!(end("{{#include five.txt}}"), "src/part/five.txt:5:5");
}

#[test]
fn a_range_over_several_files_is_one_region() {
    let lab = Lab::new(FILES);
    let (document, _, sources) =
        lab.expand("```\n{{#include five.txt:1}}\n```\n{{#include five.txt:2}}");
    assert_eq!(document.text, "```\none\n```\ntwo");
    let region = |start: usize, end: usize| {
        let (start, end) = document.positions(&(start..end), &sources);
        format!(
            "{}:{}:{}-{}:{}",
            start.file.display(),
            start.line,
            start.column,
            end.line,
            end.column
        )
    };
    assert_eq!(region(0, 11), "src/part/chapter.md:1:1-3:4");
    assert_eq!(region(5, 7), "src/part/five.txt:1:2-1:4");
    assert_eq!(region(5, 11), "src/part/five.txt:1:2-1:4");
    assert_eq!(region(2, 7), "src/part/chapter.md:1:3-2:1");
    assert_eq!(region(12, 15), "src/part/five.txt:2:1-2:4");
    assert_eq!(region(4, 4), "src/part/five.txt:1:1-1:1");

    // Backwards in one file, there is no range from start to end.
    let (document, _, sources) = lab.expand("{{#include five.txt:3}}{{#include five.txt:1}}");
    assert_eq!(document.text, "threeone");
    let (start, end) = document.positions(&(2..8), &sources);
    assert_eq!(
        (start.line, start.column, end.line, end.column),
        (3, 3, 3, 6)
    );
}

#[test]
fn a_file_is_read_once_and_shown_by_its_way_from_the_root() {
    let lab = Lab::new(FILES);
    let outside = tempfile::tempdir_in(lab.folder.path().parent().unwrap()).unwrap();
    fs::write(outside.path().join("out.txt"), "out").unwrap();
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    let relative = format!("../../../{name}/out.txt");
    let absolute = outside.path().join("out.txt");
    let content = format!(
        "{{{{#include {relative}}}}} {{{{#include {}}}}} {{{{#include five.txt:1}}}} {{{{#include ../part/five.txt:1}}}}",
        absolute.display()
    );
    let (document, findings, sources) = lab.expand(&content);
    assert_eq!(findings, []);
    assert_eq!(document.text, "out out one one");
    assert_eq!(
        sources.get(document.origin(0).0).path,
        PathBuf::from(format!("../{name}/out.txt"))
    );
    assert_eq!(document.origin(0), document.origin(4));
    assert_eq!(document.origin(8), document.origin(12));
    assert_eq!(
        files::shown(Path::new("/a/b/./c/../d"), Path::new("/a/b")),
        Path::new("d")
    );
    assert_eq!(
        files::shown(Path::new("/x/y"), Path::new("/a/b")),
        Path::new("/x/y")
    );
    assert_eq!(files::lexical(Path::new("/../a/../../b")), Path::new("/b"));
    assert_eq!(
        files::lexical(Path::new("../../a/./b/../c")),
        Path::new("../../a/c")
    );
}

/// The chapter as handed over counts, not its file.
#[test]
fn a_chapter_changed_by_another_preprocessor() {
    let lab = Lab::new(FILES);
    lab.write(CHAPTER, b"\xef\xbb\xbfon disk {{#include five.txt}}\n");
    let (document, findings, sources) =
        lab.expand("changed\n{{#include chapter.md}} {{#include gone}}");
    assert_eq!(
        document.text,
        "changed\n\u{feff}on disk one\ntwo\nthree\nfour\nfive {{#include gone}}"
    );
    assert_eq!(document.position(11, &sources).column, 1);
    assert_eq!(document.position(12, &sources).column, 2);
    let span = findings[0].span().unwrap();
    assert_eq!(document.position(span.start, &sources).line, 2);
    assert_eq!(document.position(span.start, &sources).column, 25);
}

#[test]
fn findings_for_files() {
    let lab = Lab::new(FILES);
    lab.write("part/latin.txt", b"one\nstra\xdfe\n");
    lab.write("part/nested.md", b"{{#include ../other/wrong.md}}");
    lab.write("other/wrong.md", b"{{#include five.txt:1}}");
    fs::write(lab.folder.path().join("at-root.txt"), "root").unwrap();
    let expected = r#"
{{#include fiv.txt}}
V0101 error src/part/chapter.md:1:1-1:21 "{{#include fiv.txt}}" `{{#include fiv.txt}}` names src/part/fiv.txt, which does not exist (did you mean `five.txt`?)
a {{#rustdoc_include ../other/left.txt:9}}
V0101 error src/part/chapter.md:1:3-1:43 "{{#rustdoc_include ../other/left.txt:9}}" `{{#rustdoc_include ../other/left.txt:9}}` names src/other/left.txt, which does not exist (did you mean `../other/leaf.txt`?)
{{#include none/of.txt}}
V0101 error src/part/chapter.md:1:1-1:25 "{{#include none/of.txt}}" `{{#include none/of.txt}}` names src/part/none/of.txt, which does not exist (its folder does not exist)
{{#include ../part}}
V0101 error src/part/chapter.md:1:1-1:21 "{{#include ../part}}" `{{#include ../part}}` names src/part, which is not a file
{{#playground latin.txt}}
V0101 error src/part/chapter.md:1:1-1:26 "{{#playground latin.txt}}" `{{#playground latin.txt}}` names src/part/latin.txt, which is not UTF-8 text (line 2)
{{#playground main.rs:1}}
V0101 error src/part/chapter.md:1:1-1:26 "{{#playground main.rs:1}}" `{{#playground main.rs:1}}` names src/part/main.rs:1, which does not exist (a playground shows its whole file: no lines, no anchor)
{{#include nested.md}}
V0101 error src/other/wrong.md:1:1-1:24 "{{#include five.txt:1}}" `{{#include five.txt:1}}` names src/other/five.txt, which does not exist (paths start from the folder of the file that holds the include: `../part/five.txt`)
{{#include at-root.txt}}
V0101 error src/part/chapter.md:1:1-1:25 "{{#include at-root.txt}}" `{{#include at-root.txt}}` names src/part/at-root.txt, which does not exist (paths start from the folder of the file that holds the include: `../../at-root.txt`)
"#;
    check_findings(&lab, expected);
}

#[test]
fn findings_for_lines_and_anchors() {
    let lab = Lab::new(FILES);
    lab.write("part/outer.md", b"{{#include five.txt:9}}");
    check_findings(
        &lab,
        r##"
{{#include five.txt:5}}{{#include five.txt:1:5}}{{#include five.txt:5:5}}{{#include five.txt::}}{{#include empty.txt}}
{{#include five.txt:6}}x
V0102 error src/part/chapter.md:1:1-1:24 "" `{{#include five.txt:6}}` asks for lines from 6 on, but src/part/five.txt has 5
{{#include five.txt:4:6}}
V0102 error src/part/chapter.md:1:1-1:26 "four\nfive" `{{#include five.txt:4:6}}` asks for lines up to 6, but src/part/five.txt has 5
{{#include empty.txt::1}}
V0102 error src/part/chapter.md:1:1-1:26 "" `{{#include empty.txt::1}}` asks for lines from 1 on, but src/part/empty.txt has 0
{{#include five.txt:4:2}}{{#include five.txt:1}}
V0102 error src/part/chapter.md:1:1-1:26 "" `{{#include five.txt:4:2}}` asks for lines that end at 2, before they start at 4
{{#include five.txt::0}}
V0102 error src/part/chapter.md:1:1-1:25 "" `{{#include five.txt::0}}` asks for lines that end at 0, before they start at 1
{{#include five.txt:0}}
V0102 warning src/part/chapter.md:1:1-1:24 "one" `{{#include five.txt:0}}` counts lines from 0; mdBook takes 0 for 1
{{#include five.txt:5:x}}
V0102 error src/part/chapter.md:1:1-1:26 "five" `{{#include five.txt:5:x}}` has `x` for a last line; mdBook takes all up to the end of the file
{{#include five.txt:1:2:3}}
V0102 warning src/part/chapter.md:1:1-1:28 "one\ntwo" `{{#include five.txt:1:2:3}}` has `:3` after the lines, which mdBook ignores
{{#include five.txt:1 2 3}}
V0102 warning src/part/chapter.md:1:1-1:28 "one" `{{#include five.txt:1 2 3}}` has `2 3` after the path, which mdBook ignores (a path has no blanks, and lines or an anchor follow it after a colon: `five.txt:2:5`)
{{#include main.rs:inn}}
V0102 error src/part/chapter.md:1:1-1:25 "" `{{#include main.rs:inn}}` asks for an anchor, but src/part/main.rs has no line `ANCHOR: inn` (did you mean `in`?)
{{#include main.rs:xyz}}
V0102 error src/part/chapter.md:1:1-1:25 "" `{{#include main.rs:xyz}}` asks for an anchor, but src/part/main.rs has no line `ANCHOR: xyz` (it has: all, in)
{{#rustdoc_include open.txt:xyz}}
V0102 error src/part/chapter.md:1:1-1:34 "# alpha\n# beta" `{{#rustdoc_include open.txt:xyz}}` asks for an anchor, but src/part/open.txt has no line `ANCHOR: xyz` (it has no anchors at all)
{{#include main.rs:in:2}}
V0102 warning src/part/chapter.md:1:1-1:26 "    b();" `{{#include main.rs:in:2}}` has `:2` after the anchor, which mdBook ignores
{{#include never.rs:n_1-ü}}
V0102 error src/part/chapter.md:1:1-1:29 "y\nz" `{{#include never.rs:n_1-ü}}` asks for the anchor of line 2, which src/part/never.rs never ends (add a line with `ANCHOR_END: n_1-ü`, or all up to the end of the file is shown)
{{#rustdoc_include never.rs:n_1-ü}}
V0102 error src/part/chapter.md:1:1-1:37 "# x\ny\nz" `{{#rustdoc_include never.rs:n_1-ü}}` asks for the anchor of line 2, which src/part/never.rs never ends (add a line with `ANCHOR_END: n_1-ü`, or all up to the end of the file is shown)
{{#include twice.rs:a}}{{#rustdoc_include twice.rs:a}}
V0102 warning src/part/chapter.md:1:1-1:24 "1" `{{#include twice.rs:a}}` shows only the first of the anchors `a` that src/part/twice.rs has on lines 2 and 6
see {{#include outer.md}}
V0102 error src/part/outer.md:1:1-1:24 "" `{{#include five.txt:9}}` asks for lines from 9 on, but src/part/five.txt has 5
"##,
    );
}

#[test]
fn findings_for_what_only_looks_like_a_link() {
    let lab = Lab::new(FILES);
    check_findings(
        &lab,
        r#"
Use `{{#include}}`, {{#if x}}, {{#each y}}, {{#file a}}, {{#shiftinclude a}}, {{#tabs}}, `\{{#inlcude x}}`, `{{#include `, {{ include x }}
{{#inlcude five.txt}}
V0101 warning src/part/chapter.md:1:1-1:22 "{{#inlcude five.txt}}" `{{#inlcude five.txt}}` looks like a link, but mdBook leaves it as text (did you mean `{{#include …}}`? If it is meant as text, write `\{{#`)
x {{#rustdoc-include a}} {{#titel b}}
V0101 warning src/part/chapter.md:1:3-1:25 "{{#rustdoc-include a}}" `{{#rustdoc-include a}}` looks like a link, but mdBook leaves it as text (did you mean `{{#rustdoc_include …}}`? If it is meant as text, write `\{{#`)
V0101 warning src/part/chapter.md:1:26-1:38 "{{#titel b}}" `{{#titel b}}` looks like a link, but mdBook leaves it as text (did you mean `{{#title …}}`? If it is meant as text, write `\{{#`)
{{# include a}} {{#playground b} {{#foo {{#include c}}
V0101 warning src/part/chapter.md:1:1-1:16 "{{# include a}}" `{{# include a}}` looks like a link, but mdBook leaves it as text (a link is `{{#include …}}`: no blank after `#`, both braces at its end, no link left open before it. If it is meant as text, write `\{{#`)
V0101 warning src/part/chapter.md:1:17-1:33 "{{#playground b}" `{{#playground b}` looks like a link, but mdBook leaves it as text (a link is `{{#playground …}}`: no blank after `#`, both braces at its end, no link left open before it. If it is meant as text, write `\{{#`)
V0101 warning src/part/chapter.md:1:41-1:55 "{{#include c}}" `{{#include c}}` looks like a link, but mdBook leaves it as text (a link is `{{#include …}}`: no blank after `#`, both braces at its end, no link left open before it. If it is meant as text, write `\{{#`)
"#,
    );
}

/// Checks cases: each is a chapter on one line, then its findings.
fn check_findings(lab: &Lab, cases: &str) {
    let mut lines = cases.trim_start().lines().peekable();
    while let Some(chapter) = lines.next() {
        let mut expected = String::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("V01")) {
            writeln!(expected, "{line}").unwrap();
        }
        assert_eq!(lab.findings(chapter), expected, "{chapter}");
    }
}

#[test]
fn loops_are_found_at_once() {
    let lab = Lab::new(FILES);
    lab.write("part/a.md", b"A{{#include ../other/b.md}}a");
    lab.write("other/b.md", b"B{{#include ../part/a.md}}b");
    let report = lab.findings("{{#include a.md}}");
    assert_eq!(
        report,
        "V0103 error src/other/b.md:1:2-1:27 \"{{#include ../part/a.md}}\" `{{#include ../part/a.md}}` never ends: \
         src/part/a.md includes src/other/b.md includes src/part/a.md\n"
    );
    let (document, ..) = lab.expand("{{#include a.md}}");
    assert_eq!(document.text, "AB{{#include ../part/a.md}}ba");
    // The link that stays would work from the chapter's folder: it must not.
    assert_eq!(
        lab.mdbook(&document.splice(Vec::new(), NAME)).0,
        document.text
    );
}

#[test]
fn other_lines_of_the_same_file_are_no_loop() {
    let lab = Lab::new(FILES);
    lab.write(
        CHAPTER,
        b"{{#include chapter.md:2:3}}\ntwo\n{{#include chapter.md:2}}\n",
    );
    assert_eq!(
        lab.findings("{{#include chapter.md:2:3}}\ntwo\n{{#include chapter.md:2}}\n"),
        ""
    );
    lab.check("{{#include chapter.md:2:3}}\ntwo\n{{#include chapter.md:2}}\n");
}

#[test]
fn ten_includes_nest_and_no_more() {
    let lab = Lab::new(&[
        (
            "part/11.md",
            "{{#title deep}}{{#include 12.md}}\\{{#x}}\n{{#include gone.md}}",
        ),
        ("part/12.md", "end"),
    ]);
    for depth in 1..11 {
        lab.write(
            &format!("part/{depth}.md"),
            format!("{{{{#include {}.md}}}}", depth + 1).as_bytes(),
        );
    }
    lab.check("{{#include 3.md}}");
    let (document, findings, _) = lab.expand("{{#include 2.md}}");
    // mdBook drops the first two and keeps the third.
    assert_eq!(
        document.text,
        "{{#include 12.md}}\\{{#x}}\n{{#include gone.md}}"
    );
    let ids: Vec<&str> = findings.iter().map(|finding| finding.code.id).collect();
    assert_eq!(ids, ["V0103", "V0103", "V0101"]);
    assert!(findings[0].message.starts_with("`{{#include 12.md}}` is more than 10 includes deep: src/part/chapter.md includes src/part/2.md includes"));
    let (text, title) = lab.mdbook("{{#include 2.md}}");
    assert_eq!(
        (text.as_str(), title.as_deref()),
        ("\n{{#include gone.md}}", Some("deep"))
    );
    assert_eq!(
        lab.mdbook(&document.splice(Vec::new(), NAME)),
        (document.text.clone(), title)
    );
}

#[test]
fn includes_cannot_fill_the_memory() {
    let lab = Lab::new(&[("part/9.md", "{{#include end.md}}"), ("part/end.md", "")]);
    for depth in 1..9 {
        lab.write(
            &format!("part/{depth}.md"),
            format!("{{{{#include {}.md}}}}\n", depth + 1)
                .repeat(100)
                .as_bytes(),
        );
    }
    let mut sources = Sources::default();
    let path = lab.src().join(CHAPTER);
    let (_, findings) = Document::expand(
        0,
        &path,
        "{{#include 1.md}}",
        lab.folder.path(),
        &mut sources,
    );
    assert_eq!(findings[0].code, Code::INCLUDE_LOOP);
    assert_eq!(
        findings[0].message,
        "`{{#include end.md}}` is too much: the includes of this chapter bring more than 64 MiB"
    );
}

#[test]
fn chapters_are_read_as_mdbook_reads_them() {
    let lab = Lab::new(&[(CHAPTER, "\u{feff}\u{feff}text\r\n")]);
    let root = lab.folder.path();
    assert_eq!(
        read_chapter(&lab.src().join(CHAPTER), root).unwrap(),
        "\u{feff}text\r\n"
    );
    lab.write("latin.md", b"\xff");
    let message = |path: &str| {
        let finding = read_chapter(&lab.src().join(path), root).unwrap_err();
        assert_eq!(finding.code, Code::CHAPTER_UNREADABLE);
        finding.message
    };
    assert_eq!(
        message("latin.md"),
        "the chapter src/latin.md is not UTF-8 text (line 1)"
    );
    assert_eq!(message("gone.md"), "the chapter src/gone.md does not exist");
}
