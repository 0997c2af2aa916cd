//! How fast the program answers, and what memory it takes, over very many requests on one connection.
//!
//! ```console
//! cargo build --release -p imperal-mock
//! cargo run --release -p imperal-mock --example endurance -- target/release/imperal-mock 1000000
//! ```
//!
//! It starts the program, asks `GET /v1/auth/me` again and again with a token, and prints a line ten times on the
//! way: requests per second so far, and the memory of the process (Linux only). It fails if the program ever takes
//! more than 40 MiB, or takes over 4 MiB more at the end than after a tenth of the way. How fast it is depends on
//! the machine, and is only printed.

#[path = "support/connection.rs"]
mod connection;

use connection::Connection;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

/// How much memory the program may take, in MiB.
const MOST: f64 = 40.0;

/// How much more it may take at the end than after a tenth of the way, in MiB.
const GROWTH: f64 = 4.0;

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
    let mut early = None;
    for number in 1..=count {
        let (status, _) = connection.ask(&me)?;
        if status != 200 {
            return Err(format!("answered {status} at request {number}").into());
        }
        if number % step == 0 {
            let rate = f64::from(number) / begun.elapsed().as_secs_f64();
            let memory = server.memory();
            let shown = memory.as_ref().map(Memory::to_string).unwrap_or_default();
            println!("{number:>9} requests, {rate:>7.0} a second, {shown}");
            if let Some(memory) = memory {
                memory.check(early.get_or_insert(memory))?;
            }
        }
    }
    Ok(())
}

/// What the system says of the memory of a process, in MiB.
#[derive(Clone, Copy)]
struct Memory {
    now: f64,
    most: f64,
}

impl Memory {
    /// Whether it is within its limits, and has not grown much since it was `early`.
    fn check(&self, early: &Self) -> Result<(), String> {
        if self.most > MOST {
            return Err(format!("it takes {self}, and may take {MOST} MiB"));
        }
        if self.now - early.now > GROWTH {
            return Err(format!("it takes {self}, after {early} at first"));
        }
        Ok(())
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { now, most } = self;
        write!(formatter, "{now:.1} MiB, at most {most:.1} MiB")
    }
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
    fn memory(&self) -> Option<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kib / 1024.0)
        };
        Some(Memory {
            now: line("VmRSS:")?,
            most: line("VmHWM:")?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
