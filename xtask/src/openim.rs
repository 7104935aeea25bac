//! OpenIM's own programs for the tests of the Rust service: the guide's service in Go and
//! `openim-api`, built from what the guide's blocks make of the upstream tree.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::process::{self, LONG};
use crate::step;
use crate::tools::Lock;
use crate::workspace::Workspace;

/// The edition that can be had wherever modules can.
pub(crate) const EDITION: &str = "v3.8.3-module";

/// The guide's service in Go.
const SERVICE: &str = "./cmd/openim-rpc/openim-rpc-auth-service";

/// The last path that `openim-api` lets pass without a token. Behind it comes the guide's, as the
/// guide proposes for trying the route: tokens would take three more services and two databases.
const LAST_PUBLIC: &str = "\t\"/auth/parse_token\",\n";
const PUBLIC: &str = "\t\"/authservice/\",\n";

/// Where the service in Go looks at a message. In front of it comes what makes the one built for the
/// tests of mishaps panic, or take its time, when a message says so.
const HANDLER: &str = "\tif req.Message == \"\" {\n";
const MISHAPS: &str = "\tswitch req.Message {\n\tcase \"panic\":\n\t\tpanic(\"boom\")\n\tcase \"sleep\":\n\t\ttime.Sleep(time.Second)\n\t}\n";
const IMPORTS: &str = "import (\n\t\"context\"\n";

/// The folder of `target/openim/bin` with the service to which mishaps happen.
const WITH_MISHAPS: &str = "with-mishaps";

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
            let bin = folder.join("bin");
            build(&tree, &bin, &["./cmd/openim-api", SERVICE], None)?;
            let overlay = mishaps(&folder, &server)?;
            build(&tree, &bin.join(WITH_MISHAPS), &[SERVICE], Some(&overlay))
        },
    )
}

/// Builds these packages of the server into a folder.
fn build(tree: &Path, bin: &Path, packages: &[&str], overlay: Option<&Path>) -> Result<()> {
    let mut go = process::go("go", &tree.join("server"));
    go.env("GOFLAGS", "-buildvcs=false")
        .env("GOWORK", tree.join("go.work"))
        .args(["build", "-trimpath", "-o"])
        // With a separator behind it, it is a folder.
        .arg(bin.join(""));
    if let Some(overlay) = overlay {
        go.arg("-overlay").arg(overlay);
    }
    process::run(go.args(packages), LONG)
}

/// What Go is to read in place of the guide's handlers, which stay as they are.
fn mishaps(folder: &Path, server: &Path) -> Result<PathBuf> {
    let handlers = server.join("internal/rpc/authservice/auth_service.go");
    let changes = [
        (HANDLER, format!("{MISHAPS}{HANDLER}")),
        (IMPORTS, format!("{IMPORTS}\t\"time\"\n")),
    ];
    let prone = folder.join("with-mishaps.go");
    write(&prone, &changed_once(&handlers, &changes)?)?;
    let overlay = folder.join("with-mishaps.json");
    let replace = serde_json::json!({ "Replace": { handlers.to_string_lossy(): prone } });
    write(&overlay, &replace.to_string())?;
    Ok(overlay)
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
    let changes = [(LAST_PUBLIC, format!("{LAST_PUBLIC}{PUBLIC}"))];
    write(router, &changed_once(router, &changes)?)
}

/// The text of a file with these parts changed, each of which stands there once.
fn changed_once(path: &Path, changes: &[(&str, String)]) -> Result<String> {
    let mut text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    for (old, new) in changes {
        ensure!(
            text.matches(old).count() == 1,
            "{} does not have once, as it did: {old:?}",
            path.display()
        );
        text = text.replace(old, new);
    }
    Ok(text)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
