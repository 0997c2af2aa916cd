//! Which requests of an operation are meant.

use crate::contract::{Operation, Place};
use crate::routes;
use imperal::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

/// What is written as it is in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A segment of a path, in the one form that all are brought to.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Conditions on a request, by the names and places of its parameters.
pub(crate) struct When {
    inner: httpmock::When,
    operation: &'static Operation,
}

#[allow(
    dead_code,
    reason = "which of them are called depends on what the documents declare"
)]
impl When {
    pub(super) const fn new(inner: httpmock::When, operation: &'static Operation) -> Self {
        Self { inner, operation }
    }

    pub(crate) fn and(self, more: impl FnOnce(httpmock::When) -> httpmock::When) -> Self {
        Self {
            inner: more(self.inner),
            ..self
        }
    }

    pub(crate) fn path(self, name: &str, value: Option<impl Serialize>) -> Self {
        let texts = value.map(|value| texts(&value)).unwrap_or_default();
        let wanted = texts.first().map(String::as_str).unwrap_or_default();
        let (_, template) = self.operation.route.split_once(' ').unwrap_or_default();
        let exactly = |text: &str| regex::escape(&encoded(text));
        let pattern = routes::filled(template, exactly, |own| {
            if own == name {
                exactly(wanted)
            } else {
                "[^/]+".to_owned()
            }
        });
        self.and(|when| when.path_matches(format!("^{pattern}$")))
    }

    pub(crate) fn query(self, name: &str, value: Option<impl Serialize>) -> Self {
        let Some(value) = value else {
            return self.and(|when| when.query_param_missing(name));
        };
        let mut texts = texts(&value);
        if let Some(parameter) = self.operation.parameter(Place::Query, name)
            && !parameter.explode
            && texts.len() > 1
        {
            texts = vec![texts.join(&parameter.style.separator().to_string())];
        }
        let (pattern, count) = (format!("^{}$", regex::escape(name)), texts.len());
        let anything = "(?s).*";
        self.and(|when| {
            let when = when.query_param_count(pattern.as_str(), anything, count);
            let texts = texts.into_iter();
            texts.fold(when, |when, text| when.query_param(name, text))
        })
    }

    pub(crate) fn header(self, name: &str, value: Option<impl Serialize>) -> Self {
        match value.map(|value| texts(&value).join(",")) {
            Some(text) => self.and(|when| when.header(name, text)),
            None => self.and(|when| when.header_missing(name)),
        }
    }

    pub(crate) fn cookie(self, name: &'static str, value: Option<impl Serialize>) -> Self {
        let wanted = value.map(|value| texts(&value).join(","));
        self.and(|when| {
            when.is_true(move |request| {
                let cookies = crate::request::cookies(&request.headers()).into_iter();
                let mut given = cookies.filter(|(own, _)| own == name);
                given.next().map(|(_, value)| value) == wanted
            })
        })
    }

    pub(crate) fn body(self, value: &impl Serialize) -> Self {
        self.and(|when| Secret::exposing(|| when.json_body_obj(value)))
    }

    pub(crate) fn body_with(self, fields: &Value) -> Self {
        self.and(|when| when.json_body_includes(fields.to_string()))
    }
}

impl std::fmt::Debug for When {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("When")
            .field("operation", &self.operation.route)
            .finish_non_exhaustive()
    }
}

/// An argument as the texts that are sent for it.
fn texts(value: &impl Serialize) -> Vec<String> {
    match Secret::exposing(|| serde_json::to_value(value)) {
        Ok(Value::Array(items)) => items.iter().filter_map(text).collect(),
        Ok(value) => text(&value).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;
    use serde_json::json;

    const ROUTE: &str = "GET /a/{id}/{other}";
    const MIXED: &str = "GET /f/{name}.{kind}.json";

    fn operation(route: &str) -> &'static Operation {
        let contract = Contract::new(json!({ "paths": {
            "/a/{id}/{other}": { "get": { "parameters": [
                { "name": "id", "in": "path", "schema": {} },
                { "name": "tag", "in": "query", "schema": { "type": "array" } },
                { "name": "sum", "in": "query", "explode": false, "schema": { "type": "array" } },
                { "name": "spaced", "in": "query", "style": "spaceDelimited", "schema": { "type": "array" } },
                { "name": "piped", "in": "query", "style": "pipeDelimited", "schema": { "type": "array" } },
            ] } },
            "/f/{name}.{kind}.json": { "get": {} },
        } }));
        let contract: &'static Contract = Box::leak(Box::new(contract));
        contract.operation(route).unwrap()
    }

    async fn is_met(set: impl Fn(When) -> When, target: &str, cookie: &str) -> bool {
        is_met_on(ROUTE, set, target, cookie).await
    }

    async fn is_met_on(
        route: &str,
        set: impl Fn(When) -> When,
        target: &str,
        cookie: &str,
    ) -> bool {
        let server = httpmock::MockServer::start_async().await;
        let mock = server.mock(|when, then| {
            set(When::new(when, operation(route)));
            then.status(200);
        });
        let request = reqwest::Client::new().get(server.url(target));
        request.header("cookie", cookie).send().await.unwrap();
        mock.calls() == 1
    }

    #[tokio::test]
    async fn lists_in_queries_are_compared_as_a_whole() {
        let tags = |when: When| when.query("tag", Some(["a", "b c"]));
        let sums = |when: When| when.query("sum", Some([1, 2]));
        let none = |when: When| when.query("tag", None::<Vec<String>>);
        for (target, as_tags, as_sums, as_none) in [
            ("/a/1/2?tag=a&tag=b+c", true, false, false),
            ("/a/1/2?tag=b%20c&sum=1,2&tag=a", true, true, false),
            ("/a/1/2?tag=a", false, false, false),
            ("/a/1/2?tag=a&tag=b+c&tag=d", false, false, false),
            ("/a/1/2?sum=1%2C2", false, true, true),
            ("/a/1/2?sum=1&sum=2", false, false, true),
        ] {
            assert_eq!(is_met(tags, target, "").await, as_tags, "tags: {target}");
            assert_eq!(is_met(sums, target, "").await, as_sums, "sums: {target}");
            assert_eq!(is_met(none, target, "").await, as_none, "none: {target}");
        }
    }

    #[tokio::test]
    async fn a_list_that_is_one_text_is_compared_as_its_style_writes_it() {
        for (name, separator) in [("sum", ","), ("spaced", "%20"), ("piped", "%7C")] {
            let list = |when: When| when.query(name, Some([1, 2]));
            for written in [",", "%20", "%7C"] {
                let target = format!("/a/1/2?{name}=1{written}2");
                let is_meant = written == separator;
                assert_eq!(is_met(list, &target, "").await, is_meant, "{target}");
            }
        }
    }

    #[tokio::test]
    async fn a_parameter_may_be_a_part_of_a_segment() {
        let name = |when: When| when.path("name", Some("x y"));
        let kind = |when: When| when.path("kind", Some("x y"));
        for (target, as_name, as_kind) in [
            ("/f/x%20y.z.json", true, false),
            ("/f/z.x%20y.json", false, true),
            ("/f/x%20y.json", false, false),
            ("/f/x%20y.z_json", false, false),
        ] {
            assert_eq!(
                is_met_on(MIXED, name, target, "").await,
                as_name,
                "{target}"
            );
            assert_eq!(
                is_met_on(MIXED, kind, target, "").await,
                as_kind,
                "{target}"
            );
        }
    }

    #[tokio::test]
    async fn paths_and_cookies_are_compared_by_name() {
        let path = |when: When| when.path("id", Some("x y"));
        assert!(is_met(path, "/a/x%20y/z", "").await);
        assert!(!is_met(path, "/a/z/x%20y", "").await);
        let cookie = |when: When| when.cookie("theme", Some("dark"));
        assert!(is_met(cookie, "/a/1/2", "lang=en; theme=dark").await);
        assert!(!is_met(cookie, "/a/1/2", "theme=light").await);
        let no_cookie = |when: When| when.cookie("theme", None::<&str>);
        assert!(is_met(no_cookie, "/a/1/2", "lang=en").await);
    }
}
