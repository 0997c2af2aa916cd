//! The documents themselves: complete, described, and put right by overlays that fit.

use imperal_build_support::{Document, Overlay, operations, shape};
use imperal_tests::overlaid;
use serde_json::Value;
use std::path::{Path, PathBuf};

const SERVICES: [&str; 2] = ["auth-gateway", "registry"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn published(service: &str) -> Document {
    Document::load(&root().join(format!("specs/{service}.json"))).unwrap()
}

fn overlay(service: &str) -> Overlay {
    Overlay::load(&root().join(format!("specs/overlays/{service}.json"))).unwrap()
}

/// Path, method and object of each operation.
fn each(document: &Document) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document.root()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

#[test]
fn no_operation_is_lost_or_renamed_unseen() {
    let committed = std::fs::read_to_string(root().join("tests/operations.tsv")).unwrap();
    let listed: Vec<Vec<&str>> = committed
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    let mut found = Vec::new();
    for service in SERVICES {
        let document = published(service);
        let mut shaped = overlaid(service);
        shape(&mut shaped).unwrap();
        let named = operations(&shaped).unwrap();
        for (path, method, operation) in each(&document) {
            let name = named
                .iter()
                .find(|named| named.path == path && named.method == method);
            let id = operation["operationId"].as_str().unwrap();
            let name = name.map_or("-", |named| &named.id);
            found.push(
                [service, &method.to_uppercase(), path, id, name]
                    .map(str::to_owned)
                    .to_vec(),
            );
        }
    }
    let lost: Vec<_> = listed
        .iter()
        .filter(|line| !found.iter().any(|other| other == *line))
        .collect();
    let new: Vec<_> = found
        .iter()
        .filter(|line| !listed.iter().any(|other| other == *line))
        .collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "the documents and tests/operations.tsv differ.\nlost or changed: {lost:#?}\nnew: {new:#?}\n\
         If the documents are right, rewrite the list: cargo xtask operations --write"
    );
}

#[test]
fn every_operation_and_every_schema_is_described() {
    for service in SERVICES {
        let document = overlaid(service);
        let described = |node: &Value| {
            node["description"]
                .as_str()
                .is_some_and(|text| text.len() > 10)
        };
        for (path, method, operation) in each(&document) {
            assert!(
                operation["summary"].is_string() && described(operation),
                "{method} {path}"
            );
        }
        for (name, schema) in document.root()["components"]["schemas"]
            .as_object()
            .unwrap()
        {
            assert!(described(schema), "{service}: {name}");
        }
    }
}

#[test]
fn every_action_of_the_overlays_fits() {
    for service in SERVICES {
        let warnings = overlay(service).apply(&mut published(service)).unwrap();
        assert!(warnings.is_empty(), "{warnings:#?}");
    }
}

/// As published, the documents name neither servers nor credentials; the overlays do.
#[test]
fn faults_stay_in_the_documents_and_are_put_right_by_the_overlays() {
    for service in SERVICES {
        for keyword in ["servers", "security"] {
            assert!(
                published(service).root().get(keyword).is_none(),
                "{service}: {keyword}"
            );
            assert!(
                overlaid(service).root().get(keyword).is_some(),
                "{service}: {keyword}"
            );
        }
    }
    let events = |document: &Document| {
        let answer = &document.root()["paths"]["/v1/events/stream"]["get"]["responses"]["200"];
        answer["content"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(events(&published("auth-gateway")), ["application/json"]);
    assert_eq!(events(&overlaid("auth-gateway")), ["text/event-stream"]);
}

/// Nothing that is sent as a credential is left among the parameters of an operation.
#[test]
fn no_operation_takes_a_credential() {
    for service in SERVICES {
        let mut document = overlaid(service);
        shape(&mut document).unwrap();
        for (path, method, operation) in each(&document) {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for name in parameters.filter_map(|parameter| parameter["name"].as_str()) {
                let name = name.to_lowercase();
                let credential = [
                    "authorization",
                    "x-service-token",
                    "x-api-key",
                    "token",
                    "kwargs",
                ];
                assert!(
                    !credential.contains(&name.as_str()),
                    "{method} {path}: {name}"
                );
            }
        }
    }
}

#[test]
fn internal_routes_are_no_part_of_the_clients() {
    for service in SERVICES {
        for (path, method, operation) in each(&published(service)) {
            let tags = operation["tags"].as_array().into_iter().flatten();
            let internal = tags
                .filter_map(Value::as_str)
                .any(|tag| tag.ends_with("-internal"));
            assert!(!path.contains("/internal") && !internal, "{method} {path}");
        }
    }
}

/// Which credential an operation needs is a promise to callers: the rules, and the exceptions.
#[test]
fn operations_need_the_credentials_that_they_should() {
    let mut document = overlaid("auth-gateway");
    shape(&mut document).unwrap();
    let operations = operations(&document).unwrap();
    // Alternatives are joined by "or"; none at all is "no credential".
    let needs = |id: &str| {
        let operation = operations.iter().find(|operation| operation.id == id);
        let alternatives = &operation
            .unwrap_or_else(|| panic!("there is no {id}"))
            .security;
        let names: Vec<String> = alternatives
            .iter()
            .map(|alternative| match alternative.as_slice() {
                [] => "nothing".to_owned(),
                several => several.join(" and "),
            })
            .collect();
        match names.as_slice() {
            [] => "no credential".to_owned(),
            several => several.join(" or "),
        }
    };
    for id in [
        "auth_login",
        "auth_refresh",
        "auth_logout",
        "auth_signup",
        "auth_verify_email",
        "auth_device_authorize",
        "auth_device_token",
        "auth_jwks",
        "billing_list_plans",
        "webhooks_stripe_webhook",
        "healthz_healthz",
        "ext_webhooks_get_ext_health",
    ] {
        assert_eq!(needs(id), "no credential", "{id}");
    }
    for id in [
        "marketplace_list_apps",
        "marketplace_get_app",
        "marketplace_list_reviews",
    ] {
        assert_eq!(needs(id), "nothing or bearer", "{id}");
    }
    for id in [
        "auth_me",
        "users_list_users",
        "developer_list_apps",
        "billing_stripe_list_methods",
    ] {
        assert_eq!(needs(id), "bearer", "{id}");
    }
    for id in [
        "auth_register",
        "actions_record_action",
        "events_event_stats",
        "user_extensions_batch_extensions",
    ] {
        assert_eq!(needs(id), "serviceToken", "{id}");
    }
    assert_eq!(needs("events_event_stream"), "eventToken");
    assert_eq!(needs("secrets_get_secret"), "bearer or serviceToken");
}
