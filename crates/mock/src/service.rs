//! One service: what it answers to which request.

use crate::accounts::{Accounts, Asked};
use crate::answer::{self, Answer};
use crate::description::Description;
use crate::events::Events;
use crate::keys::Claims;
use crate::routes::{Found, Routes};
use crate::sample::Sampler;
use crate::{REGISTRY_KEY, SERVICE_TOKEN};
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header, request::Parts};
use serde_json::Value;
use std::sync::Arc;

/// How many items a paged list holds.
const LIST_TOTAL: u64 = 45;

/// How many items a page has where neither the request nor the document says.
const DEFAULT_SIZE: u64 = 50;

pub(crate) struct Service {
    pub(crate) name: &'static str,
    description: Arc<Description>,
    routes: Routes,
    accounts: Arc<Accounts>,
    events: Arc<Events>,
}

impl Service {
    pub(crate) fn new(
        name: &'static str,
        description: &Arc<Description>,
        accounts: &Arc<Accounts>,
        events: &Arc<Events>,
    ) -> Self {
        Self {
            name,
            routes: Routes::read(&description.overlaid),
            description: Arc::clone(description),
            accounts: Arc::clone(accounts),
            events: Arc::clone(events),
        }
    }

    /// The method and the path template of a request, if the document has them.
    pub(crate) fn route<B>(&self, request: &Request<B>) -> Option<String> {
        match self.routes.find(request.method(), request.uri().path()) {
            Found::Operation { template, .. } => Some(format!("{} {template}", request.method())),
            Found::OtherMethods(_) | Found::Nothing => None,
        }
    }

    pub(crate) fn answer(&self, request: Request<Bytes>) -> Answer {
        let (parts, body) = request.into_parts();
        if parts.uri.path() == "/v1/openapi.json" {
            return published(self.description.published);
        }
        match self.routes.find(&parts.method, parts.uri.path()) {
            Found::Nothing => answer::failure(StatusCode::NOT_FOUND, "Not Found"),
            Found::OtherMethods(methods) => {
                let mut refusal =
                    answer::failure(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
                let names: Vec<&str> = methods.iter().map(http::Method::as_str).collect();
                if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
                    refusal.headers_mut().insert(header::ALLOW, value);
                }
                refusal
            }
            Found::Operation {
                template,
                parameters,
            } => {
                let method = parts.method.as_str().to_lowercase();
                let operation = &self.description.overlaid["paths"][template][method.as_str()];
                let claims = match self.admit(operation, &parts) {
                    Ok(claims) => claims,
                    Err(refusal) => return *refusal,
                };
                let asked = Asked {
                    method: &method,
                    template,
                    parameters: &parameters,
                    body: &body,
                    claims: claims.as_ref(),
                };
                let known = self.accounts.answer(&asked);
                known.unwrap_or_else(|| self.sampled(operation, &parts, &parameters))
            }
        }
    }

    /// Whether the request carries what the operation asks for, and whose token it is.
    fn admit(&self, operation: &Value, parts: &Parts) -> Result<Option<Claims>, Box<Answer>> {
        let declared = operation
            .get("security")
            .or_else(|| self.description.overlaid.get("security"));
        let alternatives = declared
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let bearer = self.bearer(parts);
        let mut anonymous = alternatives.is_empty();
        for alternative in alternatives.iter().filter_map(Value::as_object) {
            anonymous |= alternative.is_empty();
            let met = |scheme: &String| match scheme.as_str() {
                "bearer" => bearer.is_some(),
                "eventToken" => self.query_token(parts).is_some(),
                "serviceToken" => header_is(parts, "x-service-token", SERVICE_TOKEN),
                "registryKey" => header_is(parts, "x-api-key", REGISTRY_KEY),
                _ => false,
            };
            if !alternative.is_empty() && alternative.keys().all(met) {
                return Ok(bearer);
            }
        }
        let presented = parts.headers.contains_key(header::AUTHORIZATION);
        if anonymous && (alternatives.is_empty() || !presented) {
            return Ok(None);
        }
        Err(Box::new(answer::failure(
            StatusCode::UNAUTHORIZED,
            "Not authenticated",
        )))
    }

    fn bearer(&self, parts: &Parts) -> Option<Claims> {
        let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        self.accounts.verify(header.strip_prefix("Bearer ")?)
    }

    fn query_token(&self, parts: &Parts) -> Option<Claims> {
        self.accounts.verify(&query(parts, "token")?)
    }

    /// An answer made from the schema of the operation's success.
    fn sampled(&self, operation: &Value, parts: &Parts, known: &[(&str, String)]) -> Answer {
        let declared = operation["responses"].as_object().into_iter().flatten();
        let Some((status, success)) = declared
            .into_iter()
            .find(|(status, _)| status.starts_with('2'))
        else {
            return answer::failure(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The document declares no success",
            );
        };
        let status = status.parse().unwrap_or(StatusCode::OK);
        let Some(content) = success["content"]
            .as_object()
            .filter(|content| !content.is_empty())
        else {
            return answer::json(status, &Value::Null);
        };
        if content.contains_key("text/event-stream") {
            let last_id = parts.headers.get("last-event-id");
            let last_id = last_id.and_then(|id| id.to_str().ok()?.parse().ok());
            return answer::events(self.events.listen(last_id));
        }
        let Some(media) = content.get("application/json") else {
            return other_body(status, content.keys().next().map_or("", String::as_str));
        };
        let mut sampler = Sampler::new(&self.description.overlaid, known);
        sampler.window = window(operation, parts);
        answer::json(status, &sampler.value(&media["schema"], 1))
    }
}

fn published(document: &'static str) -> Answer {
    let mut answer = answer::ok(&Value::Null);
    *answer.body_mut() = answer::whole(document);
    answer
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

fn header_is(parts: &Parts, name: &str, value: &str) -> bool {
    parts
        .headers
        .get(name)
        .is_some_and(|header| header == value)
}

fn query(parts: &Parts, name: &str) -> Option<String> {
    let pairs = parts
        .uri
        .query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(key, _)| *key == name)?;
    let value = percent_encoding::percent_decode_str(value)
        .decode_utf8()
        .ok()?;
    Some(value.into_owned())
}

/// Which items of a paged list are asked for.
fn window(operation: &Value, parts: &Parts) -> Option<std::ops::Range<u64>> {
    let number = |name: &str, otherwise: u64| {
        let declared = operation["parameters"].as_array()?;
        let parameter = declared
            .iter()
            .find(|parameter| parameter["in"] == "query" && parameter["name"] == name)?;
        let given = query(parts, name).and_then(|text| text.parse().ok());
        let default = parameter["schema"]["default"].as_u64();
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
