//! `auth-service`: the service alone, with nothing around it to set up.

use std::error::Error;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::process::ExitCode;

use auth_service::handlers::Handlers;
use auth_service::layers::MESSAGE_LIMIT;
use auth_service::layers::in_flight::CutOff;
use auth_service::metrics::Metrics;
use auth_service::server::{self, GRACE};
use auth_service::{descriptors, front, logs, signals};
use clap::Parser;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

/// The guide's AuthService alone: gRPC, and an HTTP front that answers as OpenIM's API does.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Where to serve gRPC; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:10340")]
    grpc: String,

    /// Where to serve HTTP; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:10002")]
    http: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    logs::log_panics();
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("auth-service: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    descriptors::raise();
    // Before anything is printed, so that whoever waits for the print can signal at once.
    let stop = signals::stop()?;
    let grpc = listen(&options.grpc, "--grpc").await?;
    let http = listen(&options.http, "--http").await?;

    let metrics = Metrics::new("auth-service")?;
    let (service, health) = server::service(Handlers::default(), metrics, MESSAGE_LIMIT)?;
    server::set_serving(&health, true).await;

    let at = http.local_addr()?;
    println!("gRPC: {}", grpc.local_addr()?);
    println!("HTTP: {at}");
    println!("To try it, in another shell:");
    println!(
        "  curl -sS {at}/authservice/echo -H 'operationID: t1' -d '{{\"message\":\"hello\"}}'"
    );

    let (stopping, stopped) = watch::channel(false);
    let routes = front::routes(service.clone());
    let front = front::serve(http, routes, until(stopped.clone()), GRACE);
    let grpc = server::serve(grpc, service, until(stopped), GRACE);
    let stop = async {
        stop.await;
        tracing::info!("stopping: calls under way are answered first");
        server::set_serving(&health, false).await;
        stopping.send_replace(true);
    };
    let (grpc, front, ()) = tokio::join!(grpc, front, stop);
    Ok(ended([grpc, front])?)
}

/// Tells of all that was cut off.
fn ended(servers: [Result<(), CutOff>; 2]) -> Result<(), String> {
    let cut_off: Vec<String> = servers
        .into_iter()
        .filter_map(|server| Some(server.err()?.to_string()))
        .collect();
    if cut_off.is_empty() {
        return Ok(());
    }
    Err(cut_off.join("; "))
}

/// Ready once the flag is set.
async fn until(mut flag: watch::Receiver<bool>) {
    // An error means that whoever sets it is gone, which is as good.
    let _ = flag.wait_for(|set| *set).await;
}

async fn listen(address: &str, option: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {}", advice(&error, option)))
}

/// What is wrong, and what to do about it.
fn advice(error: &io::Error, option: &str) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "another process listens there. {option} takes another address, and with port 0 a free one."
        ),
        ErrorKind::PermissionDenied => format!(
            "the system does not let this user. {option} takes another port: those from 1024 on are for everybody."
        ),
        ErrorKind::AddrNotAvailable => {
            format!("this machine has no such address. {option} takes another.")
        }
        ErrorKind::InvalidInput => {
            format!("{option} takes a host and a port, as in 127.0.0.1:10340.")
        }
        _ => format!("{error}. {option} takes another address."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_wrong_with_an_address_is_said() {
        for (address, advice) in [
            (
                "foo",
                "--grpc takes a host and a port, as in 127.0.0.1:10340.",
            ),
            (
                "127.0.0.1:99999",
                "--grpc takes a host and a port, as in 127.0.0.1:10340.",
            ),
            (
                "192.0.2.1:0",
                "this machine has no such address. --grpc takes another.",
            ),
        ] {
            let error = listen(address, "--grpc").await.expect_err("no address");
            assert_eq!(error, format!("cannot listen on {address}: {advice}"));
        }
    }

    #[test]
    fn a_port_of_the_administrator_is_named_as_such() {
        let error = io::Error::from(ErrorKind::PermissionDenied);
        assert_eq!(
            advice(&error, "--http"),
            "the system does not let this user. --http takes another port: those from 1024 on are for everybody."
        );
    }
}
