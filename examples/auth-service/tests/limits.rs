//! How many connections the service allows, what on each, and when it ends one, on a paused clock.

mod common;

use std::time::Duration;

use auth_service::connections::Limit;
use auth_service::handlers::Handlers;
use auth_service::layers::MESSAGE_LIMIT;
use auth_service::layers::room::Size;
use auth_service::metrics::{self, Metrics};
use auth_service::{descriptors, front, server};
use common::{LIMIT, Served, request, soon};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const NO_SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// Kinds of frames.
const SETTINGS: u8 = 4;
const PING: u8 = 6;

/// A frame of HTTP/2.
struct Frame {
    kind: u8,
    payload: Vec<u8>,
}

/// A connection on which this was said, and the service behind it.
async fn said(bytes: &[u8]) -> (Served, TcpStream) {
    let metrics = Metrics::new("auth-service").expect("metrics");
    let served = Served::start(Handlers::default(), metrics, LIMIT).await;
    let mut stream = TcpStream::connect(&served.at).await.expect("a connection");
    stream.write_all(bytes).await.expect("bytes to go");
    (served, stream)
}

/// The next frame, or nothing at the end of the connection. The clock is no real one, so hours pass
/// at once.
async fn next(stream: &mut TcpStream) -> Option<Frame> {
    let frame = async {
        let mut header = [0; 9];
        stream.read_exact(&mut header).await.ok()?;
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]);
        let mut payload = vec![0; usize::try_from(length).expect("a length")];
        stream.read_exact(&mut payload).await.ok()?;
        let kind = header[3];
        Some(Frame { kind, payload })
    };
    timeout(Duration::from_hours(1), frame)
        .await
        .expect("a frame or the end")
}

/// After how many whole seconds a connection ends.
async fn ended(stream: &mut TcpStream, start: Instant) -> u64 {
    while next(stream).await.is_some() {}
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_begin_is_closed() {
    for part in [&b""[..], &PREFACE[..10]] {
        let (_served, mut stream) = said(part).await;
        let start = Instant::now();
        assert_eq!(ended(&mut stream, start).await, 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_silent_is_asked_and_closed() {
    let start = Instant::now();
    let (_served, mut stream) = said(&[PREFACE, NO_SETTINGS].concat()).await;
    loop {
        let frame = next(&mut stream).await.expect("a question before the end");
        if frame.kind == PING {
            break;
        }
    }
    assert_eq!(start.elapsed().as_secs(), 120);
    assert_eq!(ended(&mut stream, start).await, 140);
}

#[tokio::test]
async fn a_connection_may_have_so_many_calls() {
    const MAX_CONCURRENT_STREAMS: u8 = 3;
    let (_served, mut stream) = said(&[PREFACE, NO_SETTINGS].concat()).await;
    let settings = next(&mut stream).await.expect("settings");
    assert_eq!(settings.kind, SETTINGS);
    let calls = settings
        .payload
        .chunks(6)
        .find_map(|setting| match setting {
            [0, MAX_CONCURRENT_STREAMS, number @ ..] => {
                number.try_into().map(u32::from_be_bytes).ok()
            }
            _ => None,
        });
    assert_eq!(calls, Some(1_000));
    // Of all connections; what is beyond them is refused, which `layers/room.rs` shows.
    assert_eq!(Size::default().calls, 4_000);
}

/// A free port, and where it is.
async fn free_port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address").to_string();
    (listener, at)
}

/// Where HTTP is served: the front of the service alone, and the metrics; and how many connections
/// each may have.
async fn http_ports() -> [(String, Limit); 2] {
    let metrics = Metrics::new("auth-service").expect("metrics");
    let service = server::service(Handlers::default(), metrics.clone(), MESSAGE_LIMIT);
    let routes = front::routes(service.expect("a service").0);
    let (listener, front) = free_port().await;
    tokio::spawn(front::serve(
        listener,
        routes,
        std::future::pending(),
        LIMIT,
    ));
    let (listener, prometheus) = free_port().await;
    tokio::spawn(metrics::serve(listener, metrics));
    [
        (front, front::CONNECTIONS),
        (prometheus, metrics::CONNECTIONS),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_headers_do_not_end_is_dropped() {
    for (at, _) in http_ports().await {
        for part in ["", "GET /metrics HTTP/1.1\r\nhost: x\r\n"] {
            let mut stream = TcpStream::connect(&at).await.expect("a connection");
            stream
                .write_all(part.as_bytes())
                .await
                .expect("bytes to go");
            let start = Instant::now();
            let mut answer = Vec::new();
            let end = stream.read_to_end(&mut answer);
            let end = timeout(Duration::from_hours(1), end).await;
            end.expect("an end").expect("no failure");
            assert_eq!(start.elapsed().as_secs(), 30, "{at}: {part}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_over_http_that_is_not_taken_ends_its_connection() {
    // More than both sides' buffers have room for.
    const REQUESTS: usize = 1_000_000;
    for (at, _) in http_ports().await {
        let mut stream = TcpStream::connect(&at).await.expect("a connection");
        let requests = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(REQUESTS);
        let start = Instant::now();
        let written = stream.write_all(requests.as_bytes());
        let written = timeout(Duration::from_hours(1), written).await;
        written.expect("an end").expect_err("no room for more");
        assert_eq!(start.elapsed().as_secs(), 30, "{at}");
    }
}

#[tokio::test]
async fn a_request_with_long_headers_is_refused() {
    for (at, _) in http_ports().await {
        for (length, refused) in [(15_000, false), (17_000, true)] {
            let head = format!("GET /metrics\nx: {}", "x".repeat(length));
            let status = request(&at, &head, "").await.status();
            assert_eq!(status == 431, refused, "{at}: {length} and {status}");
        }
    }
}

#[tokio::test]
async fn requests_beyond_the_last_place_wait() {
    const WATCHED: Duration = Duration::from_millis(300);
    // Both ends of each connection are of this process.
    descriptors::raise();
    let ports = http_ports().await;
    let limits = ports.each_ref().map(|(_, limit)| (limit.most, limit.files));
    assert_eq!(limits, [(1_000, 4), (100, 8)]);
    for (at, limit) in ports {
        let idle = async || {
            soon("a connection", TcpStream::connect(&at))
                .await
                .expect("one")
        };
        let mut connections = Vec::new();
        for _ in 1..limit.places() {
            connections.push(idle().await);
        }
        // There is one place left, and then none.
        request(&at, "GET /metrics", "").await;
        connections.push(idle().await);
        let mut waits = Box::pin(request(&at, "GET /metrics", ""));
        let early = timeout(WATCHED, &mut waits).await;
        assert!(early.is_err(), "{}: {early:?}", limit.kind);
        connections.pop();
        soon("its turn", waits).await;
    }
}
