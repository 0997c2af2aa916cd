//! What the facade costs over bare reqwest: the same GET with the same JSON answer, from the same server in
//! the same run.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

#[path = "support/plain_server.rs"]
mod plain_server;

use criterion::{Criterion, criterion_group, criterion_main};
use imperal::{Credentials, Imperal};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The answer, as bare reqwest reads it: the same type.
type Me = imperal::auth_gateway::types::UserResponse;

/// How long `count` calls take in all, by so many tasks at once.
#[allow(clippy::cast_precision_loss, reason = "counts are small")]
async fn timed<F, C>(tasks: usize, count: u64, call: C) -> Duration
where
    F: Future<Output = ()> + Send + 'static,
    C: Fn() -> F + Clone + Send + 'static,
{
    #[allow(clippy::disallowed_methods, reason = "time is what is measured")]
    let started = Instant::now();
    let share = count.div_ceil(tasks as u64);
    let running: Vec<_> = (0..tasks)
        .map(|_| {
            let call = call.clone();
            tokio::spawn(async move {
                for _ in 0..share {
                    call().await;
                }
            })
        })
        .collect();
    for task in running {
        task.await.unwrap();
    }
    // The last task may do more than was asked for.
    started
        .elapsed()
        .mul_f64(count as f64 / (share * tasks as u64) as f64)
}

fn calls(criterion: &mut Criterion) {
    let url = plain_server::start();
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let bare = plain_server::bare_client();
    let imperal = Imperal::builder()
        .gateway_url(&url)
        .credentials(Credentials::bearer("token"))
        .build()
        .unwrap();
    let me = format!("{url}/v1/auth/me");
    let mut group = criterion.benchmark_group("GET with a JSON answer");
    group.measurement_time(Duration::from_secs(10));
    for tasks in [1, 64] {
        group.bench_function(format!("reqwest, {tasks} tasks"), |bencher| {
            bencher.iter_custom(|count| {
                let (bare, me) = (bare.clone(), me.clone());
                runtime.block_on(timed(tasks, count, move || {
                    let request = bare.get(&me).header("accept", "application/json");
                    let request = request.bearer_auth("token");
                    async move {
                        request
                            .send()
                            .await
                            .unwrap()
                            .error_for_status()
                            .unwrap()
                            .json::<Me>()
                            .await
                            .unwrap();
                    }
                }))
            });
        });
        group.bench_function(format!("imperal, {tasks} tasks"), |bencher| {
            bencher.iter_custom(|count| {
                let imperal = imperal.clone();
                runtime.block_on(timed(tasks, count, move || {
                    let imperal = imperal.clone();
                    async move {
                        imperal.gateway().auth().me().send().await.unwrap();
                    }
                }))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
