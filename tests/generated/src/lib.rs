//! Clients generated from documents other than ours. There is nothing to use here: the tests beside
//! it drive them.

pub mod recording;
mod round_trips;

pub use round_trips::{ROUND_TRIPS, RoundTrip, RoundTrips};

include!(concat!(env!("OUT_DIR"), "/clients.rs"));
