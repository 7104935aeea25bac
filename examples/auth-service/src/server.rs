//! Serves calls until told to stop; then answers those that are under way.

mod answers;
mod authority;

use std::future::Future;
use std::io;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::service::Routes;
use tonic_health::pb::FILE_DESCRIPTOR_SET as HEALTH;
use tonic_health::server::HealthReporter;
use tonic_reflection::pb::{v1, v1alpha};
use tower::{Layer as _, ServiceExt as _};

use crate::connections::{self, Failure, Limit, PATIENCE};
use crate::contract;
use crate::contract::auth_service_server::{AuthService, AuthServiceServer, SERVICE_NAME};
use crate::layers;
use crate::layers::in_flight::{CutOff, InFlight};
use crate::layers::middleware::{CallService, Request, Wrap};
use crate::layers::unknown_method::KnownMethods;
use crate::metrics::Metrics;
use authority::Mended;

/// How long calls under way may take to end once the service stops, as OpenIM's services have it.
pub const GRACE: Duration = Duration::from_secs(10);

/// With this every HTTP/2 connection begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long a connection may take to say it.
const PREFACE_LIMIT: Duration = Duration::from_secs(10);
/// How many connections there may be.
pub const CONNECTIONS: Limit = Limit {
    kind: "gRPC",
    most: 4_000,
    files: 2,
};
/// How many calls of one connection may be under way; more wait.
const CALLS: u32 = 1_000;
/// How long the headers of a call may be together.
const HEADERS: u32 = 16 * 1024;
/// After how much silence a connection is asked whether it is alive, and how long it may think.
const SILENCE: Duration = Duration::from_mins(2);
const THINKING: Duration = Duration::from_secs(20);

/// What is served: the contract, health and reflection, with all layers around. A message may be
/// so long.
///
/// # Errors
///
/// When generated descriptors or the metrics are broken, which is a mistake in this program.
pub fn service(
    handlers: impl AuthService,
    metrics: Metrics,
    message_limit: usize,
) -> Result<(impl CallService + Sync, HealthReporter), Box<dyn std::error::Error + Send + Sync>> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(contract::DESCRIPTORS)
            .register_encoded_file_descriptor_set(HEALTH)
    };
    let server = AuthServiceServer::new(handlers).max_decoding_message_size(message_limit);
    let routes = Routes::new(server)
        .add_service(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?);
    let methods = KnownMethods::of_descriptors(&[
        contract::DESCRIPTORS,
        HEALTH,
        v1::FILE_DESCRIPTOR_SET,
        v1alpha::FILE_DESCRIPTOR_SET,
    ])?;
    Ok((
        layers::around(routes, methods, metrics, message_limit),
        reporter,
    ))
}

/// Says to callers of the health service whether this one can be called.
pub async fn set_serving(reporter: &HealthReporter, serving: bool) {
    use tonic_health::ServingStatus::{NotServing, Serving};
    let status = if serving { Serving } else { NotServing };
    // The empty name is the server as a whole.
    for name in ["", SERVICE_NAME] {
        reporter.set_service_status(name, status).await;
    }
}

/// Serves until `stop` is ready, and then until all calls under way are answered.
///
/// # Errors
///
/// When that takes longer than `grace`.
pub async fn serve(
    listener: TcpListener,
    service: impl CallService + Sync,
    stop: impl Future<Output = ()>,
    grace: Duration,
) -> Result<(), CutOff> {
    let in_flight = InFlight::default();
    let service = Wrap(in_flight.clone()).layer(service);
    let graceful = GracefulShutdown::new();
    let (stopping, _) = watch::channel(());
    let accept = connections::accept(&listener, CONNECTIONS, |stream| {
        let (watcher, stopping) = (graceful.watcher(), stopping.subscribe());
        connection(stream, service.clone(), watcher, stopping)
    });
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop(listener);
    drop(stopping);
    in_flight
        .finished("calls", graceful.shutdown(), grace)
        .await
}

/// Serves one connection to its end.
async fn connection(
    stream: TcpStream,
    service: impl CallService,
    watcher: hyper_util::server::graceful::Watcher,
    mut stopping: watch::Receiver<()>,
) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    // Until a connection has begun there is nothing on it to be finished.
    let stream = tokio::select! {
        begun = timeout(PREFACE_LIMIT, begun(stream)) => begun??,
        _ = stopping.changed() => return Ok(()),
    };
    let service = service
        .map_request(|request: http::Request<hyper::body::Incoming>| -> Request {
            request.map(tonic::body::Body::new)
        })
        .map_response(|response| response.map(answers::noted));
    let connection = http2::Builder::new(answers::Calls::new(PATIENCE))
        .timer(TokioTimer::new())
        .max_concurrent_streams(CALLS)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(SILENCE)
        .keep_alive_timeout(THINKING)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    watcher.watch(connection).await?;
    Ok(())
}

/// The stream, once the other side has shown that it speaks HTTP/2.
async fn begun(stream: TcpStream) -> io::Result<impl AsyncRead + AsyncWrite + Unpin> {
    let (mut read, write) = stream.into_split();
    let mut start = vec![0; PREFACE.len()];
    read.read_exact(&mut start).await?;
    if start != PREFACE {
        let message = "not HTTP/2 with prior knowledge, which gRPC is";
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let read = io::Cursor::new(start).chain(Mended::new(read));
    Ok(tokio::io::join(read, write))
}
