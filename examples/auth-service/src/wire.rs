//! What an error looks like to OpenIM: a number of OpenIM's own, its name, and the cause.
//!
//! gRPC has 17 status codes and OpenIM's numbers are none of them. So the status carries details,
//! a `google.rpc.Status` with the number, and the layer [`crate::layers::status_code`] writes that
//! number where callers look first, into the trailer `grpc-status`.

use bytes::Bytes;
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};

use crate::domain;

/// Where the details of a status travel.
pub const DETAILS: &str = "grpc-status-details-bin";

/// The type of OpenIM's details, as `Any` names it.
const ERROR_INFO: &str = "type.googleapis.com/openim.protobuf.ErrorInfo";

/// The numbers of endings: gRPC's own up to 16, and OpenIM's.
pub mod code {
    /// Answered.
    pub const OK: u32 = 0;
    /// The caller went away.
    pub const CANCELLED: u32 = 1;
    /// An error without a number.
    pub const UNKNOWN: u32 = 2;
    /// The time for the call is over.
    pub const DEADLINE_EXCEEDED: u32 = 4;
    /// The service cannot be reached.
    pub const UNAVAILABLE: u32 = 14;
    /// Data is damaged or gone.
    pub const DATA_LOSS: u32 = 15;
    /// OpenIM's number for the server's own mistakes.
    pub const SERVER: u32 = 500;
    /// OpenIM's number for arguments that are wrong.
    pub const ARGS: u32 = 1001;
}

/// The name of an error of which OpenIM's API knows no more.
pub const SERVER_INTERNAL_ERROR: &str = "ServerInternalError";

/// An error in OpenIM's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The number, by which clients tell errors apart.
    pub code: u32,
    /// The name that goes with the number.
    pub name: String,
    /// What was wrong this time.
    pub cause: String,
}

impl Error {
    /// The caller's arguments are wrong.
    pub fn args(cause: impl Into<String>) -> Self {
        Self {
            code: code::ARGS,
            name: "ArgsError".to_owned(),
            cause: cause.into(),
        }
    }

    /// A handler panicked.
    pub fn panic(cause: impl Into<String>) -> Self {
        Self {
            code: code::SERVER,
            name: "panic error".to_owned(),
            cause: cause.into(),
        }
    }

    /// The status that carries the error.
    #[must_use]
    pub fn to_status(&self) -> Status {
        let info = ErrorInfo {
            cause: self.cause.clone(),
        };
        let details = RpcStatus {
            code: i32::try_from(self.code).unwrap_or(i32::MAX),
            message: self.name.clone(),
            details: vec![Any {
                type_url: ERROR_INFO.to_owned(),
                value: info.encode_to_vec(),
            }],
        };
        let details = Bytes::from(details.encode_to_vec());
        Status::with_details(Code::Unknown, &self.name, details)
    }

    /// The error that a status carries, if it carries one of OpenIM's.
    #[must_use]
    pub fn of_status(status: &Status) -> Option<Self> {
        Self::of_details(status.details())
    }

    /// The error in encoded details.
    #[must_use]
    pub fn of_details(details: &[u8]) -> Option<Self> {
        if details.is_empty() {
            return None;
        }
        let status = RpcStatus::decode(details).ok()?;
        let infos = status
            .details
            .iter()
            .filter(|any| any.type_url == ERROR_INFO);
        let info = infos
            .map(|any| ErrorInfo::decode(any.value.as_slice()))
            .next()?
            .ok()?;
        Some(Self {
            code: u32::try_from(status.code).ok()?,
            name: status.message,
            cause: info.cause,
        })
    }
}

// ANCHOR: mapping
/// The one place that says what each error of the domain is to a caller.
impl From<domain::Error> for Error {
    fn from(error: domain::Error) -> Self {
        match error {
            domain::Error::MessageRequired => Self::args(error.to_string()),
        }
    }
}
// ANCHOR_END: mapping

impl From<domain::Error> for Status {
    fn from(error: domain::Error) -> Self {
        Error::from(error).to_status()
    }
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `openim.protobuf.ErrorInfo`, without the fields that say where in Go's source it happened.
#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "4")]
    cause: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    /// What the Go service of edition main sent for an empty message, recorded from a run.
    const RECORDED: &str = "COkHEglBcmdzRXJyb3IaQwotdHlwZS5nb29nbGVhcGlzLmNvbS9vcGVuaW0ucHJvdG9idWYuRXJyb3JJbmZvEhIiEG1lc3NhZ2UgcmVxdWlyZWQ";

    #[test]
    fn an_empty_message_is_answered_with_the_recorded_bytes() {
        let status = Status::from(domain::Error::MessageRequired);
        assert_eq!(status.details().len(), 83);
        assert_eq!(STANDARD_NO_PAD.encode(status.details()), RECORDED);
    }

    #[test]
    fn a_status_gives_back_its_error() {
        let error = Error::panic("boom");
        let status = error.to_status();
        // As long as what the Go service of edition main was recorded to send.
        assert_eq!(status.details().len(), 73);
        assert_eq!(Error::of_status(&status), Some(error));
    }

    #[test]
    fn foreign_details_are_no_error_of_openim() {
        assert_eq!(Error::of_details(b""), None);
        assert_eq!(Error::of_details(b"\xff\xff"), None);
        assert_eq!(Error::of_status(&Status::not_found("x")), None);
    }
}
