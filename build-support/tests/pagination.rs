//! Which operations are taken to page, and what an overlay can say of that.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::{Document, PageStyle, Pagination, operations, shape};
use serde_json::{Value, json};

fn parameter(name: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "required": false, "schema": schema })
}

/// What is found of one operation with these parameters, this answer and this extension.
fn found(
    parameters: &[Value],
    answer: &Value,
    told: Option<Value>,
) -> Result<Option<Pagination>, String> {
    let mut operation = json!({
        "tags": ["lists"], "operationId": "list", "parameters": parameters,
        "responses": { "200": { "description": "", "content": { "application/json": { "schema": answer } } } },
    });
    if let Some(told) = told {
        operation["x-client-pagination"] = told;
    }
    let root = json!({
        "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
        "paths": { "/list": { "get": operation } },
        "components": { "schemas": { "Envelope": { "type": "object", "properties": {
            "data": { "type": "array", "items": { "type": "integer" } },
            "next_cursor": { "type": "string" }, "has_more": { "type": "boolean" }, "total": { "type": "integer" },
            "after": { "type": "object", "properties": { "this": { "type": "string" } } },
        } } } },
    });
    let mut document = Document::from_json("t.json", root.to_string().as_bytes()).unwrap();
    shape(&mut document).map_err(|error| error.to_string())?;
    let mut operations = operations(&document).map_err(|error| error.to_string())?;
    Ok(operations.remove(0).pagination)
}

fn integer() -> Value {
    json!({ "type": "integer" })
}

fn envelope() -> Value {
    json!({ "anyOf": [{ "$ref": "#/components/schemas/Envelope" }, { "type": "array", "items": {} }] })
}

#[test]
fn parameters_and_fields_say_how_a_list_is_paged() {
    let page = parameter("page", &json!({ "type": "integer", "minimum": 0 }));
    let size = parameter(
        "per_page",
        &json!({ "anyOf": [{ "type": "integer", "maximum": 200.0 }, { "type": "null" }] }),
    );
    let pages = found(&[page, size], &envelope(), None).unwrap().unwrap();
    assert_eq!((pages.style, pages.first), (PageStyle::Page, 0));
    assert_eq!((pages.largest, pages.asked()), (Some(200), Some(200)));
    assert_eq!(
        (pages.more.as_deref(), pages.total.as_deref()),
        (Some("/has_more"), Some("/total"))
    );
    assert_eq!(pages.next, None);

    let cursor = [parameter("cursor", &json!({ "type": "string" }))];
    let cursors = found(&cursor, &envelope(), None).unwrap().unwrap();
    assert_eq!(
        (cursors.style, cursors.next.as_deref()),
        (PageStyle::Cursor, Some("/next_cursor"))
    );
    assert_eq!((cursors.size.as_deref(), cursors.asked()), (None, None));

    let offset = [
        parameter("offset", &integer()),
        parameter("limit", &integer()),
    ];
    let offset = found(&offset, &json!({}), None).unwrap().unwrap();
    assert_eq!(
        (offset.style, offset.asked()),
        (PageStyle::Offset, Some(50))
    );
}

#[test]
fn what_only_looks_like_it_does_not_page() {
    for parameters in [
        vec![parameter("page", &integer())],
        vec![parameter("limit", &integer())],
        vec![parameter("cursor", &json!({ "type": "string" }))],
    ] {
        assert_eq!(
            found(&parameters, &json!({ "type": "array" }), None).unwrap(),
            None,
            "{parameters:?}"
        );
    }
}

#[test]
fn an_overlay_says_what_the_document_does_not() {
    let parameters = [
        parameter("from", &json!({ "type": "string" })),
        parameter("limit", &json!({ "type": "integer", "maximum": 9 })),
    ];
    let told = json!({
        "style": "cursor", "position": "from", "size": "limit", "next": "/after/this", "items": "/data", "largest": 9,
    });
    let cursors = found(&parameters, &envelope(), Some(told))
        .unwrap()
        .unwrap();
    assert_eq!(
        (cursors.position.as_str(), cursors.next.as_deref()),
        ("from", Some("/after/this"))
    );
    assert_eq!(
        (cursors.items.as_deref(), cursors.asked()),
        (Some("/data"), Some(9))
    );

    let offset = [
        parameter("offset", &integer()),
        parameter("limit", &integer()),
    ];
    let told = |told| found(&offset, &envelope(), Some(told));
    assert_eq!(told(json!(false)).unwrap(), None);
    // What it does not say is as the document has it.
    let pages = told(json!({ "largest": 30 })).unwrap().unwrap();
    assert_eq!((pages.style, pages.asked()), (PageStyle::Offset, Some(30)));
}

#[test]
fn an_overlay_that_is_wrong_is_told_what_and_where() {
    let offset = [
        parameter("offset", &integer()),
        parameter("limit", &integer()),
    ];
    for (told, problem) in [
        (json!({ "size": "count" }), "no query parameter count"),
        (json!({ "style": "sideways" }), "sideways"),
        (json!({ "pages": 3 }), "unknown field `pages`"),
    ] {
        let error = found(&offset, &envelope(), Some(told)).unwrap_err();
        assert!(error.contains(problem), "{error}");
        assert!(
            error.contains("/paths/~1list/get/x-client-pagination"),
            "{error}"
        );
    }
    let cursor = [parameter("cursor", &json!({ "type": "string" }))];
    let error = found(
        &cursor,
        &json!({}),
        Some(json!({ "style": "cursor", "position": "cursor" })),
    )
    .unwrap_err();
    assert!(error.contains("next"), "{error}");
}
