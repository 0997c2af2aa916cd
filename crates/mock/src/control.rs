//! What is steered and seen from outside, under `/__mock/`.

mod call;
mod guard;
mod seen;
mod steered;
mod table;

use crate::answer::{self, Answer};
use crate::cloud_state::CloudState;
use crate::contract::Contract;
use crate::description::Description;
use crate::routes::Found;
use bytes::Bytes;
use call::Call;
use http::{HeaderValue, Request, StatusCode, header};
use serde_json::json;
use std::sync::Arc;
use table::Handler;

/// Where all of this is.
pub(crate) const PREFIX: &str = "/__mock/";

/// The page runs nothing but its own script.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The parts of a cloud that it works on.
pub(crate) struct Control {
    pub(crate) state: CloudState,
    pub(crate) services: Vec<(&'static str, Arc<Description>)>,
}

impl Control {
    /// What the document of a service says.
    ///
    /// # Panics
    ///
    /// If there is no such service: each is made together with this.
    pub(crate) fn contract(&self, service: &str) -> &Contract {
        let mut services = self.services.iter();
        let found = services.find(|(name, _)| *name == service);
        let Some((_, description)) = found else {
            panic!("the service {service} was made without its document");
        };
        &description.contract
    }

    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Answer {
        if let Err(problem) = guard::admit(request.method(), request.headers()) {
            return answer::failure(StatusCode::FORBIDDEN, problem);
        }
        match table::find(request.method(), request.uri().path()) {
            Found::Operation {
                template,
                parameters,
            } => {
                let call = Call {
                    request,
                    parameters,
                };
                let handler = table::handler(request.method(), template);
                handler.map_or_else(answer::not_found, |handler| self.carry_out(handler, &call))
            }
            Found::OtherMethods(methods) => answer::other_methods(methods),
            Found::Nothing => answer::not_found(),
        }
    }

    fn carry_out(&self, handler: Handler, call: &Call<'_>) -> Answer {
        match handler {
            Handler::File { media_type, text } => file(media_type, text),
            Handler::Plain(answer_to) => answer_to(self, call),
            Handler::Told { example, act } => {
                let told = call.object(example).and_then(|body| act(self, &body));
                told.map_or_else(|problem| refused(&problem), |value| answer::ok(&value))
            }
        }
    }
}

fn file(media_type: &'static str, text: &'static str) -> Answer {
    let mut answer = http::Response::new(answer::whole(text));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    for (name, value) in [
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn done() -> Answer {
    answer::ok(&json!({}))
}

fn refused(problem: &str) -> Answer {
    answer::failure(StatusCode::UNPROCESSABLE_ENTITY, problem)
}
