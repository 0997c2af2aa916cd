//! The workspace's own tools: `cargo xtask --help`.

mod check;
mod crate_writer;
mod fetch;
mod lock;
mod lowered;
mod operations;
mod source;
mod workspace;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use workspace::Workspace;

/// What every command ends with: nothing, or one message.
type Outcome = Result<(), Failure>;

/// Why a command failed, for a person.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Document(#[from] imperal_build_support::Error),
    #[error("{path}: {problem}")]
    File {
        path: PathBuf,
        problem: std::io::Error,
    },
    #[error("{0}")]
    Other(String),
}

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The workspace's own tools")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Brings the documents into specs/ and says what to do next
    Fetch {
        /// Where from: a URL or file of one document, or a folder that holds both (default: the
        /// published documents)
        #[arg(long)]
        from: Option<String>,
        /// Only this document: auth-gateway or registry (needed where --from names one document)
        #[arg(long)]
        only: Option<String>,
    },
    /// Checks documents, overlays, lock, list of operations and generation
    Check,
    /// Writes generated code: the clients of this workspace, or a crate for any document
    Generate {
        /// What the build scripts of this workspace generate, for reading
        #[arg(long, required_unless_present = "document", conflicts_with_all = ["document", "name", "runtime", "overlay"])]
        ours: bool,
        /// The document to write a crate for
        #[arg(long)]
        document: Option<PathBuf>,
        /// An overlay to apply to the document
        #[arg(long)]
        overlay: Option<PathBuf>,
        /// The name of the crate (default: made from the document's title)
        #[arg(long)]
        name: Option<String>,
        /// The runtime that the crate depends on, a path or a version (default: this workspace's)
        #[arg(long)]
        runtime: Option<String>,
        /// The folder to write to
        #[arg(long)]
        out: PathBuf,
    },
    /// Prints a document as the generator sees it
    Lower {
        /// The document
        document: PathBuf,
        /// An overlay to apply to the document
        #[arg(long)]
        overlay: Option<PathBuf>,
        /// Prints what the lowered document no longer says instead
        #[arg(long)]
        report: bool,
    },
    /// Prints the operations of both documents
    Operations {
        /// Rewrites the committed list instead
        #[arg(long)]
        write: bool,
    },
    /// Rewrites specs/specs.lock after a document was edited by hand
    Lock,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let workspace = Workspace::here();
    let outcome = match Arguments::parse().command {
        Command::Fetch { from, only } => {
            fetch::run(&workspace, from.as_deref(), only.as_deref()).await
        }
        Command::Check => check::run(&workspace),
        Command::Generate {
            document: Some(document),
            overlay,
            name,
            runtime,
            out,
            ..
        } => {
            let order = crate_writer::Order {
                document,
                overlay,
                out,
                name,
                runtime,
            };
            crate_writer::run(&workspace, &order)
        }
        Command::Generate { out, .. } => check::write_sources(&workspace, &out),
        Command::Lower {
            document,
            overlay,
            report,
        } => lowered::run(&document, overlay.as_deref(), report),
        Command::Operations { write } => operations::run(&workspace, write),
        Command::Lock => lock::rewrite(&workspace),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Prints a line for the person who called.
#[allow(clippy::print_stdout, reason = "the output of a command-line tool")]
fn say(line: impl std::fmt::Display) {
    println!("{line}");
}
