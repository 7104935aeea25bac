//! The tools in `target/tools`: which, of which version, and how they get there.
//!
//! Each is built beside its place and moved there when it is whole, so an interrupted build leaves
//! the tools as they were.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result};

use crate::process;
use crate::step;
use crate::workspace::Workspace;

/// The version of mdBook; that of its libraries in `Cargo.toml` has to be the same, which a test
/// below watches.
pub(crate) const MDBOOK: &str = "0.5.4";

/// The version of the crate that carries Google's build of protoc.
const PROTOC: &str = "3.3.0";

const NETWORK: &str = "If the network was away, run the same again: it goes on where it stopped.";

/// A Rust program of the registry.
pub(crate) struct CargoTool {
    pub(crate) name: &'static str,
    version: &'static str,
}

/// What builds and runs fuzz targets.
pub(crate) const CARGO_FUZZ: CargoTool = CargoTool {
    name: "cargo-fuzz",
    version: "0.13.2",
};

/// A Go program. Its version stands in `tools/NAME/go.mod`, its sums in the `go.sum` beside it.
pub(crate) struct GoTool {
    name: &'static str,
    package: &'static str,
}

/// What turns proto files into Go, as the guide's reader would.
pub(crate) const GENERATORS: [GoTool; 2] = [
    GoTool {
        name: "protoc-gen-go",
        package: "google.golang.org/protobuf/cmd/protoc-gen-go",
    },
    GoTool {
        name: "protoc-gen-go-grpc",
        package: "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
    },
];

/// Programs that the guide's steps call. The verifier asks them for their flags.
pub(crate) const CALLED: [GoTool; 3] = [
    GoTool {
        name: "mage",
        package: "github.com/magefile/mage",
    },
    GoTool {
        name: "etcdctl",
        package: "go.etcd.io/etcd/etcdctl/v3",
    },
    GoTool {
        name: "etcd",
        package: "go.etcd.io/etcd/server/v3",
    },
];

/// What stands in for the databases of a running OpenIM where the guide is performed: programs of our
/// own around servers that are Go modules.
pub(crate) const STAND_INS: [GoTool; 2] = [
    GoTool {
        name: "redis-stand-in",
        package: ".",
    },
    GoTool {
        name: "mongo-stand-in",
        package: ".",
    },
];

/// What reads the workflow files.
pub(crate) const ACTIONLINT: GoTool = GoTool {
    name: "actionlint",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
};

/// One set-up at a time, until dropped: `serve` in one terminal and `test` in another would build
/// the same tools into the same place.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the other set-up, if there is one.
    pub(crate) fn take(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.tools();
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let path = folder.join(".lock");
        let file =
            File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                eprintln!("Another task builds tools; this one goes on when that is done.");
                file.lock().context("the wait for the other task failed")?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).context("the tools cannot be locked against a second task");
            }
        }
        Ok(Self { _file: file })
    }
}

/// Installs the pinned mdBook, unless it is there.
pub(crate) fn mdbook(workspace: &Workspace) -> Result<()> {
    cargo_tool(
        workspace,
        &CargoTool {
            name: "mdbook",
            version: MDBOOK,
        },
    )
}

/// Installs a pinned Rust program, unless it is there.
pub(crate) fn cargo_tool(workspace: &Workspace, tool: &CargoTool) -> Result<()> {
    let CargoTool { name, version } = *tool;
    let place = workspace.tool(name);
    if is_of_version(&place, version) {
        return Ok(());
    }
    let what = format!("{name} {version}, built from its source into target/tools");
    step::run(&what, NETWORK, || {
        // cargo's own place for it would be bin/; and with a build folder that stays until the
        // end, an interrupted build goes on instead of starting anew.
        let scratch = workspace.tools().join(format!(".{name}"));
        let bin = scratch.join("bin");
        process::run(
            process::cargo(workspace.root())
                .args(["install", "--locked", "--force", "--no-track"])
                .arg("--root")
                .arg(&scratch)
                .arg("--target-dir")
                .arg(scratch.join("target"))
                .arg(format!("{name}@{version}"))
                // Else cargo asks to add this passing folder to PATH.
                .env("PATH", with_path_entry(&bin)?),
            process::LONG,
        )?;
        let file = place.file_name().context("the program has no name")?;
        rename(&bin.join(file), &place)?;
        fs::remove_dir_all(&scratch)
            .with_context(|| format!("{} cannot be removed", scratch.display()))
    })
}

/// Installs protoc, unless it is there. A crate carries it: registries have it, and nothing has to
/// be compiled but the program that says where it is.
pub(crate) fn protoc(workspace: &Workspace) -> Result<()> {
    let place = workspace.tool("protoc");
    let stamp = workspace.tools().join(".protoc.from");
    if is_current(&place, &stamp, PROTOC) {
        return Ok(());
    }
    step::run("protoc, carried by a crate", NETWORK, || {
        let scratch = workspace.tools().join(".protoc");
        process::run(
            process::cargo(workspace.root())
                .args(["install", "--locked", "--force", "--no-track", "--debug"])
                .args(["--bin", "protoc-bin-which", "--root"])
                .arg(&scratch)
                .arg(format!("protoc-bin-vendored@{PROTOC}"))
                .env("PATH", with_path_entry(&scratch.join("bin"))?),
            process::LONG,
        )?;
        let which = scratch
            .join("bin")
            .join(format!("protoc-bin-which{}", env::consts::EXE_SUFFIX));
        let carried = process::capture(&mut process::command(which, &scratch), process::SHORT)?;
        let copy = scratch.join("protoc");
        fs::copy(carried.trim(), &copy)
            .with_context(|| format!("{} cannot be copied", carried.trim()))?;
        rename(&copy, &place)?;
        fs::remove_dir_all(&scratch)
            .with_context(|| format!("{} cannot be removed", scratch.display()))?;
        fs::write(&stamp, PROTOC).with_context(|| format!("{} cannot be written", stamp.display()))
    })
}

/// Builds the verifier. Cargo knows whether there is anything to do.
pub(crate) fn verifier(workspace: &Workspace) -> Result<()> {
    step::run(
        "mdbook-verify",
        "The compiler's message stands above.",
        || {
            process::run(
                process::cargo(workspace.root()).args(["build", "--package", "mdbook-verify"]),
                process::LONG,
            )?;
            let binary = workspace.verifier();
            fs::metadata(&binary)
                .with_context(|| format!("{} is not where it was built", binary.display()))?;
            Ok(())
        },
    )
}

/// Builds a Go tool, unless it is there and its module is as it was then.
pub(crate) fn go_tool(workspace: &Workspace, tool: &GoTool) -> Result<()> {
    let module = workspace.root().join("tools").join(tool.name);
    let place = workspace.tool(tool.name);
    let stamp = workspace.tools().join(format!(".{}.from", tool.name));
    let sources = module_files(&module)?;
    if is_current(&place, &stamp, &sources) {
        return Ok(());
    }
    let name = format!("{}, built from its source into target/tools", tool.name);
    step::run(&name, NETWORK, || {
        let scratch = workspace.tools().join(format!(".{}.new", tool.name));
        process::run(
            process::go("go", &module)
                .args(["build", "-v", "-trimpath", "-o"])
                .arg(&scratch)
                .arg(tool.package),
            process::LONG,
        )?;
        rename(&scratch, &place)?;
        // Last, so that a stamp never speaks for a tool that is not there.
        fs::write(&stamp, &sources)
            .with_context(|| format!("{} cannot be written", stamp.display()))
    })
}

/// PATH with one more folder at its end.
fn with_path_entry(folder: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([folder.to_path_buf()]);
    env::join_paths(folders).context("PATH cannot be extended")
}

/// Programs say `mdbook v0.5.4` or `cargo-fuzz 0.13.2`.
fn is_of_version(place: &Path, version: &str) -> bool {
    let Some(folder) = place.parent().filter(|_| place.is_file()) else {
        return false;
    };
    let said = process::capture(
        process::command(place, folder).arg("--version"),
        process::SHORT,
    );
    let said = said.unwrap_or_default();
    let last = said.split_whitespace().last().unwrap_or_default();
    last.trim_start_matches('v') == version
}

/// What decides over the tool that comes out: its module's two files, and our own program if it is one.
fn module_files(module: &Path) -> Result<String> {
    let mut text = String::new();
    for name in ["go.mod", "go.sum"] {
        let path = module.join(name);
        text += &fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
    }
    text += &fs::read_to_string(module.join("main.go")).unwrap_or_default();
    Ok(text)
}

fn is_current(place: &Path, stamp: &Path, sources: &str) -> bool {
    place.is_file() && fs::read_to_string(stamp).is_ok_and(|then| then == sources)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to)
        .with_context(|| format!("{} cannot be moved to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mdbook_and_its_libraries_are_of_one_version() -> Result<()> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let manifest = fs::read_to_string(manifest)?;
        let versions: Vec<&str> = ["mdbook-core", "mdbook-markdown", "mdbook-preprocessor"]
            .iter()
            .map(|name| {
                manifest
                    .lines()
                    .find_map(|line| line.strip_prefix(&format!("{name} = ")))
                    .expect("a dependency of the workspace")
            })
            .collect();
        let pinned = format!("\"{MDBOOK}\"");
        assert_eq!(versions, [&pinned, &pinned, &pinned]);
        Ok(())
    }

    #[test]
    fn a_go_tool_is_current_while_its_module_is_as_it_was() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().join("tool");
        let stamp = folder.path().join("stamp");
        assert!(!is_current(&place, &stamp, "a"), "nothing was built");
        fs::write(&stamp, "a")?;
        assert!(!is_current(&place, &stamp, "a"), "the binary is gone");
        fs::write(&place, "binary")?;
        assert!(is_current(&place, &stamp, "a"));
        assert!(!is_current(&place, &stamp, "b"), "the module has changed");
        Ok(())
    }

    #[test]
    fn every_go_tool_has_its_module() -> Result<()> {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools");
        let mut found: Vec<String> = fs::read_dir(&tools)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<std::io::Result<_>>()?;
        found.retain(|name| tools.join(name).join("go.mod").is_file());
        found.sort();
        let others = || GENERATORS.iter().chain(&CALLED).chain([&ACTIONLINT]);
        let mut known: Vec<&str> = others().chain(&STAND_INS).map(|tool| tool.name).collect();
        known.sort_unstable();
        assert_eq!(found, known);

        for tool in others() {
            let module = module_files(&tools.join(tool.name))?;
            assert!(
                module.contains(&format!("tool {}\n", tool.package)),
                "{module}"
            );
        }
        Ok(())
    }
}
