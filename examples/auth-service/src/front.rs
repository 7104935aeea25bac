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
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};
use tower::ServiceExt as _;

use crate::connections::Limit;
use crate::contract::auth_service_client::AuthServiceClient;
use crate::contract::{EchoReq, GetConfigReq};
use crate::http1;
use crate::layers::in_flight::CutOff;
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
/// In grpc-go's words.
const NOT_PRINTABLE: &str =
    r#"header key "operationid" contains value with non-printable ASCII characters"#;

const ECHO: &str = "/authservice/echo";
const GET_CONFIG: &str = "/authservice/get_config";

/// The routes, answered by this service.
pub fn routes(service: impl CallService + Sync) -> Router {
    let routes = Router::new()
        .route(ECHO, post(echo))
        .route(GET_CONFIG, post(get_config))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(AuthServiceClient::new(service))
        .layer(middleware::from_fn_with_state(
            Room::new(Size::default()),
            takes_room,
        ))
        .layer(middleware::from_fn(needs_operation_id))
        .layer(middleware::from_fn(cross_origin))
        .layer(axum::extract::DefaultBodyLimit::max(MESSAGE_LIMIT));
    Router::new().fallback(find).with_state(routes)
}

/// Finds routes as OpenIM's API does: a path may be percent-encoded, and one with a slash too many
/// is told where to go, before anything else is looked at.
async fn find(State(routes): State<Router>, mut request: Request) -> Response {
    let path = request.uri().path();
    if !is_encoded(path) {
        let headers = [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
            (header::CONNECTION, "close"),
        ];
        return (StatusCode::BAD_REQUEST, headers, "400 Bad Request").into_response();
    }
    let path: Vec<u8> = percent_decode_str(path).collect();
    let asked = |path: &[u8]| {
        [ECHO, GET_CONFIG]
            .into_iter()
            .find(|route| route.as_bytes() == path)
    };
    if let Some(route) = asked(&path) {
        // Nobody looks at what was behind the path.
        *request.uri_mut() = Uri::from_static(route);
    } else if request.method() == Method::POST
        && let Some(route) = path.strip_suffix(b"/").and_then(asked)
    {
        let query = request.uri().query();
        let location = query.map_or_else(|| route.to_owned(), |query| format!("{route}?{query}"));
        return Redirect::temporary(&location).into_response();
    }
    let Ok(response) = routes.oneshot(request).await;
    response
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

/// Whether each `%` of a path stands before the number of a byte.
fn is_encoded(path: &str) -> bool {
    let mut encoded = path.as_bytes().split(|byte| *byte == b'%').skip(1);
    encoded.all(|rest| matches!(rest, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

async fn echo<S: CallService>(
    State(mut client): State<AuthServiceClient<S>>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Response {
    let request = json::texts(&body, "EchoReq", ["message"]);
    let request = request.map(|[message]| EchoReq { message });
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
    let request = json::texts(&body, "GetConfigReq", ["key"]);
    let request = request.map(|[key]| GetConfigReq { key });
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

/// A body takes room before any of it is kept, as a message of gRPC does, and until its answer has
/// gone. One that does not say how long it is may become as long as any.
async fn takes_room(State(room): State<Room>, request: Request, next: Next) -> Response {
    let length = request.body().size_hint().upper();
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length.unwrap_or(MESSAGE_LIMIT).min(MESSAGE_LIMIT);
    match room.for_message(length) {
        Ok(taken) => http1::held(next.run(request).await, taken),
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
    let id = id.filter(|id| id.iter().all(|byte| matches!(byte, b' '..=b'~')));
    match id.map(MetadataValue::try_from) {
        Some(Ok(id)) => request.metadata_mut().insert("operationid", id),
        // What a gRPC client says of it, which sends no call then.
        _ => return refuse(&of_status(&Status::internal(NOT_PRINTABLE))),
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
        Ok(text) => json::escaped(text).into_response(),
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
    use crate::contract::auth_service_server::AuthService;
    use crate::contract::{EchoResp, GetConfigResp};
    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use std::convert::Infallible;
    use std::sync::Arc;
    use tokio::sync::Barrier;
    use tokio::time::Instant;

    fn front() -> Router {
        front_of(crate::handlers::Handlers::default())
    }

    fn front_of(handlers: impl AuthService) -> Router {
        let metrics = crate::metrics::Metrics::new("name").expect("metrics");
        let (service, _) =
            crate::server::service(handlers, metrics, MESSAGE_LIMIT).expect("a service");
        routes(service)
    }

    /// The answer to a request with this operation ID.
    async fn ask(front: &Router, path: &str, id: &[u8], body: Body) -> Response {
        let request = Request::post(path).header(OPERATION_ID, id).body(body);
        let Ok(response) = front.clone().oneshot(request.expect("a request")).await;
        response
    }

    /// The status and the body of the answer to a request to echo.
    async fn echo(front: &Router, body: Body) -> (StatusCode, String) {
        text(ask(front, ECHO, b"t1", body).await).await
    }

    async fn text(response: Response) -> (StatusCode, String) {
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

    #[tokio::test]
    async fn an_answer_that_is_not_taken_keeps_the_room_of_its_body() {
        let front = front();
        // All that there is room for, but for less than the next one needs.
        let longest = || Body::from(format!(r#"{{"message":"{}"}}"#, "x".repeat(4_190_000)));
        let mut answers = Vec::new();
        for _ in 0..Size::default().large_messages / MESSAGE_LIMIT {
            answers.push(ask(&front, ECHO, b"t1", longest()).await);
        }
        let refused = async || echo(&front, Body::from(" ".repeat(100_000))).await.1;
        assert!(refused().await.contains("no room for"));
        // Nor is it given back when the server has taken the answer, but has not sent it.
        let answer = answers.pop().expect("one").into_body();
        let parts = answer.collect().await.expect("a body");
        assert!(refused().await.contains("no room for"));
        drop(parts);
        assert!(refused().await.contains("unexpected end"));
    }

    /// Handlers that do what no handler should.
    struct Bad;

    #[tonic::async_trait]
    impl AuthService for Bad {
        async fn echo(
            &self,
            _: tonic::Request<EchoReq>,
        ) -> Result<tonic::Response<EchoResp>, Status> {
            panic!("boom")
        }

        async fn get_config(
            &self,
            _: tonic::Request<GetConfigReq>,
        ) -> Result<tonic::Response<GetConfigResp>, Status> {
            Err(Status::deadline_exceeded("context deadline exceeded"))
        }
    }

    #[tokio::test]
    async fn what_goes_wrong_in_a_handler_is_told_as_main_tells_it() {
        let front = front_of(Bad);
        for (path, told) in [
            // Recorded of main.
            (
                ECHO,
                r#"{"errCode":500,"errMsg":"panic error","errDlt":"boom"}"#,
            ),
            (
                GET_CONFIG,
                r#"{"errCode":500,"errMsg":"ServerInternalError","errDlt":"rpc error: code = DeadlineExceeded desc = context deadline exceeded"}"#,
            ),
        ] {
            let answer = ask(&front, path, b"t1", Body::from("{}")).await;
            assert_eq!(text(answer).await, (StatusCode::OK, told.to_owned()));
        }
    }

    #[tokio::test]
    async fn an_operation_id_is_printable_ascii() {
        let front = front();
        let id = async |id: &[u8]| {
            let body = Body::from(r#"{"message":"hello"}"#);
            text(ask(&front, ECHO, id, body).await).await.1
        };
        for good in [b"a b".as_slice(), b"~!"] {
            assert!(id(good).await.contains(r#""errCode":0"#));
        }
        for bad in [b"a\tb".as_slice(), "é".as_bytes(), b"\xff"] {
            assert_eq!(
                id(bad).await,
                r#"{"errCode":500,"errMsg":"ServerInternalError","errDlt":"rpc error: code = Internal desc = header key \"operationid\" contains value with non-printable ASCII characters"}"#
            );
        }
    }

    #[tokio::test]
    async fn paths_are_found_as_openims_api_finds_them() {
        let front = front();
        let asked = async |path| {
            let body = Body::from(r#"{"message":"hello"}"#);
            let answer = ask(&front, path, b"t1", body).await;
            let location = answer.headers().get(header::LOCATION);
            let location = location.map(|location| location.to_str().expect("text").to_owned());
            (answer.status().as_u16(), location.unwrap_or_default())
        };
        for (path, status, location) in [
            ("/authservice/%65cho?x=1", 200, ""),
            ("/authservice/echo/", 307, "/authservice/echo"),
            ("/authservice/%65cho/?x=1", 307, "/authservice/echo?x=1"),
            ("/authservice/echo//", 404, ""),
            ("/authservice/echo%3Fx", 404, ""),
            ("/authservice/%zz", 400, ""),
            ("/authservice/echo%6", 400, ""),
            ("/", 404, ""),
        ] {
            assert_eq!(asked(path).await, (status, location.to_owned()), "{path}");
        }
    }
}
