//! Compiles the contracts, with a compiler of proto files that is a Rust library: no protoc needed.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    println!("cargo::rerun-if-changed=proto");

    let contract = protox::compile(["authservice/authservice.proto"], ["proto"])?;
    // What reflection answers with, and what says which methods there are.
    fs::write(
        out.join("authservice.descriptors"),
        contract.encode_to_vec(),
    )?;
    tonic_prost_build::configure()
        // The HTTP front writes answers as JSON, under the names of the contract.
        .message_attribute(".", "#[derive(serde::Serialize)]")
        .codec_path("crate::codec::SmallBuffers")
        .compile_fds(contract)?;

    let etcd = protox::compile(["etcd/etcd.proto"], ["proto"])?;
    tonic_prost_build::configure()
        .build_server(false)
        .compile_fds(etcd)?;
    Ok(())
}
