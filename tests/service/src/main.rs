//! Runs the service until it is asked to stop: by ctrl-c, or by the SIGTERM of an orchestrator.
//!
//! Settings come from the environment: those of [`Imperal::from_env`], the address to listen on from
//! `SERVICE_ADDRESS`, and what is logged from `RUST_LOG`. Against the mocked cloud:
//!
//! ```text
//! cargo run -p imperal-mock -- --gateway-port 8081
//! IMPERAL_API_URL=http://127.0.0.1:8081 IMPERAL_EMAIL=you@example.com IMPERAL_PASSWORD=password \
//!     cargo run -p imperal-example-service
//! curl -s 'http://127.0.0.1:8080/apps?search=mail&limit=3'
//! ```

use imperal::Imperal;
use imperal_example_service::{router, serve};
use std::env::VarError;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

/// The variable that says where to listen.
const ADDRESS: &str = "SERVICE_ADDRESS";

/// Where to listen if nothing is said.
const USUAL_ADDRESS: &str = "127.0.0.1:8080";

/// How long the end of the login may take: a cloud that is away must not keep the process.
const LONGEST_LOGOUT: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the service ends");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let imperal = Imperal::from_env()?;
    let stop = asked_to_stop()?;
    let listener = listen().await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    serve(listener, router(imperal.clone()), stop).await?;
    if login_is_ours() {
        end_login(&imperal).await;
    }
    tracing::info!("stopped");
    Ok(())
}

async fn listen() -> Result<TcpListener, Box<dyn Error>> {
    let address = match std::env::var(ADDRESS) {
        Ok(address) if !address.is_empty() => address,
        Ok(_) | Err(VarError::NotPresent) => USUAL_ADDRESS.to_owned(),
        Err(VarError::NotUnicode(_)) => {
            return Err(format!("{ADDRESS} is not valid UTF-8: set it again").into());
        }
    };
    let listener = TcpListener::bind(&address).await;
    listener.map_err(|error| format!("{address} cannot be listened on: {error}").into())
}

/// Ends when the process is asked to stop. Signals are caught from the call on: none kills the process between
/// its start and its first request.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("asked to stop");
    })
}

/// Ends when the process is asked to stop.
#[cfg(windows)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        tracing::info!("asked to stop");
    })
}

/// Whether the login is this process's own, made with a password and kept in memory. One from a file is
/// also that of whoever else reads the file, and a token that was given was not made here.
fn login_is_ours() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("IMPERAL_EMAIL") && !is_set("IMPERAL_CREDENTIALS_FILE")
}

/// Ends the login, so that its tokens are worth nothing to whoever finds them. If that fails they run out by
/// themselves: no reason for the process to fail.
async fn end_login(imperal: &Imperal) {
    match tokio::time::timeout(LONGEST_LOGOUT, imperal.logout()).await {
        Ok(Ok(())) => tracing::info!("logged out"),
        Ok(Err(error)) => tracing::warn!(%error, "the login could not be ended"),
        Err(_) => tracing::warn!("the login could not be ended in time"),
    }
}
