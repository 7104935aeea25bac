//! OpenIM's own programs for the tests of the Rust service: the guide's service in Go and
//! `openim-api`, built from what the guide's blocks make of the upstream tree.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::process::{self, LONG};
use crate::step;
use crate::tools::Lock;
use crate::workspace::Workspace;

/// The edition that can be had wherever modules can.
pub(crate) const EDITION: &str = "v3.8.3-module";

/// The last path that `openim-api` lets pass without a token. Behind it comes the guide's, as the
/// guide proposes for trying the route: tokens would take three more services and two databases.
const LAST_PUBLIC: &str = "\t\"/auth/parse_token\",\n";
const PUBLIC: &str = "\t\"/authservice/\",\n";

/// Builds them into `target/openim/bin`. The tree stays beside them: the tests use its
/// configuration. Go knows whether there is anything to build.
pub(crate) fn programs(workspace: &Workspace, _lock: &Lock) -> Result<()> {
    let folder = workspace.root().join("target").join("openim");
    step::run(
        "openim-api and the guide's service in Go, built from the guide",
        "If the network was away, run the same again.",
        || {
            let tree = folder.join("tree");
            stitch(workspace, &tree)?;
            let server = tree.join("server");
            open_route(&server.join("internal/api/router.go"))?;
            process::run(
                process::go("go", &server)
                    .env("GOFLAGS", "-buildvcs=false")
                    .env("GOWORK", tree.join("go.work"))
                    .args(["build", "-trimpath", "-o"])
                    .arg(folder.join("bin").join(""))
                    .args([
                        "./cmd/openim-api",
                        "./cmd/openim-rpc/openim-rpc-auth-service",
                    ]),
                LONG,
            )
        },
    )
}

/// Writes the finished trees anew.
fn stitch(workspace: &Workspace, tree: &Path) -> Result<()> {
    if tree.exists() {
        fs::remove_dir_all(tree)
            .with_context(|| format!("{} cannot be removed", tree.display()))?;
    }
    process::run(
        process::command(workspace.verifier(), workspace.root())
            .args(["stitch", "--edition", EDITION, "--out"])
            .arg(tree),
        LONG,
    )
}

fn open_route(router: &Path) -> Result<()> {
    let text = fs::read_to_string(router)
        .with_context(|| format!("{} cannot be read", router.display()))?;
    ensure!(
        text.matches(LAST_PUBLIC).count() == 1,
        "{} does not list the public paths as it did",
        router.display()
    );
    let text = text.replace(LAST_PUBLIC, &format!("{LAST_PUBLIC}{PUBLIC}"));
    fs::write(router, text).with_context(|| format!("{} cannot be written", router.display()))
}
