//! `auth-service` as a person starts it.

mod common;

use std::path::Path;

use common::{Alone, Program, Wire, http};

const ID: &str = "operationID: t1";

#[tokio::test]
async fn http_answers_are_those_of_openims_api() {
    let alone = Alone::start().await;
    let echo = "POST /authservice/echo";
    let with_id = format!("{echo}\n{ID}");
    let empty_id = format!("{echo}\noperationID:");
    let typed = format!("{with_id}\nContent-Type: text/plain");
    let config = format!("POST /authservice/get_config\n{ID}");
    let elsewhere = format!("POST /nope\n{ID}");
    let get = format!("GET /authservice/echo\n{ID}");

    // The guide shows these.
    let hello = include_str!("answers/hello.json").trim_end();
    let value = include_str!("answers/value.json").trim_end();
    let required = include_str!("answers/empty.json").trim_end();
    let no_id = include_str!("answers/no-operation-id.json").trim_end();
    let ended = r#"{"errCode":1001,"errMsg":"unexpected end of JSON input","errDlt":""}"#;
    let number = r#"{"errCode":1001,"errMsg":"json: cannot unmarshal number into Go struct field EchoReq.message of type string","errDlt":""}"#;
    let cases = [
        (with_id.as_str(), r#"{"message":"hello"}"#, 200, hello),
        (&typed, r#"{"message":"hello","extra":[1]}"#, 200, hello),
        (&with_id, r#"{"MESSAGE":"hello"}"#, 200, hello),
        (&with_id, r#"{"message":""}"#, 200, required),
        (&with_id, "{}", 200, required),
        (&with_id, "null", 200, required),
        (&with_id, "", 200, ended),
        (&with_id, r#"{"message":"hel"#, 200, ended),
        (&with_id, r#"{"message":7}"#, 200, number),
        (echo, r#"{"message":"hello"}"#, 200, no_id),
        (&empty_id, r#"{"message":"hello"}"#, 200, no_id),
        (&config, r#"{"key":"theme"}"#, 200, value),
        (&elsewhere, "{}", 404, "404 page not found"),
        ("POST /nope", "{}", 200, no_id),
        (&get, "", 404, "404 page not found"),
        ("OPTIONS /authservice/echo", "", 200, "\"Options Request!\""),
    ];
    for (head, body, status, expected) in cases {
        let answer = http(&alone.http, head, body).await;
        assert_eq!(answer, (status, expected.to_owned()), "{head} {body}");
    }
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
#[tokio::test]
async fn idle_connections_and_huge_messages_take_little_memory() {
    use common::soon;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    // What a message of the largest length takes, and a connection with its buffers.
    const MESSAGE: f64 = 4.0;
    const CONNECTIONS: u16 = 1000;
    const CONNECTION: f64 = 0.05;
    let alone = Alone::start().await;
    let mut wire = Wire::connect(&alone.grpc).await;
    wire.answers().await;
    let before = alone.program.memory("VmRSS");

    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = tokio::net::TcpStream::connect(&alone.grpc)
            .await
            .expect("a connection");
        // It has begun, and has nothing to say.
        let start = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        stream.write_all(start).await.expect("bytes to go");
        // The service begins, too.
        let settings = soon("settings", stream.read_u8()).await;
        settings.expect("a byte");
        connections.push(stream);
    }
    // It says that four gigabytes follow, and sends some.
    let mut huge = vec![0, 0xff, 0xff, 0xff, 0xff];
    huge.resize(10_000_000, 0);
    for _ in 0..10 {
        let answer = wire
            .send(
                &common::path("Echo"),
                &[("operationid", "t1")],
                huge.clone(),
            )
            .await;
        assert_eq!(answer.code, 8, "{}", answer.message);
    }
    wire.answers().await;

    let grown = alone.program.memory("VmHWM") - before;
    let allowed = f64::from(CONNECTIONS) * CONNECTION + 2.0 * MESSAGE;
    println!("{before} MB, and {grown} more");
    assert!(grown < allowed, "{grown} MB more than {before}");
    drop(connections);
}
