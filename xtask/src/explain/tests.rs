//! Items of our own clients, each with where it comes from.

use super::*;

fn known(service: usize) -> (Workspace, Known) {
    let workspace = Workspace::here();
    let known = Known::of(&workspace, SERVICES[service]).unwrap();
    (workspace, known)
}

fn operation(service: usize, what: &str) -> String {
    let (workspace, known) = known(service);
    let mut operations = known.operations.iter();
    let operation = operations.find(|one| known.is_called(one, what)).unwrap();
    known.operation(&workspace, operation).unwrap()
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn an_operation_is_explained_from_the_document_to_rust() {
    let parts = [
        "apps_list_apps: GET /v1/apps (registry)",
        "document: specs/registry.json#/paths/~1v1~1apps/get",
        "shape: named after operationId",
        "credential: registryKey",
        "fn handles::Apps::list_apps",
        "fn builder::AppsListApps::owner_id",
        ".list_apps()",
    ];
    says(&operation(1, "GET /v1/apps"), &parts);
}

#[test]
fn the_overlay_and_every_pass_that_touched_an_operation_are_told() {
    let parts = [
        "overlay: specs/overlays/auth-gateway.json, $.paths['/v1/marketplace/apps'].get",
        "shape: credential: none, or bearer",
        "shape: paged by page, per_page items at a time",
        "lower: written in the words of OpenAPI 3.0",
    ];
    says(&operation(0, "marketplace_list_apps"), &parts);
}

#[test]
fn a_type_is_known_by_its_name_in_rust_and_in_the_document() {
    let (workspace, known) = known(0);
    for what in ["UserResponse", "types::UserResponse"] {
        assert!(known.is_type_called("UserResponse", what), "{what}");
    }
    assert!(!known.is_type_called("UserResponse", "types::User"));
    let text = known.type_named(&workspace, "UserResponse").unwrap();
    let parts = [
        "document: specs/auth-gateway.json#/components/schemas/UserResponse",
        "field types::UserResponse::email: std::string::String",
        "let value: types::UserResponse = types::UserResponse::builder()",
        ".email(email)",
        ".try_into()?;",
    ];
    says(&text, &parts);
}

#[test]
fn a_password_is_said_to_be_a_secret() {
    let (workspace, known) = known(0);
    let text = known.type_named(&workspace, "LoginRequest").unwrap();
    says(
        &text,
        &["generate: password has the format `password`, so it is a Secret"],
    );
    assert!(!text.contains("generate: email"), "{text}");
}

#[test]
fn every_type_of_both_clients_is_explained_with_an_example() {
    for service in 0..SERVICES.len() {
        let (workspace, known) = known(service);
        assert!(
            known
                .components
                .values()
                .all(|name| known.types().any(|one| one == name))
        );
        for name in known.types() {
            let text = known.type_named(&workspace, name).unwrap();
            says(
                &text,
                &["document: ", "  example:\n", &format!("types::{name}")],
            );
        }
    }
}

#[test]
fn a_type_without_a_name_in_the_document_is_found_by_what_uses_it() {
    let (workspace, known) = known(0);
    let text = known
        .type_named(&workspace, "VoiceSpeechToTextForm")
        .unwrap();
    says(&text, &["used by builder::VoiceSpeechToText", "#/paths/"]);
    let text = known.type_named(&workspace, "ErrorBodyDetail").unwrap();
    says(
        &text,
        &["used by types::ErrorBody::detail", "match value {"],
    );
}

#[test]
fn the_example_of_an_operation_is_not_that_of_one_with_a_longer_name() {
    let source = r#"pub mod handles {
        impl<'a> AdminApps<'a> {
            #[doc = "```no_run\nadmin\n```"]
            pub fn list(&self) -> super::builder::AdminAppsList<'a> {}
        }
        impl<'a> Apps<'a> {
            #[doc = "```no_run\napps\n```"]
            pub fn list(&self) -> super::builder::AppsList<'a> {}
        }
    }"#;
    let file = syn::parse_file(source).unwrap();
    let shown = |builder: &str| example::of_operation(&file, "list", builder).unwrap();
    assert_eq!(shown("builder::AdminAppsList"), "    admin");
    assert_eq!(shown("builder::AppsList"), "    apps");
}

#[test]
fn a_name_that_nothing_has_is_told_with_those_that_are_like_it() {
    let names = ["apps_list_apps".to_owned(), "App".to_owned()];
    assert!(unknown("list", &names).contains("there are apps_list_apps"));
    assert!(unknown("nothing", &names).contains("cargo xtask operations"));
}
