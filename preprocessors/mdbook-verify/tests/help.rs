//! What the verifier reads out of the real programs' help, on this machine.

use std::collections::BTreeMap;
use std::rc::Rc;

use std::path::{Path, PathBuf};

use mdbook_verify::help::{Help, Lookup, Programs, Takes};

/// Where `cargo xtask setup` puts the tools that it builds.
fn tools() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    tools
        .canonicalize()
        .expect("the tools are built: cargo xtask setup")
}

fn help(programs: &Programs<'_>, name: &str, command: &[&str]) -> Rc<Help> {
    match programs.lookup(name, command) {
        Some(Lookup::Help(help)) => help,
        other => panic!("{name} {command:?}: {other:?}"),
    }
}

/// A program, a command of it, flags without a value, flags with one.
const FLAGS: &[(&str, &[&str], &str, &str)] = &[
    (
        "go",
        &["build"],
        "-race -v -x",
        "-o -C -p -tags -ldflags -mod",
    ),
    (
        "go",
        &["test"],
        "-race -short -v -json",
        "-run -count -timeout -bench -tags",
    ),
    (
        "go",
        &["mod", "edit"],
        "-json -fmt -print",
        "-replace -require -dropreplace -go",
    ),
    ("go", &["mod", "tidy"], "-v -e", "-go -compat"),
    ("go", &["get"], "-u -t", "-tags"),
    ("go", &["env"], "-w -u -json", ""),
    ("go", &["list"], "-m -deps -json -test", "-f -tags"),
    ("go", &["run"], "-race", "-exec -tags"),
    (
        "git",
        &["clone"],
        "--bare -q --no-tags",
        "--depth -b --branch --origin",
    ),
    ("git", &["checkout"], "-f --detach", "-b -B"),
    ("git", &["remote"], "-f --tags -v", "-t -m"),
    ("git", &["fetch"], "--all --tags --prune", "--depth"),
    ("git", &["merge"], "--no-ff --squash", "-m -s"),
    ("git", &["tag"], "-a -d -l", "-m"),
    ("git", &["push"], "-u --tags --force", ""),
    ("git", &["commit"], "-a --amend", "-m -F"),
    ("git", &[], "--version", "-C -c"),
    ("mage", &[], "-l -v -f", "-d -w -t"),
    (
        "protoc",
        &[],
        "--version",
        "-I --proto_path --descriptor_set_out -o --cpp_out",
    ),
    (
        "curl",
        &[],
        "-s -S -i -k --fail -L",
        "-d -H -X -o --data --header --request --max-time",
    ),
    (
        "etcdctl",
        &["get"],
        "-h",
        "--rev --limit --endpoints -w --command-timeout",
    ),
    ("etcdctl", &["put"], "", "--lease"),
    (
        "etcd",
        &[],
        "",
        "--listen-client-urls --advertise-client-urls --data-dir --name",
    ),
    (
        "cargo",
        &["build"],
        "--release --workspace -v",
        "--message-format --features --jobs",
    ),
    ("mdbook", &["build"], "-o", "-d --dest-dir"),
    ("cd", &[], "-L -P", ""),
    ("export", &[], "-f -n -p", ""),
    ("read", &[], "-r -s", "-p -d -t"),
    ("set", &[], "-e -u -x", "-o"),
    ("mkdir", &[], "-p -v --parents", "-m --mode"),
    (
        "cp",
        &[],
        "-r -R -a -f -v --recursive",
        "-t --target-directory",
    ),
    ("sed", &[], "-n -E -r -s", "-e -f"),
    ("chmod", &[], "-R -v", "--reference"),
    (
        "grep",
        &[],
        "-q -r -n -i -v -c -l -E -F",
        "-e -f -m -A --include",
    ),
    ("rm", &[], "-r -f", ""),
    ("ls", &[], "-l -a -h -1", "-I -w"),
    ("head", &[], "-q", "-n -c --lines"),
    ("tail", &[], "-F -q", "-n --lines"),
    ("sort", &[], "-u -n -r", "-k -t -o"),
    ("xargs", &[], "-0 -t -r", "-n -I -P"),
    ("cat", &[], "-n", ""),
];

/// Each flag is there, and takes a value or takes none, as its program really does.
#[test]
fn flags_of_the_programs_that_a_guide_calls() {
    let cache = tempfile::tempdir().expect("a temporary folder");
    let tools = tools();
    let programs = Programs::new(&BTreeMap::new(), Some(&tools), cache.path());
    let mut wrong = Vec::new();
    for (name, command, bare, valued) in FLAGS {
        let help = help(&programs, name, command);
        let mut expect = |flag: &str, wanted: &[Takes]| {
            let takes = help.flags.get(flag);
            if !takes.is_some_and(|takes| wanted.contains(takes)) {
                wrong.push(format!("{name} {command:?} {flag}: {takes:?}"));
            }
        };
        for flag in bare.split_whitespace() {
            expect(flag, &[Takes::Nothing, Takes::Attached, Takes::Unsaid]);
        }
        for flag in valued.split_whitespace() {
            expect(flag, &[Takes::Value]);
        }
        for none in ["--no-such-flag", "-no-such-flag", "-%"] {
            assert!(!help.flags.contains_key(none), "{name} {command:?}");
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn commands_of_the_programs_that_a_guide_calls() {
    let cache = tempfile::tempdir().expect("a temporary folder");
    let tools = tools();
    let programs = Programs::new(&BTreeMap::new(), Some(&tools), cache.path());
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("go", &[], &["build", "mod", "test", "vet", "env", "work"]),
        (
            "go",
            &["mod"],
            &["tidy", "download", "edit", "init", "vendor"],
        ),
        ("go", &["work"], &["use", "init", "sync"]),
        (
            "git",
            &[],
            &["clone", "remote", "push", "switch", "rev-parse"],
        ),
        ("git", &["remote"], &["add", "set-url", "remove"]),
        ("etcdctl", &[], &["get", "member list", "endpoint health"]),
        ("cargo", &[], &["build", "test", "run"]),
        ("mdbook", &[], &["build", "serve", "test"]),
    ];
    for (name, command, wanted) in cases {
        let help = help(&programs, name, command);
        for wanted in *wanted {
            assert!(
                help.commands.contains(*wanted),
                "{name} {command:?} {wanted}: {:?}",
                help.commands
            );
        }
    }
    assert!(programs.lookup("no-such-program", &[]).is_none());
    let variables = programs.go_variables().expect("Go is installed");
    for name in ["GOOS", "GOPRIVATE", "GONOSUMDB", "GOFLAGS", "CGO_ENABLED"] {
        assert!(variables.contains(name), "{name}: {variables:?}");
    }
}

/// The second time nothing is asked: a program that is gone by then is still known.
#[cfg(unix)]
#[test]
fn help_is_kept_for_the_next_run() {
    use std::os::unix::fs::PermissionsExt;
    let cache = tempfile::tempdir().expect("a temporary folder");
    let tools = tempfile::tempdir().expect("a temporary folder");
    let program = tools.path().join("mage");
    let asked = tools.path().join("asked");
    let script = format!(
        "#!/bin/sh\necho x >> {}\nprintf '  -d <dir>\\n  -q  quiet\\n'\n",
        asked.display()
    );
    std::fs::write(&program, script).expect("a file can be written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
        .expect("a mode can be set");
    for _ in 0..2 {
        let programs = Programs::new(&BTreeMap::new(), Some(tools.path()), cache.path());
        let help = help(&programs, "mage", &[]);
        assert_eq!(help.flags.get("-d"), Some(&Takes::Value));
    }
    assert_eq!(
        std::fs::read_to_string(&asked).expect("it was asked"),
        "x\n"
    );
}
