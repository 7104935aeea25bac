//! A folder, served as a web host would.

use std::path::Path;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Serves until dropped.
pub(super) struct Site {
    /// What its addresses begin with, without a slash at the end.
    pub(super) address: String,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves a folder with its `404.html`, on a free port of this machine.
pub(super) async fn serve(folder: &Path, policy: Option<&str>) -> Site {
    let files = ServeDir::new(folder).not_found_service(ServeFile::new(folder.join("404.html")));
    let policy = policy.map(|policy| HeaderValue::from_str(policy).expect("a header"));
    let router = Router::new()
        .fallback_service(files)
        .layer(SetResponseHeaderLayer::overriding(
            CONTENT_SECURITY_POLICY,
            move |_: &axum::response::Response| policy.clone(),
        ));
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    Site {
        address: format!("http://{address}"),
        server: tokio::spawn(async move { axum::serve(listener, router).await }),
    }
}
