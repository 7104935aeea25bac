//! Tells others where this instance is, through etcd, as OpenIM's main line does.
//!
//! An instance stores a key that goes with a lease, and keeps the lease alive. When etcd was away or
//! the lease is lost, it stores the key anew; when it stops, it removes the key before it stops
//! taking calls. Every wait has a limit, and what is waited for is logged.

mod etcd;
mod keeper;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Etcd;
pub use keeper::Timing;

/// How long a service's key lives without a sign of life.
const SERVICE_LEASE: Duration = Duration::from_secs(30);
/// The same for the key that Prometheus finds the metrics by.
const METRICS_LEASE: Duration = Duration::from_mins(5);

/// A key to be kept in etcd while the process lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// How long it lives without a sign of life.
    pub lease: Duration,
}

impl Record {
    /// Where others call this instance.
    #[must_use]
    pub fn service(root: &str, name: &str, address: &str) -> Self {
        let value = serde_json::json!({ "Op": 0, "Addr": address, "Metadata": null });
        Self {
            key: format!("{root}/{name}/{address}"),
            value: value.to_string(),
            lease: SERVICE_LEASE,
        }
    }

    /// Where Prometheus finds this instance's metrics.
    #[must_use]
    pub fn metrics(root: &str, name: &str, index: usize, address: &str) -> Self {
        let value = serde_json::json!({
            "target": address,
            "labels": { "namespace": "default" },
        });
        Self {
            key: format!("{root}/prometheus_discovery/{name}/{index}"),
            value: value.to_string(),
            lease: METRICS_LEASE,
        }
    }
}

/// A record that is being kept, until told otherwise.
#[derive(Debug)]
pub struct Kept {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Kept {
    /// Begins to keep a record. Must be called inside of tokio's runtime.
    #[must_use]
    pub fn keep(etcd: &Etcd, record: Record, timing: Timing) -> Self {
        let (stop, stopped) = watch::channel(false);
        let keeper = keeper::Keeper::new(etcd.clone(), record, timing);
        let task = tokio::spawn(keeper.run(stopped));
        Self { stop, task }
    }

    /// Removes the record, which is waited for as long as the timing says.
    pub async fn remove(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "what kept a record in etcd has died");
        }
    }
}

/// The address of this machine that others most probably reach it by: the first IPv4 address in a
/// private network, else the first that is not the machine's own.
#[must_use]
pub fn local_address() -> Option<Ipv4Addr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    let addresses = interfaces
        .iter()
        .filter_map(|interface| match interface.ip() {
            IpAddr::V4(address) if interface.is_oper_up() => Some(address),
            _ => None,
        });
    choose(addresses)
}

fn choose(addresses: impl Iterator<Item = Ipv4Addr>) -> Option<Ipv4Addr> {
    let others: Vec<Ipv4Addr> = addresses.filter(|address| !address.is_loopback()).collect();
    let private = others.iter().find(|address| address.is_private());
    private.or(others.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_those_of_openim() {
        // Recorded from the Go service of edition main.
        let record = Record::service("openim", "auth-service-rpc-service", "127.0.0.1:10340");
        assert_eq!(
            record.key,
            "openim/auth-service-rpc-service/127.0.0.1:10340"
        );
        assert_eq!(
            record.value,
            r#"{"Op":0,"Addr":"127.0.0.1:10340","Metadata":null}"#
        );
        let record = Record::metrics("openim", "auth-service-rpc-service", 0, "127.0.0.1:12340");
        assert_eq!(
            record.key,
            "openim/prometheus_discovery/auth-service-rpc-service/0"
        );
        assert_eq!(
            record.value,
            r#"{"target":"127.0.0.1:12340","labels":{"namespace":"default"}}"#
        );
    }

    #[test]
    fn private_addresses_come_first() {
        let chosen = |texts: &[&str]| {
            let addresses = texts.iter().map(|text| text.parse().expect("an address"));
            choose(addresses).map(|address| address.to_string())
        };
        assert_eq!(
            chosen(&["127.0.0.1", "198.51.100.7", "10.0.0.7"]).as_deref(),
            Some("10.0.0.7")
        );
        assert_eq!(
            chosen(&["127.0.0.1", "198.51.100.7"]).as_deref(),
            Some("198.51.100.7")
        );
        assert_eq!(chosen(&["127.0.0.1"]), None);
    }
}
