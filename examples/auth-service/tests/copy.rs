//! The README says how to make the service one's own. This does it, with the README's commands.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use common::{Program, http};
use tokio::process::Command;

#[tokio::test]
async fn a_renamed_copy_is_a_service_of_its_own() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.join("../..");
    let folder = tempfile::tempdir().expect("a folder");
    let repository = folder.path().join("repository");
    copy(package, &repository.join("examples/auth-service"));
    fs::copy(root.join("Cargo.lock"), repository.join("Cargo.lock")).expect("a copy");

    let readme = fs::read_to_string(package.join("README.md")).expect("a README");
    let commands = readme
        .split("```bash\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("the README has commands");
    // Kept, so that only the first time takes long. All that it builds is there: the same versions
    // were built for this test.
    let target = root.join("target/copied");
    let build = Command::new("bash")
        .args(["-euo", "pipefail", "-c", commands])
        .current_dir(&repository)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_NET_OFFLINE", "true")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_mins(15), build)
        .await
        .expect("a build in time")
        .expect("bash");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");

    let mine = folder.path().join("order-service");
    let left = left_over(&mine);
    assert!(left.is_empty(), "still named as before: {left:?}");

    let program = target.join("debug/order-service");
    let arguments = ["--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    let mut program = Program::start("order-service", &program, &arguments, &mine);
    let at = program.said("HTTP: ").await;
    let head = "POST /orderservice/echo\noperationID: t1";
    let (_, answer) = http(&at, head, r#"{"message":"hello"}"#).await;
    assert!(answer.contains(r#""data":{"message":"hello"}"#), "{answer}");
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

/// The files in which the service's old names still stand, or that have one of them.
fn left_over(folder: &Path) -> Vec<String> {
    let mut left = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            left.extend(left_over(&path));
            continue;
        }
        let text = fs::read_to_string(&path).expect("text") + &path.to_string_lossy();
        let text = text.to_lowercase().replace(['-', '_'], "");
        if text.contains("authservice") {
            left.push(path.display().to_string());
        }
    }
    left
}
