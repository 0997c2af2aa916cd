//! How fast the program answers, and what memory it takes, over very many requests on one connection.
//!
//! ```console
//! cargo build --release -p imperal-mock
//! cargo run --release -p imperal-mock --example endurance -- target/release/imperal-mock 1000000
//! ```
//!
//! It starts the program, asks `GET /v1/auth/me` again and again with a token, and prints a line ten times on the
//! way: requests per second so far, and the memory of the process (Linux only).

#[path = "support/connection.rs"]
mod connection;

use connection::Connection;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

#[allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it measures real time, and says what it measured"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().ok_or("give the path of the program")?;
    let count: u32 = match arguments.next() {
        Some(text) => text.parse()?,
        None => 1_000_000,
    };
    let begun = Instant::now();
    let millis = || begun.elapsed().as_secs_f64() * 1e3;
    let server = Server::start(&program)?;
    let listening = millis();
    let mut connection = Connection::open(&server.address)?;
    let me = connection.login()?;
    println!(
        "listens after {listening:.1} ms, first answer after {:.1} ms",
        millis()
    );

    let begun = Instant::now();
    let step = (count / 10).max(1);
    for number in 1..=count {
        let (status, _) = connection.ask(&me)?;
        if status != 200 {
            return Err(format!("answered {status} at request {number}").into());
        }
        if number % step == 0 {
            let rate = f64::from(number) / begun.elapsed().as_secs_f64();
            let memory = server.memory().unwrap_or_default();
            println!("{number:>9} requests, {rate:>7.0} a second, {memory}");
        }
    }
    Ok(())
}

/// The program, until this is dropped.
struct Server {
    process: Child,
    /// It ends when nobody reads what it says.
    _out: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start(program: &str) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(program)
            .args(["--log", "none"])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("it has no output")?;
        let mut line = String::new();
        let mut out = BufReader::new(out);
        out.read_line(&mut line)?;
        let address = line.trim().rsplit("http://").next().unwrap_or_default();
        Ok(Self {
            address: address.to_owned(),
            _out: out,
            process,
        })
    }

    /// What the system says of its memory.
    fn memory(&self) -> Option<String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kib / 1024.0)
        };
        Some(format!(
            "{:.1} MiB, at most {:.1} MiB",
            line("VmRSS:")?,
            line("VmHWM:")?
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
