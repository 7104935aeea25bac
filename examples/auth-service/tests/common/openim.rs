//! OpenIM's own configuration, and what is started with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::etcd::Etcd;
use super::{LIMIT, Port, Program, built, texts, until, until_within};

/// A folder with OpenIM's configuration, changed only in where things listen.
pub(crate) struct Configuration {
    folder: TempDir,
    /// The port of the service.
    port: Port,
    /// The port of openim-api.
    api: Port,
}

impl Configuration {
    /// What is changed in where things listen.
    const LOCAL: (&str, &str) = ("listenIP: 0.0.0.0", "listenIP: 127.0.0.1");
    const NO_METRICS: (&str, &str) = ("enable: true", "enable: false");

    pub(crate) fn new(etcd: &Etcd) -> Self {
        let new = Self {
            folder: tempfile::tempdir().expect("a folder"),
            port: Port::hold(),
            api: Port::hold(),
        };
        let (local, no_metrics) = (Self::LOCAL, Self::NO_METRICS);
        let (port, api) = (new.port.number.to_string(), new.api.number.to_string());
        new.adapt(
            "openim-rpc-auth-service.yml",
            &[local, no_metrics, ("10340", &port)],
        );
        new.adapt("openim-api.yml", &[local, no_metrics, ("10002", &api)]);
        new.adapt("discovery.yml", &[("localhost:12379", &etcd.at())]);
        new.adapt("share.yml", &[]);
        new.adapt("log.yml", &[("../../../../logs/", "logs")]);
        new
    }

    /// Copies a file, in which each of these texts has to occur.
    pub(crate) fn adapt(&self, name: &str, changes: &[(&str, &str)]) {
        let from = built("openim/tree/server/config").join(name);
        let mut text = fs::read_to_string(from).expect("a file of OpenIM");
        for (old, new) in changes {
            assert!(text.contains(old), "{name} has no {old:?}");
            text = text.replace(old, new);
        }
        self.write(name, &text);
    }

    /// Writes a file of its own.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file");
    }

    pub(crate) fn start(&self, path: &Path) -> Program {
        Program::start("openim", path, &["-c", ".", "-i", "0"], self.folder.path())
    }

    /// Starts a program with a variable in its environment, which the shell sets before it becomes
    /// the program.
    pub(crate) fn start_with(&self, variable: &str, path: &Path) -> Program {
        let script = format!("{variable} exec \"$0\" -c . -i 0");
        let arguments = ["-c", &script, path.to_str().expect("text")];
        Program::start("openim", Path::new("sh"), &arguments, self.folder.path())
    }

    /// Where the service's programs are: Go's, and this one.
    pub(crate) fn programs() -> [PathBuf; 2] {
        [Self::go_program(), Self::rust_program()]
    }

    pub(crate) fn go_program() -> PathBuf {
        built("openim/bin/openim-rpc-auth-service")
    }

    pub(crate) fn rust_program() -> PathBuf {
        env!("CARGO_BIN_EXE_openim-rpc-auth-service").into()
    }

    /// The Go service whose handler panics or takes its time when a message says so.
    pub(crate) async fn go_with_mishaps(&self) -> Program {
        let program = self.start(&built("openim/bin/with-mishaps/openim-rpc-auth-service"));
        listening(&self.at()).await;
        program
    }

    /// The names of the log files, in order.
    pub(crate) fn log_files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("logs"))
            .into_iter()
            .flatten();
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names
            .map(|name| name.into_string().expect("text"))
            .collect();
        names.sort();
        names
    }

    /// What stands in the log.
    pub(crate) fn log(&self) -> String {
        texts(&self.folder.path().join("logs"))
    }

    pub(crate) fn at(&self) -> String {
        self.port.at()
    }

    pub(crate) async fn go(&self) -> Program {
        let program = self.start(&Self::go_program());
        listening(&self.at()).await;
        program
    }

    pub(crate) async fn rust(&self) -> Program {
        let program = self.start(&Self::rust_program());
        listening(&self.at()).await;
        program
    }

    pub(crate) async fn api(&self) -> Program {
        let program = self.start(&built("openim/bin/openim-api"));
        listening(&self.api_at()).await;
        program
    }

    pub(crate) fn api_at(&self) -> String {
        self.api.at()
    }

    /// How many calls the Rust service of this folder has answered. Lines reach the log a little
    /// later than answers their callers.
    pub(crate) fn answered(&self) -> usize {
        self.log().matches("call answered").count()
    }
}

/// Waits until somebody listens there.
pub(crate) async fn listening(at: &str) {
    // The benchmark measures the time to the first answer by this.
    let pause = Duration::from_millis(1);
    let listening = async || TcpStream::connect(at).await.is_ok();
    until_within(LIMIT, pause, at, listening).await;
}

/// Waits until so many keys are in etcd.
pub(crate) async fn registered(etcd: &Etcd, count: usize) {
    let registered = async || etcd.keys().await.len() == count;
    until("the keys in etcd", registered).await;
}
