//! What everything costs, in one table: each figure beside a baseline from the same run. `docs/performance.md` says
//! how to read it.
//!
//! ```console
//! cargo bench -p imperal-tests --bench table
//! ```
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it measures real time, and says what it measured"
)]

mod client;
mod documents;
mod server;

use std::time::{Duration, Instant};

/// How often each of the two is measured.
const ROUNDS: usize = 9;

fn main() {
    let tasks = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("medians of {ROUNDS} rounds, {tasks} cores\n");
    println!("| What | Takes | Baseline | Takes | Ratio |");
    println!("|---|---|---|---|---|");
    client::calls();
    client::storm();
    client::lists();
    client::events();
    server::requests();
    documents::pipeline();
    documents::comparison();
}

/// Prints a row: how long one of `count` things takes, by the median of rounds that take turns.
fn row(what: &str, baseline: &str, count: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    let (mut own, mut others) = (Vec::new(), Vec::new());
    // The first round warms caches and connections.
    for round in 0..=ROUNDS {
        let times = (timed(&mut ours), timed(&mut theirs));
        if round > 0 {
            own.push(times.0);
            others.push(times.1);
        }
    }
    let (own, others) = (median(own), median(others));
    println!(
        "| {what} | {} | {baseline} | {} | {:.2} |",
        shown(own / count as f64),
        shown(others / count as f64),
        own / others
    );
}

fn timed(work: &mut impl FnMut()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// In seconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn shown(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1e-6 => format!("{:.0} ns", seconds * 1e9),
        seconds if seconds < 1e-3 => format!("{:.1} µs", seconds * 1e6),
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.2} s"),
    }
}
