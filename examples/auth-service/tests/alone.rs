//! `auth-service` as a person starts it.

mod common;

use std::path::Path;

use common::cases::{CASES, Case};
use common::{Alone, Program, Wire, http};

const ID: &str = "operationID: t1";

#[tokio::test]
async fn answers_are_those_recorded_of_main() {
    let alone = Alone::start().await;
    let mut wire = Wire::connect(&alone.grpc).await;
    let (mut calls, mut requests) = (0, 0);
    for Case { name, direct, http } in CASES {
        if let Some(direct) = direct
            && let Some(recorded) = direct.main
        {
            let answer = direct.answer(&mut wire).await;
            assert_eq!(answer.seen(), recorded, "{name}");
            calls += 1;
        }
        if let Some(http) = http
            && let Some((status, body)) = http.main
        {
            let answer = common::http(&alone.http, http.head, &http.json()).await;
            assert_eq!(answer, (status, body.to_owned()), "{name}");
            requests += 1;
        }
    }
    assert!(calls > 0 && requests > 0, "nothing was recorded");
}

#[tokio::test]
async fn characters_that_mean_something_in_html_are_escaped_as_go_does() {
    let alone = Alone::start().await;
    let head = format!("POST /authservice/echo\n{ID}");
    let (_, answer) = http(&alone.http, &head, r#"{"message":"<a> & é"}"#).await;
    assert_eq!(
        answer,
        r#"{"errCode":0,"errMsg":"","errDlt":"","data":{"message":"\u003ca\u003e \u0026 é"}}"#
    );
}

#[tokio::test]
async fn it_prints_a_request_that_works() {
    let mut alone = Alone::start().await;
    let rest = alone.program.said("curl -sS ").await;
    let (at, rest) = rest.split_once("/authservice/echo -H '").expect("the path");
    let (header, rest) = rest.split_once("' -d '").expect("a header");
    let body = rest.strip_suffix('\'').expect("a body");
    let head = format!("POST /authservice/echo\n{header}");
    let (_, answer) = http(at, &head, body).await;
    assert!(answer.contains(r#""message":"hello""#), "{answer}");
}

#[tokio::test]
async fn a_signal_ends_it_with_status_0() {
    for signal in ["-TERM", "-INT"] {
        let mut alone = Alone::start().await;
        let mut wire = Wire::connect(&alone.grpc).await;
        wire.answers().await;
        alone.program.signal(signal);
        let status = alone.program.ended().await;
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn a_busy_port_is_said_in_a_sentence() {
    let alone = Alone::start().await;
    let path = Path::new(env!("CARGO_BIN_EXE_auth-service"));
    for (busy, arguments) in [
        ("--grpc", ["--grpc", &alone.grpc, "--http", "127.0.0.1:0"]),
        ("--http", ["--grpc", "127.0.0.1:0", "--http", &alone.http]),
    ] {
        let at = if busy == "--grpc" {
            &alone.grpc
        } else {
            &alone.http
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut second = Program::start("auth-service", path, &arguments, folder);
        assert_eq!(second.ended().await.code(), Some(1));
        assert_eq!(
            second.complaints().await,
            format!(
                "auth-service: cannot listen on {at}: another process listens there. {busy} takes another address, and with port 0 a free one.\n"
            )
        );
    }
}

#[tokio::test]
async fn each_call_is_a_line_with_its_operation_id() {
    let mut alone = Alone::start().await;
    let head = "POST /authservice/echo\noperationID: find-me";
    http(&alone.http, head, r#"{"message":""}"#).await;
    let line = alone.program.warned("operationID=\"find-me\"").await;
    assert!(line.contains("code=1001"), "{line}");
    assert!(line.contains("cause=\"message required\""), "{line}");
}

#[cfg(target_os = "linux")]
mod memory {
    //! What callers can make the service keep in memory.

    use super::*;
    use common::{Answer, echo, exchange, frame, path, soon};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    const START: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const HEADERS: [(&str, &str); 1] = [("operationid", "t1")];

    /// The service, and what it takes before anybody asks much of it.
    struct Measured {
        alone: Alone,
        before: f64,
    }

    impl Measured {
        async fn start() -> Self {
            let alone = Alone::start().await;
            Wire::connect(&alone.grpc).await.answers().await;
            let before = alone.program.memory("VmRSS");
            Self { alone, before }
        }

        async fn connect(&self) -> Wire {
            Wire::connect(&self.alone.grpc).await
        }

        /// It serves others still, and has at no time taken more than so many megabytes beyond.
        async fn has_grown_by_at_most(self, megabytes: f64) {
            self.connect().await.answers().await;
            let grown = self.alone.program.memory("VmHWM") - self.before;
            println!("{:.1} MB, and {grown:.1} more", self.before);
            assert!(grown <= megabytes, "{grown} MB more than {}", self.before);
        }
    }

    /// It says that four gigabytes follow, and sends ten megabytes.
    fn huge() -> Vec<u8> {
        let mut body = vec![0, 0xff, 0xff, 0xff, 0xff];
        body.resize(10_000_000, 0);
        body
    }

    async fn refuses_huge(wire: &mut Wire) {
        let answer: Answer = wire.send(&path("Echo"), &HEADERS, huge()).await;
        assert_eq!(answer.code, 8, "{}", answer.message);
    }

    #[tokio::test]
    async fn a_thousand_idle_connections_take_little() {
        const CONNECTIONS: u16 = 1000;
        // With its buffers.
        const CONNECTION: f64 = 0.04;
        let measured = Measured::start().await;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let at = &measured.alone.grpc;
            let mut stream = TcpStream::connect(at).await.expect("a connection");
            // It has begun, and has nothing to say.
            let settings = [START, b"\0\0\0\x04\0\0\0\0\0"].concat();
            stream.write_all(&settings).await.expect("bytes to go");
            // The service begins, too.
            let answer = soon("settings", stream.read_u8()).await;
            answer.expect("a byte");
            connections.push(stream);
        }
        let allowed = f64::from(CONNECTIONS) * CONNECTION;
        measured.has_grown_by_at_most(allowed).await;
        drop(connections);
    }

    #[tokio::test]
    async fn huge_messages_are_not_kept() {
        let measured = Measured::start().await;
        let mut wire = measured.connect().await;
        for _ in 0..10 {
            refuses_huge(&mut wire).await;
        }
        // Less than one of them.
        measured.has_grown_by_at_most(8.0).await;
    }

    #[tokio::test]
    async fn many_huge_messages_at_once_are_not_kept() {
        const AT_ONCE: usize = 20;
        let measured = Measured::start().await;
        let callers = futures_util::future::join_all((0..AT_ONCE).map(async |number| {
            let mut wire = measured.connect().await;
            // Half of them share their connection with another call.
            if number % 2 == 0 {
                let mut second = wire.clone();
                tokio::join!(refuses_huge(&mut wire), refuses_huge(&mut second));
            } else {
                refuses_huge(&mut wire).await;
            }
        }));
        callers.await;
        // Less than one of them for all together.
        measured.has_grown_by_at_most(8.0).await;
    }

    #[tokio::test]
    async fn garbage_is_not_kept() {
        const MEGABYTE: usize = 1 << 20;
        let measured = Measured::start().await;
        let at = &measured.alone.grpc;
        for _ in 0..10 {
            // No HTTP/2, the beginning of every connection and then no frame, and a frame of a
            // length that HTTP/2 does not have.
            exchange(at, &vec![0xff; MEGABYTE]).await;
            exchange(at, &[START, &vec![0xff; MEGABYTE]].concat()).await;
            exchange(
                at,
                &[START, &[0xff, 0xff, 0xff, 4, 0], &vec![0; MEGABYTE]].concat(),
            )
            .await;
            // A message that is none, in a frame of its length.
            let mut wire = measured.connect().await;
            let mut garbage = frame(&echo(&"x".repeat(MEGABYTE)));
            garbage[5..].fill(0xff);
            let answer = wire.send(&path("Echo"), &HEADERS, garbage).await;
            assert_eq!(answer.code, 13, "{}", answer.message);
        }
        // The garbage that is sent as a message is kept until it is read, one at a time.
        measured.has_grown_by_at_most(8.0).await;
    }
}
