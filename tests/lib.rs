//! Tests across the crates live beside this file; there is nothing to use here.

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

use imperal::{Error, Imperal};
use imperal_mock::Cloud;

/// The statuses of all requests for `path`, in their order.
#[must_use]
pub fn statuses(cloud: &Cloud, path: &str) -> Vec<u16> {
    let exchanges = cloud.exchanges();
    let asked = exchanges.iter().filter(|exchange| exchange.path == path);
    asked.map(|exchange| exchange.status).collect()
}

/// The email address of whoever is logged in: the smallest call that needs a login.
///
/// # Errors
///
/// The error of the call.
pub async fn email_of(imperal: &Imperal) -> Result<String, Error> {
    let me = imperal.gateway().auth().me().send().await?;
    Ok(me.into_inner().email)
}
