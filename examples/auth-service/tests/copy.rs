//! The README says how to make the service one's own. This does it, with the README's commands.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use common::etcd::Etcd;
use common::{Program, http, until};
use tempfile::TempDir;
use tokio::process::Command;

#[tokio::test]
async fn a_renamed_copy_is_a_service_of_its_own() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.join("../..");
    let folder = tempfile::tempdir().expect("a folder");
    let repository = folder.path().join("repository");
    copy(package, &repository.join("examples/auth-service"));
    fs::copy(root.join("Cargo.lock"), repository.join("Cargo.lock")).expect("a copy");

    // Kept, so that only the first time takes long. All that it builds is there: the same versions
    // were built for this test.
    let target = root.join("target/copied");
    let tools = Tools::new(target.clone());
    let readme = fs::read_to_string(package.join("README.md")).expect("a README");
    let commands = readme
        .split("```bash\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("the README has commands");
    tools
        .run("bash", &["-euo", "pipefail", "-c", commands], &repository)
        .await;

    let mine = folder.path().join("order-service");
    let left = left_over(&mine);
    assert!(left.is_empty(), "still named as before: {left:?}");
    let tested = tools.run("cargo", &["test", "--lib"], &mine).await;
    assert!(!tested.contains("running 0 tests"), "{tested}");

    let program = target.join("debug/order-service");
    let arguments = ["--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    let mut program = Program::start("order-service", &program, &arguments, &mine);
    let at = program.said("HTTP: ").await;
    let head = "POST /orderservice/echo\noperationID: t1";
    let (_, answer) = http(&at, head, r#"{"message":"hello"}"#).await;
    assert!(answer.contains(r#""data":{"message":"hello"}"#), "{answer}");

    inside_openim(&target.join("debug/openim-rpc-order-service")).await;
}

/// The copy's other program: it reads its own file, finds its name under its own key, obeys its own
/// variables, and registers.
async fn inside_openim(program: &Path) {
    let etcd = Etcd::started().await;
    let folder = tempfile::tempdir().expect("a folder");
    let discovery = format!(
        "enable: etcd\netcd:\n  rootDirectory: openim\n  address: [ {} ]\nrpcService:\n  orderService: orders\n",
        etcd.at()
    );
    for (name, text) in [
        (
            "openim-rpc-order-service.yml",
            "rpc:\n  autoSetPorts: true\n",
        ),
        ("discovery.yml", &discovery),
        ("share.yml", "secret: openIM123\n"),
        ("log.yml", "storageLocation: logs\n"),
    ] {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    // The shell sets the variables, and is then the program.
    let script = "IMENV_OPENIM_RPC_ORDER_SERVICE_RPC_LISTENIP=127.0.0.1 IMENV_OPENIM_RPC_ORDER_SERVICE_RPC_REGISTERIP=127.0.0.1 exec \"$0\" -c . -i 0";
    let arguments = ["-c", script, program.to_str().expect("text")];
    let mut service = Program::start("the copy", Path::new("sh"), &arguments, folder.path());
    let at = service.said("orders listens on 127.0.0.1:").await;
    let key = format!("openim/orders/127.0.0.1:{at}");
    until("its key", async || etcd.keys().await == [key.clone()]).await;
    service.signal("-TERM");
    assert_eq!(service.ended().await.code(), Some(0));
    assert!(etcd.keys().await.is_empty());
}

/// What the copy is built with: everything but protoc, which a new machine does not have. In its
/// place stands one that fails.
struct Tools {
    folder: TempDir,
    target: PathBuf,
}

impl Tools {
    fn new(target: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let protoc = folder.path().join("protoc");
        fs::write(&protoc, "#!/bin/sh\necho 'protoc is needed' >&2\nexit 1\n").expect("a file");
        let may_run = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&protoc, may_run).expect("a program");
        Self { folder, target }
    }

    /// Runs a program to its end, and returns what it printed.
    async fn run(&self, program: &str, arguments: &[&str], folder: &Path) -> String {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let mine = self.folder.path().to_owned();
        let path = std::iter::once(mine).chain(std::env::split_paths(&others));
        let path = std::env::join_paths(path).expect("folders");
        let run = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env("PATH", path)
            .env_remove("PROTOC")
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_NET_OFFLINE", "true")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(Duration::from_mins(15), run)
            .await
            .expect("an end in time")
            .expect("a program");
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaints}");
        String::from_utf8(output.stdout).expect("text")
    }
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
