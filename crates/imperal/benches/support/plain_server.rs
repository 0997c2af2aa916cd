//! A server that checks nothing and always answers the same, and bare reqwest to call it: the baseline.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use imperal::{Credentials, Imperal};
use std::convert::Infallible;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What it answers.
pub(crate) const ANSWER: &str = r#"{"imperal_id": "imp_u_1", "email": "you@example.com", "tenant_id": "default", "role": "user",
    "auth_method": "email", "scopes": ["*"], "attributes": {"timezone": "UTC"}, "created_at": "2026-01-05T09:00:00Z"}"#;

/// A server on a thread of its own, and its URL.
pub(crate) fn start() -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = one_thread();
        runtime.block_on(async {
            let (listener, url) = listen().await;
            tell.send(url).unwrap();
            serve(listener).await;
        });
    });
    told.recv().unwrap()
}

/// A runtime of one thread with a server in it, and its URL. Whoever calls it from there waits for no other core
/// to wake, which takes longer than a call, and not always the same.
fn start_inside() -> (Runtime, String) {
    let runtime = one_thread();
    let (listener, url) = runtime.block_on(listen());
    runtime.spawn(serve(listener));
    (runtime, url)
}

fn one_thread() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

async fn serve(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let answer = |_| async {
            let body = Full::new(Bytes::from_static(ANSWER.as_bytes()));
            Ok::<_, Infallible>(
                hyper::Response::builder()
                    .header("content-type", "application/json")
                    .body(body)
                    .unwrap(),
            )
        };
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer)),
        );
    }
}

/// The facade, and bare reqwest that says of itself what the facade says, so that both send the same request.
pub(crate) struct Callers {
    pub(crate) runtime: Runtime,
    pub(crate) imperal: Imperal,
    pub(crate) bare: reqwest::Client,
    /// What is called.
    pub(crate) me: String,
}

impl Callers {
    /// For so many calls at once. The server of one call at once has no thread of its own.
    pub(crate) fn of(tasks: usize) -> Self {
        let (runtime, url) = if tasks == 1 {
            start_inside()
        } else {
            (Runtime::new().unwrap(), start())
        };
        let bare = reqwest::Client::builder()
            .no_proxy()
            .user_agent(concat!("imperal-rust/", env!("CARGO_PKG_VERSION")));
        let imperal = Imperal::builder()
            .gateway_url(&url)
            .credentials(Credentials::bearer("token"));
        Self {
            imperal: imperal.build().unwrap(),
            bare: bare.build().unwrap(),
            me: format!("{url}/v1/auth/me"),
            runtime,
        }
    }
}
