//! The compiler's and vet's word, after the type checker has found nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Code;

use super::Outcome;
use super::complaint::{Complaint, position};
use super::go::{Generated, GoRun};
use super::helper::Answer;
use super::overlay::Overlay;
use super::vet;

impl GoRun<'_> {
    /// Compiles everything touched and everything that depends on it, then links the programs that
    /// were touched. `go build` of all packages would link every program of upstream besides, which
    /// takes most of the time and can fail only where compiling did.
    pub(super) fn build(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        let before = outcome.findings.len();
        let complaints = self.compile(answer, None, &[])?;
        self.report(
            complaints,
            |_| self.compile(answer, Some(&self.without_guide()?), &[]),
            outcome,
        )?;
        if outcome.findings.len() == before {
            let complaints = self.link(answer)?;
            self.report(complaints, |_| Ok(Vec::new()), outcome)?;
        }
        Ok(())
    }

    /// What the compiler says about the packages of an answer, and their tests if a test was touched.
    pub(super) fn compile(
        &self,
        answer: &Answer,
        overlay: Option<&Overlay>,
        options: &[&str],
    ) -> Result<Vec<Complaint>, String> {
        let packages = plain_packages(answer, &answer.packages);
        let task = self.context.progress.start(format!(
            "compiling {} Go packages and what they import",
            packages.len()
        ));
        let tests = touches_tests(answer).then_some("-test");
        let result = self
            .call()
            .args([
                "list",
                "-v",
                "-e",
                "-export",
                "-f",
                "{{with .Error}}{{.}}{{end}}",
            ])
            .args(options)
            .args(tests)
            .args(overlay.iter().flat_map(|overlay| overlay.args()))
            .args(&packages)
            // -v names each package as it is compiled, which is the progress.
            .on_line(|line| {
                if line.is_empty() {
                    task.tick();
                } else {
                    task.count();
                }
            })
            .run()
            .map_err(|error| error.to_string())?;
        // -e lets upstream's broken packages pass; what the compiler says of any is on stderr, what
        // the go command says instead on stdout.
        let said = format!(
            "{}\n{}",
            result.stderr,
            String::from_utf8_lossy(&result.stdout)
        );
        let complaints = Complaint::of_compiler(&said, &self.context.folders.root);
        if !result.ok() && complaints.is_empty() {
            return Err(format!(
                "go list -export failed with {}",
                self.plain(&result.complaint())
            ));
        }
        Ok(complaints)
    }

    fn link(&self, answer: &Answer) -> Result<Vec<Complaint>, String> {
        let task = self
            .context
            .progress
            .start("linking the Go programs of the guide");
        let result = self
            .call()
            // A single program would be written into the tree otherwise.
            .args([
                "build",
                "-o",
                if cfg!(windows) { "NUL" } else { "/dev/null" },
            ])
            .args(plain_packages(answer, &answer.touched_packages))
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| error.to_string())?;
        if result.ok() {
            return Ok(Vec::new());
        }
        let mut complaints = Complaint::of_compiler(&result.stderr, &self.context.folders.root);
        complaints.extend(of_linker(&result.stderr, answer));
        if complaints.is_empty() {
            return Err(format!(
                "go build failed with {}",
                self.plain(&result.complaint())
            ));
        }
        Ok(complaints)
    }

    /// `go vet` of all packages.
    pub(super) fn vet(&self, answer: &Answer, outcome: &mut Outcome) -> Result<(), String> {
        let complaints = self.run_vet(&plain_packages(answer, &answer.packages), None)?;
        let of_base = |found: &[Complaint]| {
            let packages: BTreeSet<_> = found
                .iter()
                .map(|complaint| complaint.package.clone())
                .collect();
            self.run_vet(
                &packages.into_iter().collect::<Vec<_>>(),
                Some(&self.without_guide()?),
            )
        };
        self.report(complaints, of_base, outcome)
    }

    fn run_vet(
        &self,
        packages: &[String],
        overlay: Option<&Overlay>,
    ) -> Result<Vec<Complaint>, String> {
        let task = self
            .context
            .progress
            .start(format!("go vet of {} packages", packages.len()));
        let result = self
            .call()
            .args(["vet", "-json"])
            .args(overlay.iter().flat_map(|overlay| overlay.args()))
            .args(packages)
            .on_line(|_| task.tick())
            .run()
            .map_err(|error| error.to_string())?;
        let printed = format!(
            "{}\n{}",
            String::from_utf8_lossy(&result.stdout),
            result.stderr
        );
        let complaints = vet::read(&printed, &self.context.folders.root)?;
        if !result.ok() && complaints.is_empty() {
            return Err(format!(
                "go vet failed with {}",
                self.plain(&result.complaint())
            ));
        }
        Ok(complaints)
    }

    /// Upstream as it is without the guide.
    fn without_guide(&self) -> Result<Overlay, String> {
        Overlay::new(
            self.context.cache,
            self.overlay(&BTreeMap::new(), Generated::Removed),
        )
    }
}

/// The linker names a package, `# package`, and no place: the first touched file of it stands in.
fn of_linker(stderr: &str, answer: &Answer) -> Vec<Complaint> {
    let mut package = "";
    let mut found = Vec::new();
    for line in stderr.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            package = name;
        } else if position(line).is_none()
            && let Some((file, _)) = answer.files.iter().find(|(_, owner)| *owner == package)
        {
            found.push(Complaint {
                code: Code::GO_BUILD,
                package: package.to_owned(),
                path: file.clone(),
                start: (1, 1),
                end: None,
                message: line.to_owned(),
                related: Vec::new(),
            });
        }
    }
    found
}

fn touches_tests(answer: &Answer) -> bool {
    answer
        .files
        .keys()
        .any(|file| file.to_string_lossy().ends_with("_test.go"))
}

/// Packages as the go command takes them: an external test package is a part of the one it tests.
fn plain_packages(answer: &Answer, packages: &[String]) -> Vec<String> {
    let external = |package: &String| {
        let tested = package.strip_suffix("_test")?;
        let mut files = answer.files.iter().filter(|(_, owner)| *owner == package);
        let in_folder_of_its_own = files.any(|(file, _)| {
            let folder = file.parent().and_then(std::path::Path::file_name);
            folder.is_some_and(|folder| folder.to_string_lossy().ends_with("_test"))
        });
        (!in_folder_of_its_own).then(|| tested.to_owned())
    };
    let plain: BTreeSet<_> = packages
        .iter()
        .map(|package| external(package).unwrap_or_else(|| package.clone()))
        .collect();
    plain.into_iter().collect()
}
