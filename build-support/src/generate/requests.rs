//! How the builder of one operation writes its request: with the methods, headers and bodies that
//! progenitor does not know.

use super::edit::{last_segment, must_edit};
use crate::{BodyKind, Operation};
use heck::ToPascalCase;
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall, Item, parse_quote};

/// Edits the builder of `operation`.
pub(super) fn edit(builders: &mut [Item], operation: &Operation) -> Result<(), String> {
    let mut edits = Edits {
        operation,
        bodies: 0,
        unset: 0,
    };
    let name = operation.id.to_pascal_case();
    for item in builders {
        if let Item::Impl(item) = item
            && last_segment(&item.self_ty).is_some_and(|own| *own == name)
        {
            edits.visit_item_impl_mut(item);
        }
    }
    if operation.body.is_some() {
        must_edit("write_body", edits.bodies)?;
    }
    if operation.body.is_some() && operation.optional_body {
        must_edit("let_body_be_missing", edits.unset)?;
    }
    Ok(())
}

struct Edits<'a> {
    operation: &'a Operation,
    bodies: usize,
    unset: usize,
}

impl VisitMut for Edits<'_> {
    /// A body that is not given is none, where there may be none.
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        let is_body = matches!(&field.member, syn::Member::Named(name) if name == "body");
        let is_unset = matches!(&field.expr, Expr::Call(call) if call.func.to_token_stream().to_string() == "Err")
            || field.expr.to_token_stream().to_string()
                == "Ok (:: std :: default :: Default :: default ())";
        if is_body && is_unset && self.operation.optional_body {
            field.expr = parse_quote!(Ok(None));
            self.unset += 1;
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        // `form_urlencoded` can fail; what takes its place cannot.
        if let Expr::Try(attempt) = expression
            && matches!(&*attempt.expr, Expr::MethodCall(call) if call.method == "form_urlencoded")
        {
            *expression = (*attempt.expr).clone();
        }
        syn::visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && let Some(edited) = self.edited(call)
        {
            *expression = edited;
        }
    }
}

impl Edits<'_> {
    fn edited(&mut self, call: &ExprMethodCall) -> Option<Expr> {
        let receiver = &call.receiver;
        match call.method.to_string().as_str() {
            "json" | "form_urlencoded" => {
                self.bodies += 1;
                self.body(receiver, call.args.first()?)
            }
            // reqwest has no method of its own for every method of HTTP.
            "options" | "trace" if receiver.to_token_stream().to_string() == "client . client" => {
                let method = format_ident!("{}", call.method.to_string().to_uppercase());
                let url = call.args.first()?;
                Some(parse_quote!(#receiver.request(::reqwest::Method::#method, #url)))
            }
            // A header may be given several times.
            "append" if receiver.to_token_stream().to_string() == "header_map" => {
                let name = &call.args[0];
                let Expr::Try(value) = call.args.get(1)? else {
                    return None;
                };
                let Expr::MethodCall(converted) = &*value.expr else {
                    return None;
                };
                let Expr::MethodCall(text) = &*converted.receiver else {
                    return None;
                };
                let value = &text.receiver;
                Some(parse_quote! {
                    ::imperal_runtime::private::append_header(&mut header_map, #name, &#value)
                        .map_err(Error::InvalidRequest)?
                })
            }
            _ => None,
        }
    }

    fn body(&self, receiver: &Expr, body: &Expr) -> Option<Expr> {
        let kind = self.operation.body.as_ref()?;
        let media_type = &kind.media_type;
        let optional = self.operation.optional_body;
        let private = quote!(::imperal_runtime::private);
        Some(match kind.kind {
            BodyKind::Json if optional => {
                parse_quote!(#private::with_optional_json(#receiver, #body, #media_type))
            }
            BodyKind::Json if media_type == "application/json" => return None,
            BodyKind::Json => parse_quote!(#private::with_json(#receiver, #body, #media_type)),
            BodyKind::Form => parse_quote!(#private::with_form(#receiver, #body)),
            BodyKind::Multipart => {
                parse_quote!(#private::with_parts(payload, #receiver, #body))
            }
            BodyKind::Raw => {
                parse_quote!(#private::with_upload(payload, #receiver, #body, #media_type))
            }
        })
    }
}
