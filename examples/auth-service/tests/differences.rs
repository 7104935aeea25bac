//! What the README says of the differences from the Go service, seen by running both: the release
//! line's service as the guide builds it, and this one. How calls differ is in `beside_go.rs`.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use auth_service::contract::auth_service_server::AuthService;
use auth_service::contract::{EchoReq, EchoResp, GetConfigReq, GetConfigResp};
use auth_service::discovery;
use auth_service::layers::MESSAGE_LIMIT;
use auth_service::metrics::Metrics;
use common::etcd::Etcd;
use common::openim::{Configuration, listening, registered};
use common::{
    Alone, LIMIT, Port, Program, Served, Wire, echo, frame, http, path, request, soon, unfinished,
    until,
};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tonic::{Request, Response, Status};

/// How long is watched for what ought not to happen.
const WATCHED: Duration = Duration::from_secs(3);

const OWN: &str = "openim-rpc-auth-service.yml";
/// What stands between the stack frames of an error of the release line.
const FRAMES: &str = " | -> ";
const ID: (&str, &str) = ("operationid", "t1");

/// Both services, each with a folder of its own.
struct Both {
    etcd: Etcd,
    go: Configuration,
    rust: Configuration,
}

impl Both {
    async fn new() -> Self {
        let etcd = Etcd::started().await;
        let go = Configuration::new(&etcd);
        let rust = Configuration::new(&etcd);
        Self { etcd, go, rust }
    }

    fn each(&self) -> [&Configuration; 2] {
        [&self.go, &self.rust]
    }

    /// Each service's own file is this, with its own port.
    fn own(&self, text: &str) {
        for one in self.each() {
            let port = one.at().replace("127.0.0.1:", "");
            one.write(OWN, &text.replace("PORT", &port));
        }
    }
}

/// The beginning of a file that is right, but for what is added.
const RPC: &str = "rpc:\n  registerIP: 127.0.0.1\n  listenIP: 127.0.0.1\n  ports: [ PORT ]\n";

/// What a program that does not start says.
async fn refusal(mut program: Program) -> (Option<i32>, String) {
    let status = program.ended().await.code();
    (status, program.complaints().await)
}

#[tokio::test]
async fn the_go_service_passes_over_what_is_wrong_in_its_file() {
    let both = Both::new().await;
    both.own(&RPC.replace("ports: [", "port: [ 1 ]\n  ports: ["));
    let _go = both.go.go().await;
    registered(&both.etcd, 1).await;
    let (status, text) = refusal(both.rust.start(&Configuration::rust_program())).await;
    assert_eq!(status, Some(1));
    assert!(
        text.contains("4:3: rpc.port is not a key of this file; did you mean rpc.ports?"),
        "{text}"
    );
}

#[tokio::test]
async fn go_turns_values_into_what_it_wants_where_it_can() {
    let both = Both::new().await;
    both.own(&RPC.replace("PORT", "\"PORT\""));
    for one in both.each() {
        one.write(
            "log.yml",
            "storageLocation: logs\nremainLogLevel: '6'\nisStdout: 'true'\n",
        );
    }
    let mut go = both.go.go().await;
    registered(&both.etcd, 1).await;
    let (status, text) = refusal(both.rust.start(&Configuration::rust_program())).await;
    assert_eq!(status, Some(1));
    for sentence in [
        "openim-rpc-auth-service.yml:4:12: rpc.ports has to hold ports",
        "log.yml:2:17: remainLogLevel has to be a whole number, and is the text \"6\"",
        "log.yml:3:11: isStdout has to be true or false, and is the text \"true\"",
    ] {
        assert!(text.contains(sentence), "{text}");
    }
    go.signal("-TERM");
    go.ended().await;
    both.go.write("log.yml", "remainLogLevel: many\n");
    let (status, text) = refusal(both.go.start(&Configuration::go_program())).await;
    assert_eq!(status, Some(255));
    assert!(text.contains("cannot parse"), "{text}");
}

#[tokio::test]
async fn yaml_that_refers_to_itself_or_begins_again_is_taken_by_go_alone() {
    let both = Both::new().await;
    let anchored = RPC.replace("registerIP: 127", "registerIP: &here 127");
    for (text, place) in [
        (
            anchored.replace("listenIP: 127.0.0.1", "listenIP: *here"),
            "3:13: references to other values are not supported here",
        ),
        (
            RPC.replace("rpc:\n", "base: &base\n") + "rpc:\n  <<: *base\n",
            "6:3: keys of other values cannot be taken over here",
        ),
        (
            format!("{RPC}---\nrpc:\n  ports: [ 1 ]\n"),
            "6:1: a second document begins here; there can be one",
        ),
    ] {
        both.own(&text);
        let mut go = both.go.go().await;
        registered(&both.etcd, 1).await;
        let key = format!("openim/authService/{}", both.go.at());
        assert_eq!(both.etcd.keys().await, std::slice::from_ref(&key));
        go.signal("-TERM");
        go.ended().await;
        both.etcd.ctl(&["del", &key]).await;
        let (status, said) = refusal(both.rust.start(&Configuration::rust_program())).await;
        assert_eq!(status, Some(1));
        assert!(said.contains(place), "{said}");
    }
}

#[tokio::test]
async fn a_variable_counts_here_where_its_key_is_not_in_the_file() {
    let both = Both::new().await;
    both.own("rpc:\n  listenIP: 127.0.0.1\n  ports: [ PORT ]\n");
    let variable = "IMENV_OPENIM_RPC_AUTH_SERVICE_RPC_REGISTERIP=127.0.0.9";
    let [go, rust] = Configuration::programs();
    let _go = both.go.start_with(variable, &go);
    let _rust = both.rust.start_with(variable, &rust);
    registered(&both.etcd, 2).await;
    let port = |one: &Configuration| one.at().replace("127.0.0.1:", "");
    let mut expected = [
        format!("openim/authService/:{}", port(&both.go)),
        format!("openim/authService/127.0.0.9:{}", port(&both.rust)),
    ];
    expected.sort();
    assert_eq!(both.etcd.keys().await, expected);
}

#[tokio::test]
async fn the_flag_comes_before_the_variable() {
    let both = Both::new().await;
    let mut rust = both
        .rust
        .start_with("CONFIG_PATH=/nowhere", &Configuration::rust_program());
    rust.said("listens on ").await;
    // Without the flag, the variable counts.
    let program = Configuration::rust_program();
    let arguments = [
        "-c",
        "CONFIG_PATH=/nowhere exec \"$0\"",
        program.to_str().expect("text"),
    ];
    let other = Program::start("openim", Path::new("sh"), &arguments, Path::new("/"));
    let (_, text) = refusal(other).await;
    assert!(text.contains("/nowhere/"), "{text}");
}

#[tokio::test]
async fn files_in_etcd_are_not_read() {
    let both = Both::new().await;
    // As main's configuration centre has them: the fields of Go's struct, in JSON.
    let file = r#"{"RPC":{"RegisterIP":"127.0.0.9","ListenIP":"127.0.0.9","Ports":[1]}}"#;
    for (key, value) in [("enable-config-center", "enable"), (OWN, file)] {
        let key = format!("/open-im/config/{key}");
        both.etcd.ctl(&["put", &key, value]).await;
    }
    let _rust = both.rust.rust().await;
    registered(&both.etcd, 1).await;
    let key = format!("openim/authService/{}", both.rust.at());
    assert_eq!(both.etcd.keys().await, [key]);
}

#[tokio::test]
async fn etcd_over_tls_is_known_to_go_alone() {
    /// What a connection over TLS begins with.
    const HANDSHAKE: u8 = 22;
    let both = Both::new().await;
    let etcd = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("https://{}", etcd.local_addr().expect("an address"));
    for one in both.each() {
        one.adapt("discovery.yml", &[("localhost:12379", &address)]);
    }
    let _go = both.go.start(&Configuration::go_program());
    let (mut connection, _) = soon("the Go service", etcd.accept()).await.expect("one");
    let first = soon("a byte", connection.read_u8()).await;
    assert_eq!(first.expect("a byte"), HANDSHAKE);
    let (status, text) = refusal(both.rust.start(&Configuration::rust_program())).await;
    assert_eq!(status, Some(1));
    let refused = format!(
        "this service speaks to etcd without TLS and over TCP; write host:port instead of {address}"
    );
    assert!(text.contains(&refused), "{text}");
}

#[tokio::test]
async fn a_name_to_listen_at_is_taken_by_go_alone() {
    let both = Both::new().await;
    both.own(&RPC.replace("listenIP: 127.0.0.1", "listenIP: localhost"));
    let _go = both.go.go().await;
    registered(&both.etcd, 1).await;
    let (status, text) = refusal(both.rust.start(&Configuration::rust_program())).await;
    assert_eq!(status, Some(1));
    assert!(
        text.contains(
            "3:13: rpc.listenIP has to be an IP address such as 0.0.0.0, and is \"localhost\""
        ),
        "{text}"
    );
}

#[tokio::test]
async fn a_blank_address_is_registered_by_go_alone() {
    let both = Both::new().await;
    both.own(&RPC.replace("registerIP: 127.0.0.1", "registerIP:"));
    let mut go = both.go.go().await;
    registered(&both.etcd, 1).await;
    let port = both.go.at().replace("127.0.0.1:", "");
    let blank = format!("openim/authService/:{port}");
    assert_eq!(both.etcd.keys().await, std::slice::from_ref(&blank));
    go.signal("-TERM");
    go.ended().await;
    both.etcd.ctl(&["del", &blank]).await;

    let port = both.rust.at().replace("127.0.0.1:", "");
    let rust = both.rust.start(&Configuration::rust_program());
    // A machine in a network has an address; one without cannot be found by others.
    if let Some(address) = discovery::local_address() {
        registered(&both.etcd, 1).await;
        let key = format!("openim/authService/{address}:{port}");
        assert_eq!(both.etcd.keys().await, [key]);
    } else {
        let (status, text) = refusal(rust).await;
        assert_eq!(status, Some(1));
        assert!(text.contains("set rpc.registerIP"), "{text}");
    }
}

#[tokio::test]
async fn ports_are_found_here_alone() {
    let both = Both::new().await;
    let automatic = RPC.replace("ports: [ PORT ]", "autoSetPorts: true\n  ports:");
    both.own(&automatic);
    let (status, text) = refusal(both.go.start(&Configuration::go_program())).await;
    assert_eq!(status, Some(255));
    assert!(text.contains("index out of range"), "{text}");
    let mut rust = both.rust.start(&Configuration::rust_program());
    let at = rust.said("listens on ").await;
    Wire::connect(&at).await.answers().await;
}

/// The names of a page's metrics.
fn metric_names(page: &str) -> BTreeSet<String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names = types.filter_map(|line| Some(line.split_once(' ')?.0.to_owned()));
    names.collect()
}

#[tokio::test]
async fn metrics_listen_where_calls_do_and_only_if_they_are_enabled() {
    // Another address of this machine, on Linux.
    let elsewhere = |port: &Port| format!("127.0.0.2:{}", port.number);
    let both = Both::new().await;
    let (go_metrics, metrics) = (Port::hold(), Port::hold());
    let with = |port: &Port, enable| {
        let number = port.number;
        format!("{RPC}prometheus:\n  enable: {enable}\n  ports: [ {number} ]\n")
    };
    both.own(&with(&go_metrics, true));
    let _go = both.go.go().await;
    listening(&elsewhere(&go_metrics)).await;
    both.own(&with(&metrics, true));
    let mut rust = both.rust.rust().await;
    listening(&metrics.at()).await;
    assert!(TcpStream::connect(elsewhere(&metrics)).await.is_err());

    let mut names = Vec::new();
    // What they tell of an answer and of an error, and of the process.
    for (service, metrics, code) in [
        (&both.go, &go_metrics, "-1"),
        (&both.rust, &metrics, "1001"),
    ] {
        let mut wire = Wire::connect(&service.at()).await;
        wire.answers().await;
        assert_eq!(wire.echo("").await.code, 1001);
        let (_, text) = http(&metrics.at(), "GET /metrics", "").await;
        let line = |code| {
            format!(
                r#"rpc_count{{code="{code}",name="authService",path="/openim.authservice.AuthService/Echo"}} 1"#
            )
        };
        assert!(text.contains(&line("0")), "{text}");
        assert!(text.contains(&line(code)), "{text}");
        names.push(metric_names(&text));
    }
    let only = |one: usize, other: usize| -> Vec<&str> {
        let names = names[one].difference(&names[other]);
        names.map(String::as_str).collect()
    };
    // Go's own are there, and the other libraries' all but for these.
    let (go_runtime, go_only): (Vec<_>, Vec<_>) = only(0, 1)
        .into_iter()
        .partition(|name| name.starts_with("go_"));
    assert!(go_runtime.contains(&"go_goroutines"), "{go_runtime:?}");
    assert_eq!(
        go_only,
        [
            "process_virtual_memory_max_bytes",
            "promhttp_metric_handler_errors_total"
        ]
    );
    assert_eq!(only(1, 0), ["process_threads"]);

    registered(&both.etcd, 2).await;
    rust.signal("-TERM");
    rust.ended().await;
    // No other key than the service's: a port that is fixed need not be found.
    assert_eq!(both.rust.log().matches("removed from etcd").count(), 1);
    both.own(&with(&metrics, false));
    let _rust = both.rust.rust().await;
    assert!(TcpStream::connect(metrics.at()).await.is_err());
}

#[tokio::test]
async fn the_log_is_a_file_of_its_own_with_a_line_for_each_call_and_without_messages() {
    let both = Both::new().await;
    let _go = both.go.go().await;
    let _rust = both.rust.rust().await;
    for one in both.each() {
        let mut wire = Wire::connect(&one.at()).await;
        let headers = [("operationid", "find-me")];
        let body = frame(&echo("secret-message"));
        assert_eq!(wire.send(&path("Echo"), &headers, body).await.code, 0);
    }
    let lines = |one: &Configuration, text: &str| {
        let log = one.log();
        log.lines().filter(|line| line.contains(text)).count()
    };
    let written = async || lines(&both.go, "find-me") == 2 && lines(&both.rust, "find-me") == 1;
    until("the lines", written).await;
    assert_eq!(lines(&both.go, "secret-message"), 2, "{}", both.go.log());
    assert_eq!(
        lines(&both.rust, "secret-message"),
        0,
        "{}",
        both.rust.log()
    );
    let named = |one: &Configuration, name: &str| {
        let files = one.log_files();
        assert!(files.iter().all(|file| file.starts_with(name)), "{files:?}");
        assert!(!files.is_empty());
    };
    named(&both.go, "openim-service-log");
    named(&both.rust, "openim-rpc-auth-service.log");
}

#[tokio::test]
async fn go_waits_for_etcd_without_a_word_and_answers_nobody() {
    let etcd = Etcd::new();
    let (go, rust) = (Configuration::new(&etcd), Configuration::new(&etcd));
    let mut waiting = go.go().await;
    waiting.said("RPC server is initializing").await;
    let mut complaining = rust.rust().await;
    complaining.warned("reason=etcd does not answer at ").await;
    Wire::connect(&rust.at()).await.answers().await;
    // The Go service takes the connection and nothing more.
    let watch = tokio::time::timeout(WATCHED, async {
        tokio::select! {
            line = waiting.out.next_line() => format!("{line:?}"),
            line = waiting.err.next_line() => format!("{line:?}"),
            () = async { Wire::connect(&go.at()).await.answers().await } => "an answer".to_owned(),
        }
    });
    let heard = watch.await;
    assert!(heard.is_err(), "{heard:?}");
}

#[tokio::test]
async fn go_ends_where_etcd_refuses_the_password() {
    let both = Both::new().await;
    for arguments in [
        ["user", "add", "root:right"].as_slice(),
        &["user", "grant-role", "root", "root"],
        &["auth", "enable"],
    ] {
        both.etcd.ctl(arguments).await;
    }
    let at = both.etcd.at();
    for one in both.each() {
        let credentials = [
            ("localhost:12379", at.as_str()),
            ("username: ''", "username: root"),
            ("password: ''", "password: wrong"),
        ];
        one.adapt("discovery.yml", &credentials);
    }
    let (status, text) = refusal(both.go.start(&Configuration::go_program())).await;
    assert_eq!(status, Some(255));
    assert!(text.contains("invalid user ID or password"), "{text}");
    let mut rust = both.rust.rust().await;
    rust.warned("reason=etcd refused the name \"root\" or its password")
        .await;
    Wire::connect(&both.rust.at()).await.answers().await;
}

#[tokio::test]
async fn go_is_lost_with_its_lease() {
    let both = Both::new().await;
    let _go = both.go.go().await;
    let _rust = both.rust.rust().await;
    registered(&both.etcd, 2).await;
    for lease in both.etcd.leases().await {
        both.etcd.ctl(&["lease", "revoke", &lease]).await;
    }
    let start = Instant::now();
    let ours = format!("openim/authService/{}", both.rust.at());
    until("our key", async || both.etcd.keys().await == [ours.clone()]).await;
    // A sign of life every 10 seconds, and a second until it is tried again.
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{:?}",
        start.elapsed()
    );
    tokio::time::sleep(WATCHED).await;
    assert_eq!(both.etcd.keys().await, [ours]);
}

#[tokio::test]
async fn the_key_of_a_service_that_was_stopped_is_left_by_go_alone() {
    let both = Both::new().await;
    let mut go = both.go.go().await;
    let mut rust = both.rust.rust().await;
    registered(&both.etcd, 2).await;
    for program in [&mut go, &mut rust] {
        program.signal("-TERM");
        assert_eq!(program.ended().await.code(), Some(0));
    }
    let left = format!("openim/authService/{}", both.go.at());
    assert_eq!(both.etcd.keys().await, [left]);
}

#[tokio::test]
async fn an_interrupt_is_a_stop_here_and_the_end_of_go() {
    // A shell's job in the background ignores interrupts, and what it starts does too, Go's programs to
    // their end. What is caught here is not ignored by what is started from here.
    let _caught = signal(SignalKind::interrupt()).expect("interrupts can be caught");
    let both = Both::new().await;
    let mut go = both.go.go().await;
    let mut rust = both.rust.rust().await;
    registered(&both.etcd, 2).await;
    go.signal("-INT");
    let status = go.ended().await;
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(2)
    );
    rust.signal("-INT");
    assert_eq!(rust.ended().await.code(), Some(0));
}

#[tokio::test]
async fn calls_that_are_cut_off_are_told_of() {
    let both = Both::new().await;
    let mut go = both.go.go().await;
    let mut rust = both.rust.rust().await;
    registered(&both.etcd, 2).await;
    // Headers of a call whose message does not come.
    let mut calls = Vec::new();
    for one in both.each() {
        calls.push(unfinished(&one.at()).await);
    }
    go.signal("-TERM");
    rust.signal("-TERM");
    let (theirs, ours) = tokio::join!(go.ended(), rust.ended());
    assert_eq!(theirs.code(), Some(255));
    let text = go.complaints().await;
    assert!(text.contains("timeout, ctx graceful stop"), "{text}");
    assert_eq!(ours.code(), Some(1));
    let text = rust.complaints().await;
    assert!(
        text.contains("calls under way and not answered within 10s of the stop, and cut off: 1"),
        "{text}"
    );
    drop(calls);
}

/// Handlers that do what those of the Go service with mishaps do.
#[derive(Clone, Copy)]
struct Mishaps;

/// As long as the Go handler sleeps.
const SLEEP: Duration = Duration::from_secs(1);

#[tonic::async_trait]
impl AuthService for Mishaps {
    async fn echo(&self, request: Request<EchoReq>) -> Result<Response<EchoResp>, Status> {
        let message = request.into_inner().message;
        match message.as_str() {
            "panic" => panic!("boom"),
            "sleep" => tokio::time::sleep(SLEEP).await,
            _ => {}
        }
        Ok(Response::new(EchoResp { message }))
    }

    async fn get_config(
        &self,
        _: Request<GetConfigReq>,
    ) -> Result<Response<GetConfigResp>, Status> {
        Ok(Response::new(GetConfigResp::default()))
    }
}

async fn with_mishaps() -> Served {
    let metrics = Metrics::new("authService").expect("metrics");
    Served::start(Mishaps, metrics, LIMIT).await
}

#[tokio::test]
async fn a_panic_is_the_end_of_go() {
    let both = Both::new().await;
    let mut go = both.go.go_with_mishaps().await;
    registered(&both.etcd, 1).await;
    let mut wire = Wire::connect(&both.go.at()).await;
    wire.answers().await;
    let call = http::Request::post(format!("http://{}{}", both.go.at(), path("Echo")))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header(ID.0, ID.1)
        .body(frame(&echo("panic")).into());
    let ended = soon("the end of the call", wire.ask(call.expect("a request"))).await;
    assert!(ended.is_err(), "{ended:?}");
    assert_eq!(go.ended().await.code(), Some(2));

    let served = with_mishaps().await;
    let mut wire = Wire::connect(&served.at).await;
    let answer = wire.echo("panic").await;
    assert_eq!((answer.code, answer.message.as_str()), (500, "panic error"));
    wire.answers().await;

    // What Go left behind makes room, and openim-api finds the one that lives on.
    for key in both.etcd.keys().await {
        both.etcd.ctl(&["del", &key]).await;
    }
    let key = format!("openim/authService/{}", served.at);
    let value = format!(r#"{{"Addr":"{}"}}"#, served.at);
    both.etcd.ctl(&["put", &key, &value]).await;
    let _api = both.go.api().await;
    let head = "POST /authservice/echo\noperationID: t1";
    for (message, code, text) in [
        ("panic", 500, "panic error"),
        ("hello", 0, r#""message":"hello""#),
    ] {
        let body = format!(r#"{{"message":"{message}"}}"#);
        let (status, answer) = http(&both.go.api_at(), head, &body).await;
        let json: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!((status, json["errCode"].as_u64()), (200, Some(code)));
        assert!(answer.contains(text), "{answer}");
    }
}

#[tokio::test]
async fn a_handler_whose_caller_is_gone_runs_on_in_go_alone() {
    let both = Both::new().await;
    let _go = both.go.go_with_mishaps().await;
    registered(&both.etcd, 1).await;
    let served = with_mishaps().await;
    let headers = [ID, ("grpc-timeout", "50m")];
    // The Go service answers as if nothing had been asked of it.
    for (at, code, waits) in [(both.go.at(), 0, true), (served.at.clone(), 4, false)] {
        let mut wire = Wire::connect(&at).await;
        let start = Instant::now();
        let answer = wire
            .send(&path("Echo"), &headers, frame(&echo("sleep")))
            .await;
        let took = start.elapsed();
        assert_eq!((answer.code, took >= SLEEP), (code, waits), "{took:?}");
    }
}

#[tokio::test]
async fn messages_have_spaces_and_stack_frames_from_go() {
    let both = Both::new().await;
    let _go = both.go.go().await;
    let _rust = both.rust.rust().await;
    for (one, encoded) in [
        (&both.go, "operationID error"),
        (&both.rust, "operationID%20error"),
    ] {
        let mut wire = Wire::connect(&one.at()).await;
        let answer = wire.send(&path("Echo"), &[], frame(&echo("hello"))).await;
        assert_eq!(answer.encoded, encoded);
        assert_eq!(answer.message, "operationID error");
        // What a handler says comes from Go with the functions that passed it on.
        let message = wire.echo("").await.message;
        assert_eq!(message.contains(FRAMES), encoded.contains(' '), "{message}");
    }
}

#[tokio::test]
async fn the_api_asks_for_a_token_takes_long_bodies_and_compresses_answers() {
    let both = Both::new().await;
    let _go = both.go.go().await;
    registered(&both.etcd, 1).await;
    let _api = both.go.api().await;
    let (api, alone) = (both.go.api_at(), Alone::start().await);
    let front = &alone.http;

    // The tests' openim-api lists the guide's routes as open. What is not listed needs a token.
    let closed = "POST /authservicetoo\noperationID: t1";
    let (status, text) = http(&api, closed, "{}").await;
    assert_eq!(status, 200);
    assert!(text.contains("header must have token"), "{text}");
    assert_eq!(http(front, closed, "{}").await.0, 404);

    let echo = "POST /authservice/echo\noperationID: t1";
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(MESSAGE_LIMIT));
    let code = |text: &str| {
        let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
        json["errCode"].as_u64()
    };
    let (status, text) = http(&api, echo, &long).await;
    assert_eq!((status, code(&text)), (200, Some(8)), "{text}");
    let (status, text) = http(front, echo, &long).await;
    assert_eq!((status, code(&text)), (413, Some(1001)), "{text}");

    for body in ["{}", r#"{"message":"#] {
        for (at, has_frames) in [(&api, true), (front, false)] {
            let (status, text) = http(at, echo, body).await;
            assert_eq!((status, code(&text)), (200, Some(1001)), "{text}");
            let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let message = json["errMsg"].as_str().expect("a text");
            assert_eq!(message.contains(FRAMES), has_frames, "{message}");
        }
    }

    let zipped = format!("{echo}\naccept-encoding: gzip");
    let body = format!(r#"{{"message":"{}"}}"#, "x".repeat(100_000));
    for (at, compressed) in [(&api, true), (front, false)] {
        let answer = request(at, &zipped, &body).await;
        let headers = answer.headers();
        assert_eq!(answer.status(), 200);
        assert_eq!(headers.contains_key("content-encoding"), compressed);
        // Main's openim-api has it, and the release line's does not.
        assert!(!headers.contains_key("x-http-id"));
    }
}
