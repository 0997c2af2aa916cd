//! Text from a document stays text: it cannot become code, end a comment, or be run as an example.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{Document, generate, lower, shape};
use pulldown_cmark::{CodeBlockKind, Event, Tag};
use serde_json::json;

const EVIL: &str = "> ```\n> fn evil() { panic!() }\n> ```\n-     fn evil() {}\n1. ````\n*/ fn evil() {} /*\r\u{202e}\n```\nfn evil() { panic!() }\n```\n    fn evil() {}\n\"]fn evil(){}#[doc=\"\n~~~rust\nevil!()\n";

const TAG: &str = "x\"; fn evil() {} \"\n\n```\nfn evil() {}\n```\n    fn evil() {}";

fn source() -> String {
    let root = json!({
        "openapi": "3.1.0",
        "info": { "title": EVIL, "version": EVIL, "description": EVIL },
        "tags": [{ "name": TAG, "description": EVIL }],
        "paths": {
            "/a/{id}/\"; fn evil(); //\n```\nfn evil()\n```\n": { "post": {
                "tags": [TAG],
                "operationId": "run\"; fn evil() {} \"",
                "summary": EVIL,
                "description": EVIL,
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "description": EVIL, "schema": { "type": "string" } },
                    { "name": "q\"; fn evil() {}", "in": "query", "description": EVIL, "schema": { "type": "string" } },
                ],
                "requestBody": { "description": EVIL, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/B*~1 fn evil() {}" } } } },
                "responses": { "200": { "description": EVIL, "content": { "application/json": { "schema": { "type": "object" } } } } },
            } },
        },
        "components": {
            "schemas": { "B*/ fn evil() {}": {
                "type": "object", "title": EVIL, "description": EVIL,
                "properties": { "a\"; fn evil() {}": { "type": "string", "description": EVIL, "default": EVIL } },
            } },
            "securitySchemes": { "k\"; fn evil() {}": { "type": "apiKey", "in": "header", "name": "h\"; fn evil() {}" } },
        },
        "security": [{ "k\"; fn evil() {}": [] }],
    });
    let mut document = Document::from_json("hostile.json", root.to_string().as_bytes()).unwrap();
    shape(&mut document).unwrap();
    lower(&mut document);
    generate(&document, "hostile").unwrap().source
}

#[test]
fn no_text_becomes_code() {
    let source = source();
    let file: syn::File = syn::parse_str(&source).unwrap();
    let mut found = Functions::default();
    syn::visit::Visit::visit_file(&mut found, &file);
    assert!(
        found.0.iter().any(|name| name.starts_with("run")),
        "{:?}",
        found.0
    );
    assert!(!found.0.iter().any(|name| name == "evil"), "{:?}", found.0);
}

/// The names of all functions.
#[derive(Default)]
struct Functions(Vec<String>);

impl<'a> syn::visit::Visit<'a> for Functions {
    fn visit_signature(&mut self, signature: &'a syn::Signature) {
        self.0.push(signature.ident.to_string());
    }
}

/// Every block of code in the documentation is one of our own examples.
#[test]
fn no_text_is_run_as_an_example() {
    let source = source();
    let file: syn::File = syn::parse_str(&source).unwrap();
    let mut docs = Docs::default();
    syn::visit::Visit::visit_file(&mut docs, &file);
    assert!(
        docs.0.iter().any(|text| text.contains("evil")),
        "the texts are there"
    );
    for text in docs.0 {
        for event in pulldown_cmark::Parser::new(&text) {
            if let Event::Start(Tag::CodeBlock(kind)) = event {
                let own = matches!(&kind, CodeBlockKind::Fenced(info) if &**info == "no_run");
                assert!(own, "{kind:?} in: {text}");
            }
        }
        // And an example of ours holds nothing that is the document's.
        let (_, example) = text.split_once("```no_run").unwrap_or_default();
        assert!(!example.contains("fn evil"), "{text}");
    }
}

/// The texts of all documentation.
#[derive(Default)]
struct Docs(Vec<String>);

impl<'a> syn::visit::Visit<'a> for Docs {
    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        if let syn::Meta::NameValue(meta) = &attribute.meta
            && meta.path.is_ident("doc")
            && let syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) = &meta.value
        {
            self.0.push(text.value());
        }
    }
}
