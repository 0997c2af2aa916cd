//! The program: where it listens, what it says, and that it lives on without means.
#![allow(clippy::unwrap_used, reason = "a test")]
#![cfg(feature = "server")]

use reqwest::Client;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A document with one route.
const TINY: &str = r#"{"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {"/hello": {"get": {
    "responses": {"200": {"description": "A greeting", "content": {"application/json": {"schema": {"const": "hello"}}}}}
}}}}"#;

struct Program {
    process: Child,
    out: BufReader<ChildStdout>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        Self { process, out }
    }

    fn with(arguments: &[&str]) -> Self {
        Self::start(Command::new(env!("CARGO_BIN_EXE_imperal-mock")).args(arguments))
    }

    /// The next line that it says; empty if it has ended.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// What it says that it listens on, up to the page.
    fn addresses(&mut self) -> Vec<String> {
        let mut addresses = Vec::new();
        loop {
            let line = self.line();
            let address = line.split_whitespace().last().unwrap_or_default();
            if line.is_empty() || line.starts_with("page") {
                return addresses;
            }
            addresses.push(address.to_owned());
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that was free when it was looked for.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A program that listens on ports of the caller's choice, with the ports. Another program may take one of them
/// before: then there are others.
fn on_ports(options: &[&str], others: &[&str]) -> (Program, Vec<u16>, Vec<String>) {
    for _ in 0..20 {
        let ports: Vec<u16> = options.iter().map(|_| free_port()).collect();
        let given = options.iter().zip(&ports);
        let given = given.flat_map(|(option, port)| [(*option).to_owned(), port.to_string()]);
        let mut command = Command::new(env!("CARGO_BIN_EXE_imperal-mock"));
        let mut program = Program::start(command.args(given).args(others));
        let addresses = program.addresses();
        if !addresses.is_empty() {
            return (program, ports, addresses);
        }
    }
    panic!("of twenty ports each was taken");
}

async fn status(url: &str) -> u16 {
    reqwest::get(url).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn both_services_listen_where_they_are_told() {
    let options = ["--gateway-port", "--registry-port"];
    let (_program, ports, addresses) = on_ports(&options, &[]);
    for (port, address) in ports.iter().zip(&addresses) {
        assert_eq!(*address, format!("http://127.0.0.1:{port}"));
    }
    let (gateway, registry) = (&addresses[0], &addresses[1]);
    assert_eq!(status(&format!("{gateway}/healthz")).await, 200);
    assert_eq!(status(&format!("{registry}/health")).await, 200);
}

#[tokio::test]
async fn a_document_is_served_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.json");
    std::fs::write(&path, TINY).unwrap();
    let document = ["--document", path.to_str().unwrap()];
    let (_program, ports, addresses) = on_ports(&["--port"], &document);
    assert_eq!(addresses, [format!("http://127.0.0.1:{}", ports[0])]);
    assert_eq!(status(&format!("{}/hello", addresses[0])).await, 200);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let program = Command::new(env!("CARGO_BIN_EXE_imperal-mock"))
        .args(["--registry-port", &port])
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(1));
    let told = String::from_utf8(program.stderr).unwrap();
    let expected = format!("error: port {port} of 127.0.0.1 cannot be listened on: ");
    assert!(told.starts_with(&expected), "{told}");
}

/// Asks for what goes well and for what does not.
async fn ask_both(gateway: &str) {
    assert_eq!(status(&format!("{gateway}/healthz")).await, 200);
    let misspelt = format!("{gateway}/v1/marketplace/apps?page=none");
    assert_eq!(status(&misspelt).await, 422);
}

#[tokio::test]
async fn exchanges_are_logged_as_json() {
    let mut program = Program::with(&["--log", "json"]);
    let gateway = program.addresses()[0].clone();
    ask_both(&gateway).await;
    let first: Value = serde_json::from_str(&program.line()).unwrap();
    let expected = json!({
        "service": "gateway", "method": "GET", "path": "/healthz", "route": "GET /healthz", "status": 200,
        "faulty": false, "violations": [],
    });
    assert_eq!(first, expected);
    let second: Value = serde_json::from_str(&program.line()).unwrap();
    assert_eq!(second["status"], 422);
    let violation = second["violations"][0].as_str().unwrap();
    assert!(violation.starts_with("query.page: "), "{violation}");
}

#[tokio::test]
async fn exchanges_are_logged_for_people() {
    for arguments in [&["--log", "pretty"][..], &[]] {
        let mut program = Program::with(arguments);
        let gateway = program.addresses()[0].clone();
        ask_both(&gateway).await;
        assert_eq!(program.line(), "gateway: GET /healthz, answered 200");
        let second = "gateway: GET /v1/marketplace/apps, answered 422";
        assert_eq!(program.line(), second);
        let violation = program.line();
        assert!(violation.starts_with("    query.page: "), "{violation}");
    }
}

#[tokio::test]
async fn exchanges_are_not_logged_if_nobody_wants_them() {
    let mut program = Program::with(&["--log", "none"]);
    let gateway = program.addresses()[0].clone();
    ask_both(&gateway).await;
    program.process.kill().unwrap();
    assert_eq!(program.line(), "");
}

#[tokio::test]
async fn it_answers_again_once_it_has_descriptors_again() {
    // As many as it opens by itself, and a few connections.
    let limit = "ulimit -n 24 && exec \"$0\" --log none";
    let mut command = Command::new("sh");
    let mut program =
        Program::start(command.args(["-c", limit, env!("CARGO_BIN_EXE_imperal-mock")]));
    let gateway = program.addresses()[0].clone();
    let address = gateway.strip_prefix("http://").unwrap();
    let connections: Vec<_> = (0..40)
        .map(|_| std::net::TcpStream::connect(address).unwrap())
        .collect();
    drop(connections);
    let client = Client::new();
    for _ in 0..3 {
        let answer = client.get(format!("{gateway}/healthz")).send().await;
        assert_eq!(answer.unwrap().status(), 200);
    }
}
