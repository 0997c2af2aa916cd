//! The mocked cloud as `curl` sees it, which knows nothing of our code: the manners of HTTP.

use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD, REGISTRY_KEY};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};

/// What came of running curl.
struct Received {
    /// The exit status: 0 unless curl finds something wrong with the answer.
    exit: i32,
    status: u16,
    headers: String,
    body: String,
}

impl Received {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

/// Whether curl is there; says so if it is not.
fn has_curl() -> bool {
    let found = Command::new("curl").arg("--version").output().is_ok();
    if !found {
        imperal_tests::skipped("curl is not installed");
    }
    found
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("curl");
    let quiet = [
        "--silent",
        "--include",
        "--max-time",
        "60",
        "--noproxy",
        "*",
    ];
    command.args(quiet).args(arguments).stdin(Stdio::null());
    command
}

fn curl(arguments: &[&str]) -> Received {
    let output = command(arguments).output().unwrap();
    received(&output)
}

fn received(output: &Output) -> Received {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    // Others come before the last answer: a 100 that lets curl send a large body, and each redirect that it follows.
    loop {
        let (headers, rest) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = headers
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        if status != Some(100) && !rest.starts_with("HTTP/1.1 ") {
            return Received {
                exit: output.status.code().unwrap(),
                status: status.unwrap_or_default(),
                headers: headers.to_owned(),
                body: rest.to_owned(),
            };
        }
        text = rest.to_owned();
    }
}

fn login(cloud: &Cloud) -> String {
    let body = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let url = format!("{}/v1/auth/login", cloud.gateway_url());
    let answer = curl(&["--json", &body, &url]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    format!("Authorization: Bearer {token}")
}

#[tokio::test]
async fn both_services_answer_to_their_credentials() {
    if !has_curl() {
        return;
    }
    let cloud = Cloud::start().await;
    let token = login(&cloud);
    let me = format!("{}/v1/auth/me", cloud.gateway_url());
    assert_eq!(curl(&["-H", &token, &me]).json()["email"], EMAIL);
    let refused = curl(&[&me]);
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json(), json!({ "detail": "Not authenticated" }));

    let apps = format!("{}/v1/apps", cloud.registry_url());
    let key = format!("x-api-key: {REGISTRY_KEY}");
    assert_eq!(curl(&["-H", &key, &apps]).status, 200);
    assert_eq!(curl(&[&apps]).status, 401);
}

#[tokio::test]
async fn what_is_not_there_is_said_as_fastapi_says_it() {
    if !has_curl() {
        return;
    }
    let cloud = Cloud::start().await;
    let url = |path: &str| format!("{}{path}", cloud.gateway_url());
    let nothing = curl(&[&url("/v1/nothing")]);
    assert_eq!(
        (nothing.status, nothing.json()),
        (404, json!({ "detail": "Not Found" }))
    );

    for method in ["DELETE", "OPTIONS", "PUT"] {
        let other = curl(&["-X", method, &url("/v1/auth/me")]);
        assert_eq!(
            (other.status, other.header("allow")),
            (405, Some("GET")),
            "{method}"
        );
    }
    let head = curl(&["--head", &url("/v1/auth/me")]);
    assert_eq!((head.exit, head.status, head.body.as_str()), (0, 405, ""));

    let slash = curl(&[&url("/v1/marketplace/apps/?page=2")]);
    let there = url("/v1/marketplace/apps?page=2");
    assert_eq!(
        (slash.status, slash.header("location")),
        (307, Some(there.as_str()))
    );
    assert_eq!(
        curl(&["--location", &url("/v1/marketplace/apps/?page=2")]).status,
        200
    );
}

#[tokio::test]
async fn bodies_and_queries_are_read_as_they_are_sent() {
    if !has_curl() {
        return;
    }
    let cloud = Cloud::start().await;
    let token = login(&cloud);
    let url = |path: &str| format!("{}{path}", cloud.gateway_url());
    let malformed = curl(&["--json", "{\"email\": ", &url("/v1/auth/login")]);
    assert_eq!(malformed.status, 422);
    assert_eq!(malformed.json()["detail"][0]["type"], "json_invalid");

    // Of several values the last one counts; an empty one is no number.
    let apps = |query: &str| curl(&[&url(&format!("/v1/marketplace/apps?{query}"))]);
    assert_eq!(apps("page=none&page=2").status, 200);
    assert_eq!(apps("page=").json()["detail"][0]["type"], "int_parsing");
    let app = curl(&["--path-as-is", &url("/v1/marketplace/apps/m%61il%2Fbox")]);
    assert_eq!(app.json()["app_id"], "mail/box");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("speech.ogg");
    std::fs::write(&path, [0, 159, 146, 150, 13, 10]).unwrap();
    let form = format!("file=@{};type=audio/ogg", path.display());
    let heard = curl(&["-H", &token, "--form", &form, &url("/v1/voice/stt")]);
    assert_eq!(heard.status, 200, "{}", heard.body);
    cloud.clear_exchanges();
    let missing = curl(&["-H", &token, "--form", "other=1", &url("/v1/voice/stt")]);
    assert_eq!(missing.json()["detail"][0]["loc"], json!(["body", "file"]));

    let large = folder.path().join("large");
    std::fs::File::create(&large)
        .unwrap()
        .set_len(65 * 1024 * 1024)
        .unwrap();
    let data = format!("@{}", large.display());
    let refused = curl(&["--data-binary", &data, &url("/v1/auth/login")]);
    assert_eq!(refused.status, 413);
}

#[tokio::test]
async fn a_strict_cloud_looks_at_media_types() {
    if !has_curl() {
        return;
    }
    let cloud = Cloud::builder().strict(true).start().await;
    let apps = format!("{}/v1/marketplace/apps", cloud.gateway_url());
    assert_eq!(curl(&["-H", "Accept: text/html", &apps]).status, 406);
    assert_eq!(
        curl(&["-H", "Accept: text/html, */*;q=0.1", &apps]).status,
        200
    );
    let login = format!("{}/v1/auth/login", cloud.gateway_url());
    assert_eq!(curl(&["--data", "email=a", &login]).status, 415);
}

#[tokio::test]
async fn events_come_as_they_are_pushed() {
    if !has_curl() {
        return;
    }
    let cloud = Cloud::start().await;
    let token = login(&cloud);
    let token = token.rsplit(' ').next().unwrap().to_owned();
    cloud.push_event("panel_refresh", &json!({ "panel": "usage" }));
    let last = cloud.push_event("panel_refresh", &json!({ "panel": "é" }));

    let url = format!("{}/v1/events/stream?token={token}", cloud.gateway_url());
    let mut following = command(&["--no-buffer", "-H", "Last-Event-ID: 0", &url]);
    let mut following = following.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(following.stdout.take().unwrap());
    let (mut heard, expected) = (
        String::new(),
        format!("id: {last}\nevent: panel_refresh\ndata: {{\"panel\":\"é\"}}\n\n"),
    );
    while !heard.ends_with(&expected) {
        assert_ne!(out.read_line(&mut heard).unwrap(), 0, "{heard}");
    }
    cloud.drop_event_streams();
    out.read_to_string(&mut heard).unwrap();
    let stream = received(&Output {
        status: following.wait().unwrap(),
        stdout: heard.into_bytes(),
        stderr: Vec::new(),
    });
    let kind = stream.header("content-type");
    assert_eq!(
        (stream.exit, kind),
        (0, Some("text/event-stream; charset=utf-8"))
    );
    assert!(stream.body.ends_with(&expected), "{}", stream.body);
}

/// curl tells by its exit status what is wrong with an answer.
#[tokio::test]
async fn faults_are_what_they_are_called() {
    if !has_curl() {
        return;
    }
    let cloud = Cloud::start().await;
    let url = format!("{}/v1/marketplace/apps", cloud.gateway_url());
    let (partial, receive) = (18, 56);
    for (fault, exit) in [
        (Fault::close_after(100), partial),
        (Fault::reset_after(100), receive),
        (Fault::malformed_chunk(), receive),
        (Fault::content_length(100_000), partial),
        (
            Fault::status(503).retry_after(std::time::Duration::from_secs(7)),
            0,
        ),
    ] {
        let words = format!("{fault:?}");
        cloud.fail_next(fault);
        let received = curl(&[&url]);
        assert_eq!(received.exit, exit, "{words}");
        if exit == 0 {
            assert_eq!(
                (received.status, received.header("retry-after")),
                (503, Some("7"))
            );
        }
        assert_eq!(curl(&[&url]).exit, 0, "after {words}");
    }
}
