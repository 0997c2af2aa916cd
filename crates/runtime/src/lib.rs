//! How one request of a generated client is sent.
//!
//! Clients that `imperal-build-support` generates know operations, parameters and types; this crate
//! knows everything else: which credential an operation needs and where it goes, when a token is
//! refreshed, how much of an answer is kept, and what a failure looks like. It is free of any one
//! API: the tokens come from an [`Authority`] that the API's own crate supplies.
//!
//! - [`Session`] sends requests; every generated client carries one.
//! - [`TokenEngine`] keeps one login alive: single-flight refresh, rotation, expiry.
//! - [`CredentialProvider`] is where any other kind of credential comes in.
//! - [`Error`] is the one error of every call.
//! - [`Paginate`] turns an operation that answers a list in pages into a stream.
//!
//! ```
//! use imperal_runtime::{Session, StaticCredential};
//!
//! let session = Session::builder()
//!     .base_url("https://api.example.com")
//!     .credential("bearer", StaticCredential::new("a token"))
//!     .build()?;
//! assert_eq!(session.base_url(), "https://api.example.com");
//! # Ok::<(), imperal_runtime::Error>(())
//! ```

mod answer;
mod base_url;
mod best_fit;
mod body;
mod byte_stream;
mod call;
mod call_options;
mod check;
mod clock;
mod cookies;
mod credential;
mod credential_set;
mod detail;
mod error;
mod event_stream;
mod open_enum;
mod operation;
mod outgoing;
mod pagination;
mod patch;
mod payload;
mod raw_request;
mod received;
mod repeated;
mod retry;
mod secret;
mod sensitive;
mod session;
mod session_builder;
mod token_engine;
mod token_pair;
mod token_store;
mod trace;
mod transfer;
mod transport;
mod upload;

pub use answer::Answer;
pub use byte_stream::ByteStream;
pub use call_options::CallOptions;
#[doc(hidden)]
pub use check::{
    AlternativeCheck, Check, CountCheck, NumberCheck, ParameterPlace, Pattern, RequestCheck,
    TextCheck, ValueKind,
};
pub use clock::{Clock, ManualClock, SystemClock};
pub use credential::{Credential, CredentialProvider, StaticCredential};
pub use detail::{Detail, FieldError};
pub use error::Error;
pub use event_stream::{Event, EventStream};
pub use http::{HeaderMap, Method, StatusCode};
pub use operation::{AnswerKind, Operation, Placement, Requirement};
pub use pagination::{
    Fetched, Items, Page, Pages, Paginate, Pagination, Paginator, Position, ResumeToken,
};
pub use patch::Patch;
pub use raw_request::RawRequest;
pub use retry::{RetryBudget, RetryPolicy};
pub use secret::Secret;
pub use session::Session;
pub use session_builder::SessionBuilder;
pub use token_engine::{Authority, TokenEngine, TokenEngineBuilder};
pub use token_pair::TokenPair;
pub use token_store::{LockedTokens, MemoryStore, StoredTokens, TokenStore};
pub use transfer::TransferProgress;
pub use transport::{Transport, TransportError};
pub use upload::Upload;

#[doc(hidden)]
pub mod private;
