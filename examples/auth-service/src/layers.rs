//! What holds for every call, one concern a file.
//!
//! [`around`] is the order in which a call passes them. Each is a [`Middleware`], a layer of tower
//! written as one function.

pub mod arrival;
pub mod deadline;
pub(crate) mod frames;
pub mod in_flight;
mod lengths;
pub mod logging;
pub mod message_size;
pub mod metrics;
pub mod middleware;
pub mod operation_id;
pub mod outcome;
pub mod panic;
pub mod room;
pub mod status_code;
pub mod unknown_method;

use std::time::Duration;

use tonic::service::Routes;
use tower::ServiceBuilder;

use crate::metrics::Metrics;
use middleware::{CallService, Wrap};

#[doc(no_inline)]
pub use middleware::Middleware;

/// The largest message that is taken unless it is told otherwise, as grpc-go has it.
pub const MESSAGE_LIMIT: usize = 4 * 1024 * 1024;

/// How long a request may take to arrive as a whole.
pub const ARRIVAL_LIMIT: Duration = Duration::from_secs(30);

/// All layers around the routes, the outermost first.
#[must_use]
pub fn around(
    routes: Routes,
    methods: unknown_method::KnownMethods,
    metrics: Metrics,
    message_limit: usize,
) -> impl CallService {
    // ANCHOR: order
    ServiceBuilder::new()
        // First, so that a log line or a metric names only methods that exist.
        .layer(Wrap(unknown_method::UnknownMethod::new(methods)))
        .layer(Wrap(logging::Logging))
        .layer(Wrap(metrics::CountCalls::new(metrics)))
        // Outside of all that make a status, so that the two above see the final one.
        .layer(Wrap(status_code::StatusCode))
        .layer(Wrap(operation_id::OneOperationId))
        .layer(Wrap(deadline::Deadline))
        .layer(Wrap(panic::CatchPanic))
        .layer(Wrap(arrival::Arrival::new(ARRIVAL_LIMIT)))
        .layer(Wrap(message_size::MessageSize::new(message_limit)))
        .layer(Wrap(room::Room::new(room::Size::with(message_limit))))
        .service(routes.prepare())
    // ANCHOR_END: order
}
