use super::*;
use crate::base::Source;
use crate::blocks::find;
use crate::config::{BaseSpec, Edition, GitSpec};
use crate::markdown::Markdown;

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("up/pkg")).unwrap();
        fs::write(dir.path().join("up/pkg/a.go"), "package pkg\n\nvar a = 1\n").unwrap();
        fs::write(dir.path().join("up/README"), "hello").unwrap();
        Self { dir }
    }

    fn tree(&self) -> Tree {
        let base = Base {
            dir: self.dir.path().join("up"),
            source: Source::Directory,
            digest: String::new(),
        };
        Tree::new(base).unwrap()
    }

    fn fold(&self, text: &str) -> (Stitch, Vec<String>) {
        let (blocks, found) = find(&Markdown::default().read(text, 0), "ch.md");
        assert_eq!(found, []);
        let spec = BaseSpec::Git(GitSpec {
            git: String::new(),
            commit: String::new(),
        });
        let edition = Edition {
            name: "e".into(),
            base: [("server".to_owned(), spec)].into(),
        };
        let (plan, found) = Plan::new(&edition, &blocks);
        assert_eq!(found, []);
        let (stitch, findings) = fold(&plan, &[("server".to_owned(), self.tree())].into(), &blocks);
        let findings = findings
            .into_iter()
            .map(|f| {
                let span = f.span().unwrap();
                format!(
                    "{} {:?} {}",
                    f.code.id,
                    &text[span.start..span.end],
                    f.message
                )
            })
            .collect();
        (stitch, findings)
    }
}

fn key(path: &str) -> FileKey {
    FileKey {
        base: "server".into(),
        path: path.into(),
    }
}

#[test]
fn each_operation_builds_on_the_ones_before() {
    let text = "```go file=pkg/b.go\npackage pkg\n```\n\n```go file=pkg/b.go append\n\nvar b = 2\n```\n\n\
        ```diff file=pkg/b.go\n-var b = 2\n+var b = 3\n```\n\n```go fragment=pkg/b.go\nvar b = 3\n```\n\n\
        ```text file=README append\nbye\n```\n";
    let (stitch, findings) = Case::new().fold(text);
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(
        stitch.files[&key("pkg/b.go")].text(),
        "package pkg\n\nvar b = 3\n"
    );
    assert_eq!(stitch.files[&key("README")].text(), "hello\nbye\n");
    assert_eq!(stitch.applied.len(), 5);
}

#[test]
fn what_finds_no_place_is_said_and_the_fold_goes_on() {
    let cases = [
        (
            "```go file=pkg/a.go\nx\n```\n",
            "V0402 \"pkg/a.go\" upstream has a file pkg/a.go",
        ),
        ("```go file=pkg\nx\n```\n", "V0402 \"pkg\" pkg is a folder"),
        (
            "```go file=README/x.go\nx\n```\n",
            "V0401 \"README/x.go\" README/x.go cannot be created: README is a file",
        ),
        (
            "```go file=pkg/A.go\nx\n```\n",
            "V0409 \"pkg/A.go\" pkg/A.go and pkg/a.go differ only by case",
        ),
        (
            "```go file=pkg/c.go append\nx\n```\n",
            "V0403 \"pkg/c.go\" at this step the base server has no file pkg/c.go",
        ),
        (
            "```diff file=pkg/a.go\n-var a = 2\n+x\n```\n",
            "V0405 \"var a = 2\" pkg/a.go does not have this line here",
        ),
        (
            "```go fragment=pkg/a.go\nvar a = 7\n```\n",
            "V0408 \"var a = 7\" at this step pkg/a.go has no such line",
        ),
        (
            "```go fragment=pkg/a.go\nvar a = 1\npackage pkg\n```\n",
            "V0408 \"var a = 1\\npackage pkg\" at this step pkg/a.go does not have these lines in one piece",
        ),
    ];
    for (text, expected) in cases {
        let good = "\n```go file=pkg/good.go\npackage pkg\n```\n";
        let (stitch, findings) = Case::new().fold(&format!("{text}{good}"));
        assert_eq!(findings, [expected], "{text}");
        assert!(stitch.files.contains_key(&key("pkg/good.go")));
    }
    let twice = "```go file=x.go\na\n```\n\n```go file=x.go\nb\n```\n";
    assert_eq!(
        Case::new().fold(twice).1,
        ["V0402 \"x.go\" an earlier block created x.go"]
    );
}

#[test]
fn a_block_that_must_fail_stands_alone() {
    let text = "```diff file=pkg/a.go fails=\"undefined: b\"\n-var a = 1\n+var a = b\n```\n";
    let (stitch, findings) = Case::new().fold(text);
    assert_eq!(findings, Vec::<String>::new());
    assert!(stitch.files.is_empty());
    assert_eq!(
        stitch.failing[0].files[&key("pkg/a.go")].text(),
        "package pkg\n\nvar a = b\n"
    );
}

#[test]
fn sync_makes_the_folder_hold_just_the_tree() {
    let case = Case::new();
    let folder = case.dir.path().join("work");
    fs::create_dir_all(folder.join("old/deep")).unwrap();
    fs::write(folder.join("old/deep/left.go"), "x").unwrap();
    let tree = case.tree();
    let changed = BTreeMap::from([("pkg/a.go", "changed"), ("new/n.go", "new")]);
    sync(&folder, &tree, &changed).unwrap();
    assert_eq!(
        base::files(&folder).unwrap(),
        ["README", "new/n.go", "pkg/a.go"]
    );
    assert!(!folder.join("old").exists());
    assert_eq!(
        fs::read_to_string(folder.join("pkg/a.go")).unwrap(),
        "changed"
    );
    // What is right is not written again.
    let before = fs::metadata(folder.join("new/n.go"))
        .unwrap()
        .modified()
        .unwrap();
    sync(&folder, &tree, &changed).unwrap();
    assert_eq!(
        fs::metadata(folder.join("new/n.go"))
            .unwrap()
            .modified()
            .unwrap(),
        before
    );
    // And what was meddled with is put right.
    fs::write(folder.join("README"), "meddled").unwrap();
    sync(&folder, &tree, &BTreeMap::new()).unwrap();
    assert_eq!(fs::read_to_string(folder.join("README")).unwrap(), "hello");
    assert_eq!(
        fs::read_to_string(folder.join("pkg/a.go")).unwrap(),
        "package pkg\n\nvar a = 1\n"
    );
    assert!(!folder.join("new").exists());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let case = Case::new();
    let folder = case.dir.path().join("work");
    let outside = case.dir.path().join("outside.go");
    fs::create_dir_all(folder.join("pkg")).unwrap();
    fs::write(&outside, "mine").unwrap();
    std::os::unix::fs::symlink(&outside, folder.join("pkg/a.go")).unwrap();
    sync(&folder, &case.tree(), &BTreeMap::new()).unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
    assert!(
        !fs::symlink_metadata(folder.join("pkg/a.go"))
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn a_full_disk_or_a_missing_permission_is_a_sentence() {
    let case = Case::new();
    let file = case.dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = sync(&file, &case.tree(), &BTreeMap::new()).unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
}

#[test]
fn a_moment_knows_what_came_before_it() {
    let case = Case::new();
    let text = "```go file=pkg/b.go\npackage pkg\n```\n\n```text tree\n```\n\n```go file=new/c.go\npackage c\n```\n";
    let (stitch, findings) = case.fold(text);
    assert_eq!(findings, Vec::<String>::new());
    let trees = BTreeMap::from([("server".to_owned(), case.tree())]);
    let moment = Moment::before(1, &trees, &stitch);
    assert!(moment.has_file("server", "pkg/a.go") && moment.has_file("server", "pkg/b.go"));
    assert!(!moment.has_file("server", "new/c.go") && !moment.has_folder("server", "new"));
    assert!(moment.has_folder("server", "pkg") && moment.has_folder("server", ""));
    assert!(!moment.has_folder("other", "") && !moment.has_file("other", "pkg/a.go"));
    assert_eq!(moment.files("server").count(), 3);
    let end = Moment::before(9, &trees, &stitch);
    assert!(end.has_folder("server", "new") && !end.has_folder("server", "ne"));
}

#[test]
fn a_moment_knows_what_a_file_says() {
    let case = Case::new();
    let text = "```diff file=pkg/a.go\n-var a = 1\n+var a = 2\n```\n\n```go file=b.go\npackage b\n```\n\n\
        ```go file=b.go append\n// More.\n```\n\n```diff file=pkg/a.go\n-var a = 2\n+var a = 3\n```\n\n\
        ```diff file=pkg/a.go fails=\"x\"\n-var a = 3\n+var a = 4\n```\n";
    let (blocks, _) = find(&Markdown::default().read(text, 0), "ch.md");
    let spec = BaseSpec::Git(GitSpec {
        git: String::new(),
        commit: String::new(),
    });
    let edition = Edition {
        name: "e".into(),
        base: [("server".to_owned(), spec)].into(),
    };
    let (plan, _) = Plan::new(&edition, &blocks);
    let trees = BTreeMap::from([("server".to_owned(), case.tree())]);
    let (stitch, findings) = fold(&plan, &trees, &blocks);
    assert_eq!(findings, []);
    let says = |block: usize, path: &str| {
        let moment = Moment::before(block, &trees, &stitch);
        let text = moment.text(&plan, &blocks, &key(path));
        text.map(|text| text.lines().last().unwrap_or_default().to_owned())
    };
    let a: Vec<_> = (0..6).filter_map(|block| says(block, "pkg/a.go")).collect();
    let wanted = [1, 2, 2, 2, 3, 3].map(|n| format!("var a = {n}"));
    assert_eq!(a, wanted);
    assert_eq!(says(1, "b.go"), None);
    assert_eq!(says(2, "b.go").as_deref(), Some("package b"));
    assert_eq!(says(3, "b.go").as_deref(), Some("// More."));
    assert_eq!(says(9, "README").as_deref(), Some("hello"));
    assert_eq!(says(9, "none"), None);
}

#[test]
fn a_run_does_not_wait_for_another_without_end() {
    let case = Case::new();
    let path = case.dir.path().join("lock");
    let limit = std::time::Duration::from_millis(120);
    let take = || Lock::take(&path, limit, crate::progress::Progress::quiet());
    let held = take().unwrap();
    assert_eq!(take().unwrap_err().kind(), std::io::ErrorKind::TimedOut);
    drop(held);
    take().unwrap();
}
