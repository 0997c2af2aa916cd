//! The routes under `/__mock/`, and what answers each.

use super::call::Call;
use super::{Control, seen, steered};
use crate::answer::Answer;
use crate::routes::{Found, Routes};
use http::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What answers a request.
#[derive(Clone, Copy)]
pub(super) enum Handler {
    /// A file, as it is.
    File {
        media_type: &'static str,
        text: &'static str,
    },
    /// Takes no heed of a body.
    Plain(fn(&Control, &Call<'_>) -> Answer),
    /// Does what the object in the body says, or says what is wrong with it.
    Told {
        example: &'static str,
        act: fn(&Control, &Value) -> Result<Value, String>,
    },
}

struct Route {
    method: Method,
    template: &'static str,
    handler: Handler,
}

/// `openapi.json` describes these, and no others.
static TABLE: &[Route] = &[
    get("/__mock/", PAGE),
    get("/__mock/page.css", STYLE),
    get("/__mock/page.js", SCRIPT),
    get("/__mock/openapi.json", DESCRIPTION),
    get("/__mock/routes", Handler::Plain(seen::routes)),
    get("/__mock/documents/{name}", Handler::Plain(seen::document)),
    get("/__mock/exchanges", Handler::Plain(seen::exchanges)),
    delete(
        "/__mock/exchanges",
        Handler::Plain(steered::clear_exchanges),
    ),
    get("/__mock/exchanges/stream", Handler::Plain(seen::stream)),
    get("/__mock/report", Handler::Plain(seen::report)),
    get("/__mock/faults", Handler::Plain(seen::faults)),
    post("/__mock/faults", FAULT),
    delete("/__mock/faults", Handler::Plain(steered::clear_faults)),
    post("/__mock/events", EVENT),
    post("/__mock/events/drop", Handler::Plain(steered::drop_streams)),
    get("/__mock/clock", Handler::Plain(seen::clock)),
    post("/__mock/clock", ADVANCE),
    get("/__mock/users", Handler::Plain(seen::users)),
    post("/__mock/users", USER),
    get("/__mock/devices", Handler::Plain(seen::devices)),
    post(
        "/__mock/devices/{code}/allow",
        Handler::Plain(steered::allow_device),
    ),
    post(
        "/__mock/devices/{code}/deny",
        Handler::Plain(steered::deny_device),
    ),
    post("/__mock/reset", Handler::Plain(steered::reset)),
];

const PAGE: Handler = Handler::File {
    media_type: "text/html; charset=utf-8",
    text: include_str!("../../page/index.html"),
};

const STYLE: Handler = Handler::File {
    media_type: "text/css",
    text: include_str!("../../page/page.css"),
};

const SCRIPT: Handler = Handler::File {
    media_type: "text/javascript",
    text: include_str!("../../page/page.js"),
};

const DESCRIPTION: Handler = Handler::File {
    media_type: "application/json",
    text: include_str!("openapi.json"),
};

const FAULT: Handler = Handler::Told {
    example: r#"{"fault": {"kind": "status", "status": 503}}"#,
    act: steered::add_fault,
};

const EVENT: Handler = Handler::Told {
    example: r#"{"event": "panel_refresh", "data": {}}"#,
    act: steered::push_event,
};

const ADVANCE: Handler = Handler::Told {
    example: r#"{"advance_seconds": 960}"#,
    act: steered::advance,
};

const USER: Handler = Handler::Told {
    example: r#"{"email": "ann@example.com", "password": "secret"}"#,
    act: steered::add_user,
};

const fn get(template: &'static str, handler: Handler) -> Route {
    route(Method::GET, template, handler)
}

const fn post(template: &'static str, handler: Handler) -> Route {
    route(Method::POST, template, handler)
}

const fn delete(template: &'static str, handler: Handler) -> Route {
    route(Method::DELETE, template, handler)
}

const fn route(method: Method, template: &'static str, handler: Handler) -> Route {
    Route {
        method,
        template,
        handler,
    }
}

static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let mut methods: BTreeMap<&str, Vec<Method>> = BTreeMap::new();
    for route in TABLE {
        let own = methods.entry(route.template).or_default();
        own.push(route.method.clone());
    }
    Routes::new(methods)
});

/// Where a request leads.
pub(super) fn find(method: &Method, path: &str) -> Found<'static> {
    ROUTES.find(method, path)
}

/// What answers the requests of a route.
pub(super) fn handler(method: &Method, template: &str) -> Option<Handler> {
    let mut routes = TABLE.iter();
    let found = routes.find(|route| route.method == *method && route.template == template);
    found.map(|route| route.handler)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn document() -> Value {
        serde_json::from_str(include_str!("openapi.json")).unwrap()
    }

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        let document = document();
        let mut described = BTreeSet::new();
        for (template, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                described.insert(format!("{} {template}", method.to_uppercase()));
            }
        }
        let known = TABLE.iter();
        let known = known.map(|route| format!("{} {}", route.method, route.template));
        let known: BTreeSet<String> = known.collect();
        assert_eq!(known, described);
        assert_eq!(known.len(), TABLE.len(), "a route is there twice");
    }

    #[test]
    fn what_a_refusal_gives_as_an_example_is_one_of_the_description() {
        let document = document();
        for route in TABLE {
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][route.template][method];
            let Handler::Told { example, .. } = route.handler else {
                assert!(operation["requestBody"].is_null(), "{}", route.template);
                continue;
            };
            let example: Value = serde_json::from_str(example).unwrap();
            let examples = &operation["requestBody"]["content"]["application/json"]["examples"];
            let mut described = examples.as_object().unwrap().values();
            let given = described.any(|one| one["value"] == example);
            assert!(given, "{example}");
        }
    }
}
