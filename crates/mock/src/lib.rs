//! A mocked Imperal Cloud: both services on loopback, for the tests of services that depend on
//! `imperal`.
//!
//! The cloud answers from the documents that the clients are generated from: every operation is
//! there, and its answers have the form that the document gives. Logins are real: tokens are signed,
//! expire, rotate and can be ended, and time is moved by the test.
//!
//! # Start a cloud
//!
//! It runs until it is dropped. Any number run side by side and share nothing, so each test starts its
//! own. `Cloud::client` is a facade that is pointed at it, with every credential that it accepts;
//! `Cloud::client_builder` is one without any. A service that makes its client by itself gets
//! [`Cloud::gateway_url`] and [`Cloud::registry_url`].
//!
//! ```
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! let cloud = imperal_mock::Cloud::start().await;
//! let imperal = cloud.client(); // give it to the service under test
//!
//! let me = imperal.gateway().auth().me().send().await?;
//! assert_eq!(me.email, imperal_mock::EMAIL);
//! cloud.assert_conforms();
//! # Ok(()) }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! Answers are made up from the schemas: the same request is answered the same, for the same
//! [seed](CloudBuilder::seed). The cloud remembers users, sessions, API keys, devices and events; all
//! else that is created is not listed.
//!
//! # Say what is answered
//!
//! `Cloud::gateway` and `Cloud::registry` have a method for each operation, which says to which requests
//! what is answered, in the client's types. An answer that the document does not allow is refused where
//! it is set.
//!
//! ```
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! cloud.gateway().auth_me(|_, then| then.success_with(|me| me.role = "admin".to_owned()));
//! assert_eq!(imperal.gateway().auth().me().send().await?.role, "admin");
//!
//! let refused = cloud.gateway().marketplace_get_app(|when, then| {
//!     when.app_id("mail");
//!     then.failure(404, "no such app").times(1)
//! });
//! let apps = imperal.gateway().marketplace();
//! assert!(apps.get_app().app_id("mail").send().await.unwrap_err().is_not_found());
//! apps.get_app().app_id("mail").send().await?; // as ever
//! refused.assert_calls(1);
//! # Ok(()) }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! # Let something go wrong
//!
//! A [`Fault`] takes the place of an answer, or spoils it on its way: a status, a delay, a stall, a reset
//! or an end inside of the body, a malformed chunk, a wrong length or media type, a value that the
//! document does not allow. It meets the next request, the next few for one route, or a share of them.
//!
//! ```
//! use imperal_mock::Fault;
//! use std::time::Duration;
//!
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! let profile = "GET /v1/auth/me"; // method and path template
//! cloud.fail_next(Fault::status(503).retry_after(Duration::ZERO).on(profile));
//! cloud.fail_next(Fault::reset_after(20).on(profile));
//! imperal.gateway().auth().me().send().await?; // sent three times
//!
//! let exchanges = cloud.exchanges();
//! assert_eq!(exchanges.iter().filter(|exchange| exchange.faulty).count(), 2);
//! # Ok(()) }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! # Time
//!
//! [`Cloud::advance`] moves the cloud's time: an access token lives for 15 minutes of it. Otherwise it goes
//! with the machine's, or [stands still](CloudBuilder::frozen_clock). The client's own clock stays, so that
//! it learns from a refusal; give it a `ManualClock` to move both.
//!
//! ```
//! use std::time::Duration;
//!
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! imperal.login().await?;
//! cloud.advance(Duration::from_secs(16 * 60));
//! imperal.gateway().auth().me().send().await?; // refused, refreshed, sent again
//! # Ok(()) }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! Time-outs and waits of the client are those of tokio's clock, which the cloud does not move. What is
//! asked of it goes over sockets, so it does not go well with `tokio::time::pause`.
//!
//! # Users and devices
//!
//! One user is there from the start, [`EMAIL`] with [`PASSWORD`]; [`Cloud::add_user`] adds others. A login
//! on another device waits until the test plays the person: [`Cloud::pending_devices`],
//! [`Cloud::allow_device`], [`Cloud::deny_device`].
//!
//! ```
//! use imperal_mock::User;
//!
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! cloud.add_user(User::new("ann@example.com", "secret").role("admin"));
//! let login = imperal::Credentials::password("ann@example.com", "secret");
//! let ann = cloud.client_builder().credentials(login).build()?;
//! assert_eq!(ann.gateway().auth().me().send().await?.role, "admin");
//! # Ok(()) }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! # Events
//!
//! [`Cloud::push_event`] sends an event to all who listen, and keeps it for those who come back.
//! [`Cloud::drop_event_streams`] cuts the streams off, as a service does that is replaced.
//!
//! ```
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! use futures::TryStreamExt;
//!
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! cloud.push_event("panel_refresh", &serde_json::json!({ "panels": ["inbox"] }));
//! let mut events = imperal.events().resume_after("0"); // from the beginning
//! let event = events.try_next().await?.expect("the stream goes on");
//! assert_eq!(event.name(), "panel_refresh");
//! # Ok(()) }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! # What was asked
//!
//! Every request is held against the document. One that goes against it is refused as FastAPI would refuse
//! it, and [`Cloud::assert_conforms`] fails the test with a report of each [`Violation`].
//! [`Cloud::exchanges`] are the requests so far, [`Cloud::follow`] those that come. What the document does
//! not declare is let pass, unless the cloud is [strict](CloudBuilder::strict).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
//! let cloud = imperal_mock::Cloud::builder().strict(true).start().await;
//! let apps = format!("{}/v1/marketplace/apps", cloud.gateway_url());
//! assert_eq!(reqwest::get(format!("{apps}?page=none&serach=mail")).await?.status(), 422);
//!
//! let exchange = &cloud.exchanges()[0];
//! assert_eq!(exchange.route.as_deref(), Some("GET /v1/marketplace/apps"));
//! let places: Vec<&str> = exchange.violations.iter().map(|found| found.place.as_str()).collect();
//! assert_eq!(places, ["query.page", "query.serach"]);
//! # Ok(()) }
//! ```
//!
//! [`Cloud::reset`] brings a cloud back to the start, for tests that share one.
//!
//! # Any other document
//!
//! [`DocumentServer`] serves one OpenAPI document, of 3.0 or 3.1, in the same way: it checks requests, and
//! makes answers up. A credential has to be there where the document asks for one, and any is accepted.
//!
//! # From other languages
//!
//! The program `imperal-mock` runs the cloud as a server of its own, or serves a document:
//!
//! ```console
//! cargo run -p imperal-mock -- --gateway-port 8080 --registry-port 8081
//! cargo run -p imperal-mock -- --document any.json --port 8080
//! ```
//!
//! All of the above is there for scripts as well, as JSON under `/__mock/` of each service, but for
//! expectations. `/__mock/openapi.json` describes it, and the page at `/__mock/` shows what is asked as it
//! comes. It is there in process too, and for this machine alone.
//!
//! ```
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
//! let cloud = imperal_mock::Cloud::start().await;
//! let gateway = cloud.gateway_url();
//! let fault = json!({ "fault": { "kind": "status", "status": 503 }, "route": "GET /healthz" });
//! let faults = reqwest::Client::new().post(format!("{gateway}/__mock/faults"));
//! assert_eq!(faults.json(&fault).send().await?.status(), 200);
//! assert_eq!(reqwest::get(format!("{gateway}/healthz")).await?.status(), 503);
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! Both are on by default.
//!
//! | Feature | What it brings |
//! |---|---|
//! | `client` | `Cloud::client`, `Cloud::client_builder`, and expectations in the types of the clients; with it `imperal` and `httpmock` |
//! | `server` | the program `imperal-mock`; with it `clap` |
//!
//! # Guides
//!
//! `testing.md` and `mock-server.md`, in the folder
//! [`docs`](https://github.com/imperal/imperal-rust/tree/main/docs) of the repository.

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
mod violation;
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
