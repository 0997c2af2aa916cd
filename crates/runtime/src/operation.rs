//! What the session has to know of an operation.

use crate::RequestCheck;
use http::Method;
use std::borrow::Cow;

/// One operation of a document, as the generated client's static table lists it.
///
/// ```
/// use imperal_runtime::{Operation, Placement, Requirement};
///
/// static LIST_APPS: Operation = Operation::new("marketplace_list_apps", http::Method::GET, "/v1/marketplace/apps")
///     .tag("marketplace")
///     .security(&[&[], &[Requirement { scheme: "bearer", placement: Placement::Bearer }]]);
/// assert_eq!(LIST_APPS.id(), "marketplace_list_apps");
/// assert!(LIST_APPS.is_idempotent());
/// ```
#[derive(Clone, Debug)]
pub struct Operation {
    id: &'static str,
    method: Method,
    path: Cow<'static, str>,
    tag: &'static str,
    security: &'static [&'static [Requirement]],
    idempotent: Option<bool>,
    answer: AnswerKind,
    fixed_query: &'static [(&'static str, &'static str)],
    secret_body: bool,
    cookies: &'static [&'static str],
    greedy: bool,
    check: Option<&'static RequestCheck>,
}

/// A credential that an operation asks for, and where the credential goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The name of the security scheme in the document.
    pub scheme: &'static str,
    /// Where the credential is put.
    pub placement: Placement,
}

/// Where a credential is put in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// `Authorization: Bearer …`
    Bearer,
    /// A header of this name.
    Header(&'static str),
    /// A query parameter of this name.
    Query(&'static str),
    /// A cookie of this name.
    Cookie(&'static str),
    /// `Authorization: Basic …`; the credential is user and password with a colon between.
    Basic,
}

/// What kind of body a successful answer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerKind {
    /// A JSON value; an empty body is read as `null`.
    #[default]
    Json,
    /// Text in UTF-8.
    Text,
    /// Bytes that are handed on as they arrive.
    Bytes,
    /// Nothing that would be read.
    Empty,
}

impl Operation {
    /// An operation that needs no credential and answers JSON. `path` is the template.
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path: Cow::Borrowed(path),
            tag: "",
            security: &[],
            idempotent: None,
            answer: AnswerKind::Json,
            fixed_query: &[],
            secret_body: false,
            cookies: &[],
            greedy: false,
            check: None,
        }
    }

    /// The same with a path that is made at run time.
    pub(crate) fn with_path(id: &'static str, method: Method, path: String) -> Self {
        let mut operation = Self::new(id, method, "");
        operation.path = Cow::Owned(path);
        operation
    }

    /// Sets the tag that the document groups the operation under.
    #[must_use]
    pub const fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// Sets the alternatives of credentials, in order of preference. An empty alternative means
    /// that the operation also answers without any.
    #[must_use]
    pub const fn security(mut self, security: &'static [&'static [Requirement]]) -> Self {
        self.security = security;
        self
    }

    /// Says whether sending the request twice has the effect of sending it once, where that differs
    /// from what the method says.
    #[must_use]
    pub const fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Sets the kind of a successful answer.
    #[must_use]
    pub const fn answer(mut self, answer: AnswerKind) -> Self {
        self.answer = answer;
        self
    }

    /// Sets query parameters that every request carries and no caller sees.
    #[must_use]
    pub const fn fixed_query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.fixed_query = query;
        self
    }

    /// Says that the body of a request holds a secret, such as a password: it is then guarded like
    /// a credential.
    #[must_use]
    pub const fn secret_body(mut self) -> Self {
        self.secret_body = true;
        self
    }

    /// Sets the parameters that are sent as cookies.
    #[must_use]
    pub const fn cookies(mut self, names: &'static [&'static str]) -> Self {
        self.cookies = names;
        self
    }

    /// Says that the value of the last parameter in the path may span several of its segments.
    #[must_use]
    pub const fn greedy(mut self) -> Self {
        self.greedy = true;
        self
    }

    /// Sets the bounds on what is sent.
    #[doc(hidden)]
    #[must_use]
    pub const fn check(mut self, check: &'static RequestCheck) -> Self {
        self.check = Some(check);
        self
    }

    /// The operation's stable name, such as `marketplace_list_apps`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The HTTP method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path template, such as `/v1/apps/{app_id}`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag, empty if there is none.
    pub const fn tag_name(&self) -> &'static str {
        self.tag
    }

    /// The alternatives of credentials.
    pub const fn security_alternatives(&self) -> &'static [&'static [Requirement]] {
        self.security
    }

    /// Whether it also answers without any credential.
    pub fn is_open(&self) -> bool {
        self.security
            .iter()
            .any(|alternative| alternative.is_empty())
    }

    /// Whether sending the request twice has the effect of sending it once.
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
            .unwrap_or_else(|| self.method.is_idempotent())
    }

    /// The kind of a successful answer.
    pub const fn answer_kind(&self) -> AnswerKind {
        self.answer
    }

    /// The parameters that are sent as cookies.
    pub const fn cookie_parameters(&self) -> &'static [&'static str] {
        self.cookies
    }

    /// Whether the value of the last parameter in the path may span several of its segments.
    pub const fn is_greedy(&self) -> bool {
        self.greedy
    }

    pub(crate) const fn request_check(&self) -> Option<&'static RequestCheck> {
        self.check
    }

    /// Whether the body of a request holds a secret.
    pub const fn has_secret_body(&self) -> bool {
        self.secret_body
    }

    /// Query parameters that every request carries.
    pub const fn fixed_query_parameters(&self) -> &'static [(&'static str, &'static str)] {
        self.fixed_query
    }
}
