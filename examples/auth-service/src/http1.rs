//! Serves HTTP/1.1: the front of a service that runs alone, and its metrics.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

use crate::connections::{self, Failure, Limit, PATIENCE};
use crate::layers::in_flight::{CutOff, InFlight};

/// How long the headers of a request may take to arrive. A connection without a request is not kept
/// for longer either.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How long the headers may be together, as of a call.
const HEADERS: usize = 16 * 1024;

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
    let in_flight = InFlight::default();
    let routes = routes.layer(middleware::from_fn_with_state(in_flight.clone(), counted));
    let graceful = GracefulShutdown::new();
    let accept = connections::accept(&listener, limit, |stream| {
        connection(stream, routes.clone(), graceful.watcher())
    });
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop(listener);
    // A head that never ends is no request yet, and need not be waited for.
    let goodbyes = graceful.shutdown();
    in_flight.finished("HTTP requests", goodbyes, grace).await
}

/// A request is under way from its head to the last byte of its answer.
async fn counted(State(in_flight): State<InFlight>, request: Request, next: Next) -> Response {
    let under_way = in_flight.enter();
    held(next.run(request).await, under_way)
}

/// The answer, which holds something until its last byte is on its way.
///
/// The server takes a part of a body before there is room for it in the socket, and a whole body
/// may be one part. So each part holds it, and not the body alone.
pub(crate) fn held<T: Send + Sync + 'static>(answer: Response, it: T) -> Response {
    let it = Arc::new(it);
    answer.map(|body| Body::new(Held { of: body, it }))
}

/// A body or a part of it, and what it holds.
struct Held<B, T> {
    of: B,
    it: Arc<T>,
}

impl<T> AsRef<[u8]> for Held<Bytes, T> {
    fn as_ref(&self) -> &[u8] {
        &self.of
    }
}

impl<T: Send + Sync + 'static> HttpBody for Held<Body, T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.of).poll_frame(context));
        let it = || self.it.clone();
        let held = |data| Bytes::from_owner(Held { of: data, it: it() });
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(held))))
    }

    fn is_end_stream(&self) -> bool {
        self.of.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.of.size_hint()
    }
}

/// Serves one connection to its end.
async fn connection(stream: TcpStream, routes: Router, watcher: Watcher) -> Result<(), Failure> {
    // Who does not take an answer holds its memory, and a place.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(PATIENCE));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ARRIVAL)
        .max_buf_size(HEADERS)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            TowerToHyperService::new(routes),
        );
    watcher.watch(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::in_flight::GOODBYE;
    use std::net::SocketAddr;
    use tokio::io::AsyncWriteExt as _;
    use tokio::sync::{Notify, oneshot};
    use tokio::task::JoinHandle;
    use tokio::time::sleep;

    const GRACE: Duration = Duration::from_secs(10);
    const LIMIT: Limit = Limit {
        kind: "test",
        most: 10,
        files: 2,
    };

    /// Serves these routes at an address, until the sender is dropped.
    async fn served(
        routes: Router,
    ) -> (
        SocketAddr,
        oneshot::Sender<()>,
        JoinHandle<Result<(), CutOff>>,
    ) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let served = tokio::spawn(serve(listener, LIMIT, routes, stopped, GRACE));
        (at, stop, served)
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_is_not_waited_for() {
        let (at, stop, served) = served(Router::new()).await;
        let mut request = TcpStream::connect(at).await.expect("a connection");
        let part = b"GET / HTTP/1.1\r\nhost: x\r\n";
        request.write_all(part).await.expect("bytes to go");
        sleep(GRACE).await;
        drop(stop);
        let start = tokio::time::Instant::now();
        let ended = served.await.expect("no panic");
        ended.expect("nothing was under way");
        assert_eq!(start.elapsed(), GOODBYE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_for_the_end_begins_with_the_stop() {
        let entered = Arc::new(Notify::new());
        let told = entered.clone();
        let never = || async move {
            told.notify_one();
            std::future::pending::<()>().await;
        };
        let (at, stop, served) = served(Router::new().fallback(never)).await;

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
            "HTTP requests under way and not answered within 10s of the stop, and cut off: 1"
        );
    }
}
