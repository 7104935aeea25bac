//! Every role with every kind of text: each block is proven, or says why not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fmt::Write as _;

use guide_tests::{FixtureBook, root};
use snapbox::Data;

/// A kind of text: a file of it made in four steps, and a piece that belongs to no file.
struct Matter {
    language: &'static str,
    file: &'static str,
    create: &'static str,
    append: &'static str,
    diff: &'static str,
    fragment: &'static str,
    plain: &'static str,
}

const MATTERS: &[Matter] = &[
    Matter {
        language: "go",
        file: "pkg/m/m.go",
        create: "package m\n\nvar A = 1",
        append: "\nvar B = 2",
        diff: "-var A = 1\n+var A = 3",
        fragment: "var B = 2",
        plain: "package m",
    },
    Matter {
        language: "protobuf",
        file: "m/m.proto",
        create: "syntax = \"proto3\";\npackage m;\noption go_package = \"example.com/server/m\";",
        append: "message M {}",
        diff: " package m;\n+message N {}",
        fragment: "message M {}",
        plain: "syntax = \"proto3\";",
    },
    Matter {
        language: "yaml",
        file: "config/m.yml",
        create: "a: 1",
        append: "b: 2",
        diff: "-a: 1\n+a: 3",
        fragment: "b: 2",
        plain: "a: 1",
    },
    Matter {
        language: "json",
        file: "config/m.json",
        create: "{",
        append: "\"a\": 1\n}",
        diff: "-\"a\": 1\n+\"a\": 3",
        fragment: "}",
        plain: "{}",
    },
    Matter {
        language: "toml",
        file: "config/m.toml",
        create: "a = 1",
        append: "b = 2",
        diff: "-a = 1\n+a = 3",
        fragment: "b = 2",
        plain: "a = 1",
    },
    Matter {
        language: "gomod",
        file: "more/go.mod",
        create: "module example.com/server/more",
        append: "go 1.23",
        diff: "-go 1.23\n+go 1.22",
        fragment: "module example.com/server/more",
        plain: "go 1.23",
    },
    Matter {
        language: "bash",
        file: "scripts/m.sh",
        create: "true",
        append: "echo m",
        diff: "-true\n+false",
        fragment: "echo m",
        plain: "true",
    },
    Matter {
        language: "rust",
        file: "m.rs",
        create: "fn a() {}",
        append: "fn b() {}",
        diff: "-fn a() {}\n+fn c() {}",
        fragment: "fn b() {}",
        plain: "fn main() {}",
    },
    Matter {
        language: "mermaid",
        file: "m.mermaid",
        create: "graph LR",
        append: "a --> b",
        diff: "-a --> b\n+a --> c",
        fragment: "graph LR",
        plain: "graph LR\na --> b",
    },
    Matter {
        language: "text",
        file: "README",
        create: "one",
        append: "two",
        diff: "-one\n+1",
        fragment: "two",
        plain: "words",
    },
];

fn chapter() -> String {
    let mut text = String::new();
    for matter in MATTERS {
        let Matter { language, file, .. } = matter;
        let step = format!("step-{language}");
        for (id, info, content) in [
            ("create", format!("{language} file={file}"), matter.create),
            (
                "append",
                format!("{language} file={file} append"),
                matter.append,
            ),
            ("diff", format!("diff file={file}"), matter.diff),
            (
                "fragment",
                format!("{language} fragment={file}"),
                matter.fragment,
            ),
            ("step", format!("{language} step"), matter.plain),
            (
                "output",
                format!("{language} output of={step}"),
                matter.plain,
            ),
            ("tree", format!("{language} tree"), file),
            ("plain", language.to_string(), matter.plain),
        ] {
            writeln!(text, "```{info} id={id}-{language}\n{content}\n```\n").unwrap();
        }
    }
    text
}

#[test]
fn no_block_is_skipped_in_silence() {
    let book = FixtureBook::new(&[("chapter.md", &chapter())]);
    let (_, report) = book.report(&[]);
    let blocks = report["blocks"].as_array().unwrap();
    assert_eq!(blocks.len(), MATTERS.len() * 8);
    let mut table = String::new();
    for block in blocks {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("nothing").to_owned();
        let kind = text(&block["evidence"][0]["kind"]);
        let (id, needs) = (text(&block["id"]), text(&block["needs"]));
        let reason = block["reason"].as_str();
        assert!(
            block["proven"] == true || reason.is_some_and(|reason| !reason.is_empty()),
            "{id}"
        );
        let reason = reason
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        writeln!(table, "{id} needs {needs}, has {kind}{reason}").unwrap();
    }
    let expected = Data::read_from(&root().join("tests/tests/matrix.txt"), None);
    snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .eq(table, expected);
}
