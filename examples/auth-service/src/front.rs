//! An HTTP front that answers as OpenIM's API does, for a service that runs alone.
//!
//! Inside OpenIM `openim-api` is the front, and this one is not started. It asks the service as
//! that does, as a gRPC client, but without a connection between them.

mod json;

use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

use crate::connections::Limit;
use crate::contract::auth_service_client::AuthServiceClient;
use crate::contract::{EchoReq, GetConfigReq};
use crate::http1::{self, CutOff};
use crate::layers::middleware::CallService;
use crate::layers::room::{Room, Size};
use crate::layers::{ARRIVAL_LIMIT, MESSAGE_LIMIT};
use crate::wire::{Error, SERVER_INTERNAL_ERROR, code};

/// How many connections there may be.
pub const CONNECTIONS: Limit = Limit {
    kind: "HTTP",
    most: 1_000,
    files: 4,
};

const OPERATION_ID: &str = "operationID";

/// The routes, answered by this service.
pub fn routes(service: impl CallService + Sync) -> Router {
    Router::new()
        .route("/authservice/echo", post(echo))
        .route("/authservice/get_config", post(get_config))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(AuthServiceClient::new(service))
        .layer(middleware::from_fn_with_state(
            Room::new(Size::default()),
            takes_room,
        ))
        .layer(middleware::from_fn(needs_operation_id))
        .layer(middleware::from_fn(cross_origin))
        .layer(axum::extract::DefaultBodyLimit::max(MESSAGE_LIMIT))
}

/// Serves HTTP until `stop` is ready, and then until all requests under way are answered.
///
/// # Errors
///
/// When that takes longer than `grace`.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: impl Future<Output = ()>,
    grace: Duration,
) -> Result<(), CutOff> {
    http1::serve(listener, CONNECTIONS, routes, stop, grace).await
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
        let body = timeout(ARRIVAL_LIMIT, Bytes::from_request(request, state)).await;
        let (status, cause) = match body {
            Ok(Ok(body)) => return Ok(Self(body)),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => (
                rejection.status(),
                format!("the body is longer than {MESSAGE_LIMIT} bytes"),
            ),
            Ok(Err(rejection)) => (
                rejection.status(),
                "the body did not arrive as a whole".to_owned(),
            ),
            Err(_) => (
                StatusCode::REQUEST_TIMEOUT,
                format!("the body did not arrive within {ARRIVAL_LIMIT:?}"),
            ),
        };
        Err((status, refuse(&Error::args(cause))).into_response())
    }
}

/// A body takes room before any of it is kept, as a message of gRPC does. One that does not say how
/// long it is may become as long as any.
async fn takes_room(State(room): State<Room>, request: Request, next: Next) -> Response {
    let length = request.body().size_hint().upper();
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length.unwrap_or(MESSAGE_LIMIT).min(MESSAGE_LIMIT);
    match room.for_message(length) {
        Ok(_held) => next.run(request).await,
        Err(refusal) => refuse(&of_status(&refusal)),
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
    use axum::body::Body;
    use std::convert::Infallible;
    use std::sync::Arc;
    use tokio::sync::Barrier;
    use tokio::time::Instant;
    use tower::ServiceExt as _;

    fn front() -> Router {
        let handlers = crate::handlers::Handlers::default();
        let metrics = crate::metrics::Metrics::new("name").expect("metrics");
        let (service, _) =
            crate::server::service(handlers, metrics, MESSAGE_LIMIT).expect("a service");
        routes(service)
    }

    /// The status and the body of the answer to a request to echo.
    async fn echo(front: &Router, body: Body) -> (StatusCode, String) {
        let request = Request::post("/authservice/echo")
            .header(OPERATION_ID, "t1")
            .body(body)
            .expect("a request");
        let Ok(response) = front.clone().oneshot(request).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 20_000).await;
        let body = body.expect("a short body").to_vec();
        (status, String::from_utf8(body).expect("text"))
    }

    /// A body that begins and does not go on. Whoever asks for it is waited for.
    fn unfinished(asked: Arc<Barrier>) -> Body {
        let frames = futures_util::stream::once(async move {
            asked.wait().await;
            std::future::pending::<Result<Bytes, Infallible>>().await
        });
        Body::from_stream(frames)
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_refused_in_an_envelope() {
        let body = Body::from("x".repeat(MESSAGE_LIMIT + 1));
        let (status, text) = echo(&front(), body).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(
            text,
            r#"{"errCode":1001,"errMsg":"ArgsError","errDlt":"the body is longer than 4194304 bytes"}"#
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_is_not_waited_for() {
        let start = Instant::now();
        let body = unfinished(Arc::new(Barrier::new(1)));
        let (status, text) = echo(&front(), body).await;
        assert_eq!(start.elapsed(), ARRIVAL_LIMIT);
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(
            text,
            r#"{"errCode":1001,"errMsg":"ArgsError","errDlt":"the body did not arrive within 30s"}"#
        );
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_take_room_until_they_are_answered() {
        let front = front();
        let most = Size::default().large_messages / MESSAGE_LIMIT;
        let asked = Arc::new(Barrier::new(most + 1));
        let slow: Vec<_> = (0..most)
            .map(|_| {
                let (front, asked) = (front.clone(), asked.clone());
                tokio::spawn(async move { echo(&front, unfinished(asked)).await })
            })
            .collect();
        asked.wait().await;

        let long = || Body::from(format!(r#"{{"message":"{}"}}"#, "x".repeat(10_000)));
        let (status, text) = echo(&front, long()).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            text.contains("code = ResourceExhausted desc = no room for"),
            "{text}"
        );
        // Small ones have room of their own.
        let (_, text) = echo(&front, Body::from(r#"{"message":"hello"}"#)).await;
        assert!(text.contains(r#""data":{"message":"hello"}"#), "{text}");

        for one in slow {
            let (status, _) = one.await.expect("no panic");
            assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
        }
        let (_, text) = echo(&front, long()).await;
        assert!(text.contains(r#""errCode":0"#), "{text}");
    }
}
