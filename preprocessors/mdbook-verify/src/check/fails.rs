//! Blocks that must fail, each on the tree as it stands at its step.

use crate::evidence::{Kind, Matter};
use crate::finding::{Code, Finding, Place};
use crate::workspace::Failing;

use super::Outcome;
use super::go::GoRun;
use super::overlay::Overlay;

pub(super) fn check(run: &GoRun<'_>, outcome: &mut Outcome) -> Result<(), String> {
    for failing in &run.stitch.failing {
        if Matter::of_path(&failing.key.path) != Matter::Go {
            outcome.unproven(failing.block, "fails= is checked for Go only so far");
            continue;
        }
        let mut errors = type_errors(run, failing)?;
        let mut kind = Kind::Checked;
        if !run.context.quick && errors.iter().any(|error| error.contains(&failing.text)) {
            errors = build_errors(run, failing)?;
            kind = Kind::Compiled;
        }
        if errors.iter().any(|error| error.contains(&failing.text)) {
            outcome.proven(failing.block, kind);
        } else {
            outcome.findings.push(finding(run, failing, &errors));
        }
    }
    Ok(())
}

fn type_errors(run: &GoRun<'_>, failing: &Failing) -> Result<Vec<String>, String> {
    let path = run.context.folders.file(&failing.key);
    // The package itself is enough: that is where the block must fail.
    let package = run.package_of(&failing.key);
    let answer = run.ask(vec![package], vec![path], run.overlay(&failing.files))?;
    Ok(answer
        .errors
        .into_iter()
        .map(|error| run.without_folders(&error.message))
        .collect())
}

/// The compiler's own word, on the same tree.
fn build_errors(run: &GoRun<'_>, failing: &Failing) -> Result<Vec<String>, String> {
    let folders = run.context.folders;
    let overlay = Overlay::new(run.context.cache, run.overlay(&failing.files))?;
    let package = folders.file(&failing.key);
    let package = package.parent().unwrap_or(&folders.root);
    let task = run.context.progress.start(format!(
        "go build of a block that must fail, {}",
        failing.key.path
    ));
    let answer = run
        .go
        .call(package)
        // -e reports all errors, not the first ten.
        .args(["build", "-gcflags=-e"])
        .args(overlay.args())
        .args(["."])
        .on_line(|_| task.tick())
        .run()
        .map_err(|error| error.to_string())?;
    Ok(answer
        .stderr
        .lines()
        .map(|line| run.without_folders(line))
        .collect())
}

fn finding(run: &GoRun<'_>, failing: &Failing, errors: &[String]) -> Finding {
    let block = &run.context.blocks[failing.block];
    let fails = block.role.edit().and_then(|edit| edit.fails.as_ref());
    let place = Place::Chapter(fails.map_or(block.info, |fails| fails.span));
    let finding = match errors.first() {
        None => Finding::error(
            Code::FAILS_NOT,
            place,
            "this block should fail, but it compiles",
        ),
        Some(first) => Finding::error(
            Code::FAILS_NOT,
            place,
            format!(
                "this block should fail with {:?}, but fails otherwise",
                failing.text
            ),
        )
        .help(format!("the first error is: {first}")),
    };
    finding.for_edition(&run.context.edition.name)
}
