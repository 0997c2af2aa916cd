//! The predictions about code, held against the compiler.

use super::*;
use crate::workspace::SERVICES;

/// A sample; `cargo xtask rehearse` tries everything.
#[test]
fn what_is_predicted_about_code_is_what_the_compiler_finds() {
    let workspace = Workspace::here();
    let order = Order {
        only: None,
        each: 1,
        seed: 20,
    };
    let registry = SERVICES
        .into_iter()
        .find(|service| service.name == "registry")
        .unwrap();
    let tally = rehearse(&workspace, registry, &order).unwrap();
    assert!(tally.is_good(), "{tally:?}");
    assert!(tally.right >= 20, "{tally:?}");
}
