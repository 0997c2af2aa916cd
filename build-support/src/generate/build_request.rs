//! Sending is the session's: of progenitor's `send` the building of the request stays.

use super::edit::{BUILD_REQUEST, functions};
use quote::{ToTokens, format_ident};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Expr, Item, Token, parse_quote};

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
        if !statements.iter_mut().any(join_path) {
            continue;
        }
        without_empty_headers(statements);
        // The session says what it accepts.
        without_call(statements, "header", ":: reqwest :: header :: ACCEPT");
        without_builder(statements);
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
    let Expr::Try(built) = &*local.init.as_ref()?.expr else {
        return None;
    };
    let is_built = matches!(&*built.expr, Expr::MethodCall(call) if call.method == "build");
    is_built.then(|| name.ident.clone())
}

/// The address is put together by the session, which has parsed its own once and for all.
fn join_path(statement: &mut syn::Stmt) -> bool {
    let syn::Stmt::Local(local) = statement else {
        return false;
    };
    let Some(init) = &mut local.init else {
        return false;
    };
    let Expr::Macro(format) = &*init.expr else {
        return false;
    };
    let Ok(arguments) = format
        .mac
        .parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
    else {
        return false;
    };
    let mut arguments = arguments.into_iter();
    let (Some(Expr::Lit(template)), Some(base)) = (arguments.next(), arguments.next()) else {
        return false;
    };
    let (syn::Lit::Str(template), Expr::Field(base)) = (&template.lit, base) else {
        return false;
    };
    let Some(template) = template.value().strip_prefix("{}").map(str::to_owned) else {
        return false;
    };
    let client = &base.base;
    let arguments: Vec<Expr> = arguments.collect();
    *init.expr = if arguments.is_empty() && !template.contains('{') {
        parse_quote!(#client.inner.url(#template))
    } else {
        parse_quote!(#client.inner.url(&format!(#template, #(#arguments),*)))
    };
    true
}

/// Drops the headers of a request that has none of its own.
fn without_empty_headers(statements: &mut Vec<syn::Stmt>) {
    let is_made = |statement: &syn::Stmt| {
        matches!(statement, syn::Stmt::Local(local)
            if local.pat.to_token_stream().to_string() == "mut header_map")
    };
    let uses = |statement: &syn::Stmt| {
        let text = statement.to_token_stream().to_string();
        text.matches("header_map").count()
    };
    if statements.iter().map(uses).sum::<usize>() != 2 {
        return;
    }
    statements.retain(|statement| !is_made(statement));
    without_call(statements, "headers", "header_map");
}

/// What has an address only is made without reqwest's builder.
fn without_builder(statements: &mut [syn::Stmt]) {
    for statement in statements {
        if let syn::Stmt::Local(local) = statement
            && let Some(init) = &mut local.init
            && let Expr::Try(built) = &*init.expr
            && let Expr::MethodCall(build) = &*built.expr
            && build.method == "build"
            && let Expr::MethodCall(begin) = &*build.receiver
            && let Expr::Field(_) = &*begin.receiver
            && let Some(url) = begin.args.first()
            && begin.args.len() == 1
        {
            let method = format_ident!("{}", begin.method.to_string().to_uppercase());
            *init.expr = parse_quote!(::reqwest::Request::new(::reqwest::Method::#method, #url));
        }
    }
}

/// Drops the calls of a method with `argument`, as tokens are written, as its first from chains of calls.
fn without_call(statements: &mut [syn::Stmt], method: &str, argument: &str) {
    let mut visitor = WithoutCall { method, argument };
    for statement in statements {
        visitor.visit_stmt_mut(statement);
    }
}

struct WithoutCall<'a> {
    method: &'a str,
    argument: &'a str,
}

impl VisitMut for WithoutCall<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        syn::visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && call.method == self.method
            && let Some(first) = call.args.first()
            && first.to_token_stream().to_string() == self.argument
        {
            *expression = (*call.receiver).clone();
        }
    }
}
