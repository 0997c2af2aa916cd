//! Tests across the crates live beside this file; there is nothing to use here.

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
