//! A service that depends on `imperal` as any service would: it offers a part of the marketplace to callers
//! of its own, in a form of its own.
//!
//! | Route | What it answers |
//! |---|---|
//! | `GET /healthz` | 200 as long as the process runs, whatever the cloud does |
//! | `GET /readyz` | 200 while the cloud answers, 503 while it does not |
//! | `GET /apps?search=mail&limit=20` | the apps that match |
//!
//! The SDK logs in, renews tokens, tries again and turns pages. What is left to a service, and shown here: how
//! long its callers wait, what they are told when the cloud fails, and how it ends.

mod apps;
mod problem;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use futures::FutureExt;
use imperal::{CallOptions, Imperal, RetryPolicy};
use problem::Problem;
use std::time::Duration;
use tokio::net::TcpListener;
use tracing::Instrument;

/// A probe asks again by itself: it needs an answer soon more than it needs a good one.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long requests that are under way may take to end. Orchestrators kill after half a minute by default,
/// and there is a login to be ended behind this.
const LONGEST_DRAIN: Duration = Duration::from_secs(20);

/// The routes of the service. All of them share the login of `imperal`.
///
/// ```
/// use imperal::{Credentials, Imperal};
///
/// let imperal = Imperal::builder().credentials(Credentials::bearer("a token")).build()?;
/// let router: axum::Router = imperal_example_service::router(imperal);
/// # Ok::<(), imperal::Error>(())
/// ```
pub fn router(imperal: Imperal) -> Router {
    Router::new()
        // Alive is who answers: a cloud that is away is no reason to restart this process.
        .route("/healthz", get(|| async { "alive" }))
        .route("/readyz", get(ready))
        .route("/apps", get(apps::list))
        .layer(middleware::from_fn(traced))
        .with_state(imperal)
}

/// Serves until `stop` ends. From then on no connection is taken, and requests that are under way are answered,
/// as far as that takes no longer than 20 seconds.
///
/// # Errors
///
/// None by this version of axum, which tries again where a connection cannot be taken; its type leaves room
/// for some.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let stop = stop.shared();
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone());
    let overdue = async {
        stop.await;
        tokio::time::sleep(LONGEST_DRAIN).await;
    };
    tokio::select! {
        outcome = server.into_future() => outcome,
        () = overdue => {
            tracing::warn!("requests that take too long are broken off");
            Ok(())
        }
    }
}

/// Asks the gateway whether it runs. That needs no credential: a probe causes no login.
async fn ready(State(imperal): State<Imperal>) -> Result<&'static str, Problem> {
    let options = CallOptions::new()
        .total_timeout(PROBE_TIMEOUT)
        .retries(RetryPolicy::none());
    let imperal = imperal.with_options(&options);
    let answer = imperal.gateway().healthz().healthz().send().await;
    answer
        .map(|_| "ready")
        .map_err(|error| Problem::unavailable(&error))
}

/// Puts each request into a span, so that the SDK's spans of the calls that it leads to are within.
async fn traced(request: Request, next: Next) -> Response {
    let span = tracing::info_span!(
        "http.server.request",
        http.request.method = %request.method(),
        url.path = request.uri().path(),
        http.response.status_code = tracing::field::Empty,
    );
    let answer = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", answer.status().as_u16());
    span.in_scope(|| tracing::info!("answered"));
    answer
}
