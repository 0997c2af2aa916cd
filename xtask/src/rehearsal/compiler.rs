//! Asks the compiler whether a program still compiles, for several clients at once.

use crate::Failure;
use crate::crate_writer;
use crate::replace::write_all;
use crate::workspace::{Workspace, read};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// One client that the program is checked against.
pub(super) struct Case {
    pub(super) source: String,
}

/// Whether `program` compiles against each client.
pub(super) fn check(
    workspace: &Workspace,
    program: &str,
    cases: Vec<Case>,
) -> Result<Vec<bool>, Failure> {
    // The tests have a folder of their own, in case the command runs at the same time.
    let name = if cfg!(test) {
        "rehearsal-of-tests"
    } else {
        "rehearsal"
    };
    let folder = workspace.root().join("target").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Failure::at(&folder))?;
    }
    let count = cases.len();
    write_all(&packages(workspace, &folder, program, cases)?)?;
    let cargo = |arguments: &[String]| {
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", workspace.root().join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .map_err(Failure::at(&folder))
    };
    // The packages have the names of those of the batch before: cargo must not take the one for the other.
    let mut clean = vec!["clean".to_owned(), "--quiet".to_owned()];
    for index in 0..count {
        clean.extend([format!("-pclient-{index}"), format!("-puser-{index}")]);
    }
    cargo(&clean)?;
    let check = ["check", "--quiet", "--keep-going", "--message-format=json"];
    verdicts(&cargo(&check.map(str::to_owned))?, count, &folder)
}

/// The files of a workspace in `folder` with two packages for each client: itself, and the program that uses
/// it.
fn packages(
    workspace: &Workspace,
    folder: &Path,
    program: &str,
    cases: Vec<Case>,
) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let dependencies = crate_writer::dependencies(workspace, None)?;
    let manifest = |name: &str| {
        format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        )
    };
    let library = "#![allow(warnings)]\nmod generated;\npub use generated::*;\n";
    // The same versions as everywhere else, so that nothing is built twice.
    let versions = read(&workspace.root().join("Cargo.lock"))?;
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n";
    let mut files = vec![
        (folder.join("Cargo.toml"), members.as_bytes().to_vec()),
        (folder.join("Cargo.lock"), versions),
    ];
    for (index, case) in cases.into_iter().enumerate() {
        let (client, user) = (format!("client-{index}"), format!("user-{index}"));
        let of_user = format!(
            "{}client = {{ package = {client:?}, path = \"../{client}\" }}\n",
            manifest(&user)
        );
        let (own, users) = (folder.join(&client), folder.join(&user));
        files.extend([
            (own.join("Cargo.toml"), manifest(&client).into_bytes()),
            (own.join("src/lib.rs"), library.as_bytes().to_vec()),
            (own.join("src/generated.rs"), case.source.into_bytes()),
            (users.join("Cargo.toml"), of_user.into_bytes()),
            (users.join("src/lib.rs"), program.as_bytes().to_vec()),
        ]);
    }
    Ok(files)
}

/// Whether each program was built, by what cargo says.
fn verdicts(output: &Output, count: usize, folder: &Path) -> Result<Vec<bool>, Failure> {
    let messages = String::from_utf8_lossy(&output.stdout);
    let failed = named(&messages, "compiler-message");
    let built = named(&messages, "compiler-artifact");
    if let Some(broken) = failed.iter().find(|name| name.starts_with("client")) {
        return Err(Failure::Other(format!(
            "{broken} in {} does not compile by itself: that is a defect of the generator",
            folder.display()
        )));
    }
    let outcomes = (0..count).map(|index| {
        let user = format!("user-{index}");
        // A compiler that was stopped has said neither.
        match (built.contains(&user), failed.contains(&user)) {
            (true, false) => Ok(true),
            (false, true) => Ok(false),
            _ => {
                let problem = String::from_utf8_lossy(&output.stderr);
                Err(Failure::Other(format!(
                    "cargo check has no verdict about {user}: {}",
                    problem.trim()
                )))
            }
        }
    });
    outcomes.collect()
}

/// The packages that have a message of a kind; of the compiler's messages, errors alone count.
fn named(messages: &str, reason: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for line in messages.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let counts = message
            .get("message")
            .is_none_or(|message| message["level"] == "error");
        if let Some(name) = message["target"]["name"].as_str()
            && counts
            && message["reason"] == reason
        {
            named.insert(name.replace('_', "-"));
        }
    }
    named
}
