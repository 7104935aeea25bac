//! The guide's AuthService in Rust, on tonic and prost.
//!
//! A call passes these files from top to bottom:
//!
//! | file | what it does |
//! |---|---|
//! | [`connections`] | accepts connections, no more than there may be |
//! | [`server`] | serves the calls on them, and ends with all answered |
//! | [`layers`] | what holds for every call, one concern a file |
//! | [`handlers`] | translates messages of the contract to the domain and back |
//! | [`domain`] | the rules; knows neither gRPC nor HTTP |
//! | [`wire`] | what an error of the domain looks like to the caller |
//!
//! Two programs put them together. `auth-service` runs alone, with [`front`] in the place of
//! OpenIM's API, over [`http1`]. `openim-rpc-auth-service` takes the Go service's place inside
//! OpenIM: it reads OpenIM's configuration ([`config`]), tells others where it is ([`discovery`]),
//! and writes logs and metrics where OpenIM's services do ([`logs`], [`metrics`]). Both raise the
//! limit of open files ([`descriptors`]) and end when they are told to ([`signals`]).

mod codec;
mod complaint;
pub mod config;
pub mod connections;
pub mod descriptors;
pub mod discovery;
pub mod domain;
pub mod front;
pub mod handlers;
pub mod http1;
pub mod layers;
pub mod logs;
pub mod metrics;
pub mod server;
pub mod signals;
pub mod wire;

/// What is asked of etcd, as generated from `proto/etcd/etcd.proto`.
#[expect(
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]
mod etcdserverpb {
    tonic::include_proto!("etcdserverpb");
}

/// The contract, as generated from `proto/authservice/authservice.proto`.
#[expect(
    missing_docs,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]
pub mod contract {
    tonic::include_proto!("openim.authservice");

    /// The contract's descriptors, encoded.
    pub const DESCRIPTORS: &[u8] =
        include_bytes!(concat!(env!("OUT_DIR"), "/authservice.descriptors"));
}
