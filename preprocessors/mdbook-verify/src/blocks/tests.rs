use super::*;

fn check(text: &str) -> (Vec<Block>, Vec<String>) {
    let (blocks, findings) = find(text, 0, "ch.md", Markdown::default());
    let findings = findings
        .iter()
        .map(|f| {
            format!(
                "{} {:?}",
                f.code.id,
                &text[f.span().unwrap().start..f.span().unwrap().end]
            )
        })
        .collect();
    for block in &blocks {
        for (at, c) in block.content.text.char_indices() {
            let place = block.content.position(at);
            // A line break may stand for "\r\n", and white space for a part of a tab.
            if !c.is_whitespace() {
                assert!(
                    text[place..].starts_with(c),
                    "byte {at} of {:?}",
                    block.content.text
                );
            }
        }
    }
    (blocks, findings)
}

#[test]
fn a_fence_in_a_list_in_a_quote_keeps_its_places() {
    let (blocks, findings) =
        check("> 1. do\n>\n>    ```go file=a.go\n>    package a\n>\n>    var x = 1\n>    ```\n");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(blocks[0].content.text, "package a\n\nvar x = 1\n");
    assert_eq!(blocks[0].id, "ch.md#1");
}

#[test]
fn carriage_returns_and_tabs() {
    let (blocks, findings) = check("- a\n\n\t```go file=a.go\r\n\tpackage a\r\n\t\tx\r\n\t```\r\n");
    assert_eq!(findings, Vec::<String>::new());
    assert!(
        blocks[0].content.text.starts_with("package a\n"),
        "{:?}",
        blocks[0].content.text
    );
}

#[test]
fn fences_that_markdown_does_not_see_are_findings() {
    assert_eq!(check("```text\na\n").1, ["V0202 \"```\""]);
    assert_eq!(
        check("<div>\n```go\nx\n```\n</div>\n").1,
        ["V0201 \"```\"", "V0201 \"```\""]
    );
    // The first fence swallows the second one's start; its end closes the first.
    assert_eq!(check("```text\na\n\n```go\nb\n```\n").1, ["V0201 \"```\""]);
    assert_eq!(check("~~~text\nend\n").1, ["V0202 \"~~~\""]);
}

#[test]
fn fences_shown_inside_a_longer_fence_are_text() {
    let (blocks, findings) = check("````markdown\n```go\n```\n````\n\n~~~text\n```\n~~~\n");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(blocks.len(), 2);
}

#[test]
fn blocks_without_a_language_are_findings() {
    assert_eq!(check("```\na\n```\n").1, ["V0203 \"```\""]);
    assert_eq!(check("text\n\n    indented\n").1, ["V0204 \"indented\\n\""]);
}

#[test]
fn an_empty_block_is_a_block() {
    let (blocks, findings) = check("```text\n```\n");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(blocks[0].content.text, "");
}

#[test]
fn roles_and_their_conflicts() {
    let (blocks, findings) = check(
        "```go append\n```\n\n```go file=a.go of=x\n```\n\n```diff\n+x\n```\n\n```rust,ignore\n```\n",
    );
    assert_eq!(
        findings,
        [
            "V0303 \"append\"",
            "V0303 \"of\"",
            "V0303 \"diff\"",
            "V0307 \"rust\""
        ]
    );
    assert_eq!(blocks[1].role.name(), "create");
}
