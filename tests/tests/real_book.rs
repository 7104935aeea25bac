//! The guide itself: what is misspelt in it is found at its line and column.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use guide_tests::{both, copy, mdbook, mdbook_verify, root, share_helper};
use tempfile::TempDir;

/// A copy of the book, with the tools that set-up built.
fn book() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["src", "theme"] {
        copy(&root().join(folder), &dir.path().join(folder));
    }
    let tools = root().join("target/tools").display().to_string();
    let config = fs::read_to_string(root().join("book.toml")).unwrap();
    let config = config.replace("tools = \"target/tools\"", &format!("tools = \"{tools}\""));
    fs::write(dir.path().join("book.toml"), config).unwrap();
    share_helper(dir.path());
    dir
}

/// A defect: in the chapter, the first occurrence of a text after another one is changed.
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
        after: "func Start(",
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
        after: "diff file=",
        right: "gin.SetMode(gin.ReleaseMode)",
        wrong: "gin.SetMode(gin.RelaeseMode)",
    },
    Defect {
        what: "line after @@",
        chapter: "api.md",
        after: "diff file=",
        right: "@@ // certificate",
        wrong: "@@ // certifcate",
    },
    Defect {
        what: "added line of a diff",
        chapter: "api.md",
        after: "diff file=",
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
];

/// Defects of inline code, which are warnings: the text may mean what it says.
const DOUBTS: &[Defect] = &[
    Defect {
        what: "path in a command",
        chapter: "server.md",
        after: "## See that it worked",
        right: "./internal/rpc/authservice",
        wrong: "./internal/rpc/authsevrice",
    },
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
        let output = Command::new(mdbook_verify())
            .args(["check", "--quick", "--format", "json"])
            .current_dir(book.path())
            .output()
            .unwrap();
        let report: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", both(&output)));
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
        if !found || output.status.code() != status {
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
