//! One service: what it answers to which request.

use crate::accounts::{Accounts, Asked};
use crate::admission::{Admission, admit};
use crate::answer::{self, Answer};
use crate::contract::success::{JSON, concrete};
use crate::contract::{Contract, Operation};
use crate::description::Description;
use crate::events::Events;
use crate::exchange::Violation;
#[cfg(feature = "client")]
use crate::expectations::{Expectations, Expected};
use crate::keys::Claims;
use crate::media_type::MediaRange;
use crate::request::{self, Body, FieldError, Unreadable};
use crate::routes::Found;
use crate::sample::Samples;
use crate::strict;
#[cfg(feature = "client")]
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;
use std::sync::Arc;

pub(crate) struct Service {
    pub(crate) name: &'static str,
    description: Arc<Description>,
    /// None where the document is one of the caller's own.
    accounts: Option<Arc<Accounts>>,
    events: Arc<Events>,
    /// What all values are made from: the same request is answered in the same way.
    seed: u64,
    /// Whether what the document does not declare is refused.
    is_strict: bool,
}

/// The methods by which the document can be asked for.
const PUBLISHED: &[Method] = &[Method::GET, Method::HEAD];

/// A request, held against the document.
pub(crate) struct Judged<'a> {
    operation: Option<&'a Operation>,
    path: Vec<(&'a str, String)>,
    body: Value,
    claims: Option<Arc<Claims>>,
    pub(crate) violations: Vec<Violation>,
    /// The answer, where it is settled already.
    settled: Option<Answer>,
}

impl Judged<'_> {
    /// The method and the path template of the request, if the document has them.
    pub(crate) fn route(&self) -> Option<&str> {
        self.operation.map(|operation| operation.route.as_str())
    }

    fn refuse(mut self, answer: Answer, violations: Vec<Violation>) -> Self {
        self.settled = Some(answer);
        self.violations.extend(violations);
        self
    }
}

impl Service {
    pub(crate) fn new(
        name: &'static str,
        description: &Arc<Description>,
        accounts: Option<Arc<Accounts>>,
        events: &Arc<Events>,
        seed: u64,
        is_strict: bool,
    ) -> Self {
        Self {
            name,
            description: Arc::clone(description),
            accounts,
            events: Arc::clone(events),
            seed,
            is_strict,
        }
    }

    fn contract(&self) -> &Contract {
        &self.description.contract
    }

    /// The method and the path template of a request, if the document has them.
    pub(crate) fn route<B>(&self, request: &Request<B>) -> Option<String> {
        match self.contract().find(request.method(), request.uri().path()) {
            Found::Operation { template, .. } => Some(format!("{} {template}", request.method())),
            Found::OtherMethods(_) | Found::Nothing => None,
        }
    }

    /// Holds a request against the document, in the order in which FastAPI looks at its parts.
    pub(crate) fn judge(&self, parts: &Parts, bytes: &[u8]) -> Judged<'_> {
        let contract = self.contract();
        let mut judged = Judged {
            operation: None,
            path: Vec::new(),
            body: Value::Null,
            claims: None,
            violations: Vec::new(),
            settled: None,
        };
        let undeclared = || {
            let request = format!("{} {}", parts.method, parts.uri.path());
            vec![Violation::new(
                "route",
                format!("the document has no {request}"),
            )]
        };
        if parts.uri.path() == "/v1/openapi.json" {
            return if PUBLISHED.contains(&parts.method) {
                judged.refuse(self.published(), Vec::new())
            } else {
                judged.refuse(answer::other_methods(PUBLISHED), undeclared())
            };
        }
        let route = match contract.find(&parts.method, parts.uri.path()) {
            Found::Nothing => {
                let answer = self.redirected(parts);
                return judged.refuse(answer.unwrap_or_else(answer::not_found), undeclared());
            }
            Found::OtherMethods(methods) => {
                // FastAPI names the first of them.
                let named = methods.get(..1).unwrap_or_default();
                return judged.refuse(answer::other_methods(named), undeclared());
            }
            Found::Operation {
                template,
                parameters,
            } => {
                judged.path = parameters;
                format!("{} {template}", parts.method)
            }
        };
        let Some(operation) = contract.operation(&route) else {
            return judged.refuse(answer::not_found(), undeclared());
        };
        judged.operation = Some(operation);
        self.judge_content(judged, operation, parts, bytes)
    }

    /// Holds a request against the operation that it leads to.
    fn judge_content<'a>(
        &'a self,
        mut judged: Judged<'a>,
        operation: &Operation,
        parts: &Parts,
        bytes: &[u8],
    ) -> Judged<'a> {
        let contract = self.contract();
        if self.is_strict
            && let Some((answer, violation)) =
                strict::check_media_types(contract, operation, &parts.headers, bytes)
        {
            return judged.refuse(answer, vec![violation]);
        }
        let body = match request::read_body(contract, operation, &parts.headers, bytes) {
            Ok(body) => body,
            Err(Unreadable::Malformed(error)) => {
                return judged.refuse(
                    answer::invalid(std::slice::from_ref(&*error)),
                    vec![said(&error)],
                );
            }
            Err(Unreadable::Broken(problem)) => {
                let violation = Violation::new("body", problem);
                return judged.refuse(
                    answer::failure(StatusCode::BAD_REQUEST, problem),
                    vec![violation],
                );
            }
        };
        let not_admitted = || answer::failure(StatusCode::UNAUTHORIZED, "Not authenticated");
        match admit(contract, operation, self.accounts.as_deref(), parts) {
            Admission::Admitted(claims) => judged.claims = claims,
            // It may have died on its way: nothing that the document forbids.
            Admission::Refused => return judged.refuse(not_admitted(), Vec::new()),
            Admission::Absent => {
                let violation =
                    Violation::new("credential", "there is none, and the operation needs one");
                return judged.refuse(not_admitted(), vec![violation]);
            }
        }
        let mut errors = request::check_parameters(contract, operation, parts, &judged.path);
        errors.extend(request::check_body(contract, operation, &body));
        if self.is_strict {
            errors.extend(strict::check_undeclared(contract, operation, parts, &body));
        }
        if !errors.is_empty() {
            let violations = errors.iter().map(said).collect();
            return judged.refuse(answer::invalid(&errors), violations);
        }
        judged.body = match body {
            Body::Json(value, _) => value,
            Body::Texts(texts) => texts.value,
            Body::None | Body::Bytes | Body::Unread(_) => Value::Null,
        };
        judged
    }

    /// Where a slash at the end is all that is wrong with a path, FastAPI says where it leads.
    fn redirected(&self, parts: &Parts) -> Option<Answer> {
        let path = parts.uri.path();
        let other = match path.strip_suffix('/') {
            Some(_) => path.trim_end_matches('/').to_owned(),
            None => format!("{path}/"),
        };
        if let Found::Nothing = self.contract().find(&parts.method, &other) {
            return None;
        }
        let host = parts.headers.get(header::HOST)?.to_str().ok()?;
        let query = parts.uri.query().map(|query| format!("?{query}"));
        let location = format!("http://{host}{other}{}", query.unwrap_or_default());
        let mut answer = http::Response::new(answer::whole(""));
        *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        let location = HeaderValue::from_str(&location).ok()?;
        answer.headers_mut().insert(header::LOCATION, location);
        Some(answer)
    }

    /// Settles the answer, if a test has set one for such a request.
    #[cfg(feature = "client")]
    pub(crate) async fn expected(
        &self,
        expectations: &Expectations,
        judged: &mut Judged<'_>,
        parts: &Parts,
        body: &Bytes,
    ) {
        let answered = match (judged.settled.is_none(), judged.operation) {
            (true, Some(operation)) => {
                let asked = Expected {
                    service: self.name,
                    contract: self.contract(),
                    operation,
                    path: &judged.path,
                    parts,
                    body,
                };
                expectations.answer(&asked).await
            }
            _ => None,
        };
        if let Some((answer, violations)) = answered {
            judged.settled = Some(answer);
            judged.violations.extend(violations);
        }
    }

    /// The answer to a request that was judged.
    pub(crate) fn answer(&self, judged: Judged<'_>, parts: &Parts) -> Answer {
        if let Some(answer) = judged.settled {
            return answer;
        }
        let Some(operation) = judged.operation else {
            return answer::not_found();
        };
        let known = self.accounts.as_ref().and_then(|accounts| {
            accounts.answer(&Asked {
                route: &operation.route,
                parameters: &judged.path,
                body: &judged.body,
                claims: judged.claims.as_deref(),
            })
        });
        known.unwrap_or_else(|| self.made(operation, parts, &judged.path))
    }

    /// An answer made from the schema of the operation's success.
    fn made(&self, operation: &Operation, parts: &Parts, known: &[(&str, String)]) -> Answer {
        let contract = self.contract();
        let Some(success) = contract.success(operation) else {
            let problem = "The document declares no success";
            return answer::failure(StatusCode::INTERNAL_SERVER_ERROR, problem);
        };
        let code = StatusCode::from_u16(success.status).unwrap_or(StatusCode::OK);
        let Some(declared) = success.media_type else {
            return answer::json(code, &Value::Null);
        };
        let range = MediaRange::read(declared);
        if range.is_event_stream() {
            let last_id = request::last_event_id(&parts.headers);
            return answer::events(self.events.listen(last_id));
        }
        let (media_type, is_json) = (concrete(declared), range.is_json());
        // Where anything may be answered, it is what the schema says: JSON, unless it is a text.
        let is_any = range.is_open() && range.covers(&MediaRange::read(JSON));
        let is_described = success.schema.is_some() && (range.is_text() || is_any);
        if !is_json && !is_described {
            return answer::of_type(code, media_type, "sample");
        }
        let samples = Samples::new(contract, self.seed);
        match samples.asked(operation, parts, known) {
            Ok(Value::String(text)) if !is_json => answer::of_type(code, media_type, text),
            Ok(value) if is_any => answer::json(code, &value),
            Ok(value) => answer::of_type(code, media_type, value.to_string()),
            Err(problem) => answer::failure(StatusCode::INTERNAL_SERVER_ERROR, &problem),
        }
    }

    fn published(&self) -> Answer {
        let mut answer = answer::ok(&Value::Null);
        *answer.body_mut() = answer::whole(self.description.published.clone());
        answer
    }
}

fn said(error: &FieldError) -> Violation {
    Violation::new(error.place(), error.message.clone())
}
