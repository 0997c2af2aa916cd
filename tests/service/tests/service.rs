//! The service as its callers see it, against the mocked cloud: what any service that depends on the SDK can
//! test, without a network and without a sleep.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::StreamExt;
use imperal::{CallOptions, Credentials, Imperal, RetryPolicy};
use imperal_example_service::{router, serve};
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
use serde_json::Value;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The route that the service calls.
const APPS: &str = "GET /v1/marketplace/apps";

/// Whoever calls the service.
struct Caller {
    http: reqwest::Client,
    address: String,
}

/// What the caller sees.
#[derive(Debug)]
struct Answer {
    status: u16,
    media_type: Option<String>,
    retry_after: Option<String>,
    body: String,
}

impl Caller {
    fn of(address: String) -> Self {
        // A service that keeps its caller waiting fails the test, and does not hold it up.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10));
        Self {
            http: http.build().unwrap(),
            address,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("http://{}{path}", self.address));
        let answer = request.send().await.unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        Answer {
            status: answer.status().as_u16(),
            media_type: header("content-type"),
            retry_after: header("retry-after"),
            body: answer.text().await.unwrap(),
        }
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The ids of the apps that were answered.
    fn ids(&self) -> Vec<String> {
        let body = self.json();
        let apps = body["apps"].as_array().unwrap().iter();
        apps.map(|app| app["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The status, and the wait that is asked for, of an answer that says what is wrong in the right form.
    fn problem(&self) -> (u16, Option<&str>) {
        assert_eq!(
            self.media_type.as_deref(),
            Some("application/problem+json"),
            "{self:?}"
        );
        assert_eq!(self.json()["status"], self.status, "{self:?}");
        (self.status, self.retry_after.as_deref())
    }
}

/// The service, on a port of its own until the test ends or says stop.
struct Service {
    caller: Caller,
    stop: Arc<Notify>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Service {
    async fn start(imperal: Imperal) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let stopped = async move { stopped.notified().await };
        Self {
            caller: Caller::of(address),
            stop,
            serving: tokio::spawn(serve(listener, router(imperal), stopped)),
        }
    }
}

/// A client that sends everything once, so that each fault is met by one request of the caller.
fn trying_once(cloud: &Cloud) -> Imperal {
    let options = CallOptions::new().retries(RetryPolicy::none());
    let builder = cloud.client_builder().options(options);
    let login = Credentials::password(EMAIL, PASSWORD);
    builder.credentials(login).build().unwrap()
}

/// A failure of the cloud that says more than callers are to know.
fn failure(status: u16) -> Fault {
    Fault::status(status).body("application/json", r#"{"detail": "db-7 is down"}"#)
}

#[tokio::test]
async fn apps_are_answered_in_our_own_form() {
    let cloud = Cloud::start().await;
    let service = Service::start(cloud.client()).await;

    let answer = service.caller.get("/apps?search=mail&limit=3").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.media_type.as_deref(), Some("application/json"));
    assert_eq!(answer.ids(), ["app-1", "app-2", "app-3"]);
    let first = &answer.json()["apps"][0];
    assert!(first["name"].is_string(), "{first}");
    assert_eq!(first.as_object().unwrap().len(), 3, "{first}");
    let query = cloud.exchanges().last().unwrap().query.clone();
    assert!(
        query.contains("search=mail") && query.contains("per_page=3"),
        "{query}"
    );

    assert_eq!(service.caller.get("/apps").await.ids().len(), 20);
    // As many as there are.
    assert_eq!(service.caller.get("/apps?limit=100").await.ids().len(), 45);
    cloud.assert_conforms();
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_said_without_asking_the_cloud() {
    let cloud = Cloud::start().await;
    let service = Service::start(cloud.client()).await;
    let too_long = format!("search={}", "x".repeat(201));
    for query in ["limit=0", "limit=101", "limit=many", too_long.as_str()] {
        let answer = service.caller.get(&format!("/apps?{query}")).await;
        assert_eq!(answer.problem(), (400, None), "{query}: {answer:?}");
    }
    assert!(cloud.exchanges().is_empty(), "{:?}", cloud.exchanges());
}

#[tokio::test]
async fn a_failure_that_passes_is_not_noticed() {
    let cloud = Cloud::start().await;
    let service = Service::start(cloud.client()).await;
    cloud.fail_next(Fault::status(503).retry_after(Duration::ZERO).on(APPS));
    cloud.fail_next(Fault::status(429).retry_after(Duration::ZERO).on(APPS));
    let answer = service.caller.get("/apps?limit=2").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    cloud.assert_conforms();
}

#[tokio::test]
async fn a_failure_that_stays_is_told_in_our_own_words() {
    let cloud = Cloud::start().await;
    let service = Service::start(trying_once(&cloud)).await;
    let quota = r#"{"detail": {"error_code": "QUOTA_EXCEEDED", "message": "db-7 is full"}}"#;
    let wait = Duration::from_secs;
    for (fault, expected) in [
        (failure(503).retry_after(wait(7)), (503, Some("7"))),
        (failure(429).retry_after(wait(30)), (503, Some("30"))),
        (failure(504), (503, Some("5"))),
        (Fault::close_after(30), (503, Some("5"))),
        (failure(403), (502, None)),
        (failure(500), (502, None)),
        (Fault::status(200).body("text/html", "db-7"), (502, None)),
        // It looks like a rate limit, and no wait would help.
        (
            Fault::status(429).body("application/json", quota),
            (502, None),
        ),
    ] {
        let said = format!("{fault:?}");
        cloud.fail_next(fault.on(APPS));
        let answer = service.caller.get("/apps").await;
        assert_eq!(answer.problem(), expected, "{said}: {answer:?}");
        assert!(!answer.body.contains("db-7"), "{said}: {answer:?}");
    }
    let answer = service.caller.get("/apps").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    cloud.assert_conforms();
}

#[tokio::test]
async fn callers_do_not_notice_that_an_access_token_runs_out() {
    let cloud = Cloud::start().await;
    let service = Service::start(trying_once(&cloud)).await;
    assert_eq!(service.caller.get("/apps").await.status, 200);
    cloud.advance(Duration::from_secs(16 * 60));
    assert_eq!(service.caller.get("/apps").await.status, 200);

    let exchanges = cloud.exchanges();
    let seen: Vec<(&str, u16)> = exchanges
        .iter()
        .map(|exchange| (exchange.path.as_str(), exchange.status))
        .collect();
    let expected = [
        ("/v1/auth/login", 200),
        ("/v1/marketplace/apps", 200),
        ("/v1/marketplace/apps", 401),
        ("/v1/auth/refresh", 200),
        ("/v1/marketplace/apps", 200),
    ];
    assert_eq!(seen, expected);
    cloud.assert_conforms();
}

#[tokio::test]
async fn a_gateway_that_is_silent_makes_the_service_unready_but_not_dead() {
    let cloud = Cloud::start().await;
    let service = Service::start(cloud.client()).await;
    cloud.fail_next(Fault::stall_after(0).on("GET /healthz"));
    let unready = service.caller.get("/readyz").await;
    assert_eq!(unready.problem(), (503, Some("5")), "{unready:?}");
    assert_eq!(service.caller.get("/healthz").await.status, 200);

    assert_eq!(service.caller.get("/readyz").await.status, 200);
    let exchanges = cloud.exchanges();
    assert!(
        exchanges.iter().all(|exchange| exchange.path == "/healthz"),
        "a probe logs nobody in: {exchanges:?}"
    );
    cloud.assert_conforms();
}

#[tokio::test]
async fn without_a_cloud_the_service_says_when_to_come_back() {
    // Bound but not listening: whoever calls is refused, and nobody else can take the port.
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nowhere = bound.local_addr().unwrap();
    let imperal = Imperal::builder()
        .gateway_url(format!("http://{nowhere}"))
        .credentials(Credentials::bearer("a token"))
        .options(CallOptions::new().retries(RetryPolicy::none()));
    let service = Service::start(imperal.build().unwrap()).await;
    for path in ["/readyz", "/apps"] {
        let answer = service.caller.get(path).await;
        assert_eq!(answer.problem(), (503, Some("5")), "{path}: {answer:?}");
        assert!(!answer.body.contains(&nowhere.to_string()), "{answer:?}");
    }
    assert_eq!(service.caller.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_service_ends() {
    let cloud = Cloud::start().await;
    let service = Service::start(cloud.client()).await;
    cloud.fail_next(Fault::delay(Duration::from_millis(300)).on(APPS));
    let mut exchanges = pin!(cloud.follow());
    let stopping = async {
        // The login that the request causes: now it is under way, and its answer is still to come.
        let login = exchanges.next().await.unwrap();
        assert_eq!(login.path, "/v1/auth/login");
        service.stop.notify_one();
    };
    let (answer, ()) = tokio::join!(service.caller.get("/apps?limit=2"), stopping);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.ids(), ["app-1", "app-2"]);
    service.serving.await.unwrap().unwrap();
    cloud.assert_conforms();
}

/// The program, as an orchestrator runs it.
#[cfg(unix)]
#[tokio::test]
async fn the_program_stops_when_it_is_told_to_and_ends_its_login() {
    use std::process::Stdio;
    use tokio::io::{AsyncBufReadExt, BufReader};
    use tokio::process::Command;

    let cloud = Cloud::start().await;
    let mut program = Command::new(env!("CARGO_BIN_EXE_imperal-example-service"))
        // Whoever runs the tests may have a login of their own.
        .env_clear()
        .env("IMPERAL_API_URL", cloud.gateway_url())
        .env("IMPERAL_EMAIL", EMAIL)
        .env("IMPERAL_PASSWORD", PASSWORD)
        .env("SERVICE_ADDRESS", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(program.stdout.take().unwrap()).lines();
    let address = loop {
        let line = log.next_line().await.unwrap();
        let line = line.unwrap_or_else(|| panic!("the program ended before it listened"));
        if let Some((_, address)) = line.split_once("address=") {
            break address.trim().to_owned();
        }
    };
    let answer = Caller::of(address).get("/apps?limit=1").await;
    assert_eq!(answer.ids(), ["app-1"]);

    let process = program.id().unwrap().to_string();
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -TERM \"$1\"", "sh", process.as_str()]);
    assert!(kill.status().await.unwrap().success());
    let ended = program.wait().await.unwrap();
    assert!(ended.success(), "{ended}");

    let exchanges = cloud.exchanges();
    let last = exchanges.last().unwrap();
    assert_eq!((last.path.as_str(), last.status), ("/v1/auth/logout", 200));
    cloud.assert_conforms();
}
