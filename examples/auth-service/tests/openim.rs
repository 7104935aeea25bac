//! `openim-rpc-auth-service` with a real etcd: what it registers, what it says while it waits, and
//! how it gets over whatever happens to etcd.

mod common;

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use auth_service::discovery::Timing;
use common::etcd::Etcd;
use common::{Port, Program, Wire, http, texts, until};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

const NAME: &str = "auth-service-rpc-service";

/// The service, with the configuration of a folder.
struct Service {
    program: Program,
    folder: TempDir,
    at: String,
}

const ALL: &str = "rpc:\n  registerIP: 127.0.0.1\n  listenIP: 127.0.0.1\n  autoSetPorts: true\n  ports:\nprometheus:\n  enable: true\n  ports:\n";
/// One key in etcd only, so that each sentence about etcd is said once.
const NO_METRICS: &str =
    "rpc:\n  registerIP: 127.0.0.1\n  listenIP: 127.0.0.1\n  autoSetPorts: true\n";

impl Service {
    async fn start(etcd: &Etcd, own: &str) -> Self {
        Self::start_as(etcd, own, "").await
    }

    async fn start_as(etcd: &Etcd, own: &str, credentials: &str) -> Self {
        Self::start_at(&etcd.at(), own, credentials).await
    }

    /// With these addresses of etcd, parted by commas.
    async fn start_at(addresses: &str, own: &str, credentials: &str) -> Self {
        let folder = configuration(addresses, own, credentials);
        let mut program = start(&folder);
        let at = program.said("listens on ").await;
        Self {
            program,
            folder,
            at,
        }
    }

    fn key(&self) -> String {
        format!("openim/{NAME}/{}", self.at)
    }

    async fn registered(&self) {
        self.registered_times(1).await;
    }

    async fn registered_times(&self, times: usize) {
        // With its quotes: "not registered in etcd; …" says the opposite.
        let registered = async || self.count(r#""registered in etcd""#) >= times;
        until("the registration", registered).await;
    }

    /// How often its log says this.
    fn count(&self, text: &str) -> usize {
        texts(&self.folder.path().join("logs"))
            .matches(text)
            .count()
    }

    /// Waits until it gives this reason for not being registered. It may give others before, when
    /// the machine is busy.
    async fn complains(&mut self, reason: &str) {
        let behind = self.program.warned(&format!("reason={reason}")).await;
        assert_eq!(behind, "");
    }

    /// Waits until it says that the trouble is over, where it told of it.
    async fn recovers(&mut self) {
        let behind = self.program.warned("keeper: registered in etcd ").await;
        let key = format!("key=\"{}\"", self.key());
        assert!(behind.starts_with(&key), "{behind}");
    }

    async fn stop(mut self) {
        self.program.signal("-TERM");
        assert_eq!(self.program.ended().await.code(), Some(0));
    }

    /// It answers, whatever etcd does.
    async fn answers(&self) {
        Wire::connect(&self.at).await.answers().await;
    }
}

fn configuration(etcd: &str, own: &str, credentials: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let discovery = format!(
        "enable: etcd\netcd:\n  rootDirectory: openim\n  address: [ {etcd} ]\n{credentials}rpcService:\n  authService: {NAME}\n"
    );
    let log = "storageLocation: logs\nrotationTime: 24\nremainRotationCount: 2\nremainLogLevel: 6\nisStdout: false\nisJson: true\n";
    for (name, text) in [
        ("openim-rpc-auth-service.yml", own),
        ("discovery.yml", &discovery),
        ("share.yml", "secret: openIM123\n"),
        ("log.yml", log),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn start(folder: &TempDir) -> Program {
    let path = Path::new(env!("CARGO_BIN_EXE_openim-rpc-auth-service"));
    let arguments = ["-c", ".", "-i", "0"];
    Program::start("openim-rpc-auth-service", path, &arguments, folder.path())
}

/// What is said of an etcd that is not there, in the words of this system.
async fn refused(at: &str) -> String {
    let error = TcpStream::connect(at).await.expect_err("nobody is there");
    format!("etcd does not answer at {at}: {error}")
}

#[tokio::test]
async fn it_registers_as_main_does_and_removes_what_it_registered() {
    let etcd = Etcd::started().await;
    let service = Service::start(&etcd, ALL).await;
    service.registered().await;
    let metrics_key = format!("openim/prometheus_discovery/{NAME}/0");
    until("both keys", async || etcd.keys().await.len() == 2).await;
    assert_eq!(etcd.keys().await, [service.key(), metrics_key.clone()]);

    let value = etcd
        .ctl(&["get", "--print-value-only", &service.key()])
        .await;
    let expected = format!(r#"{{"Op":0,"Addr":"{}","Metadata":null}}"#, service.at);
    assert_eq!(value, expected);
    let mut lengths = Vec::new();
    for lease in etcd.leases().await {
        let text = etcd.ctl(&["lease", "timetolive", &lease]).await;
        let (_, rest) = text.split_once("granted with TTL(").expect("a length");
        lengths.push(rest.split('s').next().expect("seconds").to_owned());
    }
    lengths.sort();
    assert_eq!(lengths, ["30", "300"]);

    // Where Prometheus is told to look, there are metrics.
    service.answers().await;
    let target = etcd.ctl(&["get", "--print-value-only", &metrics_key]).await;
    let target: serde_json::Value = serde_json::from_str(&target).expect("JSON");
    let target = target["target"].as_str().expect("an address");
    let (_, metrics) = http(target, "GET /metrics", "").await;
    assert!(
        metrics.contains(r#"rpc_count{code="0",name="auth-service-rpc-service",path="/openim.authservice.AuthService/Echo"} 1"#),
        "{metrics}"
    );
    assert!(metrics.contains("process_resident_memory_bytes"));

    service.stop().await;
    assert!(etcd.keys().await.is_empty());
    assert!(etcd.leases().await.is_empty());
}

#[tokio::test]
async fn etcd_that_is_not_there_at_start_is_waited_for_aloud() {
    let mut etcd = Etcd::new();
    let mut service = Service::start(&etcd, NO_METRICS).await;
    service.complains(&refused(&etcd.at()).await).await;
    service.answers().await;
    etcd.start().await;
    service.recovers().await;
    service.registered().await;
    assert_eq!(etcd.keys().await, [service.key()]);
    service.stop().await;
}

#[tokio::test]
async fn a_terminal_that_has_the_log_hears_what_is_wrong_at_any_level() {
    let etcd = Etcd::new();
    let folder = configuration(&etcd.at(), NO_METRICS, "");
    // Errors alone, on the standard output.
    let log = "storageLocation: logs\nremainLogLevel: 2\nisStdout: true\nisJson: true\n";
    std::fs::write(folder.path().join("log.yml"), log).expect("a file");
    let mut program = start(&folder);
    let line = program.said("not registered in etcd; ").await;
    assert!(line.contains("etcd does not answer at "), "{line}");
}

#[tokio::test]
async fn it_stops_while_it_waits_for_etcd() {
    let etcd = Etcd::new();
    let mut service = Service::start(&etcd, ALL).await;
    service.complains(&refused(&etcd.at()).await).await;
    service.stop().await;
}

#[tokio::test]
async fn a_lost_lease_is_replaced() {
    let etcd = Etcd::started().await;
    let mut service = Service::start(&etcd, NO_METRICS).await;
    service.registered().await;
    let lost = etcd.leases().await;
    etcd.ctl(&["lease", "revoke", &lost[0]]).await;

    let reason = "the lease in etcd has ended";
    service.complains(reason).await;
    service.recovers().await;
    service.registered_times(2).await;
    assert_eq!(etcd.keys().await, [service.key()]);
    assert_ne!(etcd.leases().await, lost);
    service.stop().await;
    assert!(etcd.keys().await.is_empty());
}

#[tokio::test]
async fn prometheus_key_is_renewed_and_removed_as_the_other() {
    let etcd = Etcd::started().await;
    let service = Service::start(&etcd, ALL).await;
    service.registered_times(2).await;
    let keys = [
        service.key(),
        format!("openim/prometheus_discovery/{NAME}/0"),
    ];
    assert_eq!(etcd.keys().await, keys);
    let lost = etcd.leases().await;
    assert_eq!(lost.len(), 2);
    for lease in &lost {
        etcd.ctl(&["lease", "revoke", lease]).await;
    }
    service.registered_times(4).await;
    assert_eq!(etcd.keys().await, keys);
    let leases = etcd.leases().await;
    assert!(leases.iter().all(|lease| !lost.contains(lease)));
    service.stop().await;
    assert!(etcd.keys().await.is_empty());
}

#[tokio::test]
async fn etcd_may_stop_and_start_again() {
    let mut etcd = Etcd::started().await;
    let mut service = Service::start(&etcd, NO_METRICS).await;
    service.registered().await;
    etcd.stop().await;
    let reason = format!("the connection to etcd at {} broke", etcd.at());
    service.complains(&reason).await;
    service.complains(&refused(&etcd.at()).await).await;
    service.answers().await;

    etcd.start().await;
    service.recovers().await;
    service.registered_times(2).await;
    assert_eq!(etcd.keys().await, [service.key()]);
    // The key goes with the new lease: it stays when the old one, whose end nobody announced, ends.
    let leases = etcd.leases().await;
    let mut with_keys = 0;
    for lease in &leases {
        let text = etcd.ctl(&["lease", "timetolive", lease, "--keys"]).await;
        with_keys += usize::from(text.contains(&service.key()));
    }
    assert_eq!(with_keys, 1, "{leases:?}");
    service.stop().await;
    assert!(etcd.keys().await.is_empty());
}

#[tokio::test]
async fn an_etcd_that_stalls_is_noticed() {
    let etcd = Etcd::started().await;
    let mut service = Service::start(&etcd, NO_METRICS).await;
    service.registered().await;
    etcd.freeze();
    let reason = "etcd took longer than 5s to keep the lease alive";
    service.complains(reason).await;
    service.answers().await;

    etcd.wake();
    service.recovers().await;
    service.registered_times(2).await;
    assert_eq!(etcd.keys().await, [service.key()]);
    service.stop().await;
    assert!(etcd.keys().await.is_empty());
}

#[tokio::test]
async fn an_etcd_that_accepts_and_says_nothing_is_not_waited_for_in_silence() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = silent.local_addr().expect("an address").to_string();
    let mut service = Service::start_at(&silent, NO_METRICS, "").await;
    let reason = "etcd took longer than 5s to grant a lease";
    service.complains(reason).await;
    service.answers().await;
    service.stop().await;
}

/// A way to an etcd on which its answers take as long as is wanted.
struct SlowWay {
    at: String,
    milliseconds: Arc<AtomicU64>,
}

impl SlowWay {
    async fn to(etcd: &Etcd, delay: Duration) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let way = Self {
            at: listener.local_addr().expect("an address").to_string(),
            milliseconds: Arc::default(),
        };
        way.delay(delay);
        let (etcd, milliseconds) = (etcd.at(), way.milliseconds.clone());
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let etcd = TcpStream::connect(&etcd).await.expect("etcd runs");
                tokio::spawn(pass_on(caller, etcd, milliseconds.clone()));
            }
        });
        way
    }

    fn delay(&self, delay: Duration) {
        let milliseconds = u64::try_from(delay.as_millis()).expect("a short time");
        self.milliseconds.store(milliseconds, Ordering::Relaxed);
    }
}

/// Passes on what comes, in both directions. A failure is an end.
async fn pass_on(caller: TcpStream, etcd: TcpStream, milliseconds: Arc<AtomicU64>) {
    let (mut questions, mut to_caller) = caller.into_split();
    let (mut answers, mut to_etcd) = etcd.into_split();
    let there = async {
        tokio::io::copy(&mut questions, &mut to_etcd)
            .await
            .map(drop)
    };
    let back = async {
        let mut part = [0; 4096];
        loop {
            let length = answers.read(&mut part).await?;
            if length == 0 {
                return Ok::<_, std::io::Error>(());
            }
            let delay = milliseconds.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(delay)).await;
            to_caller.write_all(&part[..length]).await?;
        }
    };
    tokio::select! {
        _ = there => {}
        _ = back => {}
    }
}

#[tokio::test]
async fn an_etcd_that_answers_late_is_waited_for_so_long_and_no_longer() {
    let etcd = Etcd::started().await;
    let way = SlowWay::to(&etcd, Duration::from_millis(500)).await;
    let mut service = Service::start_at(&way.at, NO_METRICS, "").await;
    service.registered().await;
    assert_eq!(service.count("not registered in etcd"), 0);

    way.delay(Timing::default().call * 2);
    let reason = "etcd took longer than 5s to keep the lease alive";
    service.complains(reason).await;
    service.answers().await;

    way.delay(Duration::ZERO);
    service.recovers().await;
    assert_eq!(etcd.keys().await, [service.key()]);
    service.stop().await;
    assert!(etcd.keys().await.is_empty());
}

/// An etcd that asks for a name and a password.
struct Locked(Etcd);

impl Locked {
    const CREDENTIALS: &str = "  username: root\n  password: right\n";

    async fn started() -> Self {
        let etcd = Etcd::started().await;
        etcd.ctl(&["user", "add", "root:right"]).await;
        etcd.ctl(&["user", "grant-role", "root", "root"]).await;
        etcd.ctl(&["auth", "enable"]).await;
        Self(etcd)
    }

    async fn ctl(&self, arguments: &[&str]) -> String {
        let arguments = [&["--user", "root:right"], arguments].concat();
        self.0.ctl(&arguments).await
    }

    /// Lets somebody, as `name:password`, do all.
    async fn allow(&self, credentials: &str) {
        let (name, _) = credentials.split_once(':').expect("a password");
        self.ctl(&["user", "add", credentials]).await;
        self.ctl(&["user", "grant-role", name, "root"]).await;
    }

    async fn keys(&self) -> String {
        self.ctl(&["get", "--prefix", "--keys-only", "openim/"])
            .await
    }
}

#[tokio::test]
async fn wrong_credentials_are_named_until_they_are_right() {
    let etcd = Locked::started().await;
    etcd.allow("service:other").await;
    let credentials = "  username: service\n  password: right\n";
    let mut service = Service::start_as(&etcd.0, NO_METRICS, credentials).await;
    let reason = "etcd refused the name \"service\" or its password; see etcd.username and etcd.password in discovery.yml";
    service.complains(reason).await;
    service.answers().await;
    // It is mended in etcd, and the service is not started again.
    etcd.ctl(&["user", "delete", "service"]).await;
    etcd.allow("service:right").await;
    service.recovers().await;
    service.registered().await;
    assert_eq!(etcd.keys().await.trim(), service.key());
    service.stop().await;
    assert_eq!(etcd.keys().await, "");
}

#[tokio::test]
async fn missing_credentials_are_named_and_leave_nothing_behind() {
    let etcd = Locked::started().await;
    let mut service = Service::start(&etcd.0, NO_METRICS).await;
    let reason = "etcd does not allow this service to store the key; see etcd.username and etcd.password in discovery.yml";
    service.complains(reason).await;
    // The lease was begun for a key that may not be stored.
    let no_lease = async || etcd.ctl(&["lease", "list"]).await == "found 0 leases";
    until("no lease to be left", no_lease).await;
    // It gets over that without being started again.
    etcd.ctl(&["auth", "disable"]).await;
    service.recovers().await;
    service.registered().await;
    service.stop().await;
}

#[tokio::test]
async fn right_credentials_last_to_the_end() {
    let etcd = Locked::started().await;
    let service = Service::start_as(&etcd.0, NO_METRICS, Locked::CREDENTIALS).await;
    service.registered().await;
    assert_eq!(etcd.keys().await.trim(), service.key());

    // etcd forgets who has logged in: after five minutes, and at once by this.
    etcd.ctl(&["auth", "disable"]).await;
    etcd.0.ctl(&["auth", "enable"]).await;
    service.stop().await;
    assert_eq!(etcd.keys().await, "");
}

#[tokio::test]
async fn a_member_of_etcd_that_fails_is_passed_over() {
    let etcd = Etcd::started().await;
    // One accepts and says nothing, one is not there.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = silent.local_addr().expect("an address");
    let nobody = Port::hold();
    let addresses = format!("{silent}, {}, {}", nobody.at(), etcd.at());
    let mut service = Service::start_at(&addresses, NO_METRICS, "").await;
    service
        .complains("etcd took longer than 5s to grant a lease")
        .await;
    service.recovers().await;
    service.registered().await;
    assert_eq!(etcd.keys().await, [service.key()]);
    service.stop().await;
    assert!(etcd.keys().await.is_empty());
}

#[tokio::test]
async fn all_keys_share_the_time_for_their_removal() {
    let etcd = Etcd::started().await;
    let mut service = Service::start(&etcd, ALL).await;
    service.registered_times(2).await;
    etcd.freeze();
    let start = Instant::now();
    service.program.signal("-TERM");
    assert_eq!(service.program.ended().await.code(), Some(0));
    let limit = Timing::default().removal;
    let took = start.elapsed();
    assert!(took >= limit && took < limit * 2, "{took:?}");
    let said = service.program.complaints().await;
    let key = service.key();
    let metrics_key = format!("openim/prometheus_discovery/{NAME}/0");
    for key in [key, metrics_key] {
        let sentence = format!(
            "not removed from etcd; it goes when its lease ends key=\"{key}\" reason=etcd took longer than 5s to remove the key\n"
        );
        assert!(said.contains(&sentence), "{said}");
    }
}

#[tokio::test]
async fn credentials_do_no_harm_where_none_are_asked_for() {
    let etcd = Etcd::started().await;
    let credentials = "  username: root\n  password: any\n";
    let service = Service::start_as(&etcd, NO_METRICS, credentials).await;
    service.registered().await;
    service.stop().await;
}

#[tokio::test]
async fn the_key_is_gone_before_calls_are_refused() {
    let etcd = Etcd::started().await;
    let mut service = Service::start(&etcd, NO_METRICS).await;
    service.registered().await;
    // Stopped in the middle of removing the key, which takes as long as etcd does.
    etcd.freeze();
    service.program.signal("-TERM");
    until("the stop", async || service.count("stopping: ") == 1).await;
    // As long as the key is there, callers are served.
    service.answers().await;
    etcd.wake();
    assert_eq!(service.program.ended().await.code(), Some(0));
    assert_eq!(service.count(r#""removed from etcd""#), 1);
    assert!(etcd.keys().await.is_empty());
}

#[tokio::test]
async fn the_terminal_names_the_operation_that_failed() {
    let etcd = Etcd::new();
    let mut service = Service::start(&etcd, NO_METRICS).await;
    Wire::connect(&service.at).await.echo("").await;
    // Only what goes wrong is said there, and the file has all of it at the same time.
    let line = service.program.warned("operationID=\"t1\"").await;
    assert!(line.contains("call refused code=1001"), "{line}");
    service.stop().await;
}

#[tokio::test]
async fn a_wrong_configuration_is_refused_with_its_place() {
    let folder = configuration("127.0.0.1:1", "rpc:\n  port: [ 1 ]\n", "");
    let mut program = start(&folder);
    assert_eq!(program.ended().await.code(), Some(1));
    let text = program.complaints().await;
    assert!(
        text.contains("./openim-rpc-auth-service.yml:2:3: rpc.port is not a key of this file; did you mean rpc.ports?"),
        "{text}"
    );
}

#[tokio::test]
async fn a_busy_port_is_said_in_a_sentence() {
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = busy.local_addr().expect("an address");
    let own = format!("rpc:\n  listenIP: 127.0.0.1\n  ports: [ {} ]\n", at.port());
    let folder = configuration("127.0.0.1:1", &own, "");
    let mut program = start(&folder);
    assert_eq!(program.ended().await.code(), Some(1));
    assert_eq!(
        program.complaints().await,
        format!(
            "openim-rpc-auth-service: cannot listen on {at}: another process listens there. The port comes from rpc.ports in openim-rpc-auth-service.yml\n"
        )
    );
}

#[tokio::test]
async fn kubernetes_needs_to_be_told_nothing() {
    let folder = configuration("127.0.0.1:1", NO_METRICS, "");
    let discovery = format!("enable: kubernetes\nrpcService:\n  authService: {NAME}\n");
    std::fs::write(folder.path().join("discovery.yml"), discovery).expect("a file");
    let mut program = start(&folder);
    let at = program.said("listens on ").await;
    let service = Service {
        program,
        folder,
        at,
    };
    service.answers().await;
    service.stop().await;
}

#[tokio::test]
async fn an_ipv6_address_is_registered_in_brackets() {
    let etcd = Etcd::started().await;
    let own = NO_METRICS.replace("registerIP: 127.0.0.1", "registerIP: '::1'");
    let service = Service::start(&etcd, &own).await;
    service.registered().await;
    let (_, port) = service.at.rsplit_once(':').expect("a port");
    assert_eq!(etcd.keys().await, [format!("openim/{NAME}/[::1]:{port}")]);
    service.stop().await;
    assert!(etcd.keys().await.is_empty());
}

#[tokio::test]
async fn a_message_may_be_as_long_as_share_yml_says() {
    const LIMIT: usize = 8 * 1024 * 1024;
    let folder = configuration("127.0.0.1:1", NO_METRICS, "");
    let share = format!("rpcMaxBodySize:\n  requestMaxBodySize: {LIMIT}\n");
    std::fs::write(folder.path().join("share.yml"), share).expect("a file");
    let mut program = start(&folder);
    let at = program.said("listens on ").await;
    let mut wire = Wire::connect(&at).await;
    // The field's number and the text's length take five bytes.
    let longest = "x".repeat(LIMIT - 5);
    let answer = wire.echo(&longest).await;
    assert_eq!(answer.code, 0, "{}", answer.message);
    let answer = wire.echo(&(longest + "x")).await;
    let message = "grpc: received message larger than max (8388609 vs. 8388608)";
    assert_eq!(answer.seen(), (8, message, ""));
}
