//! `auth-service` as a person starts it.

mod common;

use std::path::Path;

use auth_service::server::GRACE;
use common::cases::{CASES, Case};
use common::{Alone, Program, Wire, http, soon, unfinished};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

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
async fn a_head_that_does_not_end_is_nothing_to_wait_for() {
    let mut alone = Alone::start().await;
    let mut head = TcpStream::connect(&alone.http).await.expect("a connection");
    let part = b"GET / HTTP/1.1\r\nhost: x\r\n";
    head.write_all(part).await.expect("bytes to go");
    // Whoever connected later has been answered, so the part has arrived.
    http(&alone.http, "GET /", "").await;
    let start = Instant::now();
    alone.program.signal("-TERM");
    assert_eq!(alone.program.ended().await.code(), Some(0));
    assert!(start.elapsed() < GRACE / 2, "{:?}", start.elapsed());
}

#[tokio::test]
async fn what_is_cut_off_at_the_end_is_counted_of_both_kinds() {
    let mut alone = Alone::start().await;
    let calls = unfinished(&alone.grpc).await;
    let mut requests = Vec::new();
    for _ in 0..2 {
        let mut request = TcpStream::connect(&alone.http).await.expect("a connection");
        let head = format!(
            "POST /authservice/echo HTTP/1.1\r\nhost: x\r\n{ID}\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n"
        );
        request
            .write_all(head.as_bytes())
            .await
            .expect("bytes to go");
        // It is asked for the body, which does not come.
        let asked = soon("a byte", request.read_u8()).await;
        asked.expect("a byte");
        requests.push(request);
    }
    alone.program.signal("-TERM");
    assert_eq!(alone.program.ended().await.code(), Some(1));
    let said = alone.program.complaints().await;
    let told = "auth-service: calls under way and not answered within 10s of the stop, and cut off: 1; HTTP requests under way and not answered within 10s of the stop, and cut off: 2";
    assert!(said.lines().any(|line| line == told), "{said}");
    drop((calls, requests));
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

/// Others may have the ports, so it is not started there.
#[tokio::test]
async fn its_addresses_are_those_of_the_readme() {
    let path = Path::new(env!("CARGO_BIN_EXE_auth-service"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("a README");
    let mut program = Program::start("auth-service", path, &["--help"], folder);
    let mut help = String::new();
    while let Some(line) = program.out.next_line().await.expect("text") {
        help += &line;
    }
    for (name, option) in [("gRPC", "--grpc "), ("HTTP", "--http ")] {
        let (_, rest) = help.split_once(option).expect("the option");
        let (_, rest) = rest.split_once("[default: ").expect("an address");
        let (address, _) = rest.split_once(']').expect("an end");
        let printed = format!("\n{name}: {address}\n");
        assert!(readme.contains(&printed), "{printed}");
    }
}

#[tokio::test]
async fn frames_are_lines_where_they_are_wanted() {
    for (level, wanted) in [("info", false), ("debug", true)] {
        let mut alone = Alone::start_after(&format!("export RUST_LOG={level}")).await;
        Wire::connect(&alone.grpc).await.answers().await;
        alone.program.signal("-TERM");
        alone.program.ended().await;
        let said = alone.program.complaints().await;
        assert!(said.contains("call answered"), "{said}");
        assert_eq!(said.contains("frame=Headers"), wanted, "{said}");
    }
}

#[cfg(target_os = "linux")]
mod memory {
    //! What callers can make the service keep in memory.

    use super::*;
    use common::{Answer, echo, exchange, frame, path};

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
    async fn a_thousand_unfinished_headers_take_little() {
        const CONNECTIONS: u16 = 1000;
        // With its buffers, and what the headers are that are taken.
        const CONNECTION: f64 = 0.12;
        /// As long as a frame may be.
        const LONGEST: usize = 16 * 1024;
        let frame = |kind: u8, payload: &[u8]| {
            let length = u32::try_from(payload.len()).expect("a length");
            let [_, length @ ..] = length.to_be_bytes();
            [&length, [kind, 0, 0, 0, 0, 1].as_slice(), payload].concat()
        };
        // A header whose value is longer than all that is sent of it.
        let mut fields = vec![0x83, 0x86, 0, 1, b'x', 0x7f, 0xff, 0xff, 0x07];
        fields.resize(LONGEST, b'x');
        let settings = b"\0\0\0\x04\0\0\0\0\0";
        let headers = [START, settings, &frame(1, &fields)].concat();
        let rest = vec![b'x'; LONGEST];
        // What takes most of all that is taken, and more than is taken.
        for rest in [frame(9, &rest[..LONGEST / 2]), frame(9, &rest).repeat(5)] {
            let measured = Measured::start().await;
            let mut connections = Vec::new();
            for _ in 0..CONNECTIONS {
                let at = &measured.alone.grpc;
                let mut stream = TcpStream::connect(at).await.expect("a connection");
                stream.write_all(&headers).await.expect("bytes to go");
                let answer = soon("settings", stream.read_u8()).await;
                answer.expect("a byte");
                // It may be refused already.
                let _ = stream.write_all(&rest).await;
                connections.push(stream);
            }
            let allowed = f64::from(CONNECTIONS) * CONNECTION;
            measured.has_grown_by_at_most(allowed).await;
            drop(connections);
        }
    }

    #[tokio::test]
    async fn what_a_body_of_http_holds_beside_the_request_is_not_kept() {
        let measured = Measured::start().await;
        let zeros = "0,".repeat(2_000_000);
        let body = format!(r#"{{"message":"hello","x":[{zeros}0]}}"#);
        let head = format!("POST /authservice/echo\n{ID}");
        let (_, answer) = http(&measured.alone.http, &head, &body).await;
        assert!(answer.contains(r#""message":"hello""#), "{answer}");
        // The body, and once more while it arrives.
        measured.has_grown_by_at_most(12.0).await;
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
        // What is on its way of each, and none of them as a whole: together they are 300 megabytes.
        measured.has_grown_by_at_most(16.0).await;
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
