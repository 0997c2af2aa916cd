//! What was asked and answered.

/// One request that the cloud has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// `gateway` or `registry`.
    pub service: &'static str,
    /// The method of the request.
    pub method: String,
    /// The path of the request, without its query.
    pub path: String,
    /// The query of the request, empty where there is none.
    pub query: String,
    /// The status of the answer.
    pub status: u16,
    /// Whether it met a [`Fault`](crate::Fault).
    pub faulty: bool,
}
