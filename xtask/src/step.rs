//! A step of a task: a heading, the time it took, and when it fails, a way out.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Runs one step. `way_out` is the sentence that follows when it fails; empty where what the step
/// printed says it all.
pub(crate) fn run<T>(name: &str, way_out: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("\n==> {name}");
    let start = Instant::now();
    let result = work();
    let seconds = seconds(start.elapsed());
    match result {
        Ok(value) => {
            eprintln!("    {name}: done in {seconds}");
            Ok(value)
        }
        Err(error) => {
            eprintln!("    {name}: failed after {seconds}");
            let sentence = format!("the step \"{name}\" failed. {way_out}");
            Err(error).with_context(|| sentence.trim_end().to_owned())
        }
    }
}

/// Steps of one task, remembered for its closing summary.
#[derive(Default)]
pub(crate) struct Steps {
    taken: Vec<(String, Duration, bool)>,
}

impl Steps {
    /// Runs one step and remembers how it went.
    pub(crate) fn run(
        &mut self,
        name: &str,
        way_out: &str,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let start = Instant::now();
        let result = run(name, way_out, work);
        self.taken
            .push((name.to_owned(), start.elapsed(), result.is_ok()));
        result
    }

    /// A line for each step, then the total.
    pub(crate) fn summary(&self) -> String {
        let total: Duration = self.taken.iter().map(|(_, time, _)| *time).sum();
        let mut lines: Vec<String> = self
            .taken
            .iter()
            .map(|(name, time, passed)| {
                let verdict = if *passed { "ok    " } else { "FAILED" };
                format!("  {verdict} {:>9}  {name}", seconds(*time))
            })
            .collect();
        lines.push(format!("  total  {:>9}", seconds(total)));
        lines.join("\n")
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn the_summary_names_each_step_and_the_one_that_failed() {
        let mut steps = Steps::default();
        steps.run("easy", "", || Ok(())).expect("passes");
        let error = steps
            .run("hard", "Try again.", || bail!("no luck"))
            .expect_err("fails");

        assert_eq!(
            format!("{error:#}"),
            "the step \"hard\" failed. Try again.: no luck"
        );
        let summary = steps.summary();
        let lines: Vec<&str> = summary.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "ok         0.0 s  easy",
                "FAILED     0.0 s  hard",
                "total      0.0 s"
            ]
        );
    }
}
