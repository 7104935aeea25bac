//! `openim-rpc-auth-service`: the service in the Go service's place inside OpenIM.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use auth_service::config::{self, Config, Discovery, Host, Port};
use auth_service::discovery::{self, Kept, Record, Timing};
use auth_service::handlers::Handlers;
use auth_service::layers::MESSAGE_LIMIT;
use auth_service::metrics::{self, Metrics};
use auth_service::server::{self, GRACE};
use auth_service::{descriptors, logs, signals};
use clap::Parser;
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// AuthService inside OpenIM.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The folder with the configuration files
    #[arg(
        short,
        long = "config_folder_path",
        value_name = "DIR",
        env = "CONFIG_PATH"
    )]
    config: PathBuf,

    /// The number of this instance, from 0
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    index: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("openim-rpc-auth-service: {error}");
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

async fn run(options: &Options) -> Result<(), Failure> {
    let stop = signals::stop()?;
    let environment = |name: &str| std::env::var(name).ok();
    let config = Config::load(&options.config, options.index, &environment)
        .map_err(|problems| format!("the configuration is wrong:\n{problems}"))?;
    // Held to the end: then the last lines are in the file.
    let _logs = logs::init(&config.log)?;
    descriptors::raise();

    let listener = listen(&config, config.port, "rpc.ports").await?;
    let metrics = Metrics::new(&config.name)?;
    let metrics_at = match config.metrics_port {
        Some(port) => Some(serve_metrics(&config, port, metrics.clone()).await?),
        None => None,
    };
    let message_limit = config.message_limit.unwrap_or(MESSAGE_LIMIT);
    let (service, health) = server::service(Handlers::default(), metrics, message_limit)?;
    let kept = register(&config, listener.local_addr()?, metrics_at)?;
    server::set_serving(&health, true).await;

    let at = listener.local_addr()?;
    println!("{} listens on {at}", config.name);
    tracing::info!(name = config.name, %at, "listening");

    let (stopping, stopped) = oneshot::channel::<()>();
    let serving = server::serve(
        listener,
        service,
        async {
            // An error means that whoever says so is gone, which is as good.
            let _ = stopped.await;
        },
        GRACE,
    );
    // ANCHOR: ending
    let ending = async {
        stop.await;
        tracing::info!("stopping: others are told first, then calls under way are answered");
        // Nobody finds this instance any more, and whoever still has its address is served.
        join_all(kept.into_iter().map(Kept::remove)).await;
        server::set_serving(&health, false).await;
        drop(stopping);
    };
    // ANCHOR_END: ending
    let (served, ()) = tokio::join!(serving, ending);
    tracing::info!("stopped");
    Ok(served?)
}

/// Begins to tell others where this instance is.
fn register(
    config: &Config,
    listening: SocketAddr,
    metrics_at: Option<SocketAddr>,
) -> Result<Vec<Kept>, Failure> {
    let Discovery::Etcd(etcd) = &config.discovery else {
        return Ok(Vec::new());
    };
    let host = host(config)?;
    let address = |at: SocketAddr| format!("{host}:{}", at.port());
    let mut records = vec![Record::service(
        &etcd.root,
        &config.name,
        &address(listening),
    )];
    // A metrics port that is fixed stands in Prometheus' own configuration.
    if let (Some(at), Some(Port::Free)) = (metrics_at, config.metrics_port) {
        let record = Record::metrics(&etcd.root, &config.name, config.index, &address(at));
        records.push(record);
    }
    let keep = |record| Kept::keep(etcd, record, Timing::default());
    Ok(records.into_iter().map(keep).collect())
}

/// What others call this machine by.
fn host(config: &Config) -> Result<Host, String> {
    if let Some(host) = &config.register_ip {
        return Ok(host.clone());
    }
    let address = discovery::local_address().ok_or_else(|| {
        format!(
            "this machine has no address that others could call; set rpc.registerIP in {}",
            config::OWN
        )
    })?;
    Ok(Host::Address(address.into()))
}

async fn serve_metrics(
    config: &Config,
    port: Port,
    metrics: Metrics,
) -> Result<SocketAddr, Failure> {
    let listener = listen(config, port, "prometheus.ports").await?;
    let at = listener.local_addr()?;
    tokio::spawn(metrics::serve(listener, metrics));
    Ok(at)
}

async fn listen(config: &Config, port: Port, key: &str) -> Result<TcpListener, String> {
    let address = SocketAddr::new(config.listen_ip, port.number());
    TcpListener::bind(address).await.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another process listens there".to_owned(),
            std::io::ErrorKind::AddrNotAvailable => {
                "this machine has no such address; see rpc.listenIP".to_owned()
            }
            _ => error.to_string(),
        };
        format!(
            "cannot listen on {address}: {why}. The port comes from {key} in {}",
            config::OWN
        )
    })
}
