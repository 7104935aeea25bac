use super::*;
use crate::markdown::Markdown;

fn check(text: &str) -> (Vec<Block>, Vec<String>) {
    let (blocks, findings) = find(&Markdown::default().read(text, 0), "ch.md");
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
            let span = block.content.span(at, at + c.len_utf8());
            assert!(text.get(span.start..span.end).is_some(), "byte {at}");
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

#[test]
fn a_tab_that_is_half_indentation() {
    let text = " - ```diff file=go.mod\n\t日\n\t日\n   ```\n";
    let (blocks, findings) = check(text);
    assert_eq!(findings, Vec::<String>::new());
    let content = &blocks[0].content;
    assert_eq!(content.text, " 日\n 日\n");
    let span = |start, end| {
        let span = content.span(start, end);
        &text[span.start..span.end]
    };
    assert_eq!(span(0, 1), "");
    assert_eq!(span(0, 4), "日");
    // In the middle of a character: the whole of it.
    assert_eq!(span(2, 3), "日");
    assert_eq!(span(0, 99), "日\n\t日\n");
}

#[test]
fn fences_in_comments_of_code_are_text() {
    let (_, findings) = check("```go\n/*\n * ```\n * x\n * ```\n> ```\n1. ```\n*/\n```\n");
    assert_eq!(findings, Vec::<String>::new());
    // Four spaces make it text, three do not.
    assert_eq!(
        check("> ```text\n>     ```go\n>    ```go\n> ```\n").1,
        ["V0201 \"```\""]
    );
}

#[test]
fn a_fence_closes_where_markdown_says() {
    assert_eq!(check("```text\na\n    ```\n").1, ["V0202 \"```\""]);
    assert_eq!(check("```text\na\n    ```").1, ["V0202 \"```\""]);
    assert_eq!(check("- ```text\n  a\n\nb\n").1, ["V0202 \"```\""]);
    for closed in [
        "```text\na\n   ```  ",
        "```text\n```",
        "```text\n\n```",
        "> - ```text\n>   ```\n",
        "~~~~ text\n~~~\n~~~~~\n",
        "```text\r\na\r\n```\r\n",
    ] {
        assert_eq!(check(closed).1, Vec::<String>::new(), "{closed:?}");
    }
}

#[test]
fn tildes_that_markdown_does_not_see_are_findings() {
    assert_eq!(
        check("<details>\n~~~go file=a.go\nx\n~~~\n</details>\n").1,
        ["V0201 \"~~~\"", "V0201 \"~~~\""]
    );
    assert_eq!(check("~~~text\n~~~go\n~~~\n").1, ["V0201 \"~~~\""]);
}
