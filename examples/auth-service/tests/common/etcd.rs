//! A real etcd.

use tempfile::TempDir;
use tokio::process::Command;

use super::{Port, Program, soon, tool, until};

/// An etcd that can be stopped and started again with what it has stored.
pub(crate) struct Etcd {
    folder: TempDir,
    clients: Port,
    peers: Port,
    program: Option<Program>,
}

impl Etcd {
    /// One that does not run yet.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            clients: Port::hold(),
            peers: Port::hold(),
            program: None,
        }
    }

    /// One that runs.
    pub(crate) async fn started() -> Self {
        let mut etcd = Self::new();
        etcd.start().await;
        etcd
    }

    pub(crate) fn at(&self) -> String {
        self.clients.at()
    }

    pub(crate) async fn start(&mut self) {
        let client = format!("http://{}", self.at());
        let peer = format!("http://{}", self.peers.at());
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
            // As little work for a password as it can be.
            "--bcrypt-cost",
            "4",
        ];
        let program = Program::start("etcd", &tool("etcd"), &arguments, self.folder.path());
        self.program = Some(program);
        let health = ["endpoint", "health", "--command-timeout", "2s"];
        let healthy = async || self.try_ctl(&health).await.0;
        until("etcd to be healthy", healthy).await;
    }

    /// Does nothing more, but is still there, until it is woken.
    pub(crate) fn freeze(&self) {
        self.program.as_ref().expect("it runs").signal("-STOP");
    }

    pub(crate) fn wake(&self) {
        self.program.as_ref().expect("it runs").signal("-CONT");
    }

    pub(crate) async fn stop(&mut self) {
        let mut program = self.program.take().expect("it runs");
        program.signal("-KILL");
        program.ended().await;
    }

    /// etcdctl's success and what it printed.
    pub(crate) async fn try_ctl(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(tool("etcdctl"))
            .args(["--endpoints", &self.at()])
            // Longer than the test waits.
            .args(["--dial-timeout", "1m", "--command-timeout", "1m"])
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
