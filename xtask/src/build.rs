//! `cargo xtask build`: the verified book as pages in `book/`.

use anyhow::{Context, Result};

use crate::process;
use crate::setup;
use crate::step;
use crate::workspace::Workspace;

/// What the variables begin with that set the verifier's options in `book.toml`.
pub(crate) const VERIFIER: &str = "MDBOOK_PREPROCESSOR__VERIFY__";

/// Sets up, then builds. A finding fails the build.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    setup::for_book(workspace)?;
    step::run(
        "mdbook build",
        "What was found stands above, with the place and a way to mend it.",
        || {
            process::run(
                process::command(workspace.mdbook(), workspace.root())
                    .arg("build")
                    .env(format!("{VERIFIER}COMMAND"), verifier_command(workspace)?),
                process::LONG,
            )
        },
    )
}

/// The built verifier as mdBook wants a command: words of a shell, so the path is quoted.
pub(crate) fn verifier_command(workspace: &Workspace) -> Result<String> {
    let path = workspace.verifier();
    let path = path
        .to_str()
        .with_context(|| format!("mdBook cannot call {}: not UTF-8", path.display()))?;
    Ok(quote(path))
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_path_stays_one_word() {
        assert_eq!(quote("/a b/c"), "'/a b/c'");
        assert_eq!(quote("/it's"), r"'/it'\''s'");
    }
}
