//! One login file, shared with the platform's own Python client, which runs as it is.
//!
//! Needs [a Python](imperal_tests::python). Without one the tests say so and do nothing.

use imperal::{Credentials, FileStore, Imperal};
use imperal_mock::{Cloud, EMAIL, PASSWORD};
use imperal_tests::{email_of, python, statuses};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The Python client in a home folder of its own, which holds the file.
struct Tools {
    python: PathBuf,
    home: tempfile::TempDir,
    gateway: String,
}

impl Tools {
    fn new(cloud: &Cloud) -> Option<Self> {
        Some(Self {
            python: python()?,
            home: tempfile::tempdir().unwrap(),
            gateway: cloud.gateway_url().to_owned(),
        })
    }

    fn file(&self) -> PathBuf {
        self.home.path().join(".imperal").join("credentials.json")
    }

    /// Runs one call of the client's module for logins, and prints what it returns.
    fn command(&self, call: &str) -> Command {
        let script = format!(
            "import asyncio\nfrom imperal_mcp import auth, config\nprint(asyncio.run(auth.{call}))"
        );
        let mut command = Command::new(&self.python);
        command
            .args(["-B", "-c", &script])
            .env("HOME", self.home.path())
            .env("IMPERAL_API_URL", &self.gateway)
            .env_remove("IMPERAL_TOKEN")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    async fn run(&self, call: &str) -> Result<String, String> {
        let mut command = self.command(call);
        let output = tokio::task::spawn_blocking(move || command.output());
        read(&output.await.unwrap().unwrap())
    }
}

fn read(output: &Output) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

const TOKEN: &str = "ensure_access_token(config.Config.from_env())";
const NEW_TOKEN: &str = "ensure_access_token(config.Config.from_env(), force=True)";
const LOGOUT: &str = "logout(config.Config.from_env())";

/// A client over the file alone, as another process would be. The Python client does not store for
/// which host a login is.
fn over(cloud: &Cloud, file: &Path) -> Imperal {
    let builder = cloud.client_builder().token_store(FileStore::at(file));
    builder.stored_login_of_any_host(true).build().unwrap()
}

async fn log_in(cloud: &Cloud, tools: &Tools) {
    let builder = cloud
        .client_builder()
        .token_store(FileStore::at(tools.file()));
    let login = Credentials::password(EMAIL, PASSWORD);
    let imperal = builder.credentials(login).build().unwrap();
    email_of(&imperal).await.unwrap();
}

#[tokio::test]
async fn a_login_made_by_either_is_used_by_both_and_survives_both() {
    let cloud = Cloud::start().await;
    let Some(tools) = Tools::new(&cloud) else {
        return;
    };
    log_in(&cloud, &tools).await;
    let ours = tools.run(TOKEN).await.unwrap();
    let theirs = tools.run(NEW_TOKEN).await.unwrap();
    assert!(ours.starts_with("ey") && theirs.starts_with("ey") && ours != theirs);
    let imperal = over(&cloud, &tools.file());
    assert_eq!(email_of(&imperal).await.unwrap(), EMAIL);
    // Both renew at once, round after round: one of them finds its refresh token used up.
    for _ in 0..5 {
        cloud.advance(Duration::from_secs(16 * 60));
        let (ours, theirs) = tokio::join!(email_of(&imperal), tools.run(NEW_TOKEN));
        assert_eq!(ours.unwrap(), EMAIL);
        theirs.unwrap();
    }
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
}

#[tokio::test]
async fn a_logout_by_either_is_seen_by_both() {
    let cloud = Cloud::start().await;
    let Some(tools) = Tools::new(&cloud) else {
        return;
    };
    log_in(&cloud, &tools).await;
    let imperal = over(&cloud, &tools.file());
    email_of(&imperal).await.unwrap();
    tools.run(LOGOUT).await.unwrap();
    assert!(!tools.file().exists());
    cloud.advance(Duration::from_secs(16 * 60));
    let error = email_of(&imperal).await.unwrap_err();
    assert!(error.is_logged_out(), "{error}");

    log_in(&cloud, &tools).await;
    over(&cloud, &tools.file()).logout().await.unwrap();
    let error = tools.run(TOKEN).await.unwrap_err();
    assert!(error.contains("NotLoggedInError"), "{error}");
}

/// A login on another device, made by the Python client as a user would make it.
#[tokio::test]
async fn a_device_login_of_the_python_client_is_used_by_ours() {
    let cloud = Cloud::start().await;
    let Some(tools) = Tools::new(&cloud) else {
        return;
    };
    // It waits at the prompt until the user has acted.
    let prompt = "lambda code, *_: (print(code, flush=True), input())";
    let login =
        format!("login_device(config.Config.from_env(), on_prompt={prompt}, open_browser=False)");
    let mut process = tools.command(&login).stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap());
    let mut code = String::new();
    lines.read_line(&mut code).unwrap();
    cloud.allow_device(code.trim());
    writeln!(process.stdin.take().unwrap()).unwrap();
    let mut said = String::new();
    lines.read_line(&mut said).unwrap();
    let ended = process.wait_with_output().unwrap();
    assert_eq!(said.trim(), EMAIL, "{:?}", read(&ended));
    assert_eq!(email_of(&over(&cloud, &tools.file())).await.unwrap(), EMAIL);
}
