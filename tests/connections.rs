//! What is sent to which address and over which connection, as sockets see it: proxies, redirects, plain HTTP, TLS.

use futures::future::{Either, select};
use imperal::{
    CallOptions, Credentials, Error, Imperal, ImperalBuilder, ManualClock, Method, Placement,
    RedisStore, Requirement, RetryPolicy,
};
use imperal_tests::refusing_socket;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A server on loopback that remembers what came.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Clone, Debug)]
struct Seen {
    /// Which connection it came over.
    connection: usize,
    /// Method, target and headers, in lower case.
    head: String,
}

impl Server {
    /// A server that sends what `answer` returns for the first line of a request.
    async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
        };
        let (seen, answer) = (Arc::clone(&server.seen), Arc::new(answer));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while let Some(head) = read(&mut stream).await {
                        let text = answer(head.lines().next().unwrap_or_default());
                        seen.lock().unwrap().push(Seen { connection, head });
                        if stream.write_all(text.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        server
    }

    /// A server that answers every request with an empty object.
    async fn usual() -> Self {
        Self::start(|_| answer("200 OK", "", "{}")).await
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Reads the next request, and returns its head in lower case; none at the end of the connection.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let size = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {size}\r\n\r\n{body}"
    )
}

/// A builder of clients of the server, with a token.
fn builder(server: &Server) -> ImperalBuilder {
    Imperal::builder()
        .gateway_url(server.url())
        .credentials(Credentials::bearer("hunter2"))
}

async fn call(imperal: &Imperal, method: Method) -> Result<Value, Error> {
    let answer = imperal
        .request(method, "/v1/anything")
        .send::<Value>()
        .await?;
    Ok(answer.into_inner())
}

#[tokio::test]
async fn what_goes_to_loopback_is_not_shown_to_a_proxy() {
    let (server, proxy) = (Server::usual().await, Server::usual().await);
    let by_name = format!("http://localhost:{}", server.address.port());
    for url in [server.url(), by_name] {
        let proxy = proxy.url();
        let imperal = builder(&server)
            .gateway_url(url)
            .configure_http(move |http| http.proxy(reqwest::Proxy::all(&proxy).unwrap()))
            .build()
            .unwrap();
        call(&imperal, Method::GET).await.unwrap();
    }
    assert_eq!(server.seen().len(), 2);
    assert_eq!(proxy.seen().len(), 0, "{:?}", proxy.seen());
}

#[tokio::test]
async fn a_proxy_is_used_for_what_leaves_the_machine() {
    let proxy = Server::usual().await;
    let url = proxy.url();
    // No machine has this name: only the proxy can have answered.
    let imperal = builder(&proxy)
        .gateway_url("http://gateway.invalid")
        .allow_plain_http(true)
        .configure_http(move |http| http.proxy(reqwest::Proxy::all(&url).unwrap()))
        .build()
        .unwrap();
    call(&imperal, Method::GET).await.unwrap();
    let seen = proxy.seen();
    assert!(seen[0].head.starts_with("get http://gateway.invalid/"));
}

#[tokio::test]
async fn a_redirect_is_not_followed_whatever_the_http_client_is_told() {
    static SERVICE: &[&[Requirement]] = &[&[Requirement {
        scheme: "serviceToken",
        placement: Placement::Header("x-service-token"),
    }]];
    let elsewhere = Server::usual().await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/v1/anything\r\n", elsewhere.url());
        let server =
            Server::start(move |_| answer(&format!("{status} Moved"), &location, "")).await;
        let imperal = builder(&server)
            .registry_url(server.url())
            .credentials(Credentials::service_token("hunter2"))
            .credentials(Credentials::registry_key("hunter2"))
            .configure_http(|http| http.redirect(reqwest::redirect::Policy::limited(5)))
            .options(CallOptions::new().header("x-ext-token", "hunter2").unwrap())
            .build()
            .unwrap();
        let with_token = imperal.request(Method::POST, "/v1/anything");
        let with_token = with_token.security(SERVICE);
        let apps = imperal.registry().apps();
        let bearer = "authorization: bearer";
        for (outcome, header) in [
            (call(&imperal, Method::GET).await.err(), bearer),
            (call(&imperal, Method::POST).await.err(), bearer),
            (with_token.send::<Value>().await.err(), "x-service-token:"),
            (apps.list_apps().send().await.err(), "x-api-key:"),
        ] {
            let error = outcome.expect("a redirect is an error");
            assert_eq!(error.status().unwrap(), status, "{error}");
            let sent = format!("{header} hunter2\r\n");
            let seen = server.seen();
            assert!(seen.iter().any(|seen| seen.head.contains(&sent)), "{sent}");
        }
        let seen = server.seen();
        assert!(
            seen.iter()
                .all(|seen| seen.head.contains("x-ext-token: hunter2"))
        );
    }
    assert_eq!(elsewhere.seen().len(), 0, "{:?}", elsewhere.seen());
}

#[tokio::test]
async fn time_outs_that_are_set_on_the_http_client_do_not_apply() {
    let server = Server::usual().await;
    let instant = Duration::from_nanos(1);
    let imperal = builder(&server)
        .configure_http(move |http| http.timeout(instant).read_timeout(instant))
        .build()
        .unwrap();
    call(&imperal, Method::GET).await.unwrap();
}

#[tokio::test]
async fn each_refresh_has_a_connection_of_its_own() {
    let pair = json!({ "access_token": "access", "refresh_token": "refresh", "expires_in": 900 });
    let pair = pair.to_string();
    let server = Server::start(move |line| {
        let body = if line.contains("/refresh") {
            &pair
        } else {
            "{}"
        };
        answer("200 OK", "", body)
    })
    .await;
    let clock = ManualClock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    let imperal = Imperal::builder()
        .gateway_url(server.url())
        .credentials(Credentials::refresh_token("refresh"))
        .clock(clock.clone())
        .build()
        .unwrap();
    for _ in 0..3 {
        call(&imperal, Method::GET).await.unwrap();
        call(&imperal, Method::GET).await.unwrap();
        clock.advance(Duration::from_secs(901));
    }
    let seen = server.seen();
    let refreshes = seen.iter().filter(|seen| seen.head.contains("/refresh"));
    let connections: Vec<usize> = refreshes.map(|refresh| refresh.connection).collect();
    assert_eq!(connections.len(), 3);
    for connection in connections {
        let beside = seen.iter().filter(|seen| seen.connection == connection);
        assert_eq!(beside.count(), 1, "{seen:?}");
    }
}

#[tokio::test]
async fn the_application_is_named_before_the_sdk() {
    let server = Server::usual().await;
    for (application, expected) in [
        (None, "imperal-rust/"),
        (Some("Billing/1.2 (eu)"), "billing/1.2 (eu) imperal-rust/"),
    ] {
        let mut builder = builder(&server);
        if let Some(application) = application {
            builder = builder.user_agent(application);
        }
        call(&builder.build().unwrap(), Method::GET).await.unwrap();
        let seen = server.seen();
        let head = &seen.last().unwrap().head;
        assert!(head.contains(&format!("user-agent: {expected}")), "{head}");
    }
}

#[tokio::test]
async fn plain_http_to_another_machine_carries_a_credential_where_that_is_allowed() {
    let server = Server::usual().await;
    let (address, port) = (server.address, server.address.port());
    for allowed in [false, true] {
        let imperal = builder(&server)
            .gateway_url(format!("http://gateway.internal:{port}"))
            // The name is that of another machine, and leads to the server of the test.
            .configure_http(move |http| http.no_proxy().resolve("gateway.internal", address))
            .allow_plain_http(allowed)
            .build()
            .unwrap();
        let outcome = call(&imperal, Method::GET).await;
        assert_eq!(outcome.is_ok(), allowed, "{outcome:?}");
        let refused = outcome.is_err_and(|error| error.is_configuration());
        assert_eq!(refused, !allowed);
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].head.contains("authorization: bearer hunter2\r\n"));
}

#[tokio::test]
async fn the_error_of_the_system_is_among_the_sources_of_an_error() {
    let nobody = refusing_socket();
    let imperal = Imperal::builder()
        .gateway_url(format!("http://{}", nobody.local_addr().unwrap()))
        .credentials(Credentials::bearer("hunter2"))
        .options(CallOptions::new().retries(RetryPolicy::none()))
        .build()
        .unwrap();
    let error = call(&imperal, Method::GET).await.unwrap_err();
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut system = None;
    while let Some(cause) = source {
        assert!(
            !format!("{cause} {cause:?}").contains("/v1/anything"),
            "{cause:?}"
        );
        system = system.or(cause.downcast_ref::<std::io::Error>());
        source = cause.source();
    }
    let kind = system.map(std::io::Error::kind);
    assert_eq!(
        kind,
        Some(std::io::ErrorKind::ConnectionRefused),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_redis_server_is_spoken_to_over_tls_where_its_address_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("rediss://{}/", listener.local_addr().unwrap());
    let connect = std::pin::pin!(RedisStore::connect(&url, "service"));
    let first_byte = std::pin::pin!(async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap()
    });
    let Either::Right((first_byte, _)) = select(connect, first_byte).await else {
        panic!("the store gave up before it sent anything");
    };
    assert_eq!(first_byte, 0x16, "a handshake of TLS begins with this");
}
