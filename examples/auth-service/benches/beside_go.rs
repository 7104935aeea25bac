//! The service beside the guide's Go service: the same calls, in turn, in one run on one machine.
//!
//! Both log each call to a file, as OpenIM's own `log.yml` says. Ratios of one run tell of the
//! programs; the absolute numbers tell of the machine, and of what else it did.

#[path = "../tests/common/mod.rs"]
mod common;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::etcd::Etcd;
use common::openim::Configuration;
use common::{Program, Wire};

/// How many calls are under way at a time, over one connection, as openim-api has it.
const IN_FLIGHT: usize = 64;
/// How many calls make a round.
const CALLS: usize = 30_000;
/// How often each service has its turn.
const ROUNDS: usize = 5;
/// How many ticks of processor time make a second, on every Linux there is.
const TICKS: f64 = 100.0;

/// What was measured of a service in a round.
#[derive(Clone, Copy)]
struct Round {
    calls_per_second: f64,
    /// The 99th percentile, in milliseconds.
    slow: f64,
    /// Seconds of the service's processor time for 100,000 calls.
    processor: f64,
}

struct Measured {
    name: &'static str,
    program: Program,
    at: String,
    /// Milliseconds from the start to the first answer.
    first_answer: f64,
    rounds: Vec<Round>,
}

#[tokio::main]
async fn main() {
    let etcd = Etcd::started().await;
    let go = Configuration::new(&etcd);
    let rust = Configuration::new(&etcd);
    let mut services = [
        Measured::start("Go", &go, true).await,
        Measured::start("Rust", &rust, false).await,
    ];
    for service in &mut services {
        // Warms caches up.
        round(service).await;
    }
    for _ in 0..ROUNDS {
        for service in &mut services {
            let measured = round(service).await;
            service.rounds.push(measured);
        }
    }
    let [go, rust] = services;
    print(&go, &rust);
}

impl Measured {
    async fn start(name: &'static str, configuration: &Configuration, go: bool) -> Self {
        let start = Instant::now();
        let program = if go {
            configuration.go().await
        } else {
            configuration.rust().await
        };
        let at = configuration.at();
        Wire::connect(&at).await.answers().await;
        Self {
            name,
            program,
            at,
            first_answer: milliseconds(start.elapsed()),
            rounds: Vec::new(),
        }
    }

    /// Seconds of processor time until now.
    fn processor(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.program.id()));
        let stat = stat.expect("Linux");
        // The name, in parentheses, may have spaces.
        let (_, rest) = stat.rsplit_once(") ").expect("a name");
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks: f64 = fields[11..13]
            .iter()
            .map(|field| field.parse::<f64>().expect("a number"))
            .sum();
        ticks / TICKS
    }

    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }
}

async fn round(service: &Measured) -> Round {
    let wire = Wire::connect(&service.at).await;
    let left = Arc::new(AtomicUsize::new(CALLS));
    let processor = service.processor();
    let start = Instant::now();
    let callers: Vec<_> = (0..IN_FLIGHT)
        .map(|_| {
            let mut wire = wire.clone();
            let left = left.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while left
                    .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                        left.checked_sub(1)
                    })
                    .is_ok()
                {
                    let start = Instant::now();
                    wire.answers().await;
                    times.push(milliseconds(start.elapsed()));
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await.expect("no panic"));
    }
    let seconds = start.elapsed().as_secs_f64();
    let processor = service.processor() - processor;
    times.sort_by(f64::total_cmp);
    let calls = f64::from(u32::try_from(times.len()).expect("few"));
    Round {
        calls_per_second: calls / seconds,
        slow: times[times.len() * 99 / 100],
        processor: processor * 100_000.0 / calls,
    }
}

fn print(go: &Measured, rust: &Measured) {
    let row = |what: &str, unit: &str, of: &dyn Fn(&Measured) -> f64| {
        let (go, rust) = (of(go), of(rust));
        println!(
            "  {what:<38}{go:>10.2}{rust:>10.2} {unit:<7}{:>7.2}",
            rust / go
        );
    };
    println!("Echo with {IN_FLIGHT} calls in flight, medians of {ROUNDS} rounds of {CALLS} calls:");
    println!(
        "  {:<38}{:>10}{:>10} {:<7}{:>7}",
        "", go.name, rust.name, "", "ratio"
    );
    row("calls per second", "", &|service| {
        service.median(|round| round.calls_per_second)
    });
    row("99th percentile", "ms", &|service| {
        service.median(|round| round.slow)
    });
    row("processor time for 100,000 calls", "s", &|service| {
        service.median(|round| round.processor)
    });
    row("resident memory at its most", "MB", &|service| {
        service.program.memory("VmHWM")
    });
    row("first answer after the start", "ms", &|service| {
        service.first_answer
    });
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
