//! Serves HTTP/1.1: the front of a service that runs alone, and its metrics.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::connections::{self, Failure, Limit};

/// How long the headers of a request may take to arrive. A connection without a request is not kept
/// for longer either.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How long the headers may be together, as of a call.
const HEADERS: usize = 16 * 1024;

/// Requests that were not finished when the time for them was over.
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
    limit: Limit,
    routes: Router,
    stop: impl Future<Output = ()>,
    grace: Duration,
) -> Result<(), CutOff> {
    let graceful = GracefulShutdown::new();
    let accept = connections::accept(&listener, limit, |stream| {
        connection(stream, routes.clone(), graceful.watcher())
    });
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop(listener);
    let finished = timeout(grace, graceful.shutdown()).await;
    finished.map_err(|_| CutOff { grace })
}

/// Serves one connection to its end.
async fn connection(stream: TcpStream, routes: Router, watcher: Watcher) -> Result<(), Failure> {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ARRIVAL)
        .max_buf_size(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    watcher.watch(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::io::AsyncWriteExt as _;
    use tokio::sync::{Notify, oneshot};
    use tokio::time::sleep;

    const GRACE: Duration = Duration::from_secs(10);
    const LIMIT: Limit = Limit {
        kind: "test",
        most: 10,
        files: 2,
    };

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
        let served = tokio::spawn(serve(listener, LIMIT, routes, stopped, GRACE));

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
