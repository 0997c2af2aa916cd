//! What is different about one item.

use crate::rust_items::text::short;
use crate::rust_items::{Function, Impl, Kind, Shape};

/// A difference that a program may notice.
pub(super) struct Difference {
    pub(super) breaking: bool,
    pub(super) message: String,
}

impl Difference {
    fn breaking(message: impl Into<String>) -> Self {
        Self {
            breaking: true,
            message: message.into(),
        }
    }

    fn harmless(message: impl Into<String>) -> Self {
        Self {
            breaking: false,
            message: message.into(),
        }
    }
}

/// Whether an item is so different that its parts cannot be compared one by one.
pub(super) fn replaces(old: &Kind, new: &Kind) -> bool {
    match (old, new) {
        (Kind::Struct(old), Kind::Struct(new)) => old.shape != new.shape,
        (Kind::Variant(old), Kind::Variant(new)) => old.shape != new.shape,
        _ => std::mem::discriminant(old) != std::mem::discriminant(new),
    }
}

/// The difference between the two kinds of one item, apart from what is part of it.
pub(super) fn between(old: &Kind, new: &Kind) -> Option<Difference> {
    if old == new {
        return None;
    }
    Some(match (old, new) {
        (Kind::Struct(old), Kind::Struct(new)) => {
            if old.shape != new.shape {
                Difference::breaking(reshaped(old.shape, new.shape))
            } else if old.generics == new.generics {
                changed_literal(old.literal)
            } else {
                Difference::breaking(GENERICS)
            }
        }
        (Kind::Enum(old), Kind::Enum(new)) => {
            if old.generics != new.generics {
                Difference::breaking(GENERICS)
            } else if old.exhaustive {
                Difference::breaking("a `match` needs an arm for what may be added to it")
            } else {
                Difference::harmless("nothing is going to be added to it any more")
            }
        }
        (Kind::Variant(old), Kind::Variant(new)) => {
            if old.shape == new.shape {
                changed_literal(old.literal)
            } else {
                Difference::breaking(reshaped(old.shape, new.shape))
            }
        }
        (Kind::Field(old), Kind::Field(new)) => changed_type(&old.kind, &new.kind),
        (Kind::Constant(old), Kind::Constant(new)) => changed_type(&old.kind, &new.kind),
        (Kind::Alias(old), Kind::Alias(new)) | (Kind::ReExport(old), Kind::ReExport(new)) => {
            Difference::breaking(format!("it was {} and is {}", code(old), code(new)))
        }
        (Kind::Trait(_), Kind::Trait(_)) => Difference::breaking("it is another trait"),
        (Kind::Impl(old), Kind::Impl(new)) => changed_implementation(old, new),
        (Kind::Function(old), Kind::Function(new)) => changed_signature(old, new),
        _ => Difference::breaking(format!(
            "it is no {} any more, but a new {}",
            old.noun(),
            new.noun()
        )),
    })
}

const GENERICS: &str = "its generic parameters are others";

fn changed_literal(was_literal: bool) -> Difference {
    if was_literal {
        Difference::breaking("it cannot be written as a literal any more")
    } else {
        Difference::harmless("it can be written as a literal")
    }
}

fn changed_type(old: &str, new: &str) -> Difference {
    Difference::breaking(format!("its type was {} and is {}", code(old), code(new)))
}

fn changed_implementation(old: &Impl, new: &Impl) -> Difference {
    for (name, before) in &old.associated {
        let after = new.associated.get(name);
        if after != Some(before) {
            let after = after.map_or_else(|| "none".to_owned(), |after| code(after));
            return Difference::breaking(format!(
                "its `{name}` was {} and is {after}",
                code(before)
            ));
        }
    }
    match &new.feature {
        Some(feature) if new.feature != old.feature => {
            Difference::breaking(format!("there is none without the feature `{feature}`"))
        }
        _ => Difference::harmless("there is more to it"),
    }
}

/// What is different for a caller. A bound that is gone breaks none.
fn changed_signature(old: &Function, new: &Function) -> Difference {
    let mut reasons = Vec::new();
    let mut looser = Vec::new();
    let mut instead = |what: &str, new: String, old: String| {
        if old != new {
            reasons.push(format!("{what} {new} instead of {old}"));
        }
    };
    let receiver = |of: &Function| {
        let receiver = of.receiver.as_deref();
        receiver.map_or_else(|| "nothing".to_owned(), code)
    };
    let list = |of: &[String]| code(&format!("({})", of.join(", ")));
    let output = |of: &Function| code(of.output.as_deref().unwrap_or("()"));
    instead("it is called on", receiver(new), receiver(old));
    instead(
        "its generic parameters are",
        list(&new.generics),
        list(&old.generics),
    );
    instead("it takes", list(&new.arguments), list(&old.arguments));
    instead("it returns", output(new), output(old));
    match (converted(old), converted(new)) {
        (Some(before), Some(after)) if before != after => {
            instead("it takes", code(after), code(before));
        }
        _ => {
            let asked = new.bounds.difference(&old.bounds);
            reasons.extend(asked.map(|bound| format!("it asks for {}", code(bound))));
            let left = old.bounds.difference(&new.bounds);
            looser.extend(left.map(|bound| format!("it no longer asks for {}", code(bound))));
        }
    }
    match (old.required, new.required) {
        (true, false) => looser.push("it need not be given any more".to_owned()),
        (false, true) => reasons.push("it has to be given".to_owned()),
        _ => {}
    }
    match (old.is_async, new.is_async) {
        (true, false) => reasons.push("it is not async any more".to_owned()),
        (false, true) => reasons.push("it is async".to_owned()),
        _ => {}
    }
    if reasons.is_empty() {
        Difference::harmless(looser.join("; "))
    } else {
        Difference::breaking(reasons.join("; "))
    }
}

/// What a function converts its only argument into: `T` of `value: impl TryInto<T>`.
pub(super) fn converted(function: &Function) -> Option<&str> {
    let [argument] = function.arguments.as_slice() else {
        return None;
    };
    let bound = format!("{argument}: std::convert::TryInto<");
    let mut bounds = function.bounds.iter();
    bounds.find_map(|found| found.strip_prefix(&bound)?.strip_suffix('>'))
}

fn reshaped(old: Shape, new: Shape) -> String {
    let said = |shape| match shape {
        Shape::Named => "named fields",
        Shape::Tuple => "fields without names",
        Shape::Unit => "no fields",
    };
    format!("it had {} and has {}", said(old), said(new))
}

/// A type as it is shown.
fn code(kind: &str) -> String {
    format!("`{}`", short(kind))
}
