//! Tests across the crates live beside this file; there is nothing to use here.

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

use imperal_mock::Cloud;

/// The statuses of all requests for `path`, in their order.
#[must_use]
pub fn statuses(cloud: &Cloud, path: &str) -> Vec<u16> {
    let exchanges = cloud.exchanges();
    let asked = exchanges.iter().filter(|exchange| exchange.path == path);
    asked.map(|exchange| exchange.status).collect()
}
