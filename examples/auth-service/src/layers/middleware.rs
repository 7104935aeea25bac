//! A layer of tower, written as one function.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::body::Body;
use tower::{Layer, Service};

/// A call, before its message is decoded.
pub type Request = http::Request<Body>;
/// What is answered, an error as much as a message.
pub type Response = http::Response<Body>;

/// A service that answers every call, an error being an answer too.
pub trait CallService:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> CallService for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// What is done around a call.
pub trait Middleware: Clone + Send + 'static {
    /// Answers the call itself, or lets the inner service do so.
    fn call(
        self,
        request: Request,
        inner: impl CallService,
    ) -> impl Future<Output = Response> + Send + 'static;
}

/// Asks the inner service, which is ready.
///
/// This is no `async fn`: the future of one would have room for the service and the request in it
/// until the answer is there, and a call passes one such future for each layer.
pub fn ask<S: CallService>(
    mut inner: S,
    request: Request,
) -> impl Future<Output = Response> + Send {
    let answer = inner.call(request);
    async move {
        match answer.await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The layer that puts a middleware around a service.
#[derive(Clone, Debug)]
pub struct Wrap<M>(pub M);

impl<M: Clone, S> Layer<S> for Wrap<M> {
    type Service = Wrapped<M, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Wrapped {
            middleware: self.0.clone(),
            inner,
        }
    }
}

/// A service with a middleware around it.
#[derive(Clone, Debug)]
pub struct Wrapped<M, S> {
    middleware: M,
    inner: S,
}

impl<M: Middleware, S: CallService> Service<Request> for Wrapped<M, S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was polled ready goes with the call; a fresh one takes its place.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        let answer = self.middleware.clone().call(request, ready);
        Box::pin(async move { Ok(answer.await) })
    }
}
