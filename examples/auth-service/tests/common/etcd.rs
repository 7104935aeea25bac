//! A real etcd.

use std::net::TcpListener;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::Command;

use super::{Program, soon, tool};

/// An etcd that can be stopped and started again with what it has stored.
pub(crate) struct Etcd {
    pub(crate) folder: TempDir,
    pub(crate) at: String,
    pub(crate) program: Option<Program>,
}

impl Etcd {
    /// One that does not run yet.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            at: format!("127.0.0.1:{}", free_port()),
            program: None,
        }
    }

    pub(crate) async fn start(&mut self) {
        let client = format!("http://{}", self.at);
        let peer = format!("http://127.0.0.1:{}", free_port());
        let data = self.folder.path().join("data");
        let arguments = [
            "--data-dir",
            data.to_str().expect("text"),
            "--listen-client-urls",
            &client,
            "--advertise-client-urls",
            &client,
            "--listen-peer-urls",
            &peer,
            "--log-level",
            "error",
        ];
        let program = Program::start("etcd", &tool("etcd"), &arguments, self.folder.path());
        self.program = Some(program);
        let healthy = async {
            while !self.try_ctl(&["endpoint", "health"]).await.0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        soon("etcd to be healthy", healthy).await;
    }

    pub(crate) async fn stop(&mut self) {
        let mut program = self.program.take().expect("it runs");
        program.signal("-KILL");
        program.ended().await;
    }

    /// etcdctl's success and what it printed.
    pub(crate) async fn try_ctl(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(tool("etcdctl"))
            .args(["--endpoints", &self.at])
            .args(arguments)
            .kill_on_drop(true)
            .output();
        let output = soon("etcdctl", output).await.expect("etcdctl runs");
        let text = String::from_utf8(output.stdout).expect("text");
        (output.status.success(), text.trim_end().to_owned())
    }

    pub(crate) async fn ctl(&self, arguments: &[&str]) -> String {
        let (success, text) = self.try_ctl(arguments).await;
        assert!(success, "etcdctl {arguments:?}");
        text
    }

    /// All keys of OpenIM.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let text = self
            .ctl(&["get", "--prefix", "openim/", "--keys-only"])
            .await;
        text.lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    pub(crate) async fn leases(&self) -> Vec<String> {
        let text = self.ctl(&["lease", "list"]).await;
        // The first line counts them.
        text.lines().skip(1).map(str::to_owned).collect()
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
