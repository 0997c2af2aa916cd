//! The mocked cloud as a server of its own.

use clap::Parser;
use futures::StreamExt;
use imperal_build_support::Document;
use imperal_mock::{Cloud, DocumentServer, Exchange};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// A mocked Imperal Cloud on loopback: both services, or any OpenAPI document.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port of the Auth Gateway; a free one if none is given
    #[arg(long, default_value_t = 0, conflicts_with = "document")]
    gateway_port: u16,
    /// The port of the Registry; a free one if none is given
    #[arg(long, default_value_t = 0, conflicts_with = "document")]
    registry_port: u16,
    /// What answers are made from: the same seed, the same answers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Refuses what the documents do not declare: query parameters, fields of bodies, media types
    #[arg(long)]
    strict: bool,
    /// How exchanges are logged
    #[arg(long, value_enum, default_value_t = Log::Pretty)]
    log: Log,
    /// Serves this OpenAPI document in place of the cloud's
    #[arg(long)]
    document: Option<PathBuf>,
    /// The port for the document; a free one if none is given
    #[arg(long, default_value_t = 0, requires = "document")]
    port: u16,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Log {
    /// One line of JSON each
    Json,
    /// Not at all
    None,
    /// One line each, and one more for each violation
    Pretty,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads no further is no error.
        Err(error) if is_closed(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_closed(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(path) = &arguments.document {
        let server = DocumentServer::builder()
            .port(arguments.port)
            .seed(arguments.seed)
            .strict(arguments.strict)
            .start(&Document::load(path)?)?;
        say(&format!("document  {}", server.url()))?;
        say(&format!("page      {}/__mock/", server.url()))?;
        return follow(server.follow(), arguments.log).await;
    }
    let cloud = Cloud::builder()
        .gateway_port(arguments.gateway_port)
        .registry_port(arguments.registry_port)
        .seed(arguments.seed)
        .strict(arguments.strict)
        .try_start()?;
    say(&format!("gateway   {}", cloud.gateway_url()))?;
    say(&format!("registry  {}", cloud.registry_url()))?;
    say(&format!("page      {}/__mock/", cloud.gateway_url()))?;
    follow(cloud.follow(), arguments.log).await
}

async fn follow(
    exchanges: impl futures::Stream<Item = Exchange>,
    log: Log,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut exchanges = std::pin::pin!(exchanges);
    while let Some(exchange) = exchanges.next().await {
        match log {
            Log::Json => say(&json(&exchange))?,
            Log::Pretty => say(&exchange.to_string())?,
            Log::None => {}
        }
    }
    Ok(())
}

fn json(exchange: &Exchange) -> String {
    let violations: Vec<String> = exchange
        .violations
        .iter()
        .map(ToString::to_string)
        .collect();
    serde_json::json!({
        "service": exchange.service, "method": exchange.method, "path": exchange.path,
        "route": exchange.route, "status": exchange.status, "faulty": exchange.faulty,
        "violations": violations,
    })
    .to_string()
}

/// Whoever started it may wait for a line.
fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
