//! What the facade costs over bare reqwest: the same GET with the same JSON answer, from the same server in
//! the same run. A machine is not equally fast all the time, so both are called by turns, and what criterion
//! gets is their ratio.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

#[path = "support/plain_server.rs"]
mod plain_server;

use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plain_server::Callers;
use std::time::{Duration, Instant};

/// The answer, as bare reqwest reads it: the same type.
type Me = imperal::auth_gateway::types::UserResponse;

/// How many calls make a turn.
const TURN: usize = 128;

/// How many times as long one thing takes as another.
struct Ratio;

impl Measurement for Ratio {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    /// One thing alone has no ratio: `iter_custom` measures both.
    fn end(&self, (): ()) -> f64 {
        f64::NAN
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Ratio {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "times as long"
    }

    fn scale_throughputs(&self, _: f64, _: &Throughput, _: &mut [f64]) -> &'static str {
        "times as long"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "times as long"
    }
}

/// How long a turn takes that so many tasks share.
async fn turn<F, C>(tasks: usize, call: C) -> Duration
where
    F: Future<Output = ()> + Send + 'static,
    C: Fn() -> F + Clone + Send + 'static,
{
    #[allow(clippy::disallowed_methods, reason = "time is what is measured")]
    let started = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|_| {
            let call = call.clone();
            tokio::spawn(async move {
                for _ in 0..TURN / tasks {
                    call().await;
                }
            })
        })
        .collect();
    for task in running {
        task.await.unwrap();
    }
    started.elapsed()
}

fn calls(criterion: &mut Criterion<Ratio>) {
    let mut group = criterion.benchmark_group("a call by imperal, over the same by reqwest");
    group.measurement_time(Duration::from_secs(10));
    for tasks in [1, 64] {
        let Callers {
            runtime,
            imperal,
            bare,
            me,
        } = Callers::of(tasks);
        let ours = move || {
            let imperal = imperal.clone();
            async move {
                imperal.gateway().auth().me().send().await.unwrap();
            }
        };
        let theirs = move || {
            let request = bare.get(&me).header("accept", "application/json");
            let request = request.bearer_auth("token");
            async move {
                let answer = request.send().await.unwrap().error_for_status().unwrap();
                answer.json::<Me>().await.unwrap();
            }
        };
        group.bench_function(format!("{tasks} at once"), |bencher| {
            bencher.iter_custom(|rounds| {
                runtime.block_on(async {
                    let mut sum = 0.0;
                    for round in 0..rounds {
                        // Neither is always the first.
                        let (own, bare) = if round % 2 == 0 {
                            let own = turn(tasks, ours.clone()).await;
                            (own, turn(tasks, theirs.clone()).await)
                        } else {
                            let bare = turn(tasks, theirs.clone()).await;
                            (turn(tasks, ours.clone()).await, bare)
                        };
                        sum += own.div_duration_f64(bare);
                    }
                    sum
                })
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(Ratio);
    targets = calls
}
criterion_main!(benches);
