//! The workspace's own tools: `cargo xtask --help`.

mod address;
mod check;
mod committed;
mod committed_list;
mod crate_writer;
mod diff;
mod download;
mod explain;
mod fetch;
mod generate;
mod lock;
mod losses;
mod lowered;
mod operations;
mod plain_text;
mod public_api;
mod rehearsal;
mod replace;
mod review;
mod route;
mod rust_changes;
mod rust_items;
mod rust_probe;
mod rust_uses;
mod source;
#[cfg(test)]
mod test_workspace;
mod workspace;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use workspace::Workspace;

/// A client is made of millions of small pieces of syntax: with the system's allocator, half of the time of
/// `diff` goes into making and dropping them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    /// The command worked, and found what somebody has to decide about: a change that breaks those who use a
    /// client and that nobody has accepted, or a break that was not foreseen.
    #[error("{0}")]
    Breaking(String),
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// What a problem with the file or folder at `path` becomes.
    fn at(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |problem| Self::File { path, problem }
    }

    /// The exit status: a script has to tell what needs a decision from a command that did not work.
    fn status(&self) -> u8 {
        match self {
            Self::Breaking(_) => 1,
            Self::Document(_) | Self::File { .. } | Self::Other(_) => 2,
        }
    }
}

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The workspace's own tools")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Brings the documents into specs/, shows what changes, and says what to do next
    ///
    /// Both documents are replaced, or none. Exit status: 0 if they are here, 1 if the change is
    /// breaking and was not accepted, 2 if a document could not be fetched or used.
    Fetch(fetch::Order),
    /// Says what a change of the documents breaks: on the wire, in code, in behaviour
    ///
    /// Exit status: 0 if nothing breaks, 1 if something does (or what --fail-on names), 2 if the
    /// documents could not be compared.
    Diff(diff::Order),
    /// Checks documents, overlays, lock, generation, and the committed lists
    Check,
    /// Writes generated code: the clients of this workspace, or a crate for any document
    Generate(generate::Order),
    /// Prints a document as the generator sees it
    Lower(lowered::Order),
    /// Prints the operations of both documents
    Operations {
        /// Rewrites the committed list instead
        #[arg(long)]
        write: bool,
    },
    /// Changes the documents in hundreds of ways, and asks the compiler whether `diff` is right about
    /// code
    Rehearse(rehearsal::Order),
    /// Prints what the clients do not say of the documents
    Losses {
        /// Rewrites the committed list instead
        #[arg(long)]
        write: bool,
    },
    /// Says where an operation or a type comes from: document, overlay, signature, an example
    Explain {
        /// An operation (its name, its operationId, or "GET /v1/apps") or a type (its name in Rust or
        /// in the document)
        what: String,
    },
    /// Prints the public items of our libraries
    PublicApi {
        /// Rewrites the committed lists instead
        #[arg(long)]
        write: bool,
    },
    /// Rewrites specs/specs.lock after a document was edited by hand
    Lock,
}

impl Command {
    /// Does what was asked for, and returns the exit status where nothing failed.
    async fn run(self, workspace: &Workspace) -> Result<ExitCode, Failure> {
        match self {
            Self::Fetch(order) => fetch::run(workspace, &order).await?,
            Self::Diff(order) => {
                // The report says what there is to say: a status of 1 needs no message.
                let is_failing = diff::run(workspace, &order)?;
                return Ok(ExitCode::from(u8::from(is_failing)));
            }
            Self::Check => check::run(workspace)?,
            Self::Generate(order) => generate::run(workspace, &order)?,
            Self::Lower(order) => lowered::run(&order)?,
            Self::Operations { write } => operations::run(workspace, write)?,
            Self::Rehearse(order) => rehearsal::run(workspace, &order)?,
            Self::Losses { write } => losses::run(workspace, write)?,
            Self::Explain { what } => explain::run(workspace, &what)?,
            Self::PublicApi { write } => public_api::run(workspace, write)?,
            Self::Lock => lock::rewrite(workspace)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = Arguments::parse().command;
    match command.run(&Workspace::here()).await {
        Ok(status) => status,
        Err(failure) => {
            // It may quote a document.
            eprintln!("error: {}", plain_text::line_by_line(&failure.to_string()));
            ExitCode::from(failure.status())
        }
    }
}

/// Prints a line for the person who called. That nobody reads on, as behind `head`, is no error.
fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
