//! An HTTP front that answers as OpenIM's API does, for a service that runs alone.
//!
//! Inside OpenIM `openim-api` is the front, and this one is not started. It asks the service as
//! that does, as a gRPC client, but without a connection between them.

mod json;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

use crate::contract::auth_service_client::AuthServiceClient;
use crate::contract::{EchoReq, GetConfigReq};
use crate::layers::MESSAGE_LIMIT;
use crate::layers::middleware::CallService;
use crate::wire::{Error, SERVER_INTERNAL_ERROR, code};

const OPERATION_ID: &str = "operationID";

/// The routes, answered by this service.
pub fn routes(service: impl CallService + Sync) -> Router {
    Router::new()
        .route("/authservice/echo", post(echo))
        .route("/authservice/get_config", post(get_config))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(AuthServiceClient::new(service))
        .layer(middleware::from_fn(needs_operation_id))
        .layer(middleware::from_fn(cross_origin))
        .layer(axum::extract::DefaultBodyLimit::max(MESSAGE_LIMIT))
}

/// Connections that were still open when the time for them was over.
#[derive(Debug)]
pub struct CutOff {
    grace: Duration,
}

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grace = self.grace;
        write!(
            f,
            "HTTP requests not finished within {grace:?} of the stop were cut off"
        )
    }
}

impl std::error::Error for CutOff {}

/// Serves until `stop` is ready, and then until all requests under way are answered.
///
/// # Errors
///
/// When that takes longer than `grace`.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> Result<(), CutOff> {
    let (stopping, mut stopped) = watch::channel(());
    let stop = async move {
        stop.await;
        drop(stopping);
    };
    let served = axum::serve(listener, routes).with_graceful_shutdown(stop);
    let limit = async {
        // The sender's end is the signal.
        let _ = stopped.changed().await;
        sleep(grace).await;
    };
    tokio::select! {
        // It fails at nothing: connections that cannot be accepted are tried again.
        _ = served => Ok(()),
        () = limit => Err(CutOff { grace }),
    }
}

async fn echo<S: CallService>(
    State(mut client): State<AuthServiceClient<S>>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Response {
    let request = json::Object::parse(&body, "EchoReq").and_then(|object| {
        Ok(EchoReq {
            message: object.string("message")?,
        })
    });
    answer(&headers, request, |request| async move {
        client.echo(request).await
    })
    .await
}

async fn get_config<S: CallService>(
    State(mut client): State<AuthServiceClient<S>>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Response {
    let request = json::Object::parse(&body, "GetConfigReq").and_then(|object| {
        Ok(GetConfigReq {
            key: object.string("key")?,
        })
    });
    answer(&headers, request, |request| async move {
        client.get_config(request).await
    })
    .await
}

/// A body that was there as a whole and is not too long.
struct Whole(Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let body = Bytes::from_request(request, state).await;
        body.map(Self).map_err(|rejection| {
            let status = rejection.status();
            let cause = if status == StatusCode::PAYLOAD_TOO_LARGE {
                format!("the body is longer than {MESSAGE_LIMIT} bytes")
            } else {
                "the body did not arrive as a whole".to_owned()
            };
            (status, refuse(&Error::args(cause))).into_response()
        })
    }
}

/// Makes the call, if the body was a request at all.
async fn answer<Q, A: Serialize, F>(
    headers: &HeaderMap,
    request: Result<Q, json::Error>,
    call: impl FnOnce(tonic::Request<Q>) -> F,
) -> Response
where
    F: Future<Output = Result<tonic::Response<A>, Status>>,
{
    let request = match request {
        Ok(request) => request,
        // Here, unlike everywhere else, OpenIM's API has no name for the error.
        Err(error) => return envelope(code::ARGS, &error.to_string(), "", None::<()>),
    };
    let mut request = tonic::Request::new(request);
    let id = headers.get(OPERATION_ID).map(HeaderValue::as_bytes);
    match id.map(MetadataValue::try_from) {
        Some(Ok(id)) => request.metadata_mut().insert("operationid", id),
        _ => return refuse(&Error::args("header operationID must be printable ASCII")),
    };
    match call(request).await {
        Ok(answer) => envelope(0, "", "", Some(answer.into_inner())),
        Err(status) => refuse(&of_status(&status)),
    }
}

/// OpenIM's own errors pass; all others are the server's to a client of the API.
fn of_status(status: &Status) -> Error {
    Error::of_status(status).unwrap_or_else(|| Error {
        code: code::SERVER,
        name: SERVER_INTERNAL_ERROR.to_owned(),
        cause: format!(
            "rpc error: code = {} desc = {}",
            name(status.code()),
            status.message()
        ),
    })
}

/// The code's name, as grpc-go prints it.
fn name(code: Code) -> String {
    if code == Code::Cancelled {
        return "Canceled".to_owned();
    }
    format!("{code:?}")
}

fn refuse(error: &Error) -> Response {
    envelope(error.code, &error.name, &error.cause, None::<()>)
}

/// What every answer is wrapped in. The HTTP status is 200 for errors too.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a, T> {
    err_code: u32,
    err_msg: &'a str,
    err_dlt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
}

fn envelope<T: Serialize>(code: u32, message: &str, detail: &str, data: Option<T>) -> Response {
    let envelope = Envelope {
        err_code: code,
        err_msg: message,
        err_dlt: detail,
        data,
    };
    match serde_json::to_string(&envelope) {
        Ok(text) => json::escape_html(&text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn not_found() -> Response {
    let plain = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"))];
    (StatusCode::NOT_FOUND, plain, "404 page not found").into_response()
}

/// The rule holds for every POST, before it is known whether the path leads anywhere.
async fn needs_operation_id(request: Request, next: Next) -> Response {
    let id = request.headers().get(OPERATION_ID);
    if request.method() == Method::POST && id.is_none_or(HeaderValue::is_empty) {
        return refuse(&Error::args("header must have operationID"));
    }
    next.run(request).await
}

/// Lets pages of other origins call, as OpenIM's API does.
async fn cross_origin(request: Request, next: Next) -> Response {
    const EXPOSED: &str = "Content-Length, Access-Control-Allow-Origin, Access-Control-Allow-Headers,Cache-Control,Content-Language,Content-Type,Expires,Last-Modified,Pragma,FooBar";
    let mut response = if request.method() == Method::OPTIONS {
        "\"Options Request!\"".into_response()
    } else {
        next.run(request).await
    };
    let json = HeaderValue::from_static("application/json");
    let headers = response.headers_mut();
    if headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind != "text/plain")
    {
        headers.insert(header::CONTENT_TYPE, json);
    }
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED),
        (header::ACCESS_CONTROL_MAX_AGE, "172800"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "false"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpStream;
    use tokio::sync::{Notify, oneshot};
    use tower::ServiceExt as _;

    const GRACE: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_body_that_is_too_long_is_refused_in_an_envelope() {
        let handlers = crate::handlers::Handlers::default();
        let metrics = crate::metrics::Metrics::new("name").expect("metrics");
        let (service, _) = crate::server::service(handlers, metrics).expect("a service");
        let request = Request::post("/authservice/echo")
            .header(OPERATION_ID, "t1")
            .body(axum::body::Body::from("x".repeat(MESSAGE_LIMIT + 1)))
            .expect("a request");
        let Ok(response) = routes(service).oneshot(request).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        let body = axum::body::to_bytes(response.into_body(), 1_000).await;
        assert_eq!(
            body.expect("a short body"),
            r#"{"errCode":1001,"errMsg":"ArgsError","errDlt":"the body is longer than 4194304 bytes"}"#
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_for_the_end_begins_with_the_stop() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let entered = Arc::new(Notify::new());
        let told = entered.clone();
        let never = || async move {
            told.notify_one();
            std::future::pending::<()>().await;
        };
        let routes = Router::new().fallback(never);
        let served = tokio::spawn(serve(listener, routes, stopped, GRACE));

        // It serves for longer than the end may take.
        sleep(GRACE * 3).await;
        assert!(!served.is_finished());

        // A request that is never answered holds the stop up, for so long and no longer.
        let mut request = TcpStream::connect(at).await.expect("a connection");
        let bytes = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        request.write_all(bytes).await.expect("bytes to go");
        entered.notified().await;
        drop(stop);
        let start = tokio::time::Instant::now();
        let cut_off = served.await.expect("no panic").expect_err("a request");
        assert_eq!(start.elapsed(), GRACE);
        assert_eq!(
            cut_off.to_string(),
            "HTTP requests not finished within 10s of the stop were cut off"
        );
    }
}
