use super::*;
use crate::config::GitSpec;
use crate::tool::{self, Call};

fn run(dir: &Path, args: &[&str]) -> String {
    let git = tool::find("git", None).expect("git is installed");
    let env = [
        ("GIT_AUTHOR_NAME", "a"),
        ("GIT_AUTHOR_EMAIL", "a@b"),
        ("GIT_COMMITTER_NAME", "a"),
        ("GIT_COMMITTER_EMAIL", "a@b"),
    ];
    let answer = Call::new(&git, dir).args(args).envs(env).run().unwrap();
    assert!(answer.ok(), "{args:?}: {}", answer.complaint());
    String::from_utf8(answer.stdout).unwrap().trim().to_owned()
}

/// A repository with two commits; the first one's id is returned.
fn repository(dir: &Path) -> String {
    run(dir, &["init", "--quiet"]);
    fs::write(dir.join("a.txt"), "one\n").unwrap();
    run(dir, &["add", "."]);
    run(dir, &["commit", "--quiet", "-m", "one"]);
    let first = run(dir, &["rev-parse", "HEAD"]);
    fs::write(dir.join("a.txt"), "two\n").unwrap();
    run(dir, &["commit", "--quiet", "-am", "two"]);
    first
}

fn fetch(
    spec: &BaseSpec,
    cache: &Path,
    directories: &BTreeMap<String, PathBuf>,
) -> Result<Base, Box<Finding>> {
    let fetcher = Fetcher {
        go: Err("no Go in this test"),
        root: cache,
        cache,
        directories,
        pinned: false,
        asked_since: SystemTime::UNIX_EPOCH,
        at_most: None,
        progress: Progress::quiet(),
    };
    fetcher.fetch("server", spec)
}

#[test]
fn a_commit_of_a_repository() {
    let repo = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let commit = repository(repo.path());
    let spec = BaseSpec::Git(GitSpec {
        git: repo.path().to_str().unwrap().into(),
        commit: commit.clone(),
    });
    let base = fetch(&spec, cache.path(), &BTreeMap::new()).unwrap();
    assert_eq!(fs::read_to_string(base.dir.join("a.txt")).unwrap(), "one\n");
    assert_eq!(base.digest, format!("git {commit}"));
    assert_eq!(files(&base.dir).unwrap(), ["a.txt"]);
    // The second time it needs no repository any more.
    drop(repo);
    fetch(&spec, cache.path(), &BTreeMap::new()).unwrap();
}

#[test]
fn a_commit_that_is_not_there_leaves_nothing_behind() {
    let repo = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    repository(repo.path());
    let spec = BaseSpec::Git(GitSpec {
        git: repo.path().to_str().unwrap().into(),
        commit: "1".repeat(40),
    });
    let finding = fetch(&spec, cache.path(), &BTreeMap::new()).unwrap_err();
    assert_eq!(finding.code, Code::BASE_UNAVAILABLE);
    assert!(
        finding.message.contains("git fetch failed"),
        "{}",
        finding.message
    );
    assert_eq!(fs::read_dir(cache.path().join("git")).unwrap().count(), 0);
}

#[test]
fn a_directory_stands_in_and_its_content_counts() {
    let dir = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let directories = BTreeMap::from([("server".to_owned(), dir.path().to_path_buf())]);
    let spec = BaseSpec::Git(GitSpec {
        git: "unused".into(),
        commit: "1".repeat(40),
    });
    assert_eq!(
        fetch(&spec, cache.path(), &directories).unwrap_err().code,
        Code::BASE_CHANGED
    );
    fs::write(dir.path().join("a"), "1").unwrap();
    let one = fetch(&spec, cache.path(), &directories).unwrap();
    fs::write(dir.path().join("a"), "2").unwrap();
    let two = fetch(&spec, cache.path(), &directories).unwrap();
    assert_ne!(one.digest, two.digest);
    assert_eq!(two.source, Source::Directory);
}

#[test]
fn a_module_without_go_says_what_to_do() {
    let cache = tempfile::tempdir().unwrap();
    let spec = BaseSpec::Module(ModuleSpec {
        module: "example.com/m".into(),
        version: "v1.0.0".into(),
        sum: "h1:x".into(),
    });
    let finding = fetch(&spec, cache.path(), &BTreeMap::new()).unwrap_err();
    assert_eq!(
        finding.message,
        "example.com/m v1.0.0 cannot be fetched: no Go in this test"
    );
    assert!(finding.help.unwrap().contains("--base"));
}
