//! The description of what is under `/__mock/`, held against what is answered there.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use reqwest::header::{CONTENT_TYPE, HOST};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

const FAULTS: &str = "POST /__mock/faults";
const EVENTS: &str = "POST /__mock/events";
const USERS: &str = "POST /__mock/users";
const CLOCK: &str = "POST /__mock/clock";

/// A cloud, its description, and the answers that were held against it, such as `GET /__mock/clock 200`.
struct Described {
    cloud: Cloud,
    client: Client,
    document: Value,
    seen: BTreeSet<String>,
}

impl Described {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let client = Client::new();
        let url = format!("{}/__mock/openapi.json", cloud.gateway_url());
        let answer = client.get(url).send().await.unwrap();
        Self {
            cloud,
            client,
            document: answer.json().await.unwrap(),
            seen: BTreeSet::new(),
        }
    }

    /// Every answer that the document has.
    fn all(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (template, item) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let method = method.to_uppercase();
                let statuses = operation["responses"].as_object().unwrap().keys();
                all.extend(statuses.map(|status| format!("{method} {template} {status}")));
            }
        }
        all
    }

    fn operation(&self, route: &str) -> &Value {
        let (method, template) = route.split_once(' ').unwrap();
        &self.document["paths"][template][method.to_lowercase()]
    }

    fn body_schema(&self, route: &str) -> &Value {
        &self.operation(route)["requestBody"]["content"]["application/json"]["schema"]
    }

    fn examples(&self, route: &str) -> Vec<Value> {
        let media = &self.operation(route)["requestBody"]["content"]["application/json"];
        let examples = media["examples"].as_object().unwrap().values();
        examples.map(|example| example["value"].clone()).collect()
    }

    fn resolved<'a>(&'a self, part: &'a Value) -> &'a Value {
        match part["$ref"].as_str() {
            Some(reference) => self.document.pointer(&reference[1..]).unwrap(),
            None => part,
        }
    }

    /// What is wrong with a value by a schema of the document.
    fn problems(&self, schema: &Value, value: &Value) -> Vec<String> {
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let errors = validator.iter_errors(value);
        errors.map(|error| error.to_string()).collect()
    }

    /// A request. What is given stands in place of the parameter of the path, or behind the path.
    fn request(&self, route: &str, given: &str) -> RequestBuilder {
        let (method, template) = route.split_once(' ').unwrap();
        let path = match template.split_once('{') {
            Some((head, tail)) => format!("{head}{given}{}", tail.split_once('}').unwrap().1),
            None => format!("{template}{given}"),
        };
        let url = format!("{}{path}", self.cloud.gateway_url());
        self.client.request(method.parse().unwrap(), url)
    }

    /// Sends a request of a route, and holds the answer against the description.
    async fn ask(&mut self, route: &str, request: RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let (media_type, body) = read(answer).await;
        let responses = &self.operation(route)["responses"];
        let media = &self.resolved(&responses[status.to_string()])["content"][&media_type];
        assert!(media.is_object(), "{route}: {status} {media_type} {body}");
        let problems = self.problems(&media["schema"], &body);
        assert!(problems.is_empty(), "{route}: {problems:?} in {body}");
        self.seen.insert(format!("{route} {status}"));
        (status, body)
    }

    /// Sends a body that has to be refused, and returns what is said of it.
    async fn detail(&mut self, route: &str, body: &str) -> String {
        let request = self.request(route, "").body(body.to_owned());
        let (status, refusal) = self.ask(route, request).await;
        assert_eq!(status, 422, "{body}");
        refusal["detail"].as_str().unwrap().to_owned()
    }

    /// Lets there be something of every kind to be seen.
    async fn fill(&self) {
        let gateway = self.cloud.gateway_url();
        self.cloud.fail_next(Fault::status(503).on("GET /healthz"));
        for path in ["/healthz", "/nowhere"] {
            let url = format!("{gateway}{path}");
            self.client.get(url).send().await.unwrap();
        }
        for (path, body) in [
            ("login", json!({ "email": EMAIL, "password": PASSWORD })),
            ("login", json!({ "email": 5 })),
            ("cli/device/authorize", json!({ "code_challenge": "one" })),
            ("cli/device/authorize", json!({ "code_challenge": "two" })),
        ] {
            let url = format!("{gateway}/v1/auth/{path}");
            self.client.post(url).json(&body).send().await.unwrap();
        }
        for fault in [
            Fault::status(503).retry_at(SystemTime::UNIX_EPOCH),
            Fault::status(500).body("text/html", "").header("x-a", "b"),
            Fault::delay(Duration::from_secs(1)),
            Fault::content_length(3).retry_after(Duration::from_secs(1)),
            Fault::content_type("text/html"),
            Fault::violation("/email"),
            Fault::stall_after(1),
            Fault::reset_after(usize::MAX),
            Fault::close_after(0),
            Fault::malformed_chunk().times(u32::MAX),
            Fault::split_every(1),
        ] {
            self.cloud.fail_next(fault.on("GET /v1/auth/me"));
        }
    }
}

/// The media type and the body of an answer; of one that is no JSON the beginning, as it may have no end.
async fn read(mut answer: Response) -> (String, Value) {
    let media_type = answer.headers()[CONTENT_TYPE].to_str().unwrap();
    let media_type = media_type.split(';').next().unwrap().to_owned();
    let body = if media_type == "application/json" {
        answer.json().await.unwrap()
    } else {
        let beginning = answer.chunk().await.unwrap().unwrap();
        Value::from(String::from_utf8_lossy(&beginning))
    };
    (media_type, body)
}

#[tokio::test]
async fn every_answer_that_is_described_is_given_in_the_form_that_is_described() {
    let mut described = Described::start().await;
    described.fill().await;
    let every = described.all();
    for route in every.iter().filter_map(|one| one.strip_suffix(" 403")) {
        let foreign = described.request(route, "").header(HOST, "example.com");
        assert_eq!(described.ask(route, foreign).await.0, 403);
    }
    for (route, given, status) in [
        ("GET /__mock/", "", 200),
        ("GET /__mock/page.css", "", 200),
        ("GET /__mock/page.js", "", 200),
        ("GET /__mock/openapi.json", "", 200),
        ("GET /__mock/documents/{name}", "gateway", 200),
        ("GET /__mock/documents/{name}", "registry", 200),
        ("GET /__mock/documents/{name}", "nowhere", 404),
        ("GET /__mock/routes", "", 200),
        ("GET /__mock/exchanges", "", 200),
        ("GET /__mock/exchanges", "?after=2", 200),
        ("GET /__mock/exchanges", "?after=-1", 422),
        ("GET /__mock/exchanges/stream", "", 200),
        ("GET /__mock/report", "", 200),
        ("GET /__mock/faults", "", 200),
        ("GET /__mock/clock", "", 200),
        ("GET /__mock/users", "", 200),
        ("GET /__mock/devices", "", 200),
        ("POST /__mock/devices/{code}/allow", "MOCK-0001", 200),
        ("POST /__mock/devices/{code}/allow", "MOCK-0001", 404),
        ("POST /__mock/devices/{code}/deny", "MOCK-0002", 200),
        ("POST /__mock/devices/{code}/deny", "nothing", 404),
        (FAULTS, "", 422),
        (EVENTS, "", 422),
        (CLOCK, "", 422),
        (USERS, "", 422),
        ("POST /__mock/events/drop", "", 200),
        ("DELETE /__mock/exchanges", "", 200),
        ("DELETE /__mock/faults", "", 200),
        ("POST /__mock/reset", "", 200),
    ] {
        let request = described.request(route, given);
        let (answered, body) = described.ask(route, request).await;
        assert_eq!(answered, status, "{route} {given}: {body}");
    }
    for route in [FAULTS, EVENTS, CLOCK, USERS] {
        for body in described.examples(route) {
            let problems = described.problems(described.body_schema(route), &body);
            assert!(problems.is_empty(), "{problems:?} in {body}");
            let request = described.request(route, "").json(&body);
            assert_eq!(described.ask(route, request).await.0, 200, "{body}");
        }
    }
    assert_eq!(described.seen, every);
}

#[tokio::test]
async fn every_kind_of_fault_is_described_and_listed_so_that_it_can_be_set_again() {
    let mut described = Described::start().await;
    let examples = described.examples(FAULTS);
    let kind = |body: &Value| body["fault"]["kind"].as_str().unwrap().to_owned();
    let shown: BTreeSet<String> = examples.iter().map(kind).collect();

    let unknown = r#"{"fault": {"kind": "earthquake"}}"#;
    let detail = described.detail(FAULTS, unknown).await;
    let (_, known) = detail.split_once("give one of ").unwrap();
    let known: BTreeSet<String> = known.split(", ").map(str::to_owned).collect();
    let mapping = &described.document["components"]["schemas"]["Fault"]["discriminator"]["mapping"];
    let mapping: BTreeSet<String> = mapping.as_object().unwrap().keys().cloned().collect();
    assert_eq!(shown, known);
    assert_eq!(mapping, known);

    let mut listed = Vec::new();
    let mut bodies = examples;
    for _ in 0..2 {
        for body in &bodies {
            let request = described.request(FAULTS, "").json(body);
            assert_eq!(described.ask(FAULTS, request).await.0, 200, "{body}");
        }
        let request = described.request("GET /__mock/faults", "");
        let (_, waiting) = described.ask("GET /__mock/faults", request).await;
        described.cloud.clear_faults();
        bodies = waiting.as_array().unwrap().clone();
        listed.push(waiting);
    }
    assert_eq!(listed[0], listed[1]);
}

/// Bodies that are not as described: a route, a body, and how the `detail` begins.
const REFUSALS: &str = include_str!("control_refusals.tsv");

/// Texts that are no JSON, and where they begin not to be.
const NO_JSON: &[(&str, &str)] = &[
    ("", "line 1 column 0"),
    ("{\"advance_seconds\": 960", "line 1 column"),
    ("{\n  \"advance_seconds\": nine\n}", "line 2 column"),
    ("advance_seconds=960", "line 1 column 1"),
    ("{\"advance_seconds\": 960} and more", "line 1 column"),
];

#[tokio::test]
async fn a_body_that_is_not_as_described_is_refused_and_does_nothing() {
    let mut described = Described::start().await;
    for line in REFUSALS.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [route, body, told] = parts[..] else {
            panic!("{line}");
        };
        let value: Value = serde_json::from_str(body).unwrap();
        let problems = described.problems(described.body_schema(route), &value);
        assert!(!problems.is_empty(), "{body} is as described");
        let detail = described.detail(route, body).await;
        assert!(detail.starts_with(told), "{body}: {detail}");
    }
    for (text, place) in NO_JSON {
        let detail = described.detail(CLOCK, text).await;
        let told = detail.starts_with("the body is no JSON: ") && detail.contains(place);
        assert!(told, "{text:?}: {detail}");
        assert!(detail.ends_with(r#"such as {"advance_seconds": 960}"#));
    }
    let nowhere = json!({ "fault": { "kind": "malformed_chunk" }, "route": "GET /nowhere" });
    let detail = described.detail(FAULTS, &nowhere.to_string()).await;
    let told = r#"no document has the route "GET /nowhere": give it as "GET /v1/auth/me""#;
    assert!(detail.starts_with(told), "{detail}");

    let taken = json!({ "email": EMAIL, "password": "another" });
    let detail = described.detail(USERS, &taken.to_string()).await;
    let told = r#"the tenant "default" has a user with the email address "you@example.com""#;
    assert_eq!(detail, told);

    let request = described.request("GET /__mock/faults", "");
    let (_, faults) = described.ask("GET /__mock/faults", request).await;
    assert_eq!(faults, json!([]));
    let request = described.request("GET /__mock/users", "");
    let (_, users) = described.ask("GET /__mock/users", request).await;
    assert_eq!(users.as_array().unwrap().len(), 1, "{users}");
    let request = described.request("GET /__mock/clock", "");
    let (_, clock) = described.ask("GET /__mock/clock", request).await;
    assert_eq!(clock["moved_seconds"], 0);
    assert_eq!(described.cloud.push_event("first", &Value::Null), 1);
}

#[tokio::test]
async fn the_time_is_still_told_when_it_was_moved_as_far_as_it_can_be() {
    let mut described = Described::start().await;
    let schema = described.resolved(described.body_schema(CLOCK));
    let most = schema["properties"]["advance_seconds"]["maximum"].clone();
    let further = |described: &Described, seconds: &Value| {
        let body = json!({ "advance_seconds": seconds });
        described.request(CLOCK, "").json(&body)
    };
    let request = further(&described, &most);
    let (status, clock) = described.ask(CLOCK, request).await;
    assert_eq!((status, &clock["moved_seconds"]), (200, &most));
    let now = clock["now"].as_str().unwrap();
    assert_eq!(now.len(), "3025-01-01T00:00:00Z".len(), "{now}");

    let one = json!(1);
    let request = further(&described, &one);
    assert_eq!(described.ask(CLOCK, request).await.0, 422);
    described.cloud.reset();
    let request = further(&described, &one);
    assert_eq!(described.ask(CLOCK, request).await.1["moved_seconds"], 1);
}
