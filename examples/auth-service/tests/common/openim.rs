//! OpenIM's own configuration, and what is started with it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::etcd::{Etcd, free_port};
use super::{Program, built, soon};

/// A folder with OpenIM's configuration, changed only in where things listen.
pub(crate) struct Configuration {
    folder: TempDir,
    /// The port of the service.
    port: u16,
    /// The port of openim-api.
    api: u16,
}

impl Configuration {
    pub(crate) fn new(etcd: &Etcd) -> Self {
        let new = Self {
            folder: tempfile::tempdir().expect("a folder"),
            port: free_port(),
            api: free_port(),
        };
        let local = ("listenIP: 0.0.0.0", "listenIP: 127.0.0.1");
        let no_metrics = ("enable: true", "enable: false");
        let (port, api) = (new.port.to_string(), new.api.to_string());
        new.adapt(
            "openim-rpc-auth-service.yml",
            &[local, no_metrics, ("10340", &port)],
        );
        new.adapt("openim-api.yml", &[local, no_metrics, ("10002", &api)]);
        new.adapt("discovery.yml", &[("localhost:12379", &etcd.at)]);
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
        fs::write(self.folder.path().join(name), text).expect("a file");
    }

    pub(crate) fn start(&self, path: &Path) -> Program {
        Program::start("openim", path, &["-c", ".", "-i", "0"], self.folder.path())
    }

    pub(crate) fn at(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) async fn go(&self) -> Program {
        let program = self.start(&built("openim/bin/openim-rpc-auth-service"));
        listening(&self.at()).await;
        program
    }

    pub(crate) async fn rust(&self) -> Program {
        let program = self.start(Path::new(env!("CARGO_BIN_EXE_openim-rpc-auth-service")));
        listening(&self.at()).await;
        program
    }

    pub(crate) async fn api(&self) -> Program {
        let program = self.start(&built("openim/bin/openim-api"));
        listening(&self.api_at()).await;
        program
    }

    pub(crate) fn api_at(&self) -> String {
        format!("127.0.0.1:{}", self.api)
    }

    /// How many calls the Rust service of this folder has answered.
    pub(crate) fn answered(&self) -> usize {
        let mut count = 0;
        for entry in fs::read_dir(self.folder.path().join("logs")).expect("logs") {
            let path = entry.expect("an entry").path();
            count += fs::read_to_string(path)
                .expect("text")
                .matches("call answered")
                .count();
        }
        count
    }
}

pub(crate) async fn listening(at: &str) {
    let listening = async {
        while TcpStream::connect(at).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon(at, listening).await;
}

pub(crate) async fn registered(etcd: &Etcd, count: usize) {
    let registered = async {
        while etcd.keys().await.len() != count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("the keys in etcd", registered).await;
}
