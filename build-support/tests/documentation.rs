//! Every operation of our documents is documented: what it does, how it is sent, what it needs, how it
//! fails, and a call of it that is complete.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{
    Callable, Document, Items, Operation, Overlay, Pipeline, generate_items,
};
use std::collections::BTreeMap;
use std::path::Path;
use syn::{ImplItem, ImplItemFn, Item, ReturnType, Type};

/// The functions of some types, by type and name.
type Functions<'a> = BTreeMap<(String, String), &'a ImplItemFn>;

#[test]
fn every_operation_says_what_it_does_how_it_is_sent_and_how_it_is_called() {
    for name in ["auth-gateway", "registry"] {
        let items = client(name);
        // What is read is the source that the compiler and rustdoc read.
        let file = syn::parse_file(&prettyplease::unparse(&items.file)).unwrap();
        let accessors = functions(&file.items);
        let methods = functions(module(&file.items, "handles"));
        let sends = functions(module(module(&file.items, "builder"), "send"));
        assert!(!items.callables.is_empty(), "{name}");
        assert_eq!(methods.len(), items.callables.len(), "{name}");
        for callable in &items.callables {
            let id = &callable.operation.id;
            let handle = returned(accessors[&key("Client", &callable.handle)]);
            let method = methods[&key(&handle, &callable.function)];
            let text = documentation(method);
            let places = Places::of(&text, &callable.operation);
            assert_summary(places.summary, &callable.operation);
            assert_credential(places.credential, &callable.operation);
            assert_failures(&text, &callable.operation, &items.components);
            assert_example(places.example, callable);
            let send = documentation(sends[&key(&returned(method), &"send")]);
            assert!(send.contains("# Errors\n\nIf "), "{id}: {send}");
        }
    }
}

fn client(name: &str) -> Items {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let document = Document::load(&specs.join(format!("{name}.json"))).unwrap();
    let overlay = Overlay::load(&specs.join(format!("overlays/{name}.json"))).unwrap();
    let lowered = Pipeline::run(document, &overlay).unwrap().lowered;
    generate_items(&lowered, "the_client").unwrap()
}

/// The parts of the documentation of an operation.
struct Places<'a> {
    summary: &'a str,
    /// What stands behind method and path.
    credential: &'a str,
    /// What stands between the fences of the only block of code.
    example: &'a str,
}

impl<'a> Places<'a> {
    fn of(text: &'a str, operation: &Operation) -> Self {
        let (method, path) = (operation.method.to_uppercase(), &operation.path);
        let sent = format!("Sends `{method} {path}`. ");
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        let credential = paragraphs.iter().find_map(|text| text.strip_prefix(&sent));
        let blocks: Vec<&str> = text.split("```").collect();
        let [_, example, ""] = blocks.as_slice() else {
            panic!("{} has not one example: {text}", operation.id);
        };
        Self {
            summary: paragraphs[0],
            credential: credential.unwrap_or_else(|| panic!("no {sent:?} in: {text}")),
            example: *example,
        }
    }
}

fn assert_summary(found: &str, operation: &Operation) {
    let words: Vec<&str> = operation.summary.split_whitespace().collect();
    let summary = words.join(" ");
    assert!(!summary.is_empty(), "{} has no summary", operation.id);
    assert_eq!(found, format!("{}.", summary.trim_end_matches('.')));
}

fn assert_credential(found: &str, operation: &Operation) {
    let is_optional = operation.security.iter().any(Vec::is_empty);
    let schemes: Vec<&String> = operation.security.iter().flatten().collect();
    let beginning = match (schemes.is_empty(), is_optional) {
        (true, _) => "Needs no credential.",
        (false, true) => "Takes the credential ",
        (false, false) => "Needs the credential ",
    };
    assert!(found.starts_with(beginning), "{}: {found}", operation.id);
    for scheme in &schemes {
        assert!(found.contains(&format!("`{scheme}`")), "{}", operation.id);
    }
    let may_be_none = is_optional && !schemes.is_empty();
    assert_eq!(found.ends_with(", or none."), may_be_none, "{found}");
}

/// Each body that a failure may have is a link, beside what reads it.
fn assert_failures(text: &str, operation: &Operation, types: &BTreeMap<String, String>) {
    let id = &operation.id;
    assert!(!operation.failures.is_empty(), "{id} has no failure");
    assert!(text.contains("`Error::body_as`"), "{id}: {text}");
    for component in &operation.failures {
        let name = &types[component];
        let link = format!("[`{name}`](super::types::{name})");
        assert!(text.contains(&link), "{id}: no {link} in: {text}");
    }
}

/// The example is Rust that compiles without being run, and leaves out nothing that has to be given.
fn assert_example(found: &str, callable: &Callable) {
    let id = &callable.operation.id;
    let code = found.strip_prefix("no_run\n").unwrap();
    let lines = code.lines();
    let whole: Vec<&str> = lines
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .collect();
    syn::parse_file(&whole.join("\n")).unwrap();
    let (handle, function) = (&callable.handle, &callable.function);
    let beginning = format!("let answer = client\n    .{handle}()\n    .{function}()\n");
    assert!(code.contains(&beginning), "{id}: {code}");
    let end = "\n    .send()\n    .await?;\n";
    assert!(code.contains(end), "{id}: {code}");
    for argument in callable.arguments.iter().filter(|one| one.required) {
        let given = format!("\n    .{}(", argument.setter);
        assert!(code.contains(&given), "{id}: no {given:?} in: {code}");
    }
}

fn key(owner: &str, name: &impl ToString) -> (String, String) {
    (owner.to_owned(), name.to_string())
}

fn functions(items: &[Item]) -> Functions<'_> {
    let mut found = Functions::new();
    for item in items {
        if let Item::Impl(item) = item
            && item.trait_.is_none()
        {
            let owner = last_part(&item.self_ty);
            for part in &item.items {
                if let ImplItem::Fn(function) = part {
                    found.insert(key(&owner, &function.sig.ident), function);
                }
            }
        }
    }
    found
}

fn module<'a>(items: &'a [Item], name: &str) -> &'a [Item] {
    let content = items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    &content.unwrap().1
}

/// The name of the type that a function returns.
fn returned(function: &ImplItemFn) -> String {
    match &function.sig.output {
        ReturnType::Type(_, kind) => last_part(kind),
        ReturnType::Default => panic!("{} returns nothing", function.sig.ident),
    }
}

fn last_part(kind: &Type) -> String {
    match kind {
        Type::Path(kind) => kind.path.segments.last().unwrap().ident.to_string(),
        _ => panic!("a type without a name"),
    }
}

fn documentation(function: &ImplItemFn) -> String {
    let texts = function.attrs.iter().filter_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) if pair.path.is_ident("doc") => Some(text.value()),
            _ => None,
        }
    });
    texts.collect::<Vec<_>>().join("\n")
}
