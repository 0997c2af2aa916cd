//! How long it takes from nothing to the first answer.
//!
//! ```console
//! cargo run --release -p imperal-mock --example startup
//! ```
//!
//! It starts clouds one after the other, and prints for each when it listens, when it has answered a login, and when
//! it has answered a request with the token of that. The first has to read the documents, which the others share.

#[path = "support/connection.rs"]
mod connection;

use connection::Connection;
use imperal_mock::Cloud;
use std::error::Error;
use std::time::Instant;

#[allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it measures real time, and says what it measured"
)]
fn main() -> Result<(), Box<dyn Error>> {
    for number in 1..=3 {
        let begun = Instant::now();
        let millis = || begun.elapsed().as_secs_f64() * 1e3;
        let cloud = Cloud::builder().try_start()?;
        let listening = millis();
        let mut connection = Connection::open(cloud.gateway_url().trim_start_matches("http://"))?;
        let me = connection.login()?;
        let logged_in = millis();
        let (status, _) = connection.ask(&me)?;
        if status != 200 {
            return Err(format!("answered {status}").into());
        }
        println!(
            "cloud {number}: listens after {listening:.1} ms, login answered after {logged_in:.1} ms, profile after {:.1} ms",
            millis()
        );
    }
    Ok(())
}
