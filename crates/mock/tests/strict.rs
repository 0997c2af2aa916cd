//! Strict mode from outside: what the document does not declare is refused and reported, and is let pass
//! without it.
#![allow(clippy::unwrap_used, reason = "a test")]

use imperal_build_support::Document;
use imperal_mock::{Cloud, DocumentServer};
use serde_json::{Value, json};

fn document() -> Document {
    let pet = json!({
        "type": "object", "required": ["name"],
        "properties": {
            "name": { "type": "string" },
            "owner": { "$ref": "#/components/schemas/Owner" },
            "visits": { "type": "array", "items": { "$ref": "#/components/schemas/Visit" } },
            "labels": { "type": "object" },
        },
    });
    let text = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
    let answer = json!({ "200": { "description": "Done", "content": {
        "application/json": { "schema": { "type": "object" } },
    } } });
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Pets", "version": "1" },
        "paths": {
            "/pets": {
                "get": {
                    "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer" } }],
                    "responses": answer,
                },
                "post": {
                    "requestBody": { "content": { "application/json": { "schema": pet } } },
                    "responses": answer,
                },
            },
            "/orders": { "post": {
                "security": [{ "headerKey": [] }],
                "requestBody": { "content": { "application/json": { "schema": pet } } },
                "responses": answer,
            } },
            "/notes": { "post": {
                "requestBody": { "content": { "application/x-www-form-urlencoded": { "schema": text } } },
                "responses": answer,
            } },
            "/photos": { "put": {
                "requestBody": { "content": { "image/*": {}, "application/pdf": {} } },
                "responses": { "200": { "description": "Kept" } },
            } },
        },
        "components": {
            "schemas": {
                "Owner": { "type": "object", "properties": { "email": { "type": "string" } } },
                "Visit": { "anyOf": [
                    { "type": "object", "properties": { "day": { "type": "string" } } },
                    { "type": "null" },
                ] },
            },
            "securitySchemes": {
                "headerKey": { "type": "apiKey", "in": "header", "name": "x-key" },
                "queryKey": { "type": "apiKey", "in": "query", "name": "key" },
            },
        },
    });
    Document::from_json("pets.json", document.to_string().as_bytes()).unwrap()
}

fn serve(strict: bool) -> DocumentServer {
    let server = DocumentServer::builder().strict(strict);
    server.start(&document()).unwrap()
}

/// A request: method, target, headers, body.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

async fn ask(server: &DocumentServer, (method, target, headers, body): Asked<'_>) -> (u16, Value) {
    let url = format!("{}{target}", server.url());
    let request = reqwest::Client::new().request(method.parse().unwrap(), url);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    let answer = request.body(body.to_owned()).send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// What the last request goes against.
fn violations(server: &DocumentServer) -> Vec<String> {
    let exchanges = server.exchanges();
    let last = exchanges.last().unwrap();
    last.violations.iter().map(ToString::to_string).collect()
}

/// Both servers are asked the same: one refuses it with this status and detail and reports this violation, the
/// other answers it.
async fn refused(asked: Asked<'_>, status: u16, detail: Value, violation: &str) {
    let strict = serve(true);
    let refusal = (status, json!({ "detail": detail }));
    assert_eq!(ask(&strict, asked).await, refusal, "{asked:?}");
    assert_eq!(violations(&strict), [violation], "{asked:?}");

    let lenient = serve(false);
    let (status, body) = ask(&lenient, asked).await;
    assert!((200..300).contains(&status), "{asked:?}: {status} {body}");
    lenient.assert_conforms();
}

fn extra(loc: &Value, input: &Value) -> Value {
    let message = "Extra inputs are not permitted";
    json!([{ "type": "extra_forbidden", "loc": loc, "msg": message, "input": input }])
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[tokio::test]
async fn query_parameters_that_are_not_declared_are_refused() {
    refused(
        ("GET", "/pets?limit=5&page=2", &[], ""),
        422,
        extra(&json!(["query", "page"]), &json!("2")),
        "query.page: Extra inputs are not permitted",
    )
    .await;
    refused(
        ("GET", "/pets?tag=a&limit=5&tag=b", &[], ""),
        422,
        extra(&json!(["query", "tag"]), &json!(["a", "b"])),
        "query.tag: Extra inputs are not permitted",
    )
    .await;
}

#[tokio::test]
async fn fields_that_are_not_declared_are_refused_at_any_depth() {
    refused(
        ("POST", "/pets", JSON, r#"{"name": "Rex", "nmae": "Tom"}"#),
        422,
        extra(&json!(["body", "nmae"]), &json!("Tom")),
        "body.nmae: Extra inputs are not permitted",
    )
    .await;
    let nested =
        r#"{"name": "Rex", "labels": {"any": 1}, "owner": {"email": "a", "phone": {"home": 1}}}"#;
    refused(
        ("POST", "/pets", JSON, nested),
        422,
        extra(&json!(["body", "owner", "phone"]), &json!({ "home": 1 })),
        "body.owner.phone: Extra inputs are not permitted",
    )
    .await;
    let listed = r#"{"name": "Rex", "visits": [null, {"day": "today", "hour": 5}]}"#;
    refused(
        ("POST", "/pets", JSON, listed),
        422,
        extra(&json!(["body", "visits", 1, "hour"]), &json!(5)),
        "body.visits.1.hour: Extra inputs are not permitted",
    )
    .await;
    let form = &[("content-type", "application/x-www-form-urlencoded")];
    refused(
        ("POST", "/notes", form, "text=hello&colour=red"),
        422,
        extra(&json!(["body", "colour"]), &json!("red")),
        "body.colour: Extra inputs are not permitted",
    )
    .await;
}

#[tokio::test]
async fn bodies_of_another_media_type_are_refused() {
    let patch = &[("content-type", "application/merge-patch+json")];
    let problem =
        "the body is application/merge-patch+json, and the operation takes application/json";
    refused(
        ("POST", "/pets", patch, r#"{"name": "Rex"}"#),
        415,
        json!(format!("Unsupported Media Type: {problem}")),
        &format!("header.content-type: {problem}"),
    )
    .await;
    let problem =
        "the body has no content type, and the operation takes image/* or application/pdf";
    refused(
        ("PUT", "/photos", &[], "GIF89a"),
        415,
        json!(format!("Unsupported Media Type: {problem}")),
        &format!("header.content-type: {problem}"),
    )
    .await;
    refused(
        ("GET", "/pets", JSON, "{}"),
        415,
        json!("Unsupported Media Type: the operation takes no body"),
        "body: the operation takes no body",
    )
    .await;
}

#[tokio::test]
async fn a_request_that_accepts_no_answer_is_refused() {
    let problem = "the answer is application/json, which is not accepted";
    for accept in ["text/html", "application/json;q=0, */*"] {
        refused(
            ("GET", "/pets", &[("accept", accept)], ""),
            406,
            json!(format!("Not Acceptable: {problem}")),
            &format!("header.accept: {problem}"),
        )
        .await;
    }
}

#[tokio::test]
async fn what_is_declared_is_answered() {
    let strict = serve(true);
    let charset: &[_] = &[("content-type", "application/json; charset=utf-8")];
    let asked: [Asked<'_>; 9] = [
        ("GET", "/pets?limit=5", &[], ""),
        (
            "GET",
            "/pets",
            &[("accept", "text/html, application/*;q=0.1")],
            "",
        ),
        (
            "POST",
            "/pets",
            charset,
            r#"{"name": "Rex", "labels": {"any": 1}}"#,
        ),
        // Nothing is sent, so that it has no type.
        ("POST", "/pets", &[("content-type", "text/plain")], ""),
        ("PUT", "/photos", &[("content-type", "image/gif")], "GIF89a"),
        // There is nothing in the answer that could be unwelcome.
        ("PUT", "/photos", &[("accept", "text/html")], ""),
        // Credentials may be sent to operations that need none.
        ("GET", "/pets?key=secret", &[], ""),
        ("GET", "/pets", &[("x-key", "a"), ("x-api-key", "b")], ""),
        (
            "GET",
            "/pets",
            &[("authorization", "Bearer c"), ("cookie", "d=e")],
            "",
        ),
    ];
    for asked in asked {
        let (status, body) = ask(&strict, asked).await;
        assert!((200..300).contains(&status), "{asked:?}: {status} {body}");
    }
    strict.assert_conforms();
}

#[tokio::test]
async fn what_is_looked_at_first_decides() {
    let strict = serve(true);
    let text = ("content-type", "text/plain");
    let json = ("content-type", "application/json");
    let steps: [(Asked<'_>, u16); 4] = [
        (
            ("POST", "/orders", &[("accept", "image/png"), text], "{"),
            406,
        ),
        (("POST", "/orders", &[text], "{"), 415),
        (("POST", "/orders", &[json], "{"), 422),
        (("POST", "/orders?x=1", &[json], "{}"), 401),
    ];
    for (asked, expected) in steps {
        let (status, body) = ask(&strict, asked).await;
        assert_eq!(status, expected, "{asked:?}: {body}");
        assert_eq!(violations(&strict).len(), 1, "{asked:?}");
    }
    let keyed = &[json, ("x-key", "any")];
    let asked = ("POST", "/orders?x=1", &keyed[..], r#"{"nmae": 1}"#);
    assert_eq!(ask(&strict, asked).await.0, 422);
    assert_eq!(
        violations(&strict),
        [
            "body.name: Field required",
            "query.x: Extra inputs are not permitted",
            "body.nmae: Extra inputs are not permitted",
        ]
    );
}

#[tokio::test]
#[should_panic(expected = "query.serach: Extra inputs are not permitted")]
async fn a_strict_cloud_reports_what_is_not_declared() {
    let cloud = Cloud::builder().strict(true).start().await;
    let misspelt = format!("{}/v1/marketplace/apps?serach=mail", cloud.gateway_url());
    reqwest::get(misspelt).await.unwrap();
    cloud.assert_conforms();
}

#[cfg(feature = "client")]
#[tokio::test]
async fn the_facade_sends_nothing_that_is_not_declared() {
    use futures::TryStreamExt;

    let cloud = Cloud::builder().strict(true).start().await;
    let imperal = cloud.client();
    imperal.login().await.unwrap();
    let gateway = imperal.gateway();
    let me = gateway.auth().me().send().await.unwrap();
    assert_eq!(me.email, imperal_mock::EMAIL);
    let apps = gateway.marketplace().list_apps().search("mail").items();
    let apps: Vec<_> = apps.try_collect().await.unwrap();
    assert_eq!(apps.len(), 45);
    cloud.assert_conforms();
}
