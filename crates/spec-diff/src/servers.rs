//! Addresses under which a document, a path or an operation is served.

use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::{self, Object};
use crate::report::Wire;

pub(crate) fn compare(comparison: &mut Comparison<'_>, pointer: &str, old: &Object, new: &Object) {
    let pointer = format!("{pointer}/servers");
    let (before, after) = (addresses(old), addresses(new));
    for address in before.iter().filter(|address| !after.contains(address)) {
        let message = format!("server {address} is no longer listed");
        let finding = Finding::new("server-removed", Wire::Unknown, &pointer, message);
        comparison.emit(
            finding.because("the document does not say whether the old address is still served"),
        );
    }
    for address in after.iter().filter(|address| !before.contains(address)) {
        let message = format!("server {address} added");
        comparison.emit(Finding::new(
            "server-added",
            Wire::Compatible,
            &pointer,
            message,
        ));
    }
    if before == after && members::differs(old, new, "servers") {
        comparison.emit(Finding::new(
            "annotation-changed",
            Wire::None,
            pointer,
            "variables or descriptions of servers changed",
        ));
    }
}

fn addresses(owner: &Object) -> Vec<&str> {
    let servers = json::list(owner.get("servers")).iter();
    servers
        .map(|server| members::text(json::object(Some(server)), "url").unwrap_or_default())
        .collect()
}
