//! The guide itself: what is misspelt in it is found at its line and column.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use guide_tests::{both, copy, mdbook, mdbook_verify, report_of, root, share_helper};
use tempfile::TempDir;

/// The chapter that shows the service's source. Cargo would compile the service for each copy.
const SHOWS_SOURCE: &str = "- [How it is built](rust/built.md)\n";

/// A copy of the book, with the tools that set-up built.
fn book() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    // Chapters show files of the service, and of the example for guides of one's own.
    let service = "examples/auth-service";
    let example = "preprocessors/mdbook-verify/example";
    // What `cargo xtask` is stands in a setting of cargo.
    for folder in ["src", "theme", "probes", ".cargo", service, example] {
        copy(&root().join(folder), &dir.path().join(folder));
    }
    let summary = dir.path().join("src/SUMMARY.md");
    let chapters = fs::read_to_string(&summary).unwrap();
    assert!(chapters.contains(SHOWS_SOURCE), "{chapters}");
    fs::write(summary, chapters.replace(SHOWS_SOURCE, "")).unwrap();
    let schema = "preprocessors/mdbook-verify/book.schema.json";
    fs::copy(root().join(schema), dir.path().join(schema)).unwrap();
    let tools = root().join("target/tools").display().to_string();
    let config = fs::read_to_string(root().join("book.toml")).unwrap();
    let config = config.replace("tools = \"target/tools\"", &format!("tools = \"{tools}\""));
    fs::write(dir.path().join("book.toml"), config).unwrap();
    share_helper(dir.path());
    share_probes(dir.path());
    dir
}

/// A quick check builds no probes. Those of the book do not depend on where it stands, so its own
/// are lent to the copy; a check of the book builds them, unless it has been checked already.
fn share_probes(copy: &Path) {
    let output = Command::new(mdbook_verify())
        .arg("check")
        .current_dir(root())
        .output()
        .unwrap();
    let probes = Path::new("target/verify/v1/probes");
    assert!(root().join(probes).is_dir(), "{}", both(&output));
    guide_tests::copy(&root().join(probes), &copy.join(probes));
}

/// A defect: in the chapter, the first occurrence of a text after another one is changed. It is one
/// that the edition has which can be had everywhere.
struct Defect {
    what: &'static str,
    chapter: &'static str,
    after: &'static str,
    right: &'static str,
    wrong: &'static str,
}

const DEFECTS: &[Defect] = &[
    Defect {
        what: "identifier",
        chapter: "server.md",
        after: "append edition=patch.16,v3.8.3-module",
        right: "RegisterAuthServiceServer",
        wrong: "RegisterAuthServiceServr",
    },
    Defect {
        what: "type",
        chapter: "server.md",
        after: "type Config struct",
        right: "config.Share",
        wrong: "config.Sahre",
    },
    Defect {
        what: "import",
        chapter: "server.md",
        after: "package authservice",
        right: "tools/discovery",
        wrong: "tools/discvery",
    },
    Defect {
        what: "file name of a diff",
        chapter: "command.md",
        after: "diff file=",
        right: "constant.go",
        wrong: "constnat.go",
    },
    Defect {
        what: "context line of a diff",
        chapter: "api.md",
        after: "router.go edition=patch.16,v3.8.3-module",
        right: "gin.SetMode(gin.ReleaseMode)",
        wrong: "gin.SetMode(gin.RelaeseMode)",
    },
    Defect {
        what: "line after @@",
        chapter: "api.md",
        after: "router.go edition=patch.16,v3.8.3-module",
        right: "@@ // certificate",
        wrong: "@@ // certifcate",
    },
    Defect {
        what: "added line of a diff",
        chapter: "api.md",
        after: "router.go edition=patch.16,v3.8.3-module",
        right: "NewAuthServiceClient",
        wrong: "NewAuthServiceCleint",
    },
    Defect {
        what: "proto type",
        chapter: "proto.md",
        after: "rpc GetConfig",
        right: "GetConfigResp",
        wrong: "GetConfigRsep",
    },
    Defect {
        what: "proto field type",
        chapter: "proto.md",
        after: "message EchoReq",
        right: "string",
        wrong: "sting",
    },
    Defect {
        what: "fragment",
        chapter: "api.md",
        after: "go fragment=",
        right: "strings.HasPrefix",
        wrong: "strings.HasPerfix",
    },
    Defect {
        what: "YAML key",
        chapter: "configuration.md",
        after: "yml edition=v3.8.3-module",
        right: "registerIP:",
        wrong: "registreIP:",
    },
    Defect {
        what: "YAML address",
        chapter: "configuration.md",
        after: "yml edition=v3.8.3-module",
        right: "listenIP: 0.0.0.0",
        wrong: "listenIP: 0.0.0.0.0",
    },
    Defect {
        what: "port that another service has",
        chapter: "configuration.md",
        after: "yml edition=v3.8.3-module",
        right: "10340",
        wrong: "10320",
    },
    Defect {
        what: "YAML bool",
        chapter: "configuration.md",
        after: "yml edition=v3.8.3-module",
        right: "true",
        wrong: "ture",
    },
    Defect {
        what: "key that a diff adds",
        chapter: "configuration.md",
        after: "file=config/share.yml",
        right: "authService:",
        wrong: "authServcie:",
    },
    Defect {
        what: "name in service discovery",
        chapter: "configuration.md",
        after: "   third: third\n",
        right: ": authService",
        wrong: ": authServcie",
    },
    Defect {
        what: "binary to start",
        chapter: "configuration.md",
        after: "file=start-config.yml",
        right: "openim-rpc-auth-service",
        wrong: "openim-rpc-auth-servcie",
    },
    Defect {
        what: "count of instances",
        chapter: "configuration.md",
        after: "openim-rpc-auth-service: ",
        right: "1",
        wrong: "2",
    },
    Defect {
        what: "field of a request",
        chapter: "api.md",
        after: "json as=",
        right: "\"message\"",
        wrong: "\"mesage\"",
    },
    Defect {
        what: "field of an answer",
        chapter: "api.md",
        after: "json as=\"answer",
        right: "\"errDlt\"",
        wrong: "\"errDtl\"",
    },
    Defect {
        what: "path in a command",
        chapter: "server.md",
        after: "## See that it worked",
        right: "./internal/rpc/authservice",
        wrong: "./internal/rpc/authsevrice",
    },
    Defect {
        what: "flag in a command",
        chapter: "command.md",
        after: "step id=start-without-config",
        right: "-c config",
        wrong: "-d config",
    },
    Defect {
        what: "key that a request sends",
        chapter: "run.md",
        after: "step id=request-with-token",
        right: "secret",
        wrong: "secert",
    },
];

/// Defects of inline code, which are warnings: the text may mean what it says.
const DOUBTS: &[Defect] = &[
    Defect {
        what: "identifier of the guide",
        chapter: "configuration.md",
        after: "the tag of the field",
        right: "AuthService",
        wrong: "AuthServcie",
    },
    Defect {
        what: "identifier of upstream",
        chapter: "configuration.md",
        after: "## What is left alone",
        right: "GetServiceNames",
        wrong: "GetServiceNmaes",
    },
];

impl Defect {
    /// Breaks the chapter; says at which line, and between which columns, it is broken.
    fn apply(&self, book: &Path) -> (String, usize, usize, usize) {
        let path = book.join("src").join(self.chapter);
        let text = fs::read_to_string(&path).unwrap();
        let after = text
            .find(self.after)
            .unwrap_or_else(|| panic!("{}: no {:?}", self.chapter, self.after));
        let at = after
            + text[after..]
                .find(self.right)
                .unwrap_or_else(|| panic!("{}: no {:?}", self.chapter, self.right));
        let broken = format!(
            "{}{}{}",
            &text[..at],
            self.wrong,
            &text[at + self.right.len()..]
        );
        fs::write(&path, broken).unwrap();
        let line = text[..at].matches('\n').count() + 1;
        let column = at - text[..at].rfind('\n').map_or(0, |eol| eol + 1) + 1;
        (text, line, column, column + self.wrong.len())
    }
}

#[test]
fn what_is_misspelt_is_found_at_its_place() {
    let book = book();
    let errors = DEFECTS.iter().map(|defect| (defect, Some(1)));
    let warnings = DOUBTS.iter().map(|defect| (defect, Some(0)));
    let mut missed = Vec::new();
    for (defect, status) in errors.chain(warnings) {
        let (right, line, from, to) = defect.apply(book.path());
        let (ended, report) = report_of(book.path(), &["--quick"]);
        let file = format!("src/{}", defect.chapter);
        let found = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| {
                let column = usize::try_from(finding["column"].as_u64().unwrap_or(0)).unwrap();
                let end = usize::try_from(finding["end_column"].as_u64().unwrap_or(0)).unwrap();
                // The finding touches the misspelt text.
                finding["file"] == file && finding["line"] == line && column < to && end > from
            });
        if !found || Some(ended) != status {
            missed.push(format!(
                "{} in {file}:{line}:{from}: {}",
                defect.what, report["findings"]
            ));
        }
        fs::write(book.path().join("src").join(defect.chapter), right).unwrap();
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn mdbook_test_fails_on_it_too() {
    let book = book();
    DEFECTS[0].apply(book.path());
    let output = Command::new(mdbook())
        .arg("test")
        .current_dir(book.path())
        .env("MDBOOK_PREPROCESSOR__VERIFY__COMMAND", mdbook_verify())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        both(&output).contains("undefined: pb.RegisterAuthServiceServr"),
        "{}",
        both(&output)
    );
}
