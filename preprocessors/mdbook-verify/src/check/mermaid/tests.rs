//! What is refused, and where.

use super::*;

/// Checks the bytes and the message of the one objection to a diagram.
#[track_caller]
fn refused(text: &str, shown: &str, message: &str) {
    let objection = parse(text).expect_err("an objection");
    assert_eq!(&text[objection.at], shown, "{}", objection.message);
    assert!(objection.message.contains(message), "{}", objection.message);
}

#[track_caller]
fn doubted(text: &str, names: &[&str]) {
    let doubts = names::doubts(text, &parse(text).expect("a diagram"));
    let found: Vec<_> = doubts.iter().map(|doubt| &text[doubt.at.clone()]).collect();
    assert_eq!(found, names);
}

#[test]
fn kinds_of_diagrams() {
    refused(
        "flwchart LR\n  a --> b\n",
        "flwchart",
        "no diagram of the kind `flwchart`",
    );
    let front = "---\ntitle: x\n---\n%% comment\nsequencediagram\n  A->>B: x\n";
    refused(front, "sequencediagram", "no diagram of the kind");
    refused("", "", "an empty diagram");
    assert_eq!(
        parse("flwchart LR\n").unwrap_err().help.as_deref(),
        Some("did you mean `flowchart`?")
    );
}

#[test]
fn places() {
    refused("flowchart LR\n  a -> b\n", "->", "");
    refused("flowchart LR\n  a --> b[x\n  c\n", "[x", "");
    refused(
        "sequenceDiagram\n  A->>B hello\n",
        "A->>B hello",
        "expected text",
    );
    refused(
        "sequenceDiagram\n  loop x\n  A->>B: hé\n",
        "A->>B: hé",
        "end of input",
    );
}

#[test]
fn missing_braces_and_brackets() {
    let class = "classDiagram\n  class A {\n    +x\n  class B {\n    +y\n  }\n";
    refused(class, "class B {", "the body of class A is not closed");
    refused(
        "flowchart LR\n  subgraph s [x\n  a\n  end\n",
        "subgraph s [x",
        "bracket",
    );
}

#[test]
fn near_names() {
    doubted(
        "flowchart LR\n  gateway[G] --> store\n  gatway --> store\n",
        &["gatway"],
    );
    doubted(
        "sequenceDiagram\n  participant Client\n  Client->>Store: a\n  Clent->>Store: b\n",
        &["Clent"],
    );
    doubted(
        "stateDiagram-v2\n  Still --> Moving\n  Movin --> Still\n",
        &["Movin"],
    );
    // Numbered, plural, labelled, short, and too far apart to be one.
    doubted(
        "flowchart LR\n  node1 --> node2\n  token --> tokens\n  store[S] --> stone[T]\n  a --> b\n  auth_rpc --> auth_api\n",
        &[],
    );
}
