//! The configuration that OpenIM's services share, and this service's own file.
//!
//! | file | what is read of it |
//! |---|---|
//! | `openim-rpc-auth-service.yml` | addresses, ports and metrics, all of it |
//! | `discovery.yml` | where etcd is, and on OpenIM's main line the service's name |
//! | `share.yml` | how long a message may be, and on the release line the service's name |
//! | `log.yml` | what is logged, and where to |
//!
//! Every key may be overridden by an environment variable: the file's name, then the key's path.
//! All that is wrong is said at once, each with its place.

mod host;
mod problem;
mod section;
mod yaml;

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

pub use host::Host;
use problem::Notes;
pub use problem::{Place, Problem, Problems};
use section::{File, Section};

/// The service's own file.
pub const OWN: &str = "openim-rpc-auth-service.yml";
const DISCOVERY: &str = "discovery.yml";
const SHARE: &str = "share.yml";
const LOG: &str = "log.yml";
/// The key of this service's name among the names of all services.
const NAME_KEY: &str = "authService";

/// All that the service is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name that it registers under.
    pub name: String,
    /// The number of this instance, from 0.
    pub index: usize,
    /// Where it listens.
    pub listen_ip: IpAddr,
    /// The port that it listens on.
    pub port: Port,
    /// The address that others call it by; else one of this machine is looked up.
    pub register_ip: Option<Host>,
    /// The port of the metrics, if they are wanted.
    pub metrics_port: Option<Port>,
    /// How long a message of a caller may be, if it is said.
    pub message_limit: Option<usize>,
    /// Who tells others where this instance is.
    pub discovery: Discovery,
    /// What is logged.
    pub log: Log,
}

/// A port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Whichever is free, as `autoSetPorts` asks.
    Free,
    /// This one.
    Fixed(u16),
}

impl Port {
    /// As listening takes it.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Free => 0,
            Self::Fixed(port) => port,
        }
    }
}

/// Who tells others where this instance is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// etcd, which the service tells itself.
    Etcd(Etcd),
    /// Kubernetes, which knows without being told.
    Kubernetes,
}

/// How to reach etcd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Etcd {
    /// The folder of all of OpenIM's keys.
    pub root: String,
    /// Its members, each as `host:port`.
    pub addresses: Vec<String>,
    /// Name and password, if it asks for them.
    pub credentials: Option<Credentials>,
}

/// A name and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// Without the password, which has no business in a log.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// What is logged, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The folder of the log files, seen from the working directory. Without it, none is written.
    pub folder: Option<PathBuf>,
    /// After how many hours a new file begins.
    pub rotation_hours: u32,
    /// How many files are kept.
    pub kept_files: u32,
    /// From 0, almost nothing, to 6, everything.
    pub level: u32,
    /// Whether it goes to the standard output too.
    pub stdout: bool,
    /// Whether lines are JSON.
    pub json: bool,
}

impl Config {
    /// Reads the files in a folder, for one instance. `environment` looks up a variable.
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    pub fn load(
        folder: &Path,
        index: usize,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Problems> {
        let problems = Notes::default();
        let read = |name: &str| File::read(folder, name, environment, &problems);
        let own = read(OWN);
        let discovery = read(DISCOVERY);
        let share = read(SHARE);
        let log = read(LOG);

        let (listen_ip, register_ip, port, metrics_port) = addresses(&own.root(), index);
        own.refuse_unknown_keys();
        // The release line keeps the names in share.yml, which on main has none.
        let name = service_name(&discovery.root(), "rpcService")
            .or_else(|| service_name(&share.root(), "rpcRegisterName"));
        if name.is_none() && !discovery.is_broken() {
            discovery.problem(&format!(
                "the service has no name: there is no {NAME_KEY} below rpcService here, nor below rpcRegisterName in {SHARE}. On OpenIM's main line, add `  {NAME_KEY}: auth-service-rpc-service` below rpcService; before that, `  {NAME_KEY}: {NAME_KEY}` below rpcRegisterName in {SHARE}"
            ));
        }
        let config = Self {
            name: name.unwrap_or_default(),
            index,
            listen_ip,
            port,
            register_ip,
            metrics_port,
            message_limit: message_limit(&share.root()),
            discovery: discovery_of(&discovery.root()),
            log: log_of(&log.root()),
        };
        problems.or(config)
    }
}

/// What the service's own file says.
fn addresses(root: &Section<'_>, index: usize) -> (IpAddr, Option<Host>, Port, Option<Port>) {
    let rpc = root.section("rpc");
    let listen_ip = rpc.parsed("listenIP", "an IP address such as 0.0.0.0");
    let listen_ip = listen_ip.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    let register_ip = rpc.parsed(
        "registerIP",
        "an address that others can call, such as 10.0.0.7",
    );
    let free = rpc.flag("autoSetPorts");
    let port = port(&rpc, "ports", index, free);

    let prometheus = root.section("prometheus");
    let enabled = prometheus.flag("enable");
    let metrics_port = port_if(enabled, &prometheus, index, free);

    refuse_what_is_gos(root);
    (listen_ip, register_ip, port, metrics_port)
}

/// Main's file has two parts that this service has not. Saying that they are on would be a lie.
fn refuse_what_is_gos(root: &Section<'_>) {
    let limiter = root.section("rateLimiter");
    let breaker = root.section("circuitBreaker");
    for (name, section) in [("rateLimiter", &limiter), ("circuitBreaker", &breaker)] {
        if section.flag("enable") {
            section.problem(
                "enable",
                &format!("this service has no {name}; set enable to false"),
            );
        }
        // Read for what is wrong with it alone, as what follows.
        section.text("window");
        section.number("bucket");
    }
    limiter.number("cpuThreshold");
    breaker.decimal("success");
    breaker.number("request");
}

fn port_if(enabled: bool, prometheus: &Section<'_>, index: usize, free: bool) -> Option<Port> {
    if enabled {
        return Some(port(prometheus, "ports", index, free));
    }
    // Nobody listens there, and what is wrong with them is said all the same.
    prometheus.ports("ports");
    None
}

/// The port of this instance.
fn port(section: &Section<'_>, key: &str, index: usize, free: bool) -> Port {
    let ports = section.ports(key);
    if free {
        return Port::Free;
    }
    if let Some(port) = ports.get(index) {
        return Port::Fixed(*port);
    }
    section.problem(
        key,
        &format!(
            "instance {index} (-i {index}) needs entry {index}, counted from 0, of {}, which has {}; add a port, or set rpc.autoSetPorts to true",
            section.path(key),
            match ports.len() {
                1 => "one entry".to_owned(),
                count => format!("{count} entries"),
            }
        ),
    );
    Port::Free
}

fn service_name(root: &Section<'_>, section: &str) -> Option<String> {
    root.section(section).text(NAME_KEY)
}

/// Main's limit of what callers send. Nothing and 0 leave gRPC's own.
fn message_limit(root: &Section<'_>) -> Option<usize> {
    let limit = root.section("rpcMaxBodySize").number("requestMaxBodySize");
    limit
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|limit| *limit > 0)
}

fn discovery_of(root: &Section<'_>) -> Discovery {
    match root.text("enable").as_deref() {
        Some("etcd") => Discovery::Etcd(etcd(&root.section("etcd"))),
        Some("kubernetes" | "k8s") => Discovery::Kubernetes,
        other => {
            let message = match other {
                Some(other) => format!("discovery by {other} is not known here"),
                None => "it is not said who tells others where the service is".to_owned(),
            };
            root.problem("enable", &format!("{message}; write etcd or kubernetes"));
            Discovery::Kubernetes
        }
    }
}

fn etcd(section: &Section<'_>) -> Etcd {
    let addresses = section.texts("address");
    if addresses.is_empty() {
        section.problem(
            "address",
            "there is no address of etcd; write [ localhost:12379 ]",
        );
    }
    // To Go's client `https` means TLS, with the certificates that the machine trusts.
    let other = |address: &&String| address.contains("://") && !address.starts_with("http://");
    if let Some(address) = addresses.iter().find(other) {
        section.problem(
            "address",
            &format!("this service speaks to etcd without TLS and over TCP; write host:port instead of {address}"),
        );
    }
    let root = section.text("rootDirectory").unwrap_or_else(|| {
        section.problem(
            "rootDirectory",
            "it is not said below which name OpenIM's keys are; write openim",
        );
        String::new()
    });
    let username = section.text("username");
    let password = section.text("password").unwrap_or_default();
    Etcd {
        root,
        addresses,
        credentials: username.map(|username| Credentials { username, password }),
    }
}

fn log_of(root: &Section<'_>) -> Log {
    Log {
        folder: root.text("storageLocation").map(PathBuf::from),
        rotation_hours: root.number("rotationTime").unwrap_or(24),
        kept_files: root.number("remainRotationCount").unwrap_or(2),
        level: root.number("remainLogLevel").unwrap_or(4),
        stdout: root.flag("isStdout"),
        json: root.flag("isJson"),
    }
}

/// The text of a file, or why there is none.
fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("it cannot be read: {error}"),
    })
}

#[cfg(test)]
mod tests;
