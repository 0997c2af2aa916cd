//! The mocked service against FastAPI itself: both are asked the same by the same document, and what they
//! answer is compared word by word.
//!
//! Where they differ is listed in `conformance/differences.txt`, one request a line. A difference that is not
//! listed, or one that is listed and is none, fails the test.

use imperal_build_support::Document;
use imperal_mock::DocumentServer;
use imperal_tests::python;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

const LISTED: &str = "tests/conformance/differences.txt";

/// What the service alone knows, what it fails at itself, and what depends on the version of Python.
const NOT_COMPARED: [&str; 3] = ["blind", "crash", "version"];

fn run(python: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut child = Command::new(python)
        .args(arguments)
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{arguments:?} failed");
    output.stdout
}

fn lines(text: &[u8]) -> Vec<Value> {
    let lines = text.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

#[derive(Debug, PartialEq)]
struct Answer {
    status: u64,
    allow: Option<String>,
    body: Value,
}

impl Answer {
    fn of_oracle(answer: &Value) -> Self {
        Self {
            status: answer["status"].as_u64().unwrap(),
            allow: answer["headers"]["allow"].as_str().map(str::to_owned),
            body: answer["body"].clone(),
        }
    }
}

/// Sends a request as it is: no client stands between that would tidy it.
fn ask(address: &str, request: &Value) -> Answer {
    use base64::Engine;
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    let body = match request["body_base64"].as_str() {
        Some(encoded) => base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .unwrap(),
        None => text("body").as_bytes().to_vec(),
    };
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: testserver\r\nconnection: close\r\ncontent-length: {}\r\n",
        text("method"),
        text("target"),
        body.len()
    );
    for (name, values) in request["headers"].as_object().unwrap() {
        if matches!(
            name.to_ascii_lowercase().as_str(),
            "host" | "content-length"
        ) {
            continue;
        }
        let several = values.as_array().cloned();
        for value in several.unwrap_or_else(|| vec![values.clone()]) {
            head.extend([name, ": ", value.as_str().unwrap(), "\r\n"]);
        }
    }
    head.push_str("\r\n");
    // Headers are in Latin-1.
    let mut bytes: Vec<u8> = head
        .chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect();
    bytes.extend_from_slice(&body);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let cut = answer
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..cut]).into_owned();
    let body = &answer[cut + 4..];
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        allow: head
            .lines()
            .find_map(|line| line.strip_prefix("allow: "))
            .map(str::to_owned),
        body: serde_json::from_slice(body).unwrap_or_else(|_| match body {
            [] => Value::Null,
            text => Value::from(String::from_utf8_lossy(text).into_owned()),
        }),
    }
}

#[test]
fn requests_are_refused_in_the_words_of_fastapi() {
    let Some(python) = python() else {
        return;
    };
    let document = run(&python, &["oracle.py", "--document"], b"");
    let requests = run(&python, &["requests.py"], b"");
    let answers = lines(&run(&python, &["oracle.py"], &requests));
    let requests = lines(&requests);
    assert!(requests.len() > 800 && requests.len() == answers.len());
    let document = Document::from_json("the service", &document).unwrap();
    let server = DocumentServer::start(&document).unwrap();
    let address = server.url().trim_start_matches("http://");

    let mut differences: BTreeMap<String, String> = BTreeMap::new();
    let mut refused = 0;
    for (request, theirs) in requests.iter().zip(&answers) {
        let name = request["name"].as_str().unwrap();
        if NOT_COMPARED.iter().any(|kind| name.starts_with(kind)) {
            continue;
        }
        let (theirs, ours) = (Answer::of_oracle(theirs), ask(address, request));
        let same_body = theirs.status == 200 || ours.body == theirs.body;
        if (ours.status, &ours.allow) != (theirs.status, &theirs.allow) || !same_body {
            let shown = format!(
                "theirs {} {}\n  ours {} {}",
                theirs.status, theirs.body, ours.status, ours.body
            );
            differences.insert(name.to_owned(), shown);
        } else if ours.status == 422 {
            refused += 1;
        }
    }
    let listed = std::fs::read_to_string(Path::new("..").join(LISTED)).unwrap_or_default();
    let listed: BTreeSet<&str> = listed
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let found: BTreeSet<&str> = differences.keys().map(String::as_str).collect();
    println!(
        "{refused} requests are refused in the same words, {} differ",
        found.len()
    );
    let new: Vec<String> = found
        .difference(&listed)
        .map(|name| format!("{name}\n{}", differences[*name]))
        .collect();
    let gone: Vec<&&str> = listed.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "not listed in {LISTED}:\n{}\nlisted, and not there: {gone:#?}",
        new.join("\n")
    );
    assert!(refused > 400, "{refused}");
}
