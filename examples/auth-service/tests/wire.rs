//! What goes over the wire, byte for byte where it was recorded from the Go service of edition main.

mod common;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_service::connections::Limit;
use auth_service::contract::auth_service_server::AuthService;
use auth_service::contract::{EchoReq, EchoResp, GetConfigReq, GetConfigResp};
use auth_service::handlers::Handlers;
use auth_service::layers::MESSAGE_LIMIT;
use auth_service::layers::room::Size;
use auth_service::metrics::Metrics;
use auth_service::{descriptors, server};
use bytes::Bytes;
use common::{Alone, LIMIT, Served, Wire, echo, exchange, frame, http, path, soon, until};
use futures_util::{StreamExt as _, stream};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tonic::{Request, Response, Status};
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

/// Recorded: the details of the status that answers an empty message.
const MESSAGE_REQUIRED: &str = "COkHEglBcmdzRXJyb3IaQwotdHlwZS5nb29nbGVhcGlzLmNvbS9vcGVuaW0ucHJvdG9idWYuRXJyb3JJbmZvEhIiEG1lc3NhZ2UgcmVxdWlyZWQ";
/// Recorded: the frame that answers "hello".
const HELLO: [u8; 12] = *b"\0\0\0\0\x07\x0a\x05hello";

const SERVICE: &str = "openim.authservice.AuthService";

type Headers<'a> = &'a [(&'a str, &'a str)];

fn metrics() -> Metrics {
    Metrics::new("auth-service-rpc-service").expect("metrics")
}

async fn served() -> Served {
    Served::start(Handlers::default(), metrics(), LIMIT).await
}

#[tokio::test]
async fn a_message_comes_back() {
    let served = served().await;
    let mut wire = Wire::connect(&served.at).await;
    let answer = wire.echo("hello").await;
    assert_eq!(answer.seen(), (0, "", ""));
    assert_eq!(answer.data, HELLO.as_slice());
    for text in ["Grüße, 世界 👋", &"long ".repeat(100_000)] {
        let answer = wire.echo(text).await;
        assert_eq!(answer.data, frame(&echo(text)));
    }
    let key = GetConfigReq {
        key: "theme".to_owned(),
    };
    let answer = wire.call("GetConfig", &key).await;
    let value = GetConfigResp {
        value: "example-value".to_owned(),
    };
    assert_eq!(answer.data, frame(&value));
    served.stop().await.expect("nothing is under way");
}

#[tokio::test]
async fn an_empty_message_is_answered_with_the_recorded_bytes() {
    let served = served().await;
    let mut wire = Wire::connect(&served.at).await;
    let answer = wire.echo("").await;
    assert_eq!(answer.seen(), (1001, "ArgsError", MESSAGE_REQUIRED));
    assert!(answer.data.is_empty());
}

#[tokio::test]
async fn metadata_is_checked() {
    let served = served().await;
    let mut wire = Wire::connect(&served.at).await;
    let one = ("operationid", "t1");
    let cases: [(Headers<'_>, u32, &str); 6] = [
        (&[], 3, "operationID error"),
        (&[one, one], 3, "operationID error"),
        (&[("operationid", "")], 0, ""),
        (
            &[one, ("customheader", "foo")],
            3,
            "missing metadata key foo",
        ),
        (&[one, ("customheader", "foo"), ("foo", "x")], 0, ""),
        (&[one, ("opuserid", "u"), ("platform", "Admin")], 0, ""),
    ];
    for (headers, code, message) in cases {
        let answer = wire
            .send(&path("Echo"), headers, frame(&echo("hello")))
            .await;
        assert_eq!(answer.seen(), (code, message, ""), "{headers:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let served = served().await;
    let mut wire = Wire::connect(&served.at).await;
    let unknown_method = format!("unknown method Nope for service {SERVICE}");
    for (path, message) in [
        (path("Nope"), unknown_method.as_str()),
        (
            "/openim.nope.Nope/Echo".to_owned(),
            "unknown service openim.nope.Nope",
        ),
        ("/Echo".to_owned(), "malformed method name: \"/Echo\""),
    ] {
        // Without an operation ID: whether there is one matters only where there is a method.
        let answer = wire.send(&path, &[], Vec::new()).await;
        assert_eq!(answer.seen(), (12, message, ""));
    }
}

#[tokio::test]
async fn health_and_reflection_need_no_operation_id() {
    let served = served().await;
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", served.at))
        .expect("an address")
        .connect()
        .await
        .expect("a connection");
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel.clone());
    for service in ["", SERVICE] {
        let request = tonic_health::pb::HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = soon("health", health.check(request)).await.expect("health");
        assert_eq!(answer.into_inner().status, 1, "it is serving");
    }

    let mut reflection = ServerReflectionClient::new(channel);
    let request = tonic_reflection::pb::v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let requests = tokio_stream::once(request);
    let mut answers = soon("reflection", reflection.server_reflection_info(requests))
        .await
        .expect("reflection")
        .into_inner();
    let answer = answers.message().await.expect("an answer");
    let Some(MessageResponse::ListServicesResponse(list)) =
        answer.and_then(|answer| answer.message_response)
    else {
        panic!("another answer");
    };
    let names: Vec<String> = list.service.into_iter().map(|one| one.name).collect();
    assert!(names.contains(&SERVICE.to_owned()), "{names:?}");
}

#[tokio::test]
async fn garbage_instead_of_a_message_is_the_callers_error_alone() {
    let served = served().await;
    let mut wire = Wire::connect(&served.at).await;
    let id = [("operationid", "t1")];
    // A message whose field claims more bytes than there are.
    let garbage = vec![0, 0, 0, 0, 2, 0x0a, 0xff];
    let answer = wire.send(&path("Echo"), &id, garbage).await;
    assert_eq!(answer.code, 13, "{answer:?}");
    // A frame that ends too early, and no frame at all.
    for body in [vec![0, 0, 0, 0, 9, 1], Vec::new()] {
        let answer = wire.send(&path("Echo"), &id, body).await;
        assert_eq!(answer.code, 13, "{answer:?}");
    }
    wire.answers().await;
}

#[tokio::test]
async fn a_message_may_be_as_long_as_grpc_go_takes_and_no_longer() {
    let served = served().await;
    let mut wire = Wire::connect(&served.at).await;
    // The field's number and the text's length take five bytes.
    let longest = "x".repeat(MESSAGE_LIMIT - 5);
    let answer = wire.echo(&longest).await;
    assert_eq!(answer.code, 0, "{}", answer.message);
    let message = "grpc: received message larger than max (4194305 vs. 4194304)";
    let answer = wire.echo(&(longest + "x")).await;
    assert_eq!(answer.seen(), (8, message, ""));
}

#[tokio::test]
async fn an_authority_as_openims_callers_send_it_is_taken() {
    // The fields of a call: POST, http, and literal ones for the path, the authority and so on.
    let path = path("Echo");
    let mut fields = vec![0x83, 0x86];
    for (name, value) in [
        (4_u8, path.as_str()),
        (1, "openim%2Fauth-service-rpc-service"),
        (31, "application/grpc"),
    ] {
        // A name of the static table; 15 and more do not fit into the first byte.
        match name.checked_sub(15) {
            None => fields.push(name),
            Some(rest) => fields.extend([15, rest]),
        }
        fields.push(u8::try_from(value.len()).expect("short"));
        fields.extend(value.as_bytes());
    }
    for (name, value) in [("te", "trailers"), ("operationid", "t1")] {
        fields.push(0);
        for text in [name, value] {
            fields.push(u8::try_from(text.len()).expect("short"));
            fields.extend(text.as_bytes());
        }
    }
    let frame_of = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).expect("short");
        [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
    };
    let call = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame_of(4, 0, 0, &[]),
        frame_of(1, 4, 1, &fields),
        frame_of(0, 1, 1, &HELLO),
        // Goodbye, so that the other side closes.
        frame_of(7, 0, 0, &[0; 8]),
    ];
    let served = served().await;
    let answer = exchange(&served.at, &call.concat()).await;
    let hello = frame_of(0, 0, 1, &HELLO);
    assert!(
        answer.windows(hello.len()).any(|bytes| bytes == hello),
        "{answer:?}"
    );
}

/// Handlers that do what no handler should.
#[derive(Clone, Default)]
struct Bad {
    entered: Arc<Notify>,
    leave: Arc<Notify>,
    dropped: Arc<Notify>,
}

/// Tells when it is dropped.
struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tonic::async_trait]
impl AuthService for Bad {
    async fn echo(&self, _: Request<EchoReq>) -> Result<Response<EchoResp>, Status> {
        panic!("boom");
    }

    async fn get_config(
        &self,
        _: Request<GetConfigReq>,
    ) -> Result<Response<GetConfigResp>, Status> {
        let _dropped = Dropped(self.dropped.clone());
        self.entered.notify_one();
        self.leave.notified().await;
        Ok(Response::new(GetConfigResp::default()))
    }
}

#[tokio::test]
async fn a_panic_is_one_calls_error() {
    let served = Served::start(Bad::default(), metrics(), LIMIT).await;
    let mut wire = Wire::connect(&served.at).await;
    for _ in 0..2 {
        let answer = wire.echo("hello").await;
        assert_eq!(answer.code, 500);
        assert_eq!(answer.message, "panic error");
        let details = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD_NO_PAD,
            &answer.details,
        )
        .expect("base64");
        let error = auth_service::wire::Error::of_details(&details);
        assert_eq!(error, Some(auth_service::wire::Error::panic("boom")));
    }
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let bad = Bad::default();
    let served = Served::start(bad.clone(), metrics(), LIMIT).await;
    let mut wire = Wire::connect(&served.at).await;
    let headers = [("operationid", "t1"), ("grpc-timeout", "50m")];
    let answer = wire
        .send(
            &path("GetConfig"),
            &headers,
            frame(&GetConfigReq::default()),
        )
        .await;
    assert_eq!(answer.seen(), (4, "context deadline exceeded", ""));
    // Nobody has let it leave, and it ends all the same.
    soon("the handler's end", bad.dropped.notified()).await;
}

#[tokio::test]
async fn a_stop_answers_what_is_under_way() {
    let bad = Bad::default();
    let served = Served::start(bad.clone(), metrics(), LIMIT).await;
    let at = served.at.clone();
    let mut wire = Wire::connect(&at).await;
    let call = tokio::spawn(async move { wire.call("GetConfig", &GetConfigReq::default()).await });
    soon("the handler", bad.entered.notified()).await;

    // The stop waits for the call, and nobody else gets in.
    let stopped = tokio::spawn(served.stop());
    let refused = async || TcpStream::connect(&at).await.is_err();
    until("the port to be closed", refused).await;
    assert!(!stopped.is_finished());

    bad.leave.notify_one();
    let answer = soon("the answer", call).await.expect("no panic");
    assert_eq!(answer.code, 0);
    let stopped = soon("the stop", stopped).await.expect("no panic");
    stopped.expect("the call was answered");
}

#[tokio::test]
async fn a_stop_waits_only_so_long() {
    let bad = Bad::default();
    let served = Served::start(bad.clone(), metrics(), Duration::from_millis(50)).await;
    let mut wire = Wire::connect(&served.at).await;
    let call = tokio::spawn(async move { wire.call("GetConfig", &GetConfigReq::default()).await });
    soon("the handler", bad.entered.notified()).await;
    let unfinished = served.stop().await.expect_err("the call goes on");
    assert_eq!(
        unfinished.to_string(),
        "calls under way and not answered within 50ms of the stop, and cut off: 1"
    );
    call.abort();
}

#[tokio::test]
async fn calls_are_counted_with_their_final_codes() {
    let metrics = metrics();
    let served = Served::start(Handlers::default(), metrics.clone(), LIMIT).await;
    let mut wire = Wire::connect(&served.at).await;
    wire.echo("hello").await;
    wire.echo("").await;
    wire.send(&path("Echo"), &[], frame(&echo("hello"))).await;
    wire.call("Nope", &echo("hello")).await;
    served.stop().await.expect("nothing is under way");
    let text = metrics.text().expect("metrics");
    let mut lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("rpc_count{"))
        .collect();
    lines.sort_unstable();
    let line = |code| {
        format!(
            r#"rpc_count{{code="{code}",name="auth-service-rpc-service",path="/{SERVICE}/Echo"}} 1"#
        )
    };
    assert_eq!(lines, [line(0), line(1001), line(3)]);
}

#[tokio::test]
async fn what_is_no_grpc_disturbs_nobody() {
    let served = served().await;
    for garbage in [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        &[0xff; 1000],
        // The beginning of every connection, and then what is no frame.
        &[
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
            &[0xff; 1000],
        ]
        .concat(),
    ] {
        // Returns when the other side has closed.
        exchange(&served.at, garbage).await;
    }
    let mut wire = Wire::connect(&served.at).await;
    wire.answers().await;
    served.stop().await.expect("nothing is under way");
}

#[tokio::test]
async fn connections_that_say_nothing_or_never_finish_disturb_nobody() {
    // Headers whose end never comes, after the settings that begin a connection.
    const UNFINISHED: &[u8] =
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x02\x01\0\0\0\0\x01\x82\x87";
    // Both ends of each are of this process.
    descriptors::raise();
    let served = served().await;
    let mut connections = Vec::new();
    for number in 0..1000 {
        let mut stream = soon("a connection", TcpStream::connect(&served.at))
            .await
            .expect("a connection");
        if number % 2 == 0 {
            stream.write_all(UNFINISHED).await.expect("bytes to go");
        }
        connections.push(stream);
    }
    let mut wire = Wire::connect(&served.at).await;
    wire.answers().await;
    // They are in nobody's way at the end either.
    served.stop().await.expect("nothing is under way");
    drop(connections);
}

/// Connections that have begun and have nothing more to say.
async fn idle(at: &str, count: usize) -> Vec<TcpStream> {
    const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut stream = soon("a connection", TcpStream::connect(at))
            .await
            .expect("a connection");
        stream.write_all(BEGINNING).await.expect("bytes to go");
        connections.push(stream);
    }
    connections
}

/// Waits until the service has taken notice of connections, which it answers with its settings.
async fn noticed(connections: &mut [TcpStream]) {
    for stream in connections {
        let settings = soon("settings", stream.read_u8()).await;
        settings.expect("a byte");
    }
}

/// A call through the HTTP front.
async fn front_answers(alone: &Alone) {
    let head = "POST /authservice/echo\noperationID: t1";
    let (status, answer) = http(&alone.http, head, r#"{"message":"hello"}"#).await;
    assert_eq!(status, 200);
    assert!(answer.contains(r#""message":"hello""#), "{answer}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_low_limit_of_open_files_is_raised() {
    descriptors::raise();
    let mut alone = Alone::start_after("ulimit -Sn 256").await;
    let mut connections = idle(&alone.grpc, 1_100).await;
    noticed(&mut connections).await;
    Wire::connect(&alone.grpc).await.answers().await;
    front_answers(&alone).await;
    alone.program.signal("-TERM");
    assert_eq!(alone.program.ended().await.code(), Some(0));
    // The one line of each call is among what it says, too.
    let said = alone.program.complaints().await;
    assert!(!said.contains("WARN"), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn more_connections_than_the_system_permits_wait() {
    let Limit { most, files, .. } = server::CONNECTIONS;
    assert_eq!((most, files), (4_000, 2));
    let mut alone = Alone::start_after("ulimit -n 128").await;
    let mut wire = Wire::connect(&alone.grpc).await;
    wire.answers().await;
    // Half of the files are for connections, one of which is there.
    let mut connections = idle(&alone.grpc, 100).await;
    noticed(&mut connections[..63]).await;
    let full =
        "there are as many gRPC connections as there may be; the next is accepted when one ends";
    assert_eq!(alone.program.warned(full).await, "");
    // Others are served meanwhile.
    wire.answers().await;
    front_answers(&alone).await;
    // When some end, it is the turn of those that wait.
    connections.drain(..63);
    noticed(&mut connections).await;
    Wire::connect(&alone.grpc).await.answers().await;
    alone.program.signal("-TERM");
    assert_eq!(alone.program.ended().await.code(), Some(0));
    let said = alone.program.complaints().await;
    assert!(!said.contains("WARN"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn messages_that_never_end_take_no_more_memory_than_there_is_room_for() {
    const CALLS: usize = 100;
    /// For what is not messages, in megabytes.
    const REST: f64 = 16.0;
    const MIB: usize = 1024 * 1024;
    let size = Size::default();
    assert_eq!((size.small, size.small_messages), (8 * 1024, 16 * MIB));
    let room = size.large_messages;
    assert_eq!(room, 64 * MIB);
    // One of the longest has room, however long it may be.
    assert_eq!(Size::with(100 * MIB).large_messages, 100 * MIB);
    let have_room = room / MESSAGE_LIMIT;
    let alone = Alone::start().await;
    let mut other = Wire::connect(&alone.grpc).await;
    other.answers().await;
    let before = alone.program.memory("VmRSS");

    let stream = TcpStream::connect(&alone.grpc).await.expect("a connection");
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
    tokio::spawn(connection);
    let mut message = frame(&echo(&"x".repeat(MESSAGE_LIMIT - 5)));
    message.pop();
    let message = Bytes::from(message);
    let sent = Arc::new(AtomicUsize::new(0));
    let refused = Arc::new(AtomicUsize::new(0));
    let give_up = Arc::new(Notify::new());
    for _ in 0..CALLS {
        let parts: Vec<Bytes> = (0..message.len())
            .step_by(16 * 1024)
            .map(|start| message.slice(start..message.len().min(start + 16 * 1024)))
            .collect();
        let (sent, give_up) = (sent.clone(), give_up.clone());
        let never_ends = stream::once(async move {
            sent.fetch_add(1, Ordering::Relaxed);
            give_up.notified().await;
            Bytes::new()
        });
        let frames = stream::iter(parts).chain(never_ends);
        let body = StreamBody::new(frames.map(|part| Ok::<_, Infallible>(Frame::data(part))));
        let request = http::Request::post(format!("http://{}{}", alone.grpc, path("Echo")))
            .header("content-type", "application/grpc")
            .header("operationid", "t1")
            .body(body.boxed_unsync())
            .expect("a request");
        let mut sender = sender.clone();
        let refused = refused.clone();
        tokio::spawn(async move {
            let response = sender.send_request(request).await.expect("an answer");
            if response.headers()["grpc-status"] == "8" {
                refused.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let all = async || {
        refused.load(Ordering::Relaxed) == CALLS - have_room
            && sent.load(Ordering::Relaxed) >= have_room
    };
    until("all calls to be refused or under way", all).await;

    // Small messages have room of their own, and who is told that there is none is told at once.
    other.answers().await;
    front_answers(&alone).await;
    let longest = "x".repeat(MESSAGE_LIMIT - 5);
    let answer = other.echo(&longest).await;
    assert_eq!(answer.code, 8);
    assert_eq!(
        answer.message,
        "no room for a message of 4194304 bytes beside those that are arriving; try again"
    );
    let grown = alone.program.memory("VmHWM") - before;
    let megabyte = 1024 * 1024;
    let allowed = f64::from(u32::try_from(room / megabyte).expect("a small number")) + REST;
    println!("{before} MB, and {grown} more");
    assert!(grown < allowed, "{grown} MB more than {before}");

    // With the calls goes what they took.
    give_up.notify_waiters();
    let room = async || other.echo(&longest).await.code == 0;
    until("room", room).await;
}
