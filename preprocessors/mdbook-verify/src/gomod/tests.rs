use super::*;

/// Each problem with the word that it points at.
fn problems(text: &str) -> Vec<String> {
    let problem = |problem: &Problem| {
        let help = problem.help.as_deref().unwrap_or("-");
        format!(
            "{:?} {} ({help})",
            &text[problem.at.clone()],
            problem.message
        )
    };
    parse(text).1.iter().map(problem).collect()
}

#[test]
fn a_whole_file_is_read() {
    let text = r#"// The server.
module example.com/server/v3 // its module

go 1.22.7

toolchain go1.23.4

godebug default=go1.21

require (
	github.com/a/b v0.0.72-alpha.70
	"golang.org/x/net" v0.30.0 // indirect
	gopkg.in/yaml.v3 v3.0.1
	github.com/old/c v2.0.0+incompatible
	github.com/d/e v0.0.0-20240102030405-abcdef123456
)

replace github.com/a/b => ../protocol

replace github.com/d/e v0.0.0-20240102030405-abcdef123456 => example.com/f v1.0.0

exclude (
)

retract [v3.0.0, v3.0.1] // broken
retract v3.0.2

tool golang.org/x/tools/cmd/stringer
"#;
    assert_eq!(problems(text), [""; 0]);
    let file = parse(text).0;
    assert_eq!(
        file.module().map(|word| word.text.as_str()),
        Some("example.com/server/v3")
    );
    assert_eq!(file.required("golang.org/x/net"), Some("v0.30.0"));
    assert_eq!(file.required("example.com/f"), None);
    assert!(file.modules().any(|module| module == "example.com/f"));
}

#[test]
fn each_problem_is_at_its_word() {
    for (text, wanted) in [
        (
            "requier a.b/c v1.0.0",
            "\"requier\" `requier` is no directive of a go.mod (did you mean `require`?)",
        ),
        (
            "require a.b/c 1.0.0",
            "\"1.0.0\" `1.0.0` is no version of a module: it starts with v, as v1.0.0 (-)",
        ),
        (
            "require a.b/c v1.0",
            "\"v1.0\" `v1.0` is no full version of a module, such as v1.2.3 (-)",
        ),
        (
            "require a.b/c v2.0.0",
            "\"v2.0.0\" v2.0.0 does not fit a.b/c, whose versions are v0 or v1 (-)",
        ),
        (
            "require a.b/c/v3 v2.0.0",
            "\"v2.0.0\" v2.0.0 does not fit a.b/c/v3, whose versions are v3 (-)",
        ),
        (
            "require gopkg.in/yaml.v3 v2.0.0",
            "\"v2.0.0\" v2.0.0 does not fit gopkg.in/yaml.v3, whose versions are v3 (-)",
        ),
        (
            "require /a.b v1.0.0",
            "\"/a.b\" `/a.b` is no module path: a part of it is empty (-)",
        ),
        (
            "require a.b/ü v1.0.0",
            "\"a.b/ü\" `a.b/ü` is no module path: it has 'ü' (-)",
        ),
        (
            "require a.b/c",
            "\"require a.b/c\" `require` is written `require PATH VERSION` (-)",
        ),
        (
            "go v1.23",
            "\"v1.23\" `v1.23` is no version of Go, such as 1.23 or 1.23.4 (write `go 1.23`)",
        ),
        (
            "go 1",
            "\"1\" `1` is no version of Go, such as 1.23 or 1.23.4 (-)",
        ),
        (
            "toolchain 1.23",
            "\"1.23\" `1.23` is no toolchain, such as go1.23.4 (-)",
        ),
        (
            "replace a.b/c -> ../c",
            "\"replace a.b/c -> ../c\" `replace` is written `replace PATH [VERSION] => PATH VERSION` or `replace PATH [VERSION] => ./FOLDER` (-)",
        ),
        (
            "replace a.b/c => d.e/f",
            "\"d.e/f\" `d.e/f` needs a version; a folder starts with ./ or ../ (-)",
        ),
        (
            "replace a.b/c => ../c v1.0.0",
            "\"v1.0.0\" the folder ../c has no version (-)",
        ),
        (
            "retract [v1.0.0 v1.0.1]",
            "\"retract [v1.0.0 v1.0.1]\" `retract` is written `retract VERSION` or `retract [FIRST, LAST]` (-)",
        ),
        (
            "require (\n\ta.b/c v1.0.0\n",
            "\"require\" the block of `require` is never closed (close it with `)` on a line of its own)",
        ),
        (
            "module \"a.b/c",
            "\"\\\"a.b/c\" the quote is not closed (-)",
        ),
        (
            "/* no */",
            "\"/* no */\" a go.mod has only comments that start with // (-)",
        ),
    ] {
        assert_eq!(problems(text), [wanted], "{text}");
    }
}

#[test]
fn one_problem_hides_no_other() {
    let text = "moduel a\nrequire (\n\ta.b/c v1\n\td.e/f 1.0.0\n)\nunknown (\n\tx\n)\ngo 1.2.3.4\n";
    assert_eq!(problems(text).len(), 5);
}

#[test]
fn no_text_panics() {
    for text in [
        "\"",
        "`",
        "(",
        ")",
        "=>",
        "//",
        "/",
        "a//",
        "[,]",
        "require (",
        "é\"é",
        "\u{a0}x",
    ] {
        let doubled = format!("{text} {text}\n{text}");
        for problem in parse(&doubled).1 {
            assert!(doubled.get(problem.at.clone()).is_some(), "{text}");
        }
    }
}
