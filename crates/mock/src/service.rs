//! One service: what it answers to which request.

use crate::accounts::{Accounts, Asked};
use crate::admission::{Admission, admit};
use crate::answer::{self, Answer};
use crate::contract::{Contract, Operation, Place};
use crate::description::Description;
use crate::events::Events;
use crate::exchange::Violation;
use crate::keys::Claims;
use crate::names::Names;
use crate::request::{self, Body, FieldError, Unreadable, pairs};
use crate::routes::Found;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode, header};
use imperal_build_support::Instances;
use serde_json::Value;
use std::ops::Range;
use std::sync::Arc;

/// How many items a paged list holds.
const LIST_TOTAL: u64 = 45;

/// How many items a page has where neither the request nor the document says.
const DEFAULT_SIZE: u64 = 50;

/// How often a value is tried, where what is plausible does not fit.
const TRIES: u64 = 20;

pub(crate) struct Service {
    pub(crate) name: &'static str,
    description: Arc<Description>,
    /// None where the document is one of the caller's own.
    accounts: Option<Arc<Accounts>>,
    events: Arc<Events>,
    /// What all values are made from: the same request is answered in the same way.
    seed: u64,
}

/// A request, held against the document.
pub(crate) struct Judged<'a> {
    operation: Option<&'a Operation>,
    path: Vec<(&'a str, String)>,
    body: Value,
    claims: Option<Box<Claims>>,
    pub(crate) violations: Vec<Violation>,
    /// What is answered to a request that goes no further.
    refusal: Option<Answer>,
}

impl Judged<'_> {
    /// The method and the path template of the request, if the document has them.
    pub(crate) fn route(&self) -> Option<&str> {
        self.operation.map(|operation| operation.route.as_str())
    }

    fn refuse(mut self, answer: Answer, violations: Vec<Violation>) -> Self {
        self.refusal = Some(answer);
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
    ) -> Self {
        Self {
            name,
            description: Arc::clone(description),
            accounts,
            events: Arc::clone(events),
            seed,
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
            refusal: None,
        };
        if parts.uri.path() == "/v1/openapi.json" {
            return judged.refuse(self.published(), Vec::new());
        }
        let undeclared = || {
            let request = format!("{} {}", parts.method, parts.uri.path());
            vec![Violation::new(
                "route",
                format!("the document has no {request}"),
            )]
        };
        let route = match contract.find(&parts.method, parts.uri.path()) {
            Found::Nothing => {
                let answer = self.redirected(parts);
                return judged.refuse(answer.unwrap_or_else(not_found), undeclared());
            }
            Found::OtherMethods(methods) => {
                return judged.refuse(answer::other_methods(methods), undeclared());
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
            return judged.refuse(not_found(), undeclared());
        };
        judged.operation = Some(operation);
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
        if !errors.is_empty() {
            let violations = errors.iter().map(said).collect();
            return judged.refuse(answer::invalid(&errors), violations);
        }
        judged.body = match body {
            Body::Json(value, _) => value,
            Body::Form(form) => form.value,
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

    /// The answer to a request that was judged.
    pub(crate) fn answer(&self, judged: Judged<'_>, parts: &Parts) -> Answer {
        if let Some(refusal) = judged.refusal {
            return refusal;
        }
        let Some(operation) = judged.operation else {
            return not_found();
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
        let described = contract.at(&operation.pointer);
        let mut declared = described["responses"].as_object().into_iter().flatten();
        let Some((status, success)) = declared.find(|(status, _)| status.starts_with('2')) else {
            let problem = "The document declares no success";
            return answer::failure(StatusCode::INTERNAL_SERVER_ERROR, problem);
        };
        let code = status.parse().unwrap_or(StatusCode::OK);
        let content = success["content"].as_object();
        let Some(content) = content.filter(|content| !content.is_empty()) else {
            return answer::json(code, &Value::Null);
        };
        if content.contains_key("text/event-stream") {
            let last_id = parts.headers.get("last-event-id");
            let last_id = last_id.and_then(|id| id.to_str().ok()?.parse().ok());
            return answer::events(self.events.listen(last_id));
        }
        if !content.contains_key("application/json") {
            return other_body(code, content.keys().next().map_or("", String::as_str));
        }
        let pointer = format!(
            "{}/responses/{status}/content/application~1json/schema",
            operation.pointer
        );
        match self.value(&pointer, window(operation, parts), known) {
            Some(value) => answer::json(code, &value),
            None => answer::failure(
                StatusCode::INTERNAL_SERVER_ERROR,
                &format!("No value was found that fits the schema at {pointer}"),
            ),
        }
    }

    /// A value that fits the schema at a pointer.
    fn value(
        &self,
        pointer: &str,
        window: Option<Range<u64>>,
        known: &[(&str, String)],
    ) -> Option<Value> {
        let contract = self.contract();
        let (root, schema) = (&contract.document, contract.at(pointer));
        let names = Names { known };
        let number = known.last().map_or(1, |(_, text)| number_of(text));
        let mut plausible = Instances::plausible(root, self.seed, &names, number);
        if let Some(window) = window {
            plausible = plausible.window(window);
        }
        let any =
            (0..TRIES).map(|step| Instances::new(root, self.seed.wrapping_add(step)).make(schema));
        let mut values = std::iter::once(plausible.make(schema)).chain(any).flatten();
        values.find(|value| contract.schemas().problems(pointer, value).is_empty())
    }

    fn published(&self) -> Answer {
        let mut answer = answer::ok(&Value::Null);
        *answer.body_mut() = answer::whole(self.description.published.clone());
        answer
    }
}

fn not_found() -> Answer {
    answer::failure(StatusCode::NOT_FOUND, "Not Found")
}

fn said(error: &FieldError) -> Violation {
    Violation::new(error.place(), error.message.clone())
}

/// The number of the thing that is called so: `app-7` is the seventh of a list.
fn number_of(text: &str) -> u64 {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().unwrap_or_else(|_| {
        let sum = text
            .bytes()
            .fold(0_u64, |sum, byte| sum * 31 % 1009 + u64::from(byte));
        sum % 1000
    })
}

fn other_body(status: StatusCode, media_type: &str) -> Answer {
    let mut answer = http::Response::new(answer::whole("sample"));
    *answer.status_mut() = status;
    let media_type = if media_type.contains('*') {
        "application/octet-stream"
    } else {
        media_type
    };
    if let Ok(value) = HeaderValue::from_str(media_type) {
        answer.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    answer
}

/// Which items of a paged list are asked for.
fn window(operation: &Operation, parts: &Parts) -> Option<Range<u64>> {
    let query = pairs(parts.uri.query().unwrap_or_default());
    let number = |name: &str, otherwise: u64| {
        let parameter = operation.parameter(Place::Query, name)?;
        let given = query.iter().find(|(own, _)| own == name);
        let given = given.and_then(|(_, text)| text.parse().ok());
        let default = parameter.default.as_ref().and_then(Value::as_u64);
        given.or(default).or(Some(otherwise))
    };
    let by_page = (number("page", 1), number("per_page", DEFAULT_SIZE));
    let by_offset = (number("offset", 0), number("limit", DEFAULT_SIZE));
    let (start, size) = match (by_page, by_offset) {
        ((Some(page), Some(size)), _) => (page.saturating_sub(1).saturating_mul(size), size),
        (_, (Some(offset), Some(size))) => (offset, size),
        _ => return None,
    };
    let clip = |index: u64| index.min(LIST_TOTAL) + 1;
    Some(clip(start)..clip(start.saturating_add(size)))
}
