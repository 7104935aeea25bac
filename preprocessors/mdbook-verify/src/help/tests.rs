use super::*;
use crate::shell::{Known, Node, parse};

fn flags(help: &Help) -> String {
    let takes = |takes: &Takes| match takes {
        Takes::Nothing => "",
        Takes::Attached => "[=]",
        Takes::Value => "=",
        Takes::Unsaid => "?",
    };
    let flags = help
        .flags
        .iter()
        .map(|(flag, value)| format!("{flag}{}", takes(value)));
    flags.collect::<Vec<_>>().join(" ")
}

fn gnu(text: &str) -> String {
    flags(&Help::new(text, Style::Gnu))
}

#[test]
fn a_line_for_each_flag() {
    let text = "Usage: x [OPTION]... FILE\n\n  -a, --all                  everything\n  -m, --mode=MODE  set it\n      \
        --color[=WHEN]  in colour\n  -e script, --expression=script\n                 add it\n  -E, -r, --regexp-extended\n  \
        -i[SUFFIX], --in-place[=SUFFIX]\n                 in place\n  -l N, --line-length=N\n  -n, --lines=[-]NUM  print\n";
    assert_eq!(
        gnu(text),
        "--all --color[=] --expression= --in-place[=] --line-length= --lines= --mode= --regexp-extended -E -a -e= -i[=] -l= -m= -n= -r"
    );
    assert_eq!(
        gnu(
            " -d, --data <data>           Post\n     --alt <file name> Enable\n -k, --insecure     Allow\n"
        ),
        "--alt= --data= --insecure -d= -k"
    );
    assert_eq!(
        gnu("  -IPATH, --proto_path=PATH   Where\n  -oFILE,                     To\n"),
        "--proto_path= -I= -o="
    );
    assert_eq!(
        gnu(
            "    -b <branch>           new\n    --[no-]track[=(direct|x)]\n    --depth <depth>   shallow\n"
        ),
        "--depth= --no-track[=] --track[=] -b="
    );
    assert_eq!(
        gnu(
            "      --endpoints=[127.0.0.1:1]\t\tgRPC\n      --prefix[=false]  x\n  -w, --out=\"simple\"\tset\n      --limit int   most\n"
        ),
        "--endpoints= --limit= --out= --prefix[=] -w="
    );
    assert_eq!(
        gnu(
            "  -d, --dest-dir <dest-dir>  Out\n  -v, --verbose...           More\n  -p, --package [<SPEC>]  Which\n"
        ),
        "--dest-dir= --package? --verbose -d= -p? -v"
    );
    assert_eq!(
        gnu("  --name 'default'\n    Which.\n  --pprof 'false'\n    On.\n"),
        "--name= --pprof[=]"
    );
}

#[test]
fn usage_lines() {
    assert_eq!(
        gnu("cd: cd [-L|[-P [-e]] [-@]] [dir]\n    Change.\n"),
        "-@ -L -P -e"
    );
    assert_eq!(
        gnu("export: export [-fn] [name[=value] ...] or export -p\n    Set.\n"),
        "-f -n"
    );
    let remote = "usage: git remote [-v | --verbose]\n   or: git remote add [-t <branch>] [--tags | --no-tags] [--mirror=<a|b>] <name> <url>\n   or: git remote remove <name>\n";
    let help = Help::new(remote, Style::Gnu);
    assert_eq!(flags(&help), "--mirror= --no-tags --tags --verbose -t= -v");
    assert_eq!(
        help.commands,
        BTreeSet::from(["add".to_owned(), "remove".to_owned()])
    );
}

#[test]
fn sentences_as_go_writes_them() {
    let text = "usage: go x [-o output] [build flags] [packages]\n\nThe -json flag prints. The -go=version flag sets it,\n-fmt and -retract=v do more.\n\n\t-race\n\t\tdetect\n\t-p n\n\t\tparallel\n";
    assert_eq!(
        flags(&Help::new(text, Style::Go)),
        "-fmt? -go= -json? -o= -p= -race -retract="
    );
}

#[test]
fn commands() {
    let text = "The commands are:\n\n\tbuild       compile\n\tmod         modules\n\nCommands:\n  init   Make\n  serve, s  Serve\n\talarm list\t\tLists all\n";
    let commands = Help::new(text, Style::Gnu).commands;
    let commands: Vec<_> = commands.iter().map(String::as_str).collect();
    assert_eq!(
        commands,
        ["alarm list", "build", "init", "mod", "s", "serve"]
    );
}

fn told(text: &str, style: Style, line: &str) -> String {
    let help = Help::new(text, style);
    let line = format!("x {line}\n");
    let script = parse(&line);
    let Some(Node::Command(command)) = script.nodes.first() else {
        panic!("{line}");
    };
    let words: Vec<_> = command.words[1..]
        .iter()
        .map(|word| word.value(&Known::new(), &line))
        .collect();
    let (found, wrong) = arguments(&help, &words, false);
    let mut said: Vec<_> = found
        .into_iter()
        .map(|argument| match argument {
            Argument::Flag { name, value } => match value {
                Some((word, from)) => format!("{name}={}", &words[word].text[from..]),
                None => name,
            },
            Argument::Operand(word) => format!("<{}>", words[word].text),
        })
        .collect();
    said.extend(wrong.into_iter().map(|wrong| {
        let part = &words[wrong.word].text[wrong.part];
        match wrong.kind {
            WrongKind::Unknown { meant, .. } => format!("!{part} ({})", meant.unwrap_or_default()),
            WrongKind::Needs(_) => format!("!{part} needs"),
            WrongKind::TakesNone(_) => format!("!{part} takes none"),
        }
    }));
    said.join(" ")
}

#[test]
fn arguments_by_their_help() {
    let text = "  -s, --silent  x\n  -S, --show-error  x\n  -X, --request <method>  x\n  -i[S], --in-place[=S]  x\n";
    let gnu = |line| told(text, Style::Gnu, line);
    assert_eq!(gnu("-sS a -X POST b"), "-s -S <a> -X=POST <b>");
    assert_eq!(
        gnu("-sXPOST --request=GET --request PUT"),
        "-s -X=POST --request=GET --request=PUT"
    );
    assert_eq!(
        gnu("-i.bak x -i y --in-place=z -- -q"),
        "-i=.bak <x> -i <y> --in-place=z <-q>"
    );
    assert_eq!(gnu("-sQ a"), "-s <a> !Q ()");
    assert_eq!(gnu("-x"), "!x (-X)");
    assert_eq!(gnu("--slient"), "!--slient (--silent)");
    assert_eq!(gnu("-request x"), "<x> !-request (--request)");
    assert_eq!(gnu("a --request"), "<a> !--request needs");
    assert_eq!(gnu("--silent=1"), "--silent=1 !--silent=1 takes none");
    let go = |line| told("\t-o file\n\t\tx\n\t-race\n\t\tx\n", Style::Go, line);
    assert_eq!(go("-o x --race y -z"), "-o=x -race <y> <-z>");
    assert_eq!(go("-rac y"), "<y> !-rac (-race)");
    let expression = |line| {
        told(
            "  -f FILE   True.\n  OP is one of -eq, -ne\n",
            Style::Expression,
            line,
        )
    };
    assert_eq!(expression("-f x"), "<x>");
    assert_eq!(expression("1 -qe -2"), "<1> !-qe ()");
}
