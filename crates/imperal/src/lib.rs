//! The Rust SDK for the Imperal Cloud REST API.
//!
//! An [`Imperal`] logs in when the first call needs it, refreshes its token before it expires and
//! after it is refused, and hands out typed clients of both services:
//!
//! ```no_run
//! use futures::TryStreamExt;
//! use imperal::{Credentials, Imperal};
//!
//! # async fn example() -> Result<(), imperal::Error> {
//! let imperal = Imperal::builder()
//!     .credentials(Credentials::password("you@example.com", "password"))
//!     .build()?;
//!
//! let me = imperal.gateway().auth().me().send().await?;
//! println!("logged in as {}", me.email);
//!
//! let mut apps = imperal.gateway().marketplace().list_apps().search("mail").items();
//! while let Some(app) = apps.try_next().await? {
//!     println!("{}", app.app_id);
//! }
//! # Ok(()) }
//! ```
//!
//! - [`Imperal::gateway`] is the Auth Gateway: see [`auth_gateway::Client`] for its operations.
//! - [`Imperal::registry`] is the Registry: see [`registry::Client`].
//! - Lists are streams: of items, of pages, or from where an earlier one stopped ([`Paginate`]).
//! - [`Imperal::events`] follows what happens on the platform, for as long as somebody listens.
//! - Files are sent from a path or a stream ([`Upload`]), and saved as a whole ([`ByteStream::save_to`]).
//! - Every failure is an [`Error`]: ask it what you need to know.
//! - In tests, start an `imperal_mock::Cloud` and take its `client()`.

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
mod random;
#[cfg(feature = "redis")]
mod redis_store;
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
    Answer, ByteStream, CallOptions, Clock, Detail, Error, Event, EventStream, FieldError, Items,
    LockedTokens, ManualClock, MemoryStore, Method, Page, Pages, Paginate, Paginator, Patch,
    Placement, RawRequest, Requirement, ResumeToken, RetryPolicy, Secret, StatusCode, StoredTokens,
    SystemClock, TokenStore, TransferProgress, Transport, TransportError, Upload,
};
pub use live_events::{Change, EventData, LiveEvent, LiveEvents, Progress};
#[cfg(feature = "redis")]
pub use redis_store::RedisStore;
#[cfg(feature = "verify")]
pub use token_verifier::{TokenVerifier, VerifiedToken};
