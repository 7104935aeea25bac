use super::*;

fn read(info: &str) -> (Info, Vec<String>) {
    let (info, findings) = parse(info, 0, 100);
    let findings = findings
        .into_iter()
        .map(|f| {
            let span = f.span().unwrap();
            format!("{}..{} {}", span.start - 100, span.end - 100, f.message)
        })
        .collect();
    (info, findings)
}

fn pairs(info: &Info) -> Vec<(String, Option<String>)> {
    info.attributes
        .iter()
        .map(|a| {
            (
                a.key.value.clone(),
                a.value.as_ref().map(|v| v.value.clone()),
            )
        })
        .collect()
}

#[test]
fn language_flags_and_values() {
    let (info, findings) = read("go file=a/b.go append edition=\"x, y\"");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(info.language.value, "go");
    assert_eq!(
        pairs(&info),
        [
            ("file".into(), Some("a/b.go".into())),
            ("append".into(), None),
            ("edition".into(), Some("x, y".into())),
        ]
    );
    let value = info.attributes[0].value.as_ref().unwrap();
    assert_eq!((value.span.start, value.span.end), (108, 114));
    let quoted = info.attributes[2].value.as_ref().unwrap();
    assert_eq!((quoted.span.start, quoted.span.end), (131, 135));
}

#[test]
fn words_of_mdbook_and_rustdoc_are_passed_on() {
    let (info, findings) = read("rust,no_run,edition2021 editable E0308 hidelines=!");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(info.language.value, "rust");
    assert_eq!(
        info.passed_on,
        ["no_run", "edition2021", "editable", "E0308", "hidelines=!"]
    );
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let cases = [
        ("go fil=a.go", "3..6 `fil` is no attribute of a block"),
        ("go file", "3..7 `file` needs a value: file=…"),
        (
            "go append=yes",
            "3..9 `append` is a flag and takes no value",
        ),
        ("go file=", "8..8 the value is empty"),
        ("go file=\"a b", "8..12 the quote is not closed"),
        ("go file=a file=b", "10..14 `file` is given twice"),
        (
            "go file=a\\b",
            "8..11 a value cannot hold '\\\\', since Markdown may read it in its own way",
        ),
        (
            "go file=a&amp;b",
            "8..15 a value cannot hold '&', since Markdown may read it in its own way",
        ),
    ];
    for (info, expected) in cases {
        assert_eq!(read(info).1, [expected], "{info}");
    }
}

#[test]
fn a_misspelt_key_gets_a_suggestion() {
    let (_, findings) = parse("go illustratve=\"x\"", 0, 0);
    assert_eq!(
        findings[0].help.as_deref(),
        Some("did you mean `illustrative`?")
    );
}
