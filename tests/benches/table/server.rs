//! The mocked cloud, over a server that checks nothing and always answers the same.

use crate::row;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use imperal_mock::{Cloud, EMAIL, PASSWORD};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

pub(super) const ANSWER: &str = r#"{"imperal_id": "imp_u_1", "email": "you@example.com", "tenant_id": "default", "role": "user",
    "auth_method": "email", "scopes": ["*"], "attributes": {"timezone": "UTC"}, "created_at": "2026-01-05T09:00:00Z"}"#;

/// A server on a thread of its own, and its URL.
pub(super) fn plain_server() -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let answer = |_| async {
                    let body = Full::new(Bytes::from_static(ANSWER.as_bytes()));
                    let answer =
                        hyper::Response::builder().header("content-type", "application/json");
                    Ok::<_, Infallible>(answer.body(body).unwrap())
                };
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service_fn(answer)),
                );
            }
        });
    });
    format!("http://{}", told.recv().unwrap())
}

const REQUESTS: usize = 5_000;

/// `GET /v1/auth/me` on one connection: token, route and parameters are checked, and the exchange is kept.
pub(super) fn requests() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cloud = runtime.block_on(Cloud::start());
    let mut mock = Connection::open(cloud.gateway_url());
    let body = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let login = format!(
        "POST /v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let tokens: Value = serde_json::from_slice(&mock.ask(&login)).unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let me = format!(
        "GET /v1/auth/me HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    let mut plain = Connection::open(&plain_server());
    row(
        "a request to the mocked cloud",
        "one to a server that checks nothing",
        REQUESTS,
        || {
            for _ in 0..REQUESTS {
                mock.ask(&me);
            }
        },
        || {
            for _ in 0..REQUESTS {
                plain.ask(&me);
            }
        },
    );
    cloud.assert_conforms();
}

/// One connection that stays open.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(url: &str) -> Self {
        let stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// The body of the answer to a request, which has to be a success.
    fn ask(&mut self, request: &str) -> Vec<u8> {
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut size, mut line) = (0, String::new());
        self.0.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).unwrap();
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                size = text.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; size];
        self.0.read_exact(&mut body).unwrap();
        body
    }
}
