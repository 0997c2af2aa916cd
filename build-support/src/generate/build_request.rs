//! Sending is the session's: of progenitor's `send` the building of the request stays.

use super::edit::{BUILD_REQUEST, functions};
use quote::ToTokens;
use syn::{Item, parse_quote};

pub(super) fn only(items: &mut [Item]) -> usize {
    let mut edits = 0;
    for function in functions(items) {
        if function.sig.ident != BUILD_REQUEST {
            continue;
        }
        let statements = &mut function.block.stmts;
        let built = statements.iter().enumerate();
        let Some((end, request)) = built
            .rev()
            .find_map(|(at, it)| Some((at, built_request(it)?)))
        else {
            continue;
        };
        statements.truncate(end + 1);
        // The document's version, which no service asked for.
        statements.retain(|statement| {
            let text = statement.to_token_stream().to_string();
            !(text.contains("\"api-version\"") && text.contains("api_version ()"))
        });
        statements.push(syn::Stmt::Expr(parse_quote!(Ok(#request)), None));
        // Most requests have no header of their own and no body beside them.
        function
            .attrs
            .push(parse_quote!(#[allow(unused_mut, unused_variables)]));
        function.sig.asyncness = None;
        function
            .sig
            .inputs
            .push(parse_quote!(payload: &mut ::imperal_runtime::private::Payload));
        function.sig.output = parse_quote!(-> ::std::result::Result<::reqwest::Request, Error<()>>);
        edits += 1;
    }
    edits
}

/// The local that `statement` builds the request into. It is not always called the same: an argument
/// may have its name.
fn built_request(statement: &syn::Stmt) -> Option<syn::Ident> {
    let syn::Stmt::Local(local) = statement else {
        return None;
    };
    let syn::Pat::Ident(name) = &local.pat else {
        return None;
    };
    let syn::Expr::Try(built) = &*local.init.as_ref()?.expr else {
        return None;
    };
    let is_built = matches!(&*built.expr, syn::Expr::MethodCall(call) if call.method == "build");
    is_built.then(|| name.ident.clone())
}
