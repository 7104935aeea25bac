//! `cargo xtask serve`: the verified book in the browser, again after each change.

use std::io::ErrorKind;
use std::net::{TcpListener, ToSocketAddrs};

use anyhow::{Context, Result};
use clap::Args;

use crate::build::{VERIFIER, verifier_command};
use crate::needs::CannotRun;
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// Where to serve. The names are those of `mdbook serve`.
#[derive(Args)]
pub(crate) struct Options {
    /// Port to listen on
    #[arg(short, long, default_value_t = 3000)]
    pub(crate) port: u16,
    /// Name or address to listen on
    #[arg(short = 'n', long, default_value = "127.0.0.1")]
    hostname: String,
    /// Open the book in a browser
    #[arg(short, long)]
    open: bool,
}

/// Sets up what is needed, then becomes `mdbook serve`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    // mdBook would say so too, but as a panic, and after minutes of set-up on a new machine.
    port_is_free(&options.hostname, options.port)?;
    setup::for_server(workspace)?;

    let mut command = process::command(workspace.mdbook(), workspace.root());
    command
        .arg("serve")
        .arg("--hostname")
        .arg(&options.hostname)
        .arg("--port")
        .arg(options.port.to_string())
        .env(format!("{VERIFIER}COMMAND"), verifier_command(workspace)?)
        .env(format!("{VERIFIER}FINDINGS"), "show");
    if options.open {
        command.arg("--open");
    }
    eprintln!();
    process::hand_over(&mut command)
}

/// Tries the address, as mdBook will.
fn port_is_free(hostname: &str, port: u16) -> Result<()> {
    let address = (hostname, port)
        .to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .ok_or_else(|| {
            CannotRun(format!(
                "`{hostname}` is no name or address of this machine"
            ))
        })?;
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let other = if port == 3001 { 3002 } else { 3001 };
            Err(CannotRun(format!(
                "another program already listens on {address}, perhaps another `cargo xtask \
                 serve`. End it, or choose another port: cargo xtask serve -p {other}"
            ))
            .into())
        }
        Err(error) => Err(error).context(CannotRun(format!("nobody can listen on {address} here"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_another() -> Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();

        let error = port_is_free("127.0.0.1", port).expect_err("is in use");
        assert!(error.downcast_ref::<CannotRun>().is_some());
        let text = error.to_string();
        assert!(
            text.contains(&format!("listens on 127.0.0.1:{port}")),
            "{text}"
        );

        drop(listener);
        port_is_free("127.0.0.1", port)
    }

    #[test]
    fn a_name_that_leads_nowhere_is_no_port_in_use() {
        let error = port_is_free("not a name", 3000).expect_err("leads nowhere");
        assert_eq!(
            error.to_string(),
            "`not a name` is no name or address of this machine"
        );
    }
}
