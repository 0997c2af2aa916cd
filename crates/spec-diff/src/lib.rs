//! What a change of an OpenAPI document breaks.
//!
//! [`compare`] lists every difference of two documents, and says of each one whether a client that was
//! built from the old document still works with a server that speaks the new one. Schemas are judged
//! by containment: what is sent may be loosened, what is received may be narrowed. A break is shown by
//! a [`Witness`], a value that one side may send and the other one refuses; what the documents do not
//! say enough about is [`Wire::Unknown`], with the reason.
//!
//! ```
//! use imperal_spec_diff::{Options, Wire, compare};
//! use serde_json::json;
//!
//! let old = json!({"openapi": "3.1.0", "info": {"title": "Apps", "version": "1"}, "paths": {"/apps": {"get": {
//!     "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
//!     "responses": {"200": {"description": "apps"}},
//! }}}});
//! let mut new = old.clone();
//! new["paths"]["/apps"]["get"]["parameters"][0]["schema"]["maximum"] = json!(50);
//!
//! let report = compare(&old, &new, &Options::default());
//! let change = &report.changes[0];
//! assert_eq!(change.rule, "param-maximum-lowered");
//! assert_eq!(change.wire, Wire::Breaking);
//! assert_eq!(change.witness.as_ref().map(|shown| &shown.instance), Some(&json!(100)));
//! ```

mod annotations;
mod behaviour;
mod bodies;
mod callbacks;
mod caller;
mod comparison;
mod components;
mod conjunction;
mod containment;
mod document;
mod equality;
mod evaluate;
mod export;
mod finding;
mod form;
mod formats;
mod headers;
mod instance;
mod json;
mod kinds;
mod leftovers;
mod lifecycle;
mod media_types;
mod members;
mod normal;
mod number;
mod operation;
mod operations;
mod parameters;
mod pattern;
mod report;
mod responses;
mod sample;
mod security;
mod servers;
mod side;
mod validators;
mod walk;

pub use report::{Change, Report, Semver, Verdict, Version, Wire, Witness};

use comparison::Comparison;
use serde_json::Value;
use side::Workshop;
use time::Date;

/// What a comparison depends on beside the documents.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The day that the end of something deprecated (`x-sunset`) is held against. Without one, no end
    /// has come.
    pub today: Option<Date>,
}

impl Options {
    /// Options with the day of the comparison.
    ///
    /// ```
    /// use imperal_spec_diff::{Options, Wire, compare};
    /// use serde_json::json;
    /// use time::{Date, Month};
    ///
    /// let old = json!({"openapi": "3.1.0", "paths": {"/apps": {"get": {
    ///     "deprecated": true, "x-sunset": "2026-06-30", "responses": {},
    /// }}}});
    /// let new = json!({"openapi": "3.1.0", "paths": {}});
    /// let on = |month: Month| Options::on(Date::from_calendar_date(2026, month, 1).unwrap());
    /// assert_eq!(compare(&old, &new, &on(Month::June)).changes[0].wire, Wire::Breaking);
    /// assert_eq!(compare(&old, &new, &on(Month::July)).changes[0].wire, Wire::Compatible);
    /// ```
    pub fn on(today: Date) -> Self {
        Self { today: Some(today) }
    }
}

/// Schemas that refer to each other are followed by calls within calls, so the comparison has a thread
/// of its own with room for them. Only what is used of it is taken from the system.
const STACK: usize = 512 << 20;

/// Lists every difference of two documents with its verdict.
///
/// Documents of OpenAPI 3.0 and 3.1 are read; what is malformed in them is passed over.
///
/// ```
/// use imperal_spec_diff::{Options, Semver, Verdict, compare};
/// use serde_json::json;
///
/// let old = json!({"openapi": "3.1.0", "paths": {"/apps": {"get": {"responses": {}}}}});
/// let new = json!({"openapi": "3.1.0", "paths": {}});
///
/// let report = compare(&old, &new, &Options::default());
/// assert_eq!((report.verdict, report.semver), (Verdict::Breaking, Semver::Major));
/// let change = &report.changes[0];
/// assert_eq!(change.operation.as_deref(), Some("GET /apps"));
/// assert_eq!(change.message, "GET /apps removed: it was not deprecated before");
/// let as_json = serde_json::to_string(&report)?; // for other programs
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Panics
///
/// If the system has no thread left.
pub fn compare(old: &Value, new: &Value, options: &Options) -> Report {
    let today = options.today.unwrap_or(Date::MIN);
    std::thread::scope(|scope| {
        let work = || {
            let workshop = Workshop::new();
            let mut comparison = Comparison::new(&workshop, old, new, today);
            operations::compare_all(&mut comparison);
            leftovers::list(&mut comparison);
            Report::of(comparison.into_changes())
        };
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(report)) => report,
            Ok(Err(crash)) => std::panic::resume_unwind(crash),
            Err(error) => panic!("no thread for the comparison: {error}"),
        }
    })
}
