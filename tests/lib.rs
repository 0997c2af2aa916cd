//! What the tests beside this file share.

/// The code of the README and of the guides compiles.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/events.md")]
    mod events {}
    #[doc = include_str!("../docs/pagination.md")]
    mod pagination {}
    #[doc = include_str!("../docs/sessions.md")]
    mod sessions {}
    #[doc = include_str!("../docs/testing.md")]
    mod testing {}
}

mod comparison;

pub use comparison::differences;

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
