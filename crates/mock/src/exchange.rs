//! What was asked and answered.

/// One request that the cloud has answered.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), reqwest::Error> {
/// let cloud = imperal_mock::Cloud::start().await;
/// let apps = format!("{}/v1/marketplace/apps?page=none", cloud.gateway_url());
/// reqwest::get(apps).await?;
///
/// let exchange = &cloud.exchanges()[0];
/// assert_eq!(exchange.route.as_deref(), Some("GET /v1/marketplace/apps"));
/// assert_eq!((exchange.query.as_str(), exchange.status), ("page=none", 422));
/// assert_eq!(exchange.violations[0].place, "query.page");
/// # Ok(()) }
/// ```
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
    /// The method and the path template of the operation, such as `GET /v1/keys/{key_id}`; none if no
    /// document has one for the request.
    pub route: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Whether it met a [`Fault`](crate::Fault).
    pub faulty: bool,
    /// Where the request goes against the document, or an answer that a test has set for it.
    pub violations: Vec<Violation>,
}

/// One line, and one more for each violation.
impl std::fmt::Display for Exchange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            service,
            method,
            path,
            status,
            ..
        } = self;
        write!(formatter, "{service}: {method} {path}, answered {status}")?;
        for violation in &self.violations {
            write!(formatter, "\n    {violation}")?;
        }
        Ok(())
    }
}

/// Something that the document does not allow, in a request or in an answer that a test has set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Where it is: `query.page`, `body.email`, `header.accept`, `route`, `credential`, `answer`.
    pub place: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Violation {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.place, self.problem)
    }
}
