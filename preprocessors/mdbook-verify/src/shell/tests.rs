use super::*;

fn commands(nodes: &[Node], text: &str, out: &mut Vec<String>) {
    for node in nodes {
        match node {
            Node::Command(command) => {
                let mut said: Vec<String> = command
                    .assignments
                    .iter()
                    .map(|a| {
                        format!(
                            "{}={}",
                            a.name,
                            shown(&a.value.value(&Known::new(), text).text)
                        )
                    })
                    .collect();
                said.extend(
                    command
                        .words
                        .iter()
                        .map(|word| shown(&word.value(&Known::new(), text).text)),
                );
                for redirect in &command.redirects {
                    let arrow = if redirect.writes { '>' } else { '<' };
                    let file = redirect.file.value(&Known::new(), text);
                    said.push(format!("{arrow}{}", shown(&file.text)));
                }
                out.push(said.join("|"));
                for word in &command.words {
                    for part in &word.parts {
                        if let Part::Output { nodes, .. } = part {
                            commands(nodes, text, out);
                        }
                    }
                }
            }
            Node::Group(nodes) | Node::Function { body: nodes, .. } => commands(nodes, text, out),
            Node::Loop { name, values, body } => {
                out.push(format!("for {name} in {}", values.len()));
                commands(body, text, out);
            }
        }
    }
}

fn said(text: &str) -> Vec<String> {
    let script = parse(text);
    assert_eq!(script.errors, [], "{text}");
    let mut out = Vec::new();
    commands(&script.nodes, text, &mut out);
    out
}

#[test]
fn commands_with_quotes_and_lines_that_go_on() {
    assert_eq!(
        said("curl -sS host:1/a \\\n  -H \"A: b\" -d '{\"x\":\n 1}' | grep -q \"$Y\" # no\n"),
        ["curl|-sS|host:1/a|-H|A: b|-d|{\"x\":\n 1}", "grep|-q|$Y"]
    );
    assert_eq!(
        said("A=1 B=\"x $C\" go a\\ b\"c d\"e\n"),
        ["A=1|B=x $C|go|a bc de"]
    );
    assert_eq!(
        said("export A=\"b\" D\nunset D\n"),
        ["A=b|export|D", "unset|D"]
    );
    assert_eq!(said("echo \"a\n b\"\n"), ["echo|a\n b"]);
    assert_eq!(
        said("sed -i 's/,omitempty\"`/\"`/g' a.go\n"),
        ["sed|-i|s/,omitempty\"`/\"`/g|a.go"]
    );
}

#[test]
fn files_and_heredocs() {
    assert_eq!(said("a > f 2>&1 < g &\n"), ["a|>f|<g"]);
    assert_eq!(
        said("cat > f <<EOF\nhello $X\nEOF\nls\n"),
        ["cat|>f|<hello $X\n", "ls"]
    );
    assert_eq!(said("cat <<'EOF' >> f\n$X\nEOF\n"), ["cat|>f|<$X\n"]);
    assert_eq!(said("grep a <<< \"$b\"\n"), ["grep|a|<\"$b\""]);
}

#[test]
fn groups_loops_and_conditions() {
    assert_eq!(
        said("if [ -f x ]; then ls; else pwd; fi\nfor i in 1 2; do echo $i; done\n(cd a && ls)\n"),
        [
            "[|-f|x|]",
            "ls",
            "pwd",
            "for i in 2",
            "echo|$i",
            "cd|a",
            "ls"
        ]
    );
    assert_eq!(
        said("go build -o _o/$(go env GOOS)/x\n"),
        ["go|build|-o|_o/$(go env GOOS)/x", "go|env|GOOS"]
    );
    assert_eq!(
        said("case $1 in a|b) ls ;; *) pwd ;; esac\n"),
        ["ls", "pwd"]
    );
    assert_eq!(said("f() { ls \"${A:-x}\"; }\n"), ["ls|${A:-x}"]);
    assert_eq!(
        said("while ! true; do sleep 1; done\n"),
        ["true", "sleep|1"]
    );
}

#[test]
fn what_cannot_be_read_is_pointed_at() {
    let cases = [
        ("echo \"abc\nls\n", "\"", "this \" is never closed", None),
        ("if true; then ls\n", "if", "`fi` is missing for this", None),
        ("echo $(ls\n", "$(", "`)` is missing for this", None),
        ("ls | | wc\n", "|", "the shell cannot read this", None),
        ("ls &&\n", "&&", "something is missing behind this", None),
        (
            "x \"a\"\"b\"$E/f\n",
            "$",
            "the verifier cannot tell which variable this is; put it into the quotes",
            None,
        ),
        ("ls )\n", ")", "the shell cannot read this", None),
        (
            "ls; done\n",
            "done",
            "`done` stands where a command should begin",
            None,
        ),
        (
            "ls ;; pwd\n",
            ";;",
            "`;;` ends a case, and there is none here",
            None,
        ),
        (
            "cat <<EOF\nabc\n",
            "<<",
            "the text that begins here has no end",
            None,
        ),
        (
            "if true; than ls; fi\n",
            "than",
            "`than` is not what the shell expects here",
            Some("then"),
        ),
    ];
    for (text, place, message, meant) in cases {
        let errors = parse(text).errors;
        let found: Vec<_> = errors
            .iter()
            .map(|error| (&text[error.at.clone()], error.message.as_str(), error.meant))
            .collect();
        assert_eq!(found, [(place, message, meant)], "{text:?}");
    }
}

#[test]
fn places_in_values() {
    let text = "x \"a b\"\"c\\\"d$E\"/f ~/g\n";
    let script = parse(text);
    let Node::Command(command) = &script.nodes[0] else {
        panic!("{script:?}");
    };
    let known = Known::from([("E".to_owned(), "long value".to_owned())]);
    let value = command.words[1].value(&known, text);
    assert_eq!(value.text, "a bc\"dlong value/f");
    let of = |part: &str| {
        let start = value.text.find(part).unwrap();
        &text[value.place(start..start + part.len())]
    };
    assert_eq!(of("b"), "b");
    assert_eq!(of("bc\"d"), "b\"\"c\\\"d");
    assert_eq!(of("value"), "$E");
    assert_eq!(of("/f"), "/f");
    let home = command.words[2].value(&known, text);
    assert_eq!(shown(&home.text), "$HOME/g");
    let at = home.text.find("/g").unwrap();
    assert_eq!(&text[home.place(at + 1..at + 2)], "g");
}

#[test]
fn nothing_panics_or_overflows() {
    let deep = "$(".repeat(20_000);
    assert!(!parse(&deep).errors.is_empty());
    let deep = "(".repeat(20_000) + &")".repeat(20_000);
    assert!(!parse(&deep).errors.is_empty());
    let text =
        "if [ \"$(ls 'é')\" ]; then cat <<E > f\n${日:-\"ü\"} $((A+1))\nE\nfi; a=(b c) `d`\n";
    for (cut, _) in text.char_indices() {
        for part in [&text[..cut], &text[cut..]] {
            for error in parse(part).errors {
                assert!(part.get(error.at.clone()).is_some(), "{part:?} {error:?}");
            }
        }
    }
}

#[test]
fn values_do_not_grow_without_end() {
    let text = "a $A$A$A$A\n";
    let script = parse(text);
    let Node::Command(command) = &script.nodes[0] else {
        panic!("{script:?}");
    };
    let mut known = Known::from([("A".to_owned(), "x".to_owned())]);
    for _ in 0..40 {
        let value = command.words[1].value(&known, text);
        assert!(value.text.len() < 1 << 16);
        known.insert("A".to_owned(), value.text);
    }
}
