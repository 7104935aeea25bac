//! The invariants on texts put together from what matters, with a fixed seed: a failure comes again.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::blocks::find;
use crate::markdown::Markdown;

use super::*;

/// Checks `law` on many values of a strategy.
fn hold<S: Strategy>(strategy: &S, law: impl Fn(S::Value)) {
    let config = Config {
        cases: 2_000,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let checked = TestRunner::new_with_rng(config, random).run(strategy, |value| {
        law(value);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

/// Texts made of these pieces.
fn text_of(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    vec(select(pieces), 0..most).prop_map(|pieces| pieces.concat())
}

const MARKDOWN: &[&str] = &[
    "```",
    "````",
    "~~~",
    "```json",
    "```go file=a.go",
    "~~~yaml\n",
    "```\n",
    "> ",
    ">",
    "- ",
    "1. ",
    "* ",
    "    ",
    "  ",
    "\t",
    " ",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "text",
    "é",
    "日本",
    "\0",
    "`",
    "<div>",
    "</div>\n",
    "<!--",
    "-->",
    "[^1]: ",
    "[^1]",
    ": ",
    "term\n",
    "| a | b |\n|---|---|\n",
    "# ",
    "\\",
    "&amp;",
    "{{#include x}}",
    "[ ] ",
    "> [!NOTE]\n",
    "---\n",
    "***",
    "{\"a\": 1}\n",
    "\u{feff}",
    "\u{a0}",
];

#[test]
fn of_blocks() {
    hold(&text_of(MARKDOWN, 30), |text| blocks(&text));
}

#[test]
fn of_attributes() {
    const PIECES: &[&str] = &[
        "go",
        "rust",
        ",",
        " ",
        "\t",
        "file=",
        "append",
        "fails=",
        "\"",
        "a b",
        "a.go",
        "=",
        "==",
        "é",
        "edition=",
        "edition2021",
        "ignore",
        "no_run",
        "E0308",
        "hidelines=#",
        "\\",
        "&",
        "`",
        "illustrative=\"why not\"",
        "step",
        "id=x",
        "{",
        "}",
        "\u{a0}",
        "\0",
    ];
    hold(&text_of(PIECES, 12), |info| attributes(&info));
}

#[test]
fn of_diffs() {
    const LINES: &[&str] = &["a\n", "b\n", "\tc\n", "\n", "é\n", "a", "+\n", "-x\n"];
    const MARKS: &[&str] = &["+", "-", " ", " ", "-", "@@ ", "@@\n", "", "\n"];
    let lines = vec((select(MARKS), select(LINES)), 0..8);
    let diffs = lines.prop_map(|lines| {
        lines
            .iter()
            .flat_map(|(mark, line)| [*mark, *line])
            .collect::<String>()
    });
    hold(&(text_of(LINES, 10), diffs), |(file, text)| {
        diff(&file, &text);
    });
}

#[test]
fn of_segments() {
    hold(
        &(text_of(MARKDOWN, 8), vec(any::<u8>(), 0..40)),
        |(text, steps)| segments(&text, &steps),
    );
}

#[test]
fn of_data() {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "a",
        "é",
        "日本",
        "1",
        "\n",
        "  ",
        "- ",
        "= ",
        "'",
        "|\n",
        "# ",
        "&x ",
        "*x",
        "<<: ",
        "\t",
        "---\n",
        "!!map ",
        "\\u00e9",
        "\u{2028}",
        "null",
        "? ",
        "\0",
        "\r\n",
        "%YAML 1.2\n",
    ];
    hold(&text_of(PIECES, 20), |text| data(&text));
}

/// A document that is known: blocks in lists and quotes in lists and quotes, each with its text.
#[derive(Clone, Debug)]
enum Node {
    Block {
        fence: &'static str,
        lines: Vec<&'static str>,
    },
    Text,
    List(Vec<Node>),
    Quote(Vec<Node>),
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    let lines = vec(
        select(&["x", "", "  y", "\tz", "é", "``", "> q", "- l", "#"][..]),
        0..4,
    );
    let block = (select(&["```", "````", "~~~"][..]), lines)
        .prop_map(|(fence, lines)| Node::Block { fence, lines });
    let leaf = prop_oneof![3 => block, 1 => Just(Node::Text)];
    let node = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Node::List),
            vec(inner, 1..4).prop_map(Node::Quote)
        ]
    });
    vec(node, 0..5)
}

/// Writes a document as Markdown and notes the text of its blocks.
fn write(nodes: &[Node], first: &str, next: &str, text: &mut String, contents: &mut Vec<String>) {
    let mut prefix = first;
    for node in nodes {
        match node {
            Node::Text => text.extend([prefix, "text\n"]),
            Node::Block { fence, lines } => {
                text.extend([prefix, fence, "text\n"]);
                for line in lines {
                    text.extend([next, line, "\n"]);
                }
                text.extend([next, fence, "\n"]);
                contents.push(lines.iter().flat_map(|line| [*line, "\n"]).collect());
            }
            Node::List(inner) => {
                write(
                    inner,
                    &format!("{prefix}- "),
                    &format!("{next}  "),
                    text,
                    contents,
                );
            }
            Node::Quote(inner) => {
                write(
                    inner,
                    &format!("{prefix}> "),
                    &format!("{next}> "),
                    text,
                    contents,
                );
            }
        }
        // Ends the list or quote, which would take in what follows.
        text.extend([next, "\n", next, "<!-- -->\n", next, "\n"]);
        prefix = next;
    }
}

#[test]
fn of_documents_whose_blocks_are_known() {
    hold(&nodes(), |nodes| {
        let (mut text, mut contents) = (String::new(), Vec::new());
        write(&nodes, "", "", &mut text, &mut contents);
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let (found, findings) = find(&Markdown::default().read(&text, 0), "ch.md");
            let found: Vec<_> = found
                .iter()
                .map(|block| block.content.text.as_str())
                .collect();
            assert_eq!(found, contents, "{text}");
            assert_eq!(findings, [], "{text}");
            blocks(&text);
        }
    });
}
