use super::*;

const FILE: &str = "package a\n\nfunc one() {\n\treturn\n}\n\nfunc two() {\n\treturn\n}\n";

fn run(diff: &str) -> Result<String, Vec<PatchError>> {
    let file = Stitched::from_base(FILE);
    let hunks = parse(diff)?;
    let result = apply(&file, diff, &hunks, 3)?;
    for (byte, c) in result.text().bytes().enumerate() {
        let original = match result.origin(byte) {
            Some(Origin::Base(at)) => FILE.as_bytes()[at],
            Some(Origin::Block { block: 3, at }) => diff.as_bytes()[at],
            Some(Origin::Made { block: 3 }) => c,
            other => panic!("byte {byte} has the origin {other:?}"),
        };
        assert_eq!(c, original, "byte {byte}");
    }
    Ok(result.text().to_owned())
}

#[test]
fn lines_come_and_go() {
    assert_eq!(
        run(" func one() {\n-\treturn\n+\tgo()\n+\tstop()\n }\n").unwrap(),
        FILE.replacen("\treturn", "\tgo()\n\tstop()", 1)
    );
}

#[test]
fn a_hunk_can_stand_behind_a_line() {
    assert_eq!(
        run("@@ func two() {\n+\tfirst()\n \treturn\n").unwrap(),
        FILE.replacen("two() {\n", "two() {\n\tfirst()\n", 1)
    );
}

#[test]
fn several_hunks_in_any_order() {
    let changed = run(" func two() {\n+\tb()\n@@ package a\n func one() {\n+\ta()\n").unwrap();
    assert_eq!(
        changed,
        FILE.replacen("two() {\n", "two() {\n\tb()\n", 1).replacen(
            "one() {\n",
            "one() {\n\ta()\n",
            1
        )
    );
}

#[test]
fn trimmed_empty_context_is_context() {
    assert_eq!(
        run(" package a\n\n+// c\n func one() {\n").unwrap(),
        FILE.replacen("\n\n", "\n\n// c\n", 1)
    );
}

#[test]
fn what_has_no_place_says_why() {
    assert_eq!(run("+x\n"), Err(vec![PatchError::NoOldSide(1..2)]));
    assert_eq!(run(" package a\n"), Err(vec![PatchError::NoChange(1..10)]));
    assert_eq!(
        run("package a\n+x\n"),
        Err(vec![
            PatchError::Unmarked(0..9),
            PatchError::NoOldSide(11..12)
        ])
    );
    assert_eq!(
        run(" \treturn\n+\tx\n"),
        Err(vec![PatchError::Ambiguous {
            range: 1..8,
            lines: vec![4, 8]
        }])
    );
    assert_eq!(
        run("@@ func three() {\n \treturn\n+\tx\n"),
        Err(vec![PatchError::After {
            range: 3..17,
            count: 0
        }])
    );
    // Spaces for a tab: the nearest line is named.
    assert_eq!(
        run(" func one() {\n-    return\n+\tx\n"),
        Err(vec![PatchError::Missing {
            range: 15..25,
            instead: Some((4, "\treturn".into()))
        }])
    );
    assert_eq!(
        run(" func onee() {\n+\tx\n"),
        Err(vec![PatchError::Missing {
            range: 1..14,
            instead: Some((3, "func one() {".into()))
        }])
    );
    assert_eq!(
        run(" func one() {\n-\treturn\n+\tx\n@@ package a\n-func one() {\n+func uno() {\n"),
        Err(vec![PatchError::Overlap(41..53)])
    );
}

#[test]
fn a_file_without_a_last_line_break() {
    let file = Stitched::from_base("a\nb");
    let diff = " b\n+c\n";
    let result = apply(&file, diff, &parse(diff).unwrap(), 0).unwrap();
    assert_eq!(result.text(), "a\nb\nc\n");
}

#[test]
fn a_diff_without_a_last_line_break() {
    for line in ["", "\tfirst()"] {
        let changed = run(&format!(" func one() {{\n+{line}")).unwrap();
        let wanted = format!("one() {{\n{line}\n");
        assert_eq!(changed, FILE.replacen("one() {\n", &wanted, 1));
    }
}

#[test]
fn fragments_are_whole_lines() {
    assert_eq!(occurrences(FILE, "\treturn\n}\n"), [4, 8]);
    assert_eq!(occurrences(FILE, "return\n"), Vec::<usize>::new());
    assert_eq!(occurrences(FILE, "\n"), Vec::<usize>::new());
}

#[test]
fn fragments_may_overlap_themselves() {
    assert_eq!(occurrences("\t}\n}\n}\n", "}\n}\n"), [2]);
    assert_eq!(occurrences("a\na\na\n", "a\na\n"), [1, 2]);
    assert_eq!(occurrences("é\né\nb", "é\nb"), [2]);
    assert_eq!(occurrences("a\n", "a\n\n"), [1]);
}

#[test]
fn lines_that_git_adds_are_named() {
    let git = "diff --git a/x b/x\nindex 1a2b..3c4d 100644\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@ func one() {\n-a\n+b\n\\ No newline at end of file\n";
    let Err(errors) = parse(git) else {
        panic!("it is refused")
    };
    let lines: Vec<_> = errors
        .iter()
        .map(|error| match error {
            PatchError::FromGit(range) => &git[range.clone()],
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        lines,
        [
            "diff --git a/x b/x",
            "index 1a2b..3c4d 100644",
            "--- a/x",
            "+++ b/x",
            "@@ -1,3 +1,3 @@ func one() {",
            "\\ No newline at end of file"
        ]
    );
    assert_eq!(
        parse("@@ -1 +1 @@\n-a\n+b\n"),
        Err(vec![PatchError::FromGit(0..11)])
    );
    // Lines of a file that look like it.
    for own in [
        "--- comment of SQL\n+-- another\n",
        " a\n--- a\n+++ b\n",
        "@@ -1 of them @@\n-a\n+b\n",
        "+++ b\n-x\n",
    ] {
        assert!(parse(own).is_ok(), "{own:?}");
    }
}

/// To compare these took minutes.
#[test]
fn long_lines_get_no_suggestion() {
    let long = "x".repeat(100_000);
    let file = Stitched::from_base(&format!("{long}a\n").repeat(20));
    let diff = format!("-{long}b\n+c\n");
    let begun = std::time::Instant::now();
    let result = apply(&file, &diff, &parse(&diff).unwrap(), 0);
    assert!(begun.elapsed().as_secs() < 1, "{:?}", begun.elapsed());
    let missing = PatchError::Missing {
        range: 1..100_002,
        instead: None,
    };
    assert_eq!(result, Err(vec![missing]));
}
