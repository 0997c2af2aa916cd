//! Every operation of both documents, called through the typed client against a strict mocked cloud, with generated
//! arguments and generated answers.

use imperal::{Answer, Error, Imperal, Secret};
use imperal_build_support::Instances;
use imperal_mock::Cloud;
use imperal_tests::{differences, overlaid};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;

/// How many times an operation is called with random arguments, and answered with random bodies.
const SEEDS: usize = 16;

/// The seeds of the clouds. Each answers a part of the calls, with what it makes up.
const CLOUDS: [u64; 2] = [1, 20_260_401];

/// Statuses after which the client neither renews a credential nor sends again.
const REFUSALS: &[u16] = &[400, 403, 404, 409, 413, 422];
const FAILURES: &[u16] = &[500, 501];

/// Operations that answer by the state of the cloud, which may refuse random arguments.
const STATEFUL: &[&str] = &[
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/cli/device/authorize",
    "POST /v1/auth/cli/device/token",
    "POST /v1/auth/verify-email",
    "POST /v1/auth/signup",
    "POST /v1/auth/me/change-password",
    "POST /v1/auth/sessions/{session_id}/revoke",
    "DELETE /v1/keys/{key_id}",
];

/// A query parameter that the service declares by mistake: the `**kwargs` of its function. The client hides it.
const SLIP: &str = "kwargs";

/// An operation, as the driver calls it.
struct Call {
    id: &'static str,
    route: &'static str,
    send: for<'a> fn(&'a Imperal, &'a Arguments) -> Sending<'a>,
    /// Lets the cloud answer it with this status and body.
    set: fn(&Cloud, u16, &Value),
    /// What its failures can be.
    failures: &'static [Failure],
}

/// A component, and what its type makes of the body of an error.
type Failure = (&'static str, fn(&Error) -> Option<Value>);

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + 'a>>;

/// What came of a call.
struct Outcome {
    status: u16,
    /// What the answer's type makes of the body; none of a stream.
    value: Option<Value>,
}

impl Outcome {
    fn of<T: Serialize>(answer: &Answer<T>) -> Self {
        let value = Secret::exposing(|| serde_json::to_value(&**answer));
        let value = value.expect("every type of the clients is JSON");
        Self {
            status: answer.status().as_u16(),
            value: Some(value),
        }
    }

    fn stream<T>(answer: &Answer<T>) -> Self {
        Self {
            status: answer.status().as_u16(),
            value: None,
        }
    }
}

fn read<T: DeserializeOwned + Serialize>(error: &Error) -> Option<Value> {
    let body: T = error.body_as()?;
    Secret::exposing(|| serde_json::to_value(body)).ok()
}

/// The arguments of one call, by place and name.
struct Arguments(RefCell<BTreeMap<(String, String), Value>>);

impl Arguments {
    /// Random arguments that the document allows; none if this seed leads to none.
    fn make(root: &Value, operation: &Value, seed: u64) -> Option<Self> {
        let mut instances = Instances::new(root, seed);
        let mut random = seed;
        let mut given = BTreeMap::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let text = |key: &str| parameter[key].as_str().unwrap().to_owned();
            let (place, name) = (text("in"), text("name"));
            random = random.wrapping_mul(31).wrapping_add(7);
            let left_out =
                parameter["required"] != true && place != "path" && random.is_multiple_of(3);
            if left_out || name == SLIP || is_credential(root, &place, &name) {
                continue;
            }
            let value = instances.make(&parameter["schema"])?;
            match (place.as_str(), &value) {
                // What has no value is not sent.
                ("query" | "header", Value::Null) => continue,
                ("path", Value::String(text)) if matches!(text.as_str(), "" | "." | "..") => {
                    return None;
                }
                ("header", Value::String(text)) if !is_header_text(text) => return None,
                _ => given.insert((place, name), value),
            };
        }
        if let Some(media) = operation["requestBody"]["content"].get("application/json") {
            let body = instances.make(&media["schema"])?;
            given.insert(("body".to_owned(), String::new()), body);
        }
        Some(Self(RefCell::new(given)))
    }

    fn take<T: DeserializeOwned>(&self, place: &str, name: &str) -> Option<T> {
        let key = (place.to_owned(), name.to_owned());
        let value = self.0.borrow_mut().remove(&key)?;
        match serde_json::from_value(value.clone()) {
            Ok(read) => Some(read),
            Err(error) => panic!("the {place} {name} cannot be given as {value}: {error}"),
        }
    }

    fn left(&self) -> Vec<(String, String)> {
        self.0.borrow().keys().cloned().collect()
    }
}

fn is_header_text(text: &str) -> bool {
    text.chars().all(|c| (' '..='~').contains(&c)) && text.trim() == text
}

/// Whether the session sends a parameter, so that callers do not give it.
fn is_credential(root: &Value, place: &str, name: &str) -> bool {
    let schemes = root["components"]["securitySchemes"].as_object();
    let mut schemes = schemes.unwrap().values();
    let is_bearer = place == "header" && name.eq_ignore_ascii_case("authorization");
    is_bearer
        || schemes.any(|scheme| {
            let own = scheme["name"].as_str().unwrap_or_default();
            scheme["in"] == place && own.eq_ignore_ascii_case(name)
        })
}

/// The contract between a document, its client and the cloud.
struct Contract<'a> {
    root: &'a Value,
    /// Each has a seed of its own. The first one also gives the answers that the test sets.
    clouds: &'a [(Cloud, Imperal)],
    cloud: &'a Cloud,
    imperal: &'a Imperal,
    called: BTreeSet<String>,
    answers: usize,
    failures: usize,
    problems: Vec<String>,
}

impl Contract<'_> {
    fn operation(&self, call: &Call) -> &Value {
        let (method, path) = call.route.split_once(' ').unwrap();
        &self.root["paths"][path][method.to_lowercase()]
    }

    fn arguments(&self, call: &Call) -> Vec<Arguments> {
        let operation = self.operation(call);
        let made = (0..400).filter_map(|seed| Arguments::make(self.root, operation, seed));
        made.take(SEEDS).collect()
    }

    /// Judges values by a schema, independently of the cloud.
    fn validator(&self, schema: &Value) -> jsonschema::Validator {
        let schema = json!({ "allOf": [schema], "components": self.root["components"] });
        jsonschema::draft202012::new(&schema).unwrap()
    }

    /// Status and schema of the operation's success, if it is JSON.
    fn success(&self, call: &Call) -> Option<(u16, &Value)> {
        let answers = self.operation(call)["responses"].as_object().unwrap();
        let (status, answer) = answers.iter().find(|(status, _)| status.starts_with('2'))?;
        let schema = answer["content"].get("application/json")?.get("schema")?;
        Some((status.parse().unwrap(), schema))
    }

    /// What is wrong with what a type has made of a value.
    fn changes(&self, schema: &Value, before: &Value, after: &Value) -> Option<String> {
        let changes = differences(self.root, schema, before, after);
        let first = changes.first()?;
        Some(format!("{before} became {after}: {first}"))
    }

    async fn check(&mut self, call: &Call) {
        let mut problems = Vec::new();
        self.check_own_answers(call, &mut problems).await;
        self.check_answers(call, &mut problems).await;
        self.check_failures(call, &mut problems).await;
        for (cloud, _) in self.clouds {
            for exchange in cloud.exchanges() {
                if !exchange.violations.is_empty() {
                    problems.push(format!("the cloud says: {exchange}"));
                }
                self.called.extend(exchange.route);
            }
            cloud.clear_exchanges();
        }
        let problems = problems.into_iter().take(3);
        self.problems
            .extend(problems.map(|problem| format!("{}: {problem}", call.route)));
    }

    /// What the clouds make up has the declared status, and its schema allows the body.
    async fn check_own_answers(&mut self, call: &Call, problems: &mut Vec<String>) {
        let arguments = self.arguments(call);
        if arguments.len() < SEEDS {
            problems.push(format!("only {} sets of arguments", arguments.len()));
        }
        let success = self.success(call);
        let validator = success.map(|(_, schema)| self.validator(schema));
        for (given, (_, imperal)) in arguments.iter().zip(self.clouds.iter().cycle()) {
            match (call.send)(imperal, given).await {
                Ok(outcome) => {
                    let answered = success.map_or(200, |(status, _)| status);
                    if outcome.status != answered {
                        problems.push(format!("answered {}", outcome.status));
                    }
                    if let (Some(validator), Some(value)) = (&validator, &outcome.value) {
                        let errors = validator.iter_errors(value);
                        problems.extend(errors.map(|error| format!("answered {value}: {error}")));
                    }
                }
                Err(error) if STATEFUL.contains(&call.route) && error.status().is_some() => {}
                Err(error) => problems.push(error.to_string()),
            }
            if !given.left().is_empty() {
                problems.push(format!("the client does not take {:?}", given.left()));
            }
        }
    }

    /// Whatever body the document allows, the client reads it and loses nothing.
    async fn check_answers(&mut self, call: &Call, problems: &mut Vec<String>) {
        let Some((status, schema)) = self.success(call) else {
            return;
        };
        let arguments = self.arguments(call);
        let values = (0..400).filter_map(|seed| Instances::new(self.root, seed).make(schema));
        let mut answers = 0;
        for (given, value) in arguments.iter().zip(values) {
            (call.set)(self.cloud, status, &value);
            match (call.send)(self.imperal, given).await {
                Ok(outcome) => {
                    let after = outcome.value.unwrap_or_default();
                    problems.extend(self.changes(schema, &value, &after));
                }
                Err(error) => problems.push(format!("{value}: {error}")),
            }
            self.cloud.clear_expectations();
            answers += 1;
        }
        if answers < SEEDS {
            problems.push(format!("only {answers} answers"));
        }
        self.answers += answers;
    }

    /// For each failure that the document declares, the client returns an error with its status, and reads the body.
    async fn check_failures(&mut self, call: &Call, problems: &mut Vec<String>) {
        let answers = self.operation(call)["responses"].as_object().unwrap();
        let mut failures = 0;
        for (status, answer) in answers
            .iter()
            .filter(|(status, _)| !status.starts_with('2'))
        {
            let schema = &answer["content"]["application/json"]["schema"];
            let component = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next());
            let statuses: Vec<u16> = match status.as_str() {
                "4XX" => REFUSALS.to_vec(),
                "5XX" => FAILURES.to_vec(),
                one => vec![one.parse().unwrap()],
            };
            for (seed, status) in (0..).zip(statuses) {
                let body = Instances::new(self.root, seed).make(schema).unwrap();
                let known = call
                    .failures
                    .iter()
                    .find(|(own, _)| Some(*own) == component);
                let Some(known) = known else {
                    problems.push(format!("no type for the failure {status}"));
                    continue;
                };
                (call.set)(self.cloud, status, &body);
                let given = &self.arguments(call)[0];
                problems.extend(match (call.send)(self.imperal, given).await {
                    Ok(_) => Some(format!("{status} is taken for a success")),
                    Err(error) => self.failure_problem(call, status, &body, &error, known),
                });
                self.cloud.clear_expectations();
                failures += 1;
            }
        }
        self.failures += failures;
    }

    fn failure_problem(
        &self,
        call: &Call,
        status: u16,
        body: &Value,
        error: &Error,
        (component, reader): &Failure,
    ) -> Option<String> {
        if error.status().map(|own| own.as_u16()) != Some(status) {
            return Some(format!("{status} became {error}"));
        }
        if error.operation() != Some(call.id) {
            return Some(format!("the error names {:?}", error.operation()));
        }
        if error.body() != Some(body.to_string().as_bytes()) {
            return Some(format!("{status}: the body {body} is not kept"));
        }
        if error.is_validation() != (status == 422) || error.is_server_error() != (status >= 500) {
            return Some(format!("{status} is not told as what it is"));
        }
        let Some(read) = reader(error) else {
            return Some(format!("{status}: {body} has no type"));
        };
        let schema = json!({ "$ref": format!("#/components/schemas/{component}") });
        self.changes(&schema, body, &read)
    }
}

async fn hold(service: &str, calls: &[Call]) {
    let root = overlaid(service).into_root();
    let mut clouds = Vec::new();
    for seed in CLOUDS {
        let cloud = Cloud::builder().strict(true).seed(seed).start().await;
        let imperal = cloud.client();
        imperal.login().await.unwrap();
        cloud.clear_exchanges();
        clouds.push((cloud, imperal));
    }
    let mut contract = Contract {
        root: &root,
        clouds: &clouds,
        cloud: &clouds[0].0,
        imperal: &clouds[0].1,
        called: BTreeSet::new(),
        answers: 0,
        failures: 0,
        problems: Vec::new(),
    };
    for call in calls {
        let answers = &contract.operation(call)["responses"];
        for range in ["4XX", "5XX"] {
            assert!(answers[range].is_object(), "{} has no {range}", call.route);
        }
        contract.check(call).await;
    }
    let paths = root["paths"].as_object().unwrap().iter();
    let declared: BTreeSet<String> = paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    println!(
        "{service}: {} of {} operations called, {} answers read, {} failures told",
        contract.called.intersection(&declared).count(),
        declared.len(),
        contract.answers,
        contract.failures,
    );
    let problems = &contract.problems;
    assert!(
        problems.is_empty(),
        "{}\n{} problems",
        problems.join("\n"),
        problems.len()
    );
    let missed: Vec<_> = declared.difference(&contract.called).collect();
    assert!(missed.is_empty(), "never called: {missed:#?}");
    assert!(contract.answers > 0 && contract.failures >= declared.len());
}

#[allow(
    clippy::all,
    clippy::pedantic,
    deprecated,
    unused_mut,
    unused_variables,
    reason = "generated: an operation may take nothing"
)]
mod calls {
    use super::*;

    include!(concat!(env!("OUT_DIR"), "/gateway_calls.rs"));
    include!(concat!(env!("OUT_DIR"), "/registry_calls.rs"));
}

#[tokio::test]
async fn the_contract_of_the_auth_gateway_holds() {
    hold("auth-gateway", calls::GATEWAY).await;
}

#[tokio::test]
async fn the_contract_of_the_registry_holds() {
    hold("registry", calls::REGISTRY).await;
}
