//! What the service allows on a connection, and when it ends one, on a paused clock.

mod common;

use std::time::Duration;

use auth_service::handlers::Handlers;
use auth_service::metrics::Metrics;
use common::{LIMIT, Served};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
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
}
