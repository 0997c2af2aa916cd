//! The Rust SDK for the Imperal Cloud REST API.
//!
//! An [`Imperal`] logs in when the first call needs it, refreshes its token before it expires and
//! after it is refused, and hands out typed clients of both services.
//!
//! What follows is a tour. Its examples run against the mocked cloud of the crate `imperal-mock`, so
//! that they need no network. For the real service, take [`Imperal::from_env`] or [`Imperal::builder`]
//! in place of `cloud.client()`.
//!
//! # Set up
//!
//! Everything has a default but the credentials and, for the calls to it, the address of the Registry.
//! Nothing is sent before the first call.
//!
//! ```
//! use imperal::{Credentials, Imperal};
//!
//! let imperal = Imperal::builder()
//!     .credentials(Credentials::password("you@example.com", "password"))
//!     .credentials(Credentials::registry_key("a key"))
//!     .registry_url("https://registry.example.com")
//!     .user_agent("billing-service/1.2")
//!     .build()?;
//! assert_eq!(imperal.gateway().session().base_url(), "https://auth.imperal.io");
//! # Ok::<(), imperal::Error>(())
//! ```
//!
//! [`Imperal::from_env`] takes addresses and credentials from environment variables (`IMPERAL_API_URL`,
//! `IMPERAL_EMAIL`, `IMPERAL_PASSWORD` and others), and its errors name the one that is missing.
//!
//! An `Imperal` is cheap to clone, and clones share the login: make one for each account, not one for
//! each request. Calls have to be polled inside of a tokio runtime.
//!
//! # Log in and call
//!
//! ```
//! use imperal::Credentials;
//! use imperal_mock::{Cloud, EMAIL, PASSWORD};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! let cloud = Cloud::start().await;
//! let login = Credentials::password(EMAIL, PASSWORD);
//! let imperal = cloud.client_builder().credentials(login).build()?;
//!
//! let me = imperal.gateway().auth().me().send().await?; // logs in, then asks
//! assert_eq!((me.email.as_str(), me.status().as_u16()), (EMAIL, 200));
//!
//! let app = imperal.gateway().marketplace().get_app().app_id("mail").send().await?;
//! assert_eq!(app.app_id, "mail");
//!
//! imperal.logout().await?;
//! let error = imperal.gateway().auth().me().send().await.unwrap_err();
//! assert!(error.is_logged_out());
//! # Ok(()) }
//! ```
//!
//! [`Imperal::gateway`] is the Auth Gateway, [`Imperal::registry`] the Registry. Their operations are
//! grouped by tag: see [`auth_gateway::Client`] and [`registry::Client`]. Each operation is a builder:
//! its arguments are methods, and `send` sends it. The fields of an answer are read through the
//! [`Answer`], which has the status and the headers too.
//!
//! A call is there to be sent once it has been given what it needs, in any order: what is missing is named by the
//! compiler.
//!
//! ```compile_fail,E0599
//! # async fn example(imperal: imperal::Imperal) -> Result<(), imperal::Error> {
//! // error: method not found in `MarketplaceGetApp<'_, MissingAppId>`
//! imperal.gateway().marketplace().get_app().send().await?;
//! # Ok(()) }
//! ```
//!
//! ```no_run
//! # async fn example(imperal: imperal::Imperal) -> Result<(), imperal::Error> {
//! imperal.gateway().marketplace().get_app().app_id("app-1").send().await?;
//! # Ok(()) }
//! ```
//!
//! An argument that breaks a bound of the document, or a body without a field that it needs, is an error before
//! anything is sent.
//!
//! # Lists
//!
//! A list that comes in pages is a stream, of its items or of its pages, which are fetched as they are
//! asked for. A [`ResumeToken`] is a place in it: it can be stored, and a later process goes on there.
//!
//! ```
//! use futures::TryStreamExt;
//! use imperal::ResumeToken;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! let marketplace = imperal.gateway().marketplace();
//! let mut apps = marketplace.list_apps().search("mail").items();
//! let app = apps.try_next().await?.expect("the list has apps"); // none once the list is at its end
//! println!("{}", app.app_id);
//! let place = apps.resume_token().expect("an app has come");
//! let kept = serde_json::to_string(&place)?;
//!
//! // Later, and elsewhere: the same call, from there on.
//! let place: ResumeToken = serde_json::from_str(&kept)?;
//! let rest = marketplace.list_apps().search("mail").paginate().resume_from(place).items();
//! assert_eq!(rest.try_collect::<Vec<_>>().await?.len(), 44);
//! # Ok(()) }
//! ```
//!
//! `paginate` is where the size of pages is set, and how many are fetched ahead: see [`Paginator`].
//! Code that takes any list takes [`Paginate`].
//!
//! # Events
//!
//! [`Imperal::events`] follows what happens on the platform, for as long as somebody listens. It
//! connects again by itself, behind the event that came last and with a token that is good then.
//!
//! ```
//! use futures::TryStreamExt;
//! use imperal::EventData;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! # cloud.push_event("panel_refresh", &serde_json::json!({ "panels": ["inbox"] }));
//! let mut events = imperal.events().resume_after("0"); // the id of the last one that was handled
//! let event = events.try_next().await?.expect("the stream goes on");
//! let EventData::Change(change) = event.data() else {
//!     panic!("it is a change");
//! };
//! assert_eq!(change.panels(), ["inbox"]);
//! # Ok(()) }
//! ```
//!
//! # Files
//!
//! An [`Upload`] is sent from memory, from a path or from a stream. A [`ByteStream`] is read as it
//! comes, or [saved](ByteStream::save_to) to a file, which is there as a whole or not at all. Both tell
//! how far they are.
//!
//! ```
//! use imperal::Upload;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("icon.svg");
//! let recording = Upload::new(vec![0_u8; 1024])
//!     .file_name("recording.ogg")
//!     .on_progress(|sent| println!("{} of {:?} bytes", sent.bytes, sent.total));
//! let speech = imperal.gateway().voice().speech_to_text();
//! let understood = speech.body_map(|body| body.file(recording)).send().await?;
//! println!("{}", understood.text);
//!
//! let icon = imperal.gateway().marketplace().get_app_icon().app_id("mail").send().await?;
//! let bytes = icon.into_inner().save_to(&path).await?;
//! assert_eq!(std::fs::metadata(&path)?.len(), bytes);
//! # Ok(()) }
//! ```
//!
//! # Errors
//!
//! Every failure is an [`Error`]. It says in one line what went wrong, and shows no credential. Its
//! predicates tell failures apart; [`detail`](Error::detail) is what the service says,
//! [`body_as`](Error::body_as) reads a type that the document gives, and
//! [`retry_after`](Error::retry_after) is the wait that the service asks for.
//!
//! ```
//! use imperal::auth_gateway::types::ErrorBody;
//! use imperal::Detail;
//! use imperal_mock::{Cloud, Fault};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let cloud = Cloud::start().await;
//! let imperal = cloud.client();
//! cloud.gateway().marketplace_get_app(|_, then| then.failure(404, "no such app"));
//! let app = imperal.gateway().marketplace().get_app().app_id("mail");
//! let error = app.send().await.unwrap_err();
//! assert!(error.is_not_found() && !error.is_retryable());
//! println!("{error}"); // marketplace_get_app: the service answered 404 Not Found: no such app
//! assert_eq!(error.detail(), Some(Detail::Text("no such app".to_owned())));
//! assert!(error.body_as::<ErrorBody>().is_some_and(|body| body.detail.is_some()));
//!
//! // A wait that is longer than a call may take is not begun.
//! let limited = Fault::status(429).retry_after(Duration::from_secs(120));
//! cloud.fail_next(limited.on("GET /v1/auth/me"));
//! let error = imperal.gateway().auth().me().send().await.unwrap_err();
//! assert!(error.is_rate_limited() && error.is_retryable());
//! assert_eq!(error.retry_after(), Some(Duration::from_secs(120)));
//! # }
//! ```
//!
//! # Options of calls, and other calls
//!
//! [`CallOptions`] bound the time of calls, set their retries and add headers: for all calls by
//! [`ImperalBuilder::options`], or for those made with the client that [`Imperal::with_options`] gives.
//! Where nothing is set an attempt may take 30 seconds and a call 90, but files as long as they move; and
//! what is safe to repeat is sent four times at most (see [`RetryPolicy`]).
//!
//! [`Imperal::request`] sends JSON to a route that the document does not have yet, as a generated call
//! would be sent: with the login, retries and errors.
//!
//! # Where the login is kept
//!
//! In memory, unless a [`TokenStore`] is given. [`FileStore`] keeps it in a file, in the form of the
//! platform's own tools; with [`RedisStore`] (feature `redis`) all replicas of a service share one login.
//! Processes over one store refresh one at a time. A client whose store holds a login needs no other
//! credential.
//!
//! ```
//! use imperal::{Credentials, FileStore};
//! use imperal_mock::{Cloud, EMAIL, PASSWORD};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cloud = Cloud::start().await;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("credentials.json");
//! let store = FileStore::at(&path);
//! let login = Credentials::password(EMAIL, PASSWORD);
//! let imperal = cloud.client_builder().token_store(store.clone()).credentials(login).build()?;
//! imperal.login().await?;
//!
//! // The next process finds the login in the file.
//! let imperal = cloud.client_builder().token_store(store).build()?;
//! assert_eq!(imperal.gateway().auth().me().send().await?.email, EMAIL);
//! # Ok(()) }
//! ```
//!
//! A program without a browser, or that should not see a password, logs in by another device:
//! [`Imperal::device_login`] gives a code, which someone who is logged in there enters.
//!
//! # Services
//!
//! A trusted backend has a service token, which goes out as `X-Service-Token` where the operation takes
//! it. An operation that takes a user's token too is told by `X-Acting-User` for whom the service acts.
//!
//! ```
//! use imperal::{CallOptions, Credentials};
//! use imperal_mock::{Cloud, SERVICE_TOKEN};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! let cloud = Cloud::start().await;
//! let token = Credentials::service_token(SERVICE_TOKEN);
//! let backend = cloud.client_builder().credentials(token).build()?;
//! # let asked = cloud.gateway().secrets_get_secret(|when, _| when.and(|when| when.header("x-acting-user", "imp_u_7")));
//!
//! let acting = CallOptions::new().header("x-acting-user", "imp_u_7")?;
//! let gateway = backend.gateway().with_options(&acting);
//! let secret = gateway.secrets().get_secret().ext_id("mail").name("smtp").send().await?;
//! assert_eq!(format!("{:?}", secret.value), "[secret]"); // `expose` shows it
//! # asked.assert_calls(1);
//! # Ok(()) }
//! ```
//!
//! A service that receives tokens checks them by itself, with the public keys of the Auth Gateway:
//! [`Imperal::token_verifier`] (feature `verify`) makes a [`TokenVerifier`].
//!
//! # Partial updates
//!
//! In the body of a `PATCH`, leaving a field out and clearing it are different: what is not set is not
//! sent, and [`Patch::Null`] clears.
//!
//! ```
//! use imperal::Patch;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! # let cloud = imperal_mock::Cloud::start().await;
//! # let imperal = cloud.client();
//! # let sent = cloud.gateway().conversations_update_conversation(|when, _| {
//! #     when.and(|when| when.json_body(serde_json::json!({ "title": "Notes", "pinned": null })))
//! # });
//! // Sends {"title": "Notes", "pinned": null}
//! let change = imperal.gateway().conversations().update_conversation().conversation_id("c-1");
//! change.body_map(|body| body.title("Notes").pinned(Patch::Null)).send().await?;
//! # sent.assert_calls(1);
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! None of them is on by default.
//!
//! | Feature | What it brings |
//! |---|---|
//! | `redis` | [`RedisStore`]: all replicas of a service share one login |
//! | `verify` | [`Imperal::token_verifier`]: tokens of others are checked by the public keys |
//! | `schemars` | `schemars::JsonSchema` for the generated types |
//!
//! # Test your service
//!
//! The crate `imperal-mock` is the cloud that the examples above talk to: both services on loopback, with
//! logins that work, time that a test moves, and a report of every request that the documents do not
//! allow.
//!
//! ```
//! use imperal_mock::Cloud;
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
//! let cloud = Cloud::start().await;
//! let imperal = cloud.client(); // give it to the service under test
//!
//! imperal.gateway().auth().me().send().await?;
//! cloud.advance(Duration::from_secs(16 * 60)); // the access token expires ...
//! imperal.gateway().auth().me().send().await?; // ... and is refreshed
//!
//! cloud.assert_conforms();
//! # Ok(()) }
//! ```
//!
//! # Guides
//!
//! They are in the folder [`docs`](https://github.com/imperal/imperal-rust/tree/main/docs) of the
//! repository: `sessions.md` (logins, stores, time-outs, retries, what is never sent where),
//! `pagination.md`, `events.md`, `testing.md` and `mock-server.md`, `troubleshooting.md` (each error that
//! you can meet, and what to do), `performance.md` and `architecture.md`.
//!
#![cfg_attr(not(feature = "redis"), doc = "[`RedisStore`]: #features")]
#![cfg_attr(
    not(feature = "verify"),
    doc = "[`Imperal::token_verifier`]: #features\n[`TokenVerifier`]: #features"
)]

mod account;
mod authority;
mod builder;
mod claims;
mod client;
mod credentials;
mod device_login;
mod environment;
mod file_store;
mod live_events;
mod lock_wait;
#[cfg(feature = "verify")]
mod public_keys;
mod random;
#[cfg(feature = "redis")]
mod redis_store;
mod slots;
mod token_json;
#[cfg(feature = "verify")]
mod token_verifier;

pub use builder::ImperalBuilder;
pub use client::Imperal;
pub use credentials::Credentials;
pub use device_login::DeviceLogin;
pub use file_store::FileStore;
pub use imperal_auth_gateway as auth_gateway;
pub use imperal_registry as registry;
pub use imperal_runtime::{
    Answer, ByteStream, CallOptions, Clock, Credential, CredentialProvider, Detail, Error, Event,
    EventStream, FieldError, Items, LockedTokens, ManualClock, MemoryStore, Method, Page, Pages,
    Paginate, Paginator, Patch, Placement, RawRequest, Requirement, ResumeToken, RetryPolicy,
    Secret, StatusCode, StoredTokens, SystemClock, TokenStore, TransferProgress, Transport,
    TransportError, Upload,
};
pub use live_events::{Change, EventData, LiveEvent, LiveEvents, Progress};
#[cfg(feature = "redis")]
pub use redis_store::RedisStore;
#[cfg(feature = "verify")]
pub use token_verifier::{TokenVerifier, VerifiedToken};
