//! Operations get names that stay: the tag and the function, whatever else the document holds.
//!
//! FastAPI writes the path and the method into every operationId, so that an id changes when its
//! route moves, and is no name anyone would want to type.

use crate::numbered::numbered;
use crate::operation::{METHODS, key};
use crate::{Document, operation, pointer};
use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

struct Named {
    path: String,
    method: &'static str,
    tag: String,
    function: String,
}

fn id(tag: &str, function: &str) -> String {
    identifier(&format!("{tag} {function}"))
}

/// Types are called so in another case, in which two names can become one.
fn type_name(tag: &str, function: &str) -> String {
    id(tag, function).to_pascal_case()
}

pub(super) fn stable_names(document: &mut Document) {
    let mut named = named(document.root());
    tell_methods_apart(&mut named);
    call_after_routes(&mut named);
    let mut taken = BTreeSet::new();
    for mut one in named {
        one.function = numbered(&one.function, "_", |function| {
            taken.insert(type_name(&one.tag, function))
        });
        let at = pointer::join(&pointer::join("/paths", &one.path), one.method);
        let id = id(&one.tag, &one.function);
        let Some(operation) = document
            .root_mut()
            .pointer_mut(&at)
            .and_then(Value::as_object_mut)
        else {
            continue;
        };
        operation.insert("operationId".to_owned(), json!(id));
        operation.insert("tags".to_owned(), json!([one.tag]));
        operation.insert(key::FUNCTION.to_owned(), json!(one.function));
    }
}

/// The operations with the names that the document gives them.
fn named(root: &Value) -> Vec<Named> {
    operation::iter(root)
        .map(|(path, method, operation)| {
            let tag = operation.get("tags").and_then(|tags| tags[0].as_str());
            let id = operation
                .get("operationId")
                .and_then(Value::as_str)
                .unwrap_or_default();
            Named {
                path: path.to_owned(),
                method,
                tag: tag.map_or_else(|| first_segment(path), str::to_owned),
                function: function_name(id, path, method),
            }
        })
        .collect()
}

/// FastAPI gives the methods of one route one id, and only then the method is part of the name.
fn tell_methods_apart(named: &mut [Named]) {
    let mut routes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for one in named.iter() {
        *routes
            .entry((one.path.clone(), one.function.clone()))
            .or_default() += 1;
    }
    for one in named {
        if routes
            .get(&(one.path.clone(), one.function.clone()))
            .is_some_and(|count| *count > 1)
        {
            one.function = format!("{}_{}", one.function, one.method);
        }
    }
}

/// Operations that would have one name are all called after their routes, whichever comes first: the name
/// of one does not change because another is added before it.
fn call_after_routes(named: &mut [Named]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in named.iter() {
        *counts
            .entry(type_name(&one.tag, &one.function))
            .or_default() += 1;
    }
    for one in named {
        if counts
            .get(&type_name(&one.tag, &one.function))
            .is_some_and(|count| *count > 1)
        {
            one.function = identifier(&format!("{} {}", one.method, one.path));
        }
    }
}

/// The name of the function behind the route: FastAPI appends the path, every other character than
/// letters, digits and underscores turned into an underscore, and one of the route's methods.
fn function_name(id: &str, path: &str, method: &str) -> String {
    let suffix: String = path
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let function = METHODS
        .iter()
        .find_map(|method| id.strip_suffix(&format!("{suffix}_{method}")))
        .filter(|function| !function.is_empty())
        .unwrap_or(id);
    let name = identifier(function);
    if function.is_empty() {
        identifier(&format!("{method} {path}"))
    } else {
        name
    }
}

/// The tag of an operation that has none: the first segment of its path behind the version.
fn first_segment(path: &str) -> String {
    let is_version = |segment: &str| {
        segment
            .strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    };
    path.split('/')
        .find(|segment| !segment.is_empty() && !is_version(segment) && !segment.starts_with('{'))
        .unwrap_or("root")
        .to_owned()
}

/// Snake case of plain ASCII that starts with a letter: a name in any language.
fn identifier(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name = plain.to_snake_case();
    match name.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{name}"),
        Some(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(paths: &Value) -> Vec<String> {
        let root =
            json!({ "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": paths });
        let mut document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        stable_names(&mut document);
        let id = |operation: &serde_json::Map<String, Value>| {
            operation["operationId"].as_str().unwrap().to_owned()
        };
        operation::iter(document.root())
            .map(|(_, _, operation)| id(operation))
            .collect()
    }

    #[test]
    fn path_and_method_leave_the_id() {
        assert_eq!(
            named(
                &json!({ "/v1/marketplace/apps/{app_id}": { "get": { "tags": ["marketplace"], "operationId": "get_app_v1_marketplace_apps__app_id__get" } } })
            ),
            ["marketplace_get_app"]
        );
    }

    #[test]
    fn an_untagged_operation_takes_its_first_segment() {
        assert_eq!(
            named(&json!({ "/healthz": { "get": { "operationId": "healthz_healthz_get" } } })),
            ["healthz_healthz"]
        );
        assert_eq!(
            named(&json!({ "/v1/user-things/{id}": { "get": { "operationId": "one" } } })),
            ["user_things_one"]
        );
    }

    #[test]
    fn only_the_methods_of_one_route_get_the_method_into_the_name() {
        assert_eq!(
            named(&json!({
                "/hook": { "get": { "tags": ["t"], "operationId": "hook_hook_post" }, "post": { "tags": ["t"], "operationId": "hook_hook_post" } },
                "/other": { "post": { "tags": ["t"], "operationId": "other_other_post" } },
            })),
            ["t_hook_get", "t_hook_post", "t_other"]
        );
    }

    #[test]
    fn an_id_in_another_style_is_taken_whole_and_a_missing_one_is_made() {
        assert_eq!(
            named(
                &json!({ "/a-b": { "get": { "tags": ["My Tag"], "operationId": "listThings" }, "put": { "tags": ["My Tag"] } } })
            ),
            ["my_tag_list_things", "my_tag_put_a_b"]
        );
    }

    #[test]
    fn operations_with_one_name_are_called_after_their_routes() {
        let paths = json!({
            "/a": { "get": { "tags": ["t"], "operationId": "x_a_get" } },
            "/b": { "get": { "tags": ["t"], "operationId": "x_b_get" } },
            "/c": { "get": { "tags": ["t"], "operationId": "y" } },
        });
        assert_eq!(named(&paths), ["t_get_a", "t_get_b", "t_y"]);
        let paths = json!({
            "/a-b": { "get": { "tags": ["v1"], "operationId": "x" } },
            "/a_b": { "get": { "tags": ["v 1"], "operationId": "x" } },
        });
        assert_eq!(named(&paths), ["v1_get_a_b", "v_1_get_a_b_2"]);
    }
}
