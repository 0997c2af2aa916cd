//! How an operation is called, and how a value of a type is made or read.

use crate::rust_items::text::{base, last};
use crate::rust_items::{Kind, Shape, Surface};

/// The example in the documentation of the handle's method.
pub(super) fn of_operation(file: &syn::File, function: &str, builder: &str) -> Option<String> {
    let handles = file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "handles" => module.content.as_ref(),
        _ => None,
    });
    let methods = handles?.1.iter().filter_map(|item| match item {
        syn::Item::Impl(item) => Some(&item.items),
        _ => None,
    });
    let method = methods.flatten().find_map(|item| match item {
        syn::ImplItem::Fn(method) => {
            let is_it = method.sig.ident == function && returns(method, last(builder));
            is_it.then_some(method)
        }
        _ => None,
    });
    let documentation = method?.attrs.iter().filter_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        }
    });
    let documentation: Vec<String> = documentation.collect();
    let documentation = documentation.join("\n");
    let block = documentation.split("```").nth(1)?;
    let lines = block
        .lines()
        .skip(1)
        .filter(|line| !line.trim_start().starts_with("# "));
    Some(
        lines
            .map(|line| format!("    {line}"))
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// Whether a method returns the type of this name.
fn returns(method: &syn::ImplItemFn, name: &str) -> bool {
    let syn::ReturnType::Type(_, output) = &method.sig.output else {
        return false;
    };
    let syn::Type::Path(output) = output.as_ref() else {
        return false;
    };
    let last = output.path.segments.last();
    last.is_some_and(|last| last.ident == name)
}

/// A value of a type, made by its builder from what it cannot do without; or read, where it has no builder.
pub(super) fn of_type(surface: &Surface, name: &str) -> Option<String> {
    let path = format!("types::{name}");
    let lines = match &surface.items.get(&path)?.kind {
        Kind::Struct(_)
            if surface
                .items
                .contains_key(&format!("types::builder::{name}")) =>
        {
            let fields = surface.fields(&path).into_iter();
            let needed = fields.filter(|field| base(&field.kind) != "std::option::Option");
            let mut lines = vec![format!("let value: {path} = {path}::builder()")];
            lines.extend(needed.map(|field| format!("    .{0}({0})", field.name)));
            lines.push("    .try_into()?;".to_owned());
            lines
        }
        Kind::Enum(found) => {
            let mut lines = vec!["match value {".to_owned()];
            for (path, item) in surface.children(&path) {
                if let Kind::Variant(variant) = &item.kind {
                    let content = match variant.shape {
                        Shape::Named => " { .. }",
                        Shape::Tuple => "(inner)",
                        Shape::Unit => "",
                    };
                    lines.push(format!("    {path}{content} => {{}}"));
                }
            }
            if !found.exhaustive {
                lines.push("    _ => {}".to_owned());
            }
            lines.push("}".to_owned());
            lines
        }
        Kind::Struct(_) | Kind::Alias(_) => {
            vec![format!("let value: {path} = serde_json::from_str(text)?;")]
        }
        _ => return None,
    };
    let lines = lines.iter().map(|line| format!("    {line}"));
    Some(lines.collect::<Vec<_>>().join("\n"))
}
