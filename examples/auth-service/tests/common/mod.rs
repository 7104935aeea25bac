//! What the tests have in common: programs that are started and stopped, and callers that can send
//! what no well-behaved client would.

#![allow(dead_code, reason = "each test file uses its part of this")]

pub(crate) mod cases;
pub(crate) mod etcd;
pub(crate) mod openim;
pub(crate) mod readme;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use auth_service::layers::MESSAGE_LIMIT;
use auth_service::layers::in_flight::CutOff;
use auth_service::layers::middleware::CallService;
use auth_service::metrics::Metrics;
use auth_service::{contract, server};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a test waits for anything.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let waited = timeout(LIMIT, wait).await;
    waited.unwrap_or_else(|_| panic!("waited {LIMIT:?} for {what}"))
}

/// Asks again and again until it is so, but not for ever.
pub(crate) async fn until(what: &str, is_so: impl AsyncFnMut() -> bool) {
    until_within(LIMIT, Duration::from_millis(20), what, is_so).await;
}

/// The same with another limit, and another pause between two questions.
pub(crate) async fn until_within(
    limit: Duration,
    pause: Duration,
    what: &str,
    mut is_so: impl AsyncFnMut() -> bool,
) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(pause).await;
        }
    };
    let asked = timeout(limit, asking).await;
    asked.unwrap_or_else(|_| panic!("waited {limit:?} for {what}"));
}

/// A port that nobody but the program that is told of it can take.
///
/// Ports that are found free and let go are given to whoever asks next, such as a caller of another
/// test. On Linux a socket that holds the port and does not listen keeps it from them, and lets
/// those in who ask for this very port, as servers do.
pub(crate) struct Port {
    pub(crate) number: u16,
    _held: Option<TcpSocket>,
}

impl Port {
    pub(crate) fn hold() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option");
        let any = "127.0.0.1:0".parse().expect("an address");
        socket.bind(any).expect("a port");
        Self {
            number: socket.local_addr().expect("an address").port(),
            _held: cfg!(target_os = "linux").then_some(socket),
        }
    }

    /// Where it is.
    pub(crate) fn at(&self) -> String {
        format!("127.0.0.1:{}", self.number)
    }
}

/// All that stands in the files of a folder.
pub(crate) fn texts(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let texts = entries.map(|entry| {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        // The last line may be half written.
        String::from_utf8_lossy(&bytes).into_owned()
    });
    texts.collect()
}

/// A program that runs. It ends with the test.
pub(crate) struct Program {
    name: &'static str,
    child: Child,
    pub(crate) out: Lines<BufReader<ChildStdout>>,
    pub(crate) err: Lines<BufReader<ChildStderr>>,
}

impl Program {
    pub(crate) fn start(
        name: &'static str,
        path: &Path,
        arguments: &[&str],
        folder: &Path,
    ) -> Self {
        let mut child = Command::new(path)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", path.display()));
        let out = child.stdout.take().expect("a pipe");
        let err = child.stderr.take().expect("a pipe");
        Self {
            name,
            child,
            out: BufReader::new(out).lines(),
            err: BufReader::new(err).lines(),
        }
    }

    /// The rest of the first line on the standard output that has this in it.
    pub(crate) async fn said(&mut self, text: &str) -> String {
        soon(text, behind(&mut self.out, text)).await
    }

    /// The same for the standard error.
    pub(crate) async fn warned(&mut self, text: &str) -> String {
        soon(text, behind(&mut self.err, text)).await
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        #[expect(clippy::disallowed_methods, reason = "a test's helper, done at once")]
        let status = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(status.expect("kill runs").success());
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Resident memory in megabytes: what it is, as `VmRSS`, or was at its most, as `VmHWM`.
    pub(crate) fn memory(&self, what: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()));
        let status = status.expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let kilobytes = line
            .expect("a line")
            .trim_matches([':', ' ', '\t', 'k', 'B']);
        kilobytes.parse::<f64>().expect("a number") / 1024.0
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = soon("the end of the program", self.child.wait()).await;
        ended.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// All that is left on the standard error.
    pub(crate) async fn complaints(&mut self) -> String {
        let mut text = String::new();
        while let Some(line) = soon("the standard error", self.err.next_line())
            .await
            .expect("text")
        {
            text += &line;
            text += "\n";
        }
        text
    }
}

async fn behind<R: tokio::io::AsyncBufRead + Unpin>(lines: &mut Lines<R>, text: &str) -> String {
    while let Some(line) = lines.next_line().await.expect("text") {
        if let Some((_, rest)) = line.split_once(text) {
            return rest.to_owned();
        }
    }
    panic!("the program ended and never said {text:?}");
}

/// The service alone.
pub(crate) struct Alone {
    pub(crate) program: Program,
    pub(crate) grpc: String,
    pub(crate) http: String,
}

impl Alone {
    pub(crate) async fn start() -> Self {
        Self::start_after(":").await
    }

    /// Starts it in a shell that has done something before, such as setting limits.
    pub(crate) async fn start_after(command: &str) -> Self {
        let script = format!("{command} && exec \"$0\" --grpc 127.0.0.1:0 --http 127.0.0.1:0");
        let arguments = ["-c", &script, env!("CARGO_BIN_EXE_auth-service")];
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut program = Program::start("auth-service", Path::new("sh"), &arguments, folder);
        let grpc = program.said("gRPC: ").await;
        let http = program.said("HTTP: ").await;
        Self {
            program,
            grpc,
            http,
        }
    }
}

/// A service inside of the test, on a socket.
pub(crate) struct Served {
    pub(crate) at: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), CutOff>>,
}

impl Served {
    pub(crate) async fn start(
        handlers: impl contract::auth_service_server::AuthService,
        metrics: Metrics,
        grace: Duration,
    ) -> Self {
        let (service, health) =
            server::service(handlers, metrics, MESSAGE_LIMIT).expect("a service");
        server::set_serving(&health, true).await;
        Self::serve(service, grace).await
    }

    async fn serve(service: impl CallService + Sync, grace: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        let task = tokio::spawn(server::serve(listener, service, stopped, grace));
        Self { at, stop, task }
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(self) -> Result<(), CutOff> {
        drop(self.stop);
        soon("the server's end", self.task).await.expect("no panic")
    }
}

/// A gRPC connection on which anything can be sent.
#[derive(Clone)]
pub(crate) struct Wire {
    sender: http2::SendRequest<Full<Bytes>>,
    at: String,
}

/// What came back of a call.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What came as body.
    pub(crate) data: Bytes,
    /// The content type.
    pub(crate) kind: String,
    pub(crate) code: u32,
    /// As a client decodes it.
    pub(crate) message: String,
    /// As it travels.
    pub(crate) encoded: String,
    /// `grpc-status-details-bin` as it travels.
    pub(crate) details: String,
}

/// Whatever came back: without a status of gRPC it is no answer to a call.
#[derive(Debug)]
pub(crate) struct Reply {
    /// HTTP's status.
    pub(crate) status: u16,
    pub(crate) answer: Option<Answer>,
}

impl Answer {
    pub(crate) fn seen(&self) -> (u32, &str, &str) {
        (self.code, &self.message, &self.details)
    }
}

impl Wire {
    pub(crate) async fn connect(at: &str) -> Self {
        let stream = soon("a connection", TcpStream::connect(at))
            .await
            .expect("a connection");
        // As every gRPC client does; else what is measured is how long the system holds bytes back.
        stream.set_nodelay(true).expect("an option");
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
        tokio::spawn(connection);
        Self {
            sender,
            at: at.to_owned(),
        }
    }

    /// Sends a body as it is.
    pub(crate) async fn send(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let mut request = http::Request::post(format!("http://{}{path}", self.at))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body_length = body.len();
        let request = request.body(Full::from(body)).expect("a request");
        let what = format!("an answer to {body_length} bytes to {path}");
        let reply = soon(&what, self.ask(request)).await.expect("an answer");
        reply.answer.expect("a status")
    }

    /// Sends any request. It fails when the stream or the connection ends before the answer does.
    pub(crate) async fn ask(
        &mut self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<Reply, hyper::Error> {
        let response = self.sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?;
        let mut headers = head.headers;
        headers.extend(body.trailers().cloned().unwrap_or_default());
        let text = |name| {
            let value = headers.get(name).map(http::HeaderValue::as_bytes);
            String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
        };
        let status = tonic::Status::from_header_map(&headers);
        let answer = status.map(|status| Answer {
            data: body.to_bytes(),
            kind: text("content-type"),
            code: text("grpc-status").parse().expect("a number"),
            message: status.message().to_owned(),
            encoded: text("grpc-message"),
            details: text("grpc-status-details-bin"),
        });
        Ok(Reply {
            status: head.status.as_u16(),
            answer,
        })
    }

    /// Has a text echoed.
    pub(crate) async fn echo(&mut self, text: &str) -> Answer {
        self.call("Echo", &echo(text)).await
    }

    /// Has a text echoed, which it is.
    pub(crate) async fn answers(&mut self) {
        let answer = self.echo("hello").await;
        assert_eq!(answer.seen(), (0, "", ""));
        assert_eq!(answer.data, frame(&echo("hello")));
    }

    /// Sends one message, with an operation ID.
    pub(crate) async fn call(&mut self, method: &str, message: &impl prost::Message) -> Answer {
        self.send(&path(method), &[("operationid", "t1")], frame(message))
            .await
    }
}

/// The request to echo a text.
pub(crate) fn echo(text: &str) -> contract::EchoReq {
    contract::EchoReq {
        message: text.to_owned(),
    }
}

/// The path of a method of the contract.
pub(crate) fn path(method: &str) -> String {
    format!("/openim.authservice.AuthService/{method}")
}

/// A message as it travels.
pub(crate) fn frame(message: &impl prost::Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).expect("a short message");
    [&[0], length.to_be_bytes().as_slice(), &message].concat()
}

/// Sends these bytes and returns all that comes back until the other side closes.
pub(crate) async fn exchange(at: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = soon("a connection", TcpStream::connect(at))
        .await
        .expect("a connection");
    let mut answer = Vec::new();
    let exchanged = async {
        stream.write_all(bytes).await?;
        stream.read_to_end(&mut answer).await
    };
    if let Err(error) = soon("the end of the connection", exchanged).await {
        // The other side did not want to read to the end.
        let kind = error.kind();
        assert!(
            matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
            "{error}"
        );
    }
    answer
}

/// A connection with a call of which no message comes, once the other side has seen that.
pub(crate) async fn unfinished(at: &str) -> TcpStream {
    let mut fields = vec![0x83, 0x86];
    for (name, value) in [
        (":path", path("Echo").as_str()),
        (":authority", "x"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("operationid", "t1"),
    ] {
        fields.push(0);
        for text in [name, value] {
            fields.push(u8::try_from(text.len()).expect("short"));
            fields.extend(text.as_bytes());
        }
    }
    let length = u8::try_from(fields.len()).expect("short");
    let call = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        &[0, 0, 0, 4, 0, 0, 0, 0, 0],
        &[0, 0, length, 1, 4, 0, 0, 0, 1],
        &fields,
        // A question, whose answer comes when all before it was read.
        &[0, 0, 8, 6, 0, 0, 0, 0, 0],
        b"are-here",
    ];
    let mut stream = TcpStream::connect(at).await.expect("a connection");
    stream.write_all(&call.concat()).await.expect("bytes to go");
    let mut heard = Vec::new();
    let answered = async {
        while !heard.windows(8).any(|bytes| bytes == b"are-here") {
            let byte = stream.read_u8().await;
            heard.push(byte.expect("a byte"));
        }
    };
    soon("the answer to a ping", answered).await;
    stream
}

/// A request over HTTP/1.1, given as its first lines: the status and the body of the answer.
pub(crate) async fn http(at: &str, head: &str, body: &str) -> (u16, String) {
    let response = request(at, head, body).await;
    let status = response.status().as_u16();
    let text = String::from_utf8(response.into_body().to_vec()).expect("text");
    (status, text)
}

/// The same with all of the answer.
pub(crate) async fn request(at: &str, head: &str, body: &str) -> http::Response<Bytes> {
    let mut lines = head.lines();
    let (method, path) = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .expect("a method and a path");
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("host", at);
    for line in lines {
        let (name, value) = line.split_once(':').expect("a header");
        request = request.header(name, value.trim());
    }
    let body: Full<Bytes> = Full::from(body.to_owned());
    let request = request.body(body).expect("a request");
    let stream = soon("a connection", TcpStream::connect(at))
        .await
        .expect("a connection");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .expect("HTTP/1.1");
    tokio::spawn(connection);
    let response = soon(head, sender.send_request(request))
        .await
        .expect("an answer");
    let (head, body) = response.into_parts();
    let body = soon("a body", body.collect()).await.expect("a body");
    http::Response::from_parts(head, body.to_bytes())
}

/// A program that set-up builds from a Go module.
pub(crate) fn tool(name: &str) -> PathBuf {
    built(&format!("tools/{name}"))
}

/// A file or folder that set-up leaves in the repository's target folder.
pub(crate) fn built(path: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let path = target.join(path);
    assert!(
        path.exists(),
        "{} is not there. To build it: cargo xtask test",
        path.display()
    );
    path
}
