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

use std::time::Instant;

/// How often each of the two is measured, by turns.
const ROUNDS: usize = 9;

/// How often what is so quick that the machine's other work disturbs it.
const MANY_ROUNDS: usize = 61;

fn main() {
    let tasks = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("medians of {ROUNDS} rounds, of calls {MANY_ROUNDS}; {tasks} cores\n");
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

/// Prints a row: how long one of `count` things takes.
fn row(what: &str, baseline: &str, count: usize, ours: impl FnMut(), theirs: impl FnMut()) {
    row_of(ROUNDS, what, baseline, count, ours, theirs);
}

/// The same by so many rounds that take turns. The ratio is that of the median round: what disturbs both does not
/// count.
fn row_of(
    rounds: usize,
    what: &str,
    baseline: &str,
    count: usize,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) {
    let (mut own, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    // The first round warms caches and connections.
    for round in 0..=rounds {
        let (mine, other) = if round % 2 == 0 {
            let mine = timed(&mut ours);
            (mine, timed(&mut theirs))
        } else {
            let other = timed(&mut theirs);
            (timed(&mut ours), other)
        };
        if round > 0 {
            own.push(mine / count as f64);
            others.push(other / count as f64);
            ratios.push(mine / other);
        }
    }
    println!(
        "| {what} | {} | {baseline} | {} | {:.2} |",
        shown(median(own)),
        shown(median(others)),
        median(ratios)
    );
}

/// In seconds.
fn timed(work: &mut impl FnMut()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn shown(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1e-6 => format!("{:.0} ns", seconds * 1e9),
        seconds if seconds < 1e-3 => format!("{:.1} µs", seconds * 1e6),
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.2} s"),
    }
}
