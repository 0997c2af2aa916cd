//! Definitions of security schemes. What breaks a client is judged at the operations that use them;
//! here is what a client needs to obtain a credential.

use super::credential::Credential;
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::{self, Object};
use crate::report::Wire;

/// Where a flow sends its users and its requests.
const ADDRESSES: [&str; 3] = ["authorizationUrl", "tokenUrl", "refreshUrl"];

/// Why a new address is not judged.
const ADDRESS: &str = "the document does not say whether the old address is still served";

/// Compares the security schemes of the documents.
pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let components = json::object(comparison.old.get("components"));
    let before = json::object(components.get("securitySchemes"));
    let components = json::object(comparison.new.get("components"));
    let after = json::object(components.get("securitySchemes"));
    for name in members::names(before, after) {
        let pointer = json::join("/components/securitySchemes", name);
        let (Some(old), Some(new)) = (before.get(name), after.get(name)) else {
            let event = members::event(before, after, name);
            comparison.emit(Finding::new(
                format!("security-scheme-{event}"),
                Wire::None,
                pointer,
                format!("scheme {name} {event}"),
            ));
            continue;
        };
        if old != new {
            let (old, new) = (json::object(Some(old)), json::object(Some(new)));
            compare_pair(comparison, &pointer, old, new);
        }
    }
}

fn compare_pair(comparison: &mut Comparison<'_>, pointer: &str, old: &Object, new: &Object) {
    let (before, after) = (Credential::read(old), Credential::read(new));
    if before != after {
        comparison.emit(Finding::new(
            "security-scheme-changed",
            Wire::None,
            pointer,
            format!("scheme {before} -> {after} (judged at the operations that use it)"),
        ));
    }
    compare_flows(comparison, pointer, old, new);
    compare_address(comparison, pointer, old, new, "openIdConnectUrl");
    if ["bearerFormat", "description"]
        .iter()
        .any(|name| members::differs(old, new, name))
    {
        comparison.emit(Finding::new(
            "security-annotation-changed",
            Wire::None,
            pointer,
            "annotation changed",
        ));
    }
}

fn compare_flows(comparison: &mut Comparison<'_>, pointer: &str, old: &Object, new: &Object) {
    let (before, after) = (
        json::object(old.get("flows")),
        json::object(new.get("flows")),
    );
    for name in members::names(before, after) {
        let pointer = json::join(&format!("{pointer}/flows"), name);
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => {
                let (old, new) = (json::object(Some(old)), json::object(Some(new)));
                for address in ADDRESSES {
                    compare_address(comparison, &pointer, old, new, address);
                }
                compare_scopes(comparison, &pointer, old, new);
            }
            (None, _) => comparison.emit(Finding::new(
                "security-flow-added",
                Wire::Compatible,
                pointer,
                format!("flow {name} added"),
            )),
            (_, None) => {
                let message = format!("flow {name} removed");
                let finding =
                    Finding::new("security-flow-removed", Wire::Unknown, pointer, message);
                comparison.emit(
                    finding.because(
                        "the document does not say whether clients may still use the flow",
                    ),
                );
            }
        }
    }
}

fn compare_address(
    comparison: &mut Comparison<'_>,
    pointer: &str,
    old: &Object,
    new: &Object,
    name: &str,
) {
    if members::differs(old, new, name) {
        let (before, after) = (json::show(old.get(name)), json::show(new.get(name)));
        let finding = Finding::new(
            "security-flow-url-changed",
            Wire::Unknown,
            json::join(pointer, name),
            format!("{name} {before} -> {after}"),
        );
        comparison.emit(finding.because(ADDRESS));
    }
}

fn compare_scopes(comparison: &mut Comparison<'_>, pointer: &str, old: &Object, new: &Object) {
    let (before, after) = (
        json::object(old.get("scopes")),
        json::object(new.get("scopes")),
    );
    for name in members::names(before, after) {
        let pointer = json::join(&format!("{pointer}/scopes"), name);
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) if old == new => {}
            (Some(_), Some(_)) => comparison.emit(Finding::new(
                "security-annotation-changed",
                Wire::None,
                pointer,
                format!("description of scope {name} changed"),
            )),
            (None, _) => comparison.emit(Finding::new(
                "security-scope-offered",
                Wire::Compatible,
                pointer,
                format!("scope {name} is now listed"),
            )),
            (_, None) => {
                let message = format!("scope {name} is no longer listed");
                let finding =
                    Finding::new("security-scope-withdrawn", Wire::Unknown, pointer, message);
                comparison.emit(
                    finding.because("the document does not say whether asking for it is refused"),
                );
            }
        }
    }
}
