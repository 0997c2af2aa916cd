//! Operations as documents and clients name them: `GET /v1/apps/{id}`.

use imperal_build_support::{Operation, pointer};

/// The route of an operation, with the names that its path gives to what is put into it.
pub(crate) fn of(operation: &Operation) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

/// A route or path without the names of what is put into it: `GET /v1/apps/{}`. They can change while the
/// operation stays what it is.
pub(crate) fn without_names(route: &str) -> String {
    let mut parts = route.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("{}");
        text.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    text
}

/// Where a document describes an operation.
pub(crate) fn place(route: &str) -> String {
    let (method, path) = route.split_once(' ').unwrap_or(("", route));
    pointer::join(&pointer::join("/paths", path), &method.to_lowercase())
}

/// Where a document describes a component.
pub(crate) fn component_place(name: &str) -> String {
    pointer::join("/components/schemas", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_leads_to_its_place_and_loses_its_names() {
        assert_eq!(
            without_names("GET /v1/{app}/keys/{key}.json"),
            "GET /v1/{}/keys/{}.json"
        );
        assert_eq!(place("GET /v1/apps"), "/paths/~1v1~1apps/get");
        assert_eq!(component_place("a/b"), "/components/schemas/a~1b");
    }
}
