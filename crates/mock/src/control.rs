//! What is steered and seen from outside, under `/__mock/`.

use crate::accounts::Accounts;
use crate::answer::{self, Answer};
use crate::clock::CloudClock;
use crate::description::Description;
use crate::events::Events;
use crate::faults::Faults;
use crate::journal::{Journal, Recorded};
use crate::{fault_json, redaction};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Where all of this is.
pub(crate) const PREFIX: &str = "/__mock/";

/// The page runs nothing but its own script.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The parts of a cloud that it works on.
#[derive(Clone)]
pub(crate) struct Control {
    pub(crate) clock: Arc<CloudClock>,
    pub(crate) journal: Journal,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) events: Arc<Events>,
    pub(crate) faults: Faults,
    pub(crate) services: Vec<(&'static str, Arc<Description>)>,
    #[cfg(feature = "client")]
    pub(crate) expectations: Arc<crate::expectations::Expectations>,
}

impl Control {
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Answer {
        let path = request.uri().path();
        let rest = path.strip_prefix(PREFIX).unwrap_or_default();
        let number = |name: &str| {
            let query = crate::request::pairs(request.uri().query().unwrap_or_default());
            let found = query.into_iter().find(|(own, _)| own == name);
            found.and_then(|(_, text)| text.parse::<u64>().ok())
        };
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, [""]) => page(
                "text/html; charset=utf-8",
                include_str!("../page/index.html"),
            ),
            (&Method::GET, ["page.css"]) => page("text/css", include_str!("../page/page.css")),
            (&Method::GET, ["page.js"]) => page("text/javascript", include_str!("../page/page.js")),
            (&Method::GET, ["routes"]) => answer::ok(&self.routes()),
            (&Method::GET, ["documents", name]) => self.document(name),
            (&Method::GET, ["exchanges"]) => {
                let (records, last) = self.journal.after(number("after").unwrap_or(0));
                let records: Vec<Value> = records.iter().map(|record| shown(record)).collect();
                answer::ok(&json!({ "exchanges": records, "last": last }))
            }
            (&Method::GET, ["exchanges", "stream"]) => {
                let last_id = request.headers().get("last-event-id");
                let last_id = last_id.and_then(|id| id.to_str().ok()?.parse().ok());
                self.stream(last_id)
            }
            (&Method::DELETE, ["exchanges"]) => {
                self.journal.clear();
                done()
            }
            (&Method::GET, ["faults"]) => {
                let faults: Vec<Value> = self.faults.list().iter().map(fault_json::write).collect();
                answer::ok(&json!(faults))
            }
            (&Method::POST, ["faults"]) => self.add_fault(&body),
            (&Method::DELETE, ["faults"]) => {
                self.faults.clear();
                done()
            }
            (&Method::POST, ["events"]) => match body["event"].as_str() {
                Some(name) => {
                    let id = self.events.push(name, &body["data"].to_string());
                    answer::ok(&json!({ "id": id }))
                }
                None => refused("event has to be the name of an event"),
            },
            (&Method::POST, ["events", "drop"]) => {
                self.events.cut_off();
                done()
            }
            (&Method::GET, ["clock"]) => answer::ok(&self.time()),
            (&Method::POST, ["clock"]) => match body["advance_seconds"].as_u64() {
                Some(seconds) => {
                    self.clock.advance(Duration::from_secs(seconds));
                    answer::ok(&self.time())
                }
                None => refused("advance_seconds has to be a whole number"),
            },
            (&Method::GET, ["devices"]) => answer::ok(&json!(self.accounts.devices.pending())),
            (&Method::POST, ["devices", code, verdict @ ("allow" | "deny")]) => {
                if self.accounts.devices.decide(code, *verdict == "allow") {
                    done()
                } else {
                    answer::failure(StatusCode::NOT_FOUND, "no login waits with this code")
                }
            }
            (&Method::GET, ["report"]) => {
                let report = self.journal.report();
                let text = report.clone().unwrap_or_default();
                answer::ok(&json!({ "conforms": report.is_none(), "text": text }))
            }
            (&Method::POST, ["reset"]) => {
                self.journal.clear();
                self.faults.clear();
                self.clock.reset();
                done()
            }
            _ => answer::failure(StatusCode::NOT_FOUND, "Not Found"),
        }
    }

    fn routes(&self) -> Value {
        let counts = self.journal.counts();
        let routes = self.services.iter().flat_map(|(service, description)| {
            let counts = &counts;
            let contract = &description.contract;
            contract.operations().iter().map(move |operation| {
                let described = contract.at(&operation.pointer);
                let counted = counts.get(&(*service, operation.route.clone()));
                let (calls, violations) = counted.copied().unwrap_or_default();
                let (method, path) = operation.route.split_once(' ').unwrap_or_default();
                json!({
                    "service": service, "operation": described["operationId"], "method": method,
                    "path": path, "tag": described["tags"][0], "summary": described["summary"],
                    "needs": needs(described, &contract.document), "calls": calls, "violations": violations,
                })
            })
        });
        routes.collect()
    }

    fn document(&self, name: &str) -> Answer {
        let found = self.services.iter().find(|(own, _)| *own == name);
        match found {
            Some((_, description)) => answer::ok(&description.contract.document),
            None => answer::failure(StatusCode::NOT_FOUND, "Not Found"),
        }
    }

    fn stream(&self, after: Option<u64>) -> Answer {
        let hello = futures::stream::once(async { Bytes::from_static(b": connected\n\n") });
        let records = self.journal.follow(after).map(|record| {
            let (number, data) = (record.number, shown(&record));
            Bytes::from(format!("id: {number}\nevent: exchange\ndata: {data}\n\n"))
        });
        answer::events(hello.chain(records).map(|bytes| Ok(Frame::data(bytes))))
    }

    fn add_fault(&self, body: &Value) -> Answer {
        let fault = match fault_json::read(body) {
            Ok(fault) => fault,
            Err(problem) => return refused(&problem),
        };
        if let Some(route) = &fault.route {
            let known = self
                .services
                .iter()
                .any(|(_, description)| description.has_route(route));
            if !known {
                return refused(&format!(
                    "no document has the route \"{route}\": give it as \"GET /v1/auth/me\", with the parameters in braces"
                ));
            }
        }
        self.faults.add(fault);
        done()
    }

    fn time(&self) -> Value {
        json!({ "now": moment(self.clock.now()), "moved_seconds": self.clock.moved().as_secs() })
    }
}

/// What an operation asks for, in words.
fn needs(described: &Value, document: &Value) -> Vec<String> {
    let own = described.get("security").unwrap_or(&document["security"]);
    let alternatives = own.as_array().into_iter().flatten();
    alternatives
        .filter_map(Value::as_object)
        .map(
            |schemes| match schemes.keys().cloned().collect::<Vec<_>>() {
                none if none.is_empty() => "none".to_owned(),
                several => several.join(" and "),
            },
        )
        .collect()
}

fn shown(record: &Recorded) -> Value {
    let exchange = &record.exchange;
    let query = redaction::query(&exchange.query);
    let target = if query.is_empty() {
        exchange.path.clone()
    } else {
        format!("{}?{query}", exchange.path)
    };
    let violations = exchange.violations.iter();
    let violations = violations.map(|one| json!({ "where": one.place, "message": one.problem }));
    json!({
        "number": record.number, "service": exchange.service, "operation": exchange.route,
        "method": exchange.method, "target": target, "status": exchange.status,
        "at": moment(record.at), "micros": record.micros, "fault": record.fault,
        "violations": violations.collect::<Vec<_>>(),
        "request": redaction::message(&record.request), "response": redaction::message(&record.answer),
    })
}

/// Seconds since 1970 as a time that people read.
fn moment(seconds: u64) -> String {
    let moment = UNIX_EPOCH + Duration::from_secs(seconds);
    let moment = OffsetDateTime::from(moment).format(&Rfc3339);
    moment.unwrap_or_else(|_| seconds.to_string())
}

fn page(media_type: &'static str, text: &'static str) -> Answer {
    let mut answer = http::Response::new(answer::whole(text));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

fn done() -> Answer {
    answer::ok(&json!({}))
}

fn refused(problem: &str) -> Answer {
    answer::failure(StatusCode::UNPROCESSABLE_ENTITY, problem)
}
