//! Times, and the medians of them.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Result;

use crate::process;

/// Takes each measurement so often.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) repetitions: usize,
}

/// Takes one measurement, in seconds.
pub(crate) type Measurement<'a> = &'a mut dyn FnMut() -> Result<f64>;

impl Clock {
    /// For what takes little time and is compared closely.
    pub(crate) fn often(self) -> Self {
        let repetitions = 4 * self.repetitions;
        Self { repetitions }
    }

    /// Measurements taken in turn: what slows the machine for a while slows all.
    pub(crate) fn in_turn<const N: usize>(
        self,
        mut measurements: [Measurement<'_>; N],
    ) -> Result<[Times; N]> {
        let mut all = [const { Times(Vec::new()) }; N];
        for _ in 0..self.repetitions {
            for (measure, times) in measurements.iter_mut().zip(&mut all) {
                times.0.push(measure()?);
            }
        }
        Ok(all)
    }
}

/// What was measured of one thing, round by round.
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn median(&self) -> f64 {
        median(self.0.clone())
    }

    /// How much longer it took than another thing in the same rounds, by the median of the differences: a
    /// machine that is slow in some rounds leaves it as it is, and moves medians of times apart.
    pub(crate) fn longer_than(&self, other: &Self) -> f64 {
        let rounds = self.0.iter().zip(&other.0);
        median(rounds.map(|(own, other)| own - other).collect())
    }
}

/// How long a command takes, in seconds.
pub(crate) fn time(command: &mut Command) -> Result<f64> {
    let begun = Instant::now();
    process::run_closely(
        command.stdout(Stdio::null()).stderr(Stdio::null()),
        process::LONG,
    )?;
    Ok(begun.elapsed().as_secs_f64())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    match times.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => times[middle],
        _ => f64::midpoint(times[middle - 1], times[middle]),
    }
}

/// A time for people.
pub(crate) fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(median(vec![3.0, 1.0, 2.0]), 2.0));
        assert!(close(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5));
    }

    #[test]
    fn slow_rounds_do_not_count_as_a_difference() {
        let (with, without) = (Times(vec![2.0, 9.0, 9.0]), Times(vec![1.0, 1.5, 8.0]));
        assert!((with.longer_than(&without) - 1.0).abs() < 1e-9);
        assert!((with.median() - without.median() - 7.5).abs() < 1e-9);
    }

    #[test]
    fn measurements_are_taken_in_turn() {
        let order = std::cell::RefCell::new(Vec::new());
        let clock = Clock { repetitions: 2 };
        let mut a = || {
            order.borrow_mut().push('a');
            Ok(1.0)
        };
        let mut b = || {
            order.borrow_mut().push('b');
            Ok(2.0)
        };
        clock.in_turn([&mut a, &mut b]).expect("nothing fails");
        assert_eq!(*order.borrow(), ['a', 'b', 'a', 'b']);
    }
}
