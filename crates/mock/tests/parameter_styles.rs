//! Parameters in each style of OpenAPI: what is written as the document says is read as what it stands for.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::Document;
use imperal_mock::DocumentServer;
use serde_json::{Value, json};
use std::fmt::Write;

/// Asks for `/x` with one parameter, `p` unless it is named otherwise, that is described so. Returns the status and
/// where the first thing is wrong.
async fn ask(described: &Value, target: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut parameter = json!({ "name": "p", "in": "query", "required": true });
    for (keyword, value) in described.as_object().unwrap() {
        parameter[keyword] = value.clone();
    }
    let template = if parameter["in"] == "path" {
        "/x/{p}"
    } else {
        "/x"
    };
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Styles", "version": "1" },
        "paths": { template: { "get": {
            "parameters": [parameter, { "name": "other", "in": "query", "schema": { "type": "integer" } }],
            "responses": { "200": { "description": "Done" } },
        } } },
    });
    let document = Document::from_json("styles.json", document.to_string().as_bytes()).unwrap();
    let server = DocumentServer::builder().strict(true);
    let server = server.start(&document).unwrap();
    let request = reqwest::Client::new().get(format!("{}{target}", server.url()));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    let mut place = String::new();
    for part in body["detail"][0]["loc"].as_array().into_iter().flatten() {
        let part = part
            .as_str()
            .map_or_else(|| part.to_string(), str::to_owned);
        write!(place, "/{part}").unwrap();
    }
    (status, place)
}

/// A list of two or three whole numbers.
fn list() -> Value {
    json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2, "maxItems": 3 })
}

/// An object with two fields, both of which it needs.
fn object() -> Value {
    json!({
        "type": "object", "required": ["role", "age"], "additionalProperties": false,
        "properties": { "role": { "enum": ["admin", "user"] }, "age": { "type": "integer" } },
    })
}

/// Targets that are taken, and targets that are refused with the place.
async fn check(described: Value, taken: &[&str], refused: &[(&str, &str)]) {
    for target in taken {
        let answer = ask(&described, target, &[]).await;
        assert_eq!(answer, (200, String::new()), "{described} {target}");
    }
    for (target, place) in refused {
        let answer = ask(&described, target, &[]).await;
        assert_eq!(answer, (422, (*place).to_owned()), "{described} {target}");
    }
}

#[tokio::test]
async fn form() {
    let exploded = json!({ "schema": list() });
    check(
        exploded,
        &["/x?p=1&p=2"],
        &[("/x?p=1,2", "/query/p/0"), ("/x", "/query/p")],
    )
    .await;
    let joined = json!({ "explode": false, "schema": list() });
    check(
        joined,
        &["/x?p=1,2,3", "/x?p=1%2C2"],
        &[("/x?p=1", "/query/p"), ("/x?p=1,a", "/query/p/1")],
    )
    .await;
    let exploded = json!({ "schema": object() });
    check(
        exploded,
        &["/x?role=admin&age=5", "/x?age=5&other=1&role=user"],
        &[
            ("/x?role=admin", "/query/p/age"),
            ("/x?role=admin&age=old", "/query/p/age"),
            ("/x", "/query/p"),
            ("/x?other=1", "/query/p"),
        ],
    )
    .await;
    let joined = json!({ "explode": false, "schema": object() });
    check(
        joined,
        &["/x?p=role,admin,age,5"],
        &[
            ("/x?p=role,admin", "/query/p/age"),
            ("/x?p=role,admin,age", "/query/p"),
            ("/x?p=role,admin,age,old", "/query/p/age"),
        ],
    )
    .await;
    let empty = json!({ "allowEmptyValue": true, "schema": { "type": "integer" } });
    check(
        empty,
        &["/x?p", "/x?p=", "/x?p=5"],
        &[("/x?p=a", "/query/p")],
    )
    .await;
}

#[tokio::test]
async fn an_object_may_be_put_together_and_open() {
    let parts = json!({ "allOf": [
        { "type": "object", "properties": { "from": { "type": "integer" } } },
        { "type": "object", "properties": { "to": { "type": "array", "items": { "type": "integer" } } } },
    ] });
    check(
        json!({ "schema": parts }),
        &["/x?from=1&to=2&to=3"],
        &[
            ("/x?from=a", "/query/p/from"),
            ("/x?to=2&to=a", "/query/p/to/1"),
        ],
    )
    .await;
    let open = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
    check(
        json!({ "schema": open }),
        &["/x?a=1&b=2", "/x?a=1&other=2"],
        &[("/x?a=one", "/query/p/a"), ("/x?other=2", "/query/p")],
    )
    .await;
}

#[tokio::test]
async fn deep_object() {
    check(
        json!({ "style": "deepObject", "explode": true, "schema": object() }),
        &[
            "/x?p[role]=admin&p[age]=5",
            "/x?p%5Brole%5D=user&p%5Bage%5D=5&other=1",
        ],
        &[
            ("/x?p[role]=admin", "/query/p/age"),
            ("/x?p[role]=admin&p[age]=old", "/query/p/age"),
            ("/x", "/query/p"),
        ],
    )
    .await;
    let lists = json!({ "type": "object", "properties": { "ids": list() } });
    check(
        json!({ "style": "deepObject", "schema": lists }),
        &["/x?p[ids]=1&p[ids]=2"],
        &[
            ("/x?p[ids]=1", "/query/p/ids"),
            ("/x?p[ids]=1&p[ids]=a", "/query/p/ids/1"),
        ],
    )
    .await;
}

#[tokio::test]
async fn space_delimited_and_pipe_delimited() {
    let spaces = json!({ "style": "spaceDelimited", "explode": false, "schema": list() });
    check(
        spaces,
        &["/x?p=1%202%203", "/x?p=1+2"],
        &[("/x?p=1,2", "/query/p/0")],
    )
    .await;
    let pipes = json!({ "style": "pipeDelimited", "schema": list() });
    check(
        pipes,
        &["/x?p=1|2|3", "/x?p=1%7C2"],
        &[("/x?p=1%202", "/query/p/0"), ("/x?p=1|a", "/query/p/1")],
    )
    .await;
    let exploded = json!({ "style": "pipeDelimited", "explode": true, "schema": list() });
    check(exploded, &["/x?p=1&p=2"], &[("/x?p=1", "/query/p")]).await;
    let fields = json!({ "style": "pipeDelimited", "schema": object() });
    check(
        fields,
        &["/x?p=role|admin|age|5"],
        &[("/x?p=role|admin", "/query/p/age")],
    )
    .await;
}

#[tokio::test]
async fn simple_in_paths() {
    check(
        json!({ "in": "path", "schema": list() }),
        &["/x/1,2", "/x/1%2C2,3"],
        &[("/x/1", "/path/p"), ("/x/1,a", "/path/p/1")],
    )
    .await;
    check(
        json!({ "in": "path", "schema": object() }),
        &["/x/role,admin,age,5"],
        &[("/x/role,admin", "/path/p/age"), ("/x/role", "/path/p")],
    )
    .await;
    check(
        json!({ "in": "path", "explode": true, "schema": object() }),
        &["/x/role=admin,age=5"],
        &[
            ("/x/role=admin,age=old", "/path/p/age"),
            ("/x/role,admin", "/path/p"),
        ],
    )
    .await;
}

#[tokio::test]
async fn label() {
    check(
        json!({ "in": "path", "style": "label", "schema": { "type": "integer" } }),
        &["/x/.5"],
        &[("/x/5", "/path/p"), ("/x/.a", "/path/p")],
    )
    .await;
    check(
        json!({ "in": "path", "style": "label", "schema": list() }),
        &["/x/.1,2"],
        &[("/x/.1.2", "/path/p/0"), ("/x/1,2", "/path/p")],
    )
    .await;
    check(
        json!({ "in": "path", "style": "label", "explode": true, "schema": list() }),
        &["/x/.1.2"],
        &[("/x/.1,2", "/path/p/0")],
    )
    .await;
    check(
        json!({ "in": "path", "style": "label", "explode": true, "schema": object() }),
        &["/x/.role=admin.age=5"],
        &[("/x/.role=admin", "/path/p/age")],
    )
    .await;
}

#[tokio::test]
async fn matrix() {
    check(
        json!({ "in": "path", "style": "matrix", "schema": { "type": "integer" } }),
        &["/x/;p=5"],
        &[
            ("/x/5", "/path/p"),
            ("/x/;q=5", "/path/p"),
            ("/x/;p=a", "/path/p"),
        ],
    )
    .await;
    check(
        json!({ "in": "path", "style": "matrix", "schema": list() }),
        &["/x/;p=1,2"],
        &[("/x/;p=1,a", "/path/p/1"), ("/x/;p=1;p=2", "/path/p/0")],
    )
    .await;
    check(
        json!({ "in": "path", "style": "matrix", "explode": true, "schema": list() }),
        &["/x/;p=1;p=2"],
        &[("/x/;p=1;q=2", "/path/p"), ("/x/;p=1", "/path/p")],
    )
    .await;
    check(
        json!({ "in": "path", "style": "matrix", "explode": true, "schema": object() }),
        &["/x/;role=admin;age=5"],
        &[("/x/;role=admin", "/path/p/age")],
    )
    .await;
    check(
        json!({ "in": "path", "style": "matrix", "schema": object() }),
        &["/x/;p=role,admin,age,5"],
        &[("/x/;p=role,admin", "/path/p/age")],
    )
    .await;
}

#[tokio::test]
async fn headers_and_cookies() {
    let status =
        async |described: Value, headers: &[(&str, &str)]| ask(&described, "/x", headers).await.0;
    let list_in = |place: &str| json!({ "in": place, "schema": list(), "explode": false });
    for (headers, expected) in [
        (&[("p", "1, 2,3")][..], 200),
        (&[("p", "1"), ("p", "2")], 200),
        (&[("p", "1")], 422),
        (&[("p", "1,a")], 422),
        (&[], 422),
    ] {
        assert_eq!(
            status(list_in("header"), headers).await,
            expected,
            "{headers:?}"
        );
    }
    let fields = json!({ "in": "header", "explode": true, "schema": object() });
    assert_eq!(
        status(fields.clone(), &[("P", "role=admin,age=5")]).await,
        200
    );
    assert_eq!(status(fields, &[("P", "role=admin")]).await, 422);
    assert_eq!(status(list_in("cookie"), &[("cookie", "p=1,2")]).await, 200);
    assert_eq!(status(list_in("cookie"), &[("cookie", "p=1")]).await, 422);
    let fields = json!({ "in": "cookie", "schema": object() });
    assert_eq!(
        status(fields.clone(), &[("cookie", "role=admin; age=5")]).await,
        200
    );
    assert_eq!(status(fields, &[("cookie", "role=admin")]).await, 422);
}

#[tokio::test]
async fn content() {
    let described = json!({ "content": { "application/json": { "schema": object() } } });
    let whole = "/x?p=%7B%22role%22:%22admin%22,%22age%22:5%7D";
    check(
        described,
        &[whole],
        &[
            ("/x?p=%7B%22role%22:%22admin%22%7D", "/query/p/age"),
            ("/x?p=%7B", "/query/p"),
            ("/x", "/query/p"),
        ],
    )
    .await;
    let described = json!({ "content": { "text/plain": { "schema": { "enum": ["a"] } } } });
    check(described, &["/x?p=a"], &[("/x?p=b", "/query/p")]).await;
}
