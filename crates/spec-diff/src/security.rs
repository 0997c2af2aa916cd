//! Security: a client may use any alternative of the old document, and each must satisfy one of the
//! new document's.

mod credential;
mod schemes;

pub(crate) use schemes::compare as compare_schemes;

use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::json;
use crate::members::Object;
use crate::report::Wire;
use credential::Credential;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Schemes that have to be used together; none where no credential is needed.
type Alternative<'a> = Vec<Demand<'a>>;

/// One scheme that has to be used.
#[derive(PartialEq)]
struct Demand<'a> {
    scheme: &'a str,
    credential: Credential<'a>,
    scopes: BTreeSet<&'a str>,
}

/// Whether what a client sends is what the server asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    /// It travels as it should, but perhaps is not what is asked for.
    Unsure,
    Yes,
}

/// Compares what an operation asks for.
pub(crate) fn compare(comparison: &mut Comparison<'_>, pointer: &str, old: &Object, new: &Object) {
    let before = alternatives(comparison.old, old);
    let after = alternatives(comparison.new, new);
    if before == after {
        return;
    }
    let pointer = json::join(pointer, "security");
    let all_asked = show_all(&after);
    let mut worst = Fit::Yes;
    for used in &before {
        let fit = after.iter().map(|asked| fit_all(used, asked)).max();
        let fit = fit.unwrap_or(Fit::No);
        worst = worst.min(fit);
        let (rule, wire) = match fit {
            Fit::Yes => continue,
            Fit::Unsure => ("security-token-changed", Wire::Unknown),
            Fit::No => ("security-requirement-added", Wire::Breaking),
        };
        let used = show(used);
        let message = format!("a client using {used} satisfies none of: {all_asked}");
        let finding = Finding::new(rule, wire, &pointer, message)
            .sent("credentials of one request", json!(used))
            .because(
                "which tokens and scopes the server takes is decided where they are issued, or the \
                 scheme is not complete",
            );
        comparison.emit(finding);
    }
    if worst == Fit::Yes {
        let message = format!("{} -> {all_asked}", show_all(&before));
        comparison.emit(Finding::new(
            "security-relaxed",
            Wire::Compatible,
            pointer,
            message,
        ));
    }
}

/// What an operation asks for, or else what the document asks for; at least one alternative.
fn alternatives<'a>(document: &'a Value, operation: &'a Object) -> Vec<Alternative<'a>> {
    let components = json::object(document.get("components"));
    let schemes = json::object(components.get("securitySchemes"));
    let security = operation
        .get("security")
        .or_else(|| document.get("security"));
    let mut alternatives = Vec::new();
    for alternative in json::list(security) {
        let demands: BTreeMap<_, _> = json::object(Some(alternative)).iter().collect();
        let demands = demands.into_iter().map(|(scheme, scopes)| {
            let definition = schemes.get(scheme);
            let definition = definition.map(|definition| json::resolve(document, definition));
            Demand {
                scheme,
                credential: Credential::read(json::object(definition)),
                scopes: json::texts(Some(scopes)).collect(),
            }
        });
        alternatives.push(demands.collect());
    }
    if alternatives.is_empty() {
        alternatives.push(Alternative::new());
    }
    alternatives
}

fn fit_all(used: &[Demand<'_>], asked: &[Demand<'_>]) -> Fit {
    let fits = asked.iter().map(|asked| fit_one(used, asked));
    fits.min().unwrap_or(Fit::Yes)
}

fn fit_one(used: &[Demand<'_>], asked: &Demand<'_>) -> Fit {
    let mut equal = used
        .iter()
        .filter(|used| used.credential == asked.credential)
        .peekable();
    if equal.peek().is_none() {
        // A scheme that is not described might be what the client uses.
        let may_fit = !asked.credential.is_complete() && !used.is_empty();
        return if may_fit { Fit::Unsure } else { Fit::No };
    }
    let is_enough = |used: &Demand<'_>| {
        let is_same_issuer = asked.credential != Credential::Token || used.scheme == asked.scheme;
        is_same_issuer && asked.scopes.is_subset(&used.scopes)
    };
    if equal.any(is_enough) {
        Fit::Yes
    } else {
        Fit::Unsure
    }
}

fn show_all(alternatives: &[Alternative<'_>]) -> String {
    let alternatives = alternatives.iter().map(|alternative| show(alternative));
    alternatives.collect::<Vec<_>>().join(" | ")
}

fn show(alternative: &[Demand<'_>]) -> String {
    if alternative.is_empty() {
        return "none".to_owned();
    }
    let demands = alternative.iter().map(|demand| {
        let scopes: Vec<_> = demand.scopes.iter().copied().collect();
        if scopes.is_empty() {
            demand.scheme.to_owned()
        } else {
            format!("{}[{}]", demand.scheme, scopes.join(","))
        }
    });
    demands.collect::<Vec<_>>().join(" + ")
}
