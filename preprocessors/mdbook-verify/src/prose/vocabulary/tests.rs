use super::*;

fn vocabulary(paths: &[&str], said: &[&str], upstream: &[&str], steps: &[&str]) -> Vocabulary {
    let paths: BTreeSet<String> = paths
        .iter()
        .flat_map(|path| with_folders((*path).to_owned()))
        .collect();
    Vocabulary {
        ends: paths.iter().flat_map(|path| ends(path)).collect(),
        paths,
        modules: vec!["example.com/server".to_owned()],
        said: by_sound(said.iter().copied()),
        upstream: by_sound(upstream.iter().copied()),
        flags: steps.iter().map(|flag| (*flag).to_owned()).collect(),
    }
}

#[test]
fn only_paths_are_taken_for_paths() {
    let known = vocabulary(&["cmd/app/main.go"], &[], &[], &[]);
    for (text, path) in [
        ("cmd/app", Some("cmd/app")),
        ("./cmd/app/", Some("cmd/app/")),
        ("main.go", Some("main.go")),
        ("example.com/server/cmd/app", Some("cmd/app")),
        (".github/workflows", Some(".github/workflows")),
        ("github.com/x/y", None),
        ("/cmd/app", None),
        ("../cmd", None),
        ("a//b", None),
        ("cmd/*.go", None),
        ("<name>/x", None),
        ("localhost:1234/x", None),
        ("v1.2.3", None),
        ("word", None),
    ] {
        assert_eq!(known.path_claimed(text), path, "{text}");
    }
}

#[test]
fn paths_are_known_by_their_ends() {
    let known = vocabulary(&["cmd/app/main.go", "config/app.yml"], &[], &[], &[]);
    for path in ["cmd", "cmd/app/", "app/main.go", "main.go", "app.yml"] {
        assert!(known.has_path(path), "{path}");
    }
    assert!(!known.has_path("pp/main.go") && !known.has_path("cmd/main.go"));
    for (path, near) in [
        ("cdm/app/main.go", Some("cmd/app/main.go")),
        ("app/mian.go", Some("app/main.go")),
        ("mian.go", Some("main.go")),
        ("app.yaml", Some("app.yml")),
        // Another kind of file, another folder, another depth.
        ("main.rs", None),
        ("web/app/main.go", None),
        ("cmd/main.go", None),
    ] {
        assert_eq!(known.near_path(path), near, "{path}");
    }
    assert!(known.is_at_home("cmd/other/x.go"));
    assert!(!known.is_at_home("cmd/other") && !known.is_at_home("app/x.go"));
}

#[test]
fn words_are_known_however_they_are_written() {
    let known = vocabulary(
        &[],
        &["AuthService", "listen"],
        &["GetServiceNames", "dispatch"],
        &[],
    );
    for (word, near) in [
        ("auth_service", None),
        ("authService", None),
        ("AuthServcie", Some("AuthService")),
        ("lisetn", Some("listen")),
        ("GetServiceNmaes", Some("GetServiceNames")),
        ("dispathc", None),
        ("dipsatch", Some("dispatch")),
        ("dispatches", None),
        ("abc", None),
    ] {
        assert_eq!(known.near_word(word), near, "{word}");
    }
}

#[test]
fn flags_are_near_by_a_letter() {
    let known = vocabulary(&[], &[], &[], &["--go_out", "-race", "-o"]);
    assert!(known.has_flag("-o"));
    assert_eq!(known.near_flag("--go_uot"), Some("--go_out"));
    assert_eq!(known.near_flag("-rcae"), Some("-race"));
    assert_eq!(known.near_flag("-i"), None);
    assert_eq!(known.near_flag("--grpc_out"), None);
}
