//! A mocked Imperal Cloud: both services on loopback, for the tests of services that depend on
//! `imperal`.
//!
//! The cloud answers from the documents that the clients are generated from: every operation is
//! there, and its answers have the form that the document gives. Logins are real: tokens are signed,
//! expire, rotate and can be ended, and time is moved by the test.
//!
//! ```
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cloud = imperal_mock::Cloud::start().await;
//! let imperal = cloud.client();
//!
//! let me = imperal.gateway().auth().me().send().await?;
//! assert_eq!(me.email, imperal_mock::EMAIL);
//!
//! // The access token dies; the next call gets a new one by itself.
//! cloud.advance(std::time::Duration::from_secs(16 * 60));
//! imperal.gateway().auth().me().send().await?;
//! # Ok(()) }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! Every request is held against the document. One that goes against it is refused as FastAPI would refuse
//! it, and [`Cloud::assert_conforms`] fails the test with a report of each violation. What the document does not
//! declare is let pass, unless the cloud is [strict](CloudBuilder::strict).

mod accounts;
mod admission;
mod answer;
mod api_keys;
mod clock;
mod cloud;
mod cloud_builder;
mod cloud_state;
mod contract;
mod control;
mod description;
mod devices;
mod document_server;
mod events;
mod exchange;
#[cfg(feature = "client")]
mod expectations;
mod fault;
mod fault_json;
mod faults;
mod faulty_stream;
#[cfg(feature = "client")]
mod generated;
mod journal;
mod json_fields;
mod keys;
mod media_type;
mod names;
mod redaction;
mod request;
mod routes;
mod sample;
mod server;
mod service;
mod strict;
mod user_json;
mod users;
mod wire;

pub use cloud::Cloud;
pub use cloud_builder::CloudBuilder;
pub use document_server::{DocumentServer, DocumentServerBuilder};
pub use exchange::{Exchange, Violation};
pub use fault::Fault;
pub use users::User;

#[cfg(feature = "client")]
pub use expectations::{Expectation, Raw, Then};
#[cfg(feature = "client")]
use expectations::{ExpectationSet, When};
#[cfg(feature = "client")]
pub use generated::{gateway, registry};
/// The library that expectations are built on, for what [`Then::and`] and its like take.
#[cfg(feature = "client")]
pub use httpmock;

/// The email address of the user that is there from the start.
pub const EMAIL: &str = "you@example.com";

/// The password of the user that is there from the start.
pub const PASSWORD: &str = "password";

/// The tenant of the user that is there from the start, and of those that name no other.
pub const TENANT: &str = "default";

/// The service token that the cloud accepts.
pub const SERVICE_TOKEN: &str = "mock-service-token";

/// The Registry key that the cloud accepts.
pub const REGISTRY_KEY: &str = "mock-registry-key";
