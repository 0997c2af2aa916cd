//! The workspace's own tools: `cargo xtask --help`.

mod address;
mod check;
mod committed;
mod committed_list;
mod crate_writer;
mod diff;
mod download;
#[cfg(test)]
mod elsewhere;
mod explain;
mod fetch;
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
mod workspace;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use workspace::Workspace;

/// Clients are made of millions of small pieces: with the system's allocator, half of the time of `diff`
/// goes into making and dropping them.
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
    /// A change that would break those who use a client, and that nobody has accepted.
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

    /// The exit status: a script has to tell a change that needs a decision from a command that did
    /// not work.
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
    Fetch {
        /// Where from: a URL or file of one document (then --only says which), or a folder that holds
        /// both as auth-gateway.json and registry.json, as a path or as a URL that ends with "/".
        /// https, or http on this machine [default: the published documents]
        #[arg(long, value_name = "URL|FILE|DIR")]
        from: Option<String>,
        /// Takes the document that the running gateway serves; the registry, which serves none in
        /// public, stays with the published one
        #[arg(long, conflicts_with = "from")]
        live: bool,
        /// Only this document: auth-gateway or registry
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
        /// Writes the documents even if they break those who use the clients
        #[arg(long)]
        accept_breaking: bool,
    },
    /// Says what a change of the documents breaks: on the wire, in code, in behaviour
    ///
    /// Exit status: 0 if nothing breaks, 1 if something does (or what --fail-on names), 2 if the
    /// documents could not be compared.
    Diff {
        /// The old document, a folder with both, or a git revision [default: HEAD]
        old: Option<String>,
        /// The new document, a folder with both, or a git revision [default: those of this workspace]
        new: Option<String>,
        /// Only this document: auth-gateway or registry
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
        /// How the report is written
        #[arg(long, value_enum, default_value = "text")]
        format: diff::Format,
        /// What makes the exit status 1
        #[arg(long, value_enum, default_value = "breaking")]
        fail_on: diff::FailOn,
        /// Compares what travels alone, and generates no clients
        #[arg(long)]
        without_code: bool,
    },
    /// Checks documents, overlays, lock, generation, and the committed lists
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
    /// Changes the documents in hundreds of ways, and asks the compiler whether `diff` is right about
    /// code
    Rehearse {
        /// Only this document: auth-gateway or registry
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
        /// Places for each kind of change
        #[arg(long, default_value_t = 3)]
        each: usize,
        /// Which places are picked
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let workspace = Workspace::here();
    let outcome = match Arguments::parse().command {
        Command::Fetch {
            from,
            live,
            only,
            accept_breaking,
        } => {
            let order = fetch::Order {
                from,
                live,
                only,
                accept_breaking,
            };
            fetch::run(&workspace, &order).await
        }
        Command::Diff {
            old,
            new,
            only,
            format,
            fail_on,
            without_code,
        } => {
            let order = diff::Order {
                old,
                new,
                only,
                format,
                fail_on,
                without_code,
            };
            match diff::run(&workspace, &order) {
                Ok(true) => return ExitCode::from(1),
                Ok(false) => Ok(()),
                Err(failure) => Err(failure),
            }
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
        Command::Rehearse { only, each, seed } => {
            let order = rehearsal::Order { each, seed };
            workspace::named(only.as_deref())
                .and_then(|services| rehearsal::run(&workspace, &services, order))
        }
        Command::Losses { write } => losses::run(&workspace, write),
        Command::Explain { what } => explain::run(&workspace, &what),
        Command::PublicApi { write } => public_api::run(&workspace, write),
        Command::Lock => lock::rewrite(&workspace),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // It may quote a document.
            let message = failure.to_string();
            let lines = message.lines().map(plain_text::one_line);
            eprintln!("error: {}", lines.collect::<Vec<_>>().join("\n"));
            ExitCode::from(failure.status())
        }
    }
}

/// Prints a line for the person who called. Whoever reads no further, as `head` does, is no error.
fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
