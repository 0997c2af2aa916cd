//! What a type derives.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path, Token};

/// A trait that is derived, and the feature without which it is not.
pub(super) struct Derive {
    pub(super) of: Path,
    pub(super) feature: Option<String>,
}

pub(super) fn read(attributes: &[Attribute]) -> Vec<Derive> {
    let mut found = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("cfg_attr") {
            let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
            let Ok(parts) = attribute.parse_args_with(parse) else {
                continue;
            };
            let mut parts = parts.iter();
            let feature = parts.next().and_then(feature);
            for part in parts {
                add(part, feature.as_deref(), &mut found);
            }
        } else {
            add(&attribute.meta, None, &mut found);
        }
    }
    found
}

fn add(attribute: &Meta, feature: Option<&str>, found: &mut Vec<Derive>) {
    if let Meta::List(list) = attribute
        && list.path.is_ident("derive")
        && let Ok(paths) = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
    {
        found.extend(paths.into_iter().map(|of| Derive {
            of,
            feature: feature.map(str::to_owned),
        }));
    }
}

/// The text of `feature = "…"`.
fn feature(condition: &Meta) -> Option<String> {
    let Meta::NameValue(pair) = condition else {
        return None;
    };
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = &pair.value
    else {
        return None;
    };
    pair.path.is_ident("feature").then(|| text.value())
}
