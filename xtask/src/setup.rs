//! `cargo xtask setup`: everything that the book needs, in `target/tools`.

use anyhow::Result;

use crate::needs::{self, Missing};
use crate::openim;
use crate::scripts;
use crate::tools::{self, ACTIONLINT, CALLED, GENERATORS, GoTool, Lock, MDBOOK, STAND_INS};
use crate::workspace::Workspace;

/// Set-up on its own.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    for_book(workspace)?;
    eprintln!(
        "\nSet-up is complete. mdBook {MDBOOK} is {}",
        workspace.mdbook().display()
    );
    Ok(())
}

/// What building and verifying the book takes. Without Go or git that is less, and said.
pub(crate) fn for_book(workspace: &Workspace) -> Result<()> {
    let lock = Lock::take(workspace)?;
    tools::mdbook(workspace)?;
    tools::verifier(workspace)?;
    scripts::mermaid(workspace, &lock)?;
    if can_compile_go(workspace) {
        go_tools(workspace, &GENERATORS, &lock)?;
        go_tools(workspace, &CALLED, &lock)?;
    }
    tools::protoc(workspace)
}

/// The same for a server that a person looks at: it starts with all that could be had soon. The
/// programs that steps call take minutes to build, and until then only some steps are unproven.
pub(crate) fn for_server(workspace: &Workspace) -> Result<()> {
    let lock = Lock::take(workspace)?;
    tools::mdbook(workspace)?;
    tools::verifier(workspace)?;
    if let Err(error) = scripts::mermaid(workspace, &lock) {
        eprintln!("Serving without it: diagrams will stand as text. {error:#}");
    }
    if can_compile_go(workspace)
        && let Err(error) = go_tools(workspace, &GENERATORS, &lock)
    {
        eprintln!("Serving without it: proto blocks will stand as unproven. {error:#}");
    }
    Ok(())
}

/// What performing the guide takes beyond that.
pub(crate) fn for_performance(workspace: &Workspace) -> Result<()> {
    for_book(workspace)?;
    go_tools(workspace, &STAND_INS, &Lock::take(workspace)?)
}

/// What the tests take beyond that. Go is there: the tests have asked for it.
pub(crate) fn for_tests(workspace: &Workspace) -> Result<()> {
    for_performance(workspace)?;
    let lock = Lock::take(workspace)?;
    go_tools(workspace, &[ACTIONLINT], &lock)?;
    scripts::axe_core(workspace, &lock)?;
    openim::programs(workspace, &lock)
}

fn go_tools(workspace: &Workspace, tools: &[GoTool], _lock: &Lock) -> Result<()> {
    tools
        .iter()
        .try_for_each(|tool| tools::go_tool(workspace, tool))
}

/// Whether Go is there. Says what will be unproven without it, and without git.
fn can_compile_go(workspace: &Workspace) -> bool {
    let go = needs::go(workspace);
    if let Err(missing) = &go {
        warn(
            missing,
            "Go, proto and YAML blocks are read, but not proven on OpenIM's source",
        );
    }
    if let Err(missing) = needs::git(workspace) {
        warn(
            &missing,
            "editions that are commits of a git repository are not proven live",
        );
    }
    go.is_ok()
}

fn warn(missing: &Missing, consequence: &str) {
    eprintln!(
        "Not installed: {}. Without it, {consequence}. To install it:\n    {}",
        missing.what, missing.install
    );
}
