//! Lets no call through without an operation ID, the thread through OpenIM's logs.

use http::HeaderMap;
use tonic::Status;

use super::middleware::{CallService, Middleware, Request, Response, ask};

const OPERATION_ID: &str = "operationid";
const CUSTOM_HEADER: &str = "customheader";

/// The middleware.
#[derive(Clone, Copy, Debug)]
pub struct OneOperationId;

impl Middleware for OneOperationId {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        if !is_standard(request.uri().path())
            && let Err(refusal) = check(request.headers())
        {
            return refusal.into_http();
        }
        ask(inner, request).await
    }
}

/// Whether a path is one of health or reflection, whose callers are tools that know nothing of
/// OpenIM.
pub(super) fn is_standard(path: &str) -> bool {
    path.starts_with("/grpc.")
}

/// The operation ID that a call came with, the first if there are several.
pub(super) fn first(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(OPERATION_ID)
        .and_then(|value| value.to_str().ok())
}

// ANCHOR: check
/// Exactly one operation ID, which may be empty; and each header that the call announces.
fn check(headers: &HeaderMap) -> Result<(), Status> {
    if headers.get_all(OPERATION_ID).iter().count() != 1 {
        return Err(Status::invalid_argument("operationID error"));
    }
    for announced in headers.get_all(CUSTOM_HEADER) {
        let name = String::from_utf8_lossy(announced.as_bytes());
        if !headers.contains_key(name.as_ref()) {
            let message = format!("missing metadata key {name}");
            return Err(Status::invalid_argument(message));
        }
    }
    Ok(())
}
// ANCHOR_END: check

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn refusal(headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let refusal = check(&map).err();
        refusal.map_or_else(String::new, |status| status.message().to_owned())
    }

    #[test]
    fn one_is_enough_and_not_too_many() {
        assert_eq!(refusal(&[]), "operationID error");
        assert_eq!(refusal(&[(OPERATION_ID, "a")]), "");
        assert_eq!(refusal(&[(OPERATION_ID, "")]), "");
        let doubled = [(OPERATION_ID, "a"), (OPERATION_ID, "a")];
        assert_eq!(refusal(&doubled), "operationID error");
    }

    #[test]
    fn an_announced_header_has_to_be_there() {
        let announced = [(OPERATION_ID, "a"), (CUSTOM_HEADER, "foo")];
        assert_eq!(refusal(&announced), "missing metadata key foo");
        let there = [(OPERATION_ID, "a"), (CUSTOM_HEADER, "foo"), ("foo", "")];
        assert_eq!(refusal(&there), "");
        let no_name = [(OPERATION_ID, "a"), (CUSTOM_HEADER, "no name")];
        assert_eq!(refusal(&no_name), "missing metadata key no name");
    }
}
