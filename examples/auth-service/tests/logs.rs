//! What stands in the file that `log.yml` names. A process logs to one place, so this is one test.

mod common;

use auth_service::config::Log;
use auth_service::contract::auth_service_server::AuthService;
use auth_service::contract::{EchoReq, EchoResp, GetConfigReq, GetConfigResp};
use auth_service::handlers::Handlers;
use auth_service::logs;
use auth_service::metrics::Metrics;
use common::{LIMIT, Served, Wire, texts};
use serde_json::Value;
use tonic::{Request, Response, Status};

/// Handlers one of which panics, in a part of its work that has a span of its own.
#[derive(Clone, Default)]
struct Panics(Handlers);

#[tonic::async_trait]
impl AuthService for Panics {
    async fn echo(&self, request: Request<EchoReq>) -> Result<Response<EchoResp>, Status> {
        self.0.echo(request).await
    }

    async fn get_config(
        &self,
        _: Request<GetConfigReq>,
    ) -> Result<Response<GetConfigResp>, Status> {
        let _part = tracing::info_span!(target: "auth_service", "part").entered();
        panic!("boom");
    }
}

#[tokio::test]
async fn each_call_and_each_panic_is_a_line_with_its_operation_id_and_without_messages() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Log {
        folder: Some(folder.path().to_owned()),
        rotation_hours: 24,
        kept_files: 2,
        level: 6,
        stdout: false,
        json: true,
    };
    let guard = logs::init(&log).expect("a log");
    let metrics = Metrics::new("name").expect("metrics");
    let served = Served::start(Panics::default(), metrics, LIMIT).await;
    let mut wire = Wire::connect(&served.at).await;
    wire.echo("a message").await;
    let key = "a key".to_owned();
    wire.call("GetConfig", &GetConfigReq { key }).await;
    served.stop().await.expect("nothing is under way");
    drop(guard);

    let text = texts(folder.path());
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|line: &Value| !line["operationID"].is_null())
        .collect();
    let said = |line: &Value| {
        assert_eq!(line["operationID"], "t1", "{text}");
        line["message"].as_str().expect("text").to_owned()
    };
    let said: Vec<String> = lines.iter().map(said).collect();
    assert_eq!(
        said,
        ["call answered", "panic: boom", "call failed"],
        "{text}"
    );
    let place = lines[1]["place"].as_str().expect("a place");
    assert!(place.contains("tests/logs.rs:"), "{place}");
    assert_eq!(lines[2]["code"], 500);
    assert_eq!(lines[2]["cause"], "boom");
    for secret in ["a message", "a key"] {
        assert!(!text.contains(secret), "{text}");
    }
}
