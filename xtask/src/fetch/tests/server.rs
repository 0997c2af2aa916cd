//! A server on this machine that plays what servers do, the right and the wrong.
//!
//! It writes bytes and knows no HTTP of its own, since most of what it plays no HTTP library would
//! let a server do.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a request. The connection ends with it.
pub(super) enum Play {
    /// Sends this.
    Send(String),
    /// Sends a body until the other side has had enough.
    Endless,
    /// Sends a body one byte at a time, without end.
    Dripping,
    /// Says nothing, and keeps the connection.
    Silent,
}

/// A whole answer.
pub(super) fn answer(status: &str, headers: &[&str], body: &str) -> Play {
    let length = format!("Content-Length: {}", body.len());
    let headers = [headers, &[length.as_str()][..]].concat();
    send(status, &headers, body)
}

/// An answer with these headers only, which may be wrong.
pub(super) fn send(status: &str, headers: &[&str], body: &str) -> Play {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close");
    let lines = [&[head.as_str()][..], headers].concat();
    Play::Send(format!("{}\r\n\r\n{body}", lines.join("\r\n")))
}

/// Running until the test ends.
pub(super) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts one that plays what `play` makes of the head of a request and the number of those
    /// before it.
    pub(super) async fn start(play: impl Fn(&str, usize) -> Play + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = head(&mut stream).await;
                let played = {
                    let mut heard = heard.lock().unwrap();
                    let played = play(&request, heard.len());
                    heard.push(request);
                    played
                };
                perform(stream, played).await;
            }
        });
        Self { address, requests }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of the requests that came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An address at which nothing listens.
pub(super) async fn nowhere() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    format!("http://{address}/registry.json")
}

/// Reads all of a request that has no body: closing with something unread would reset the
/// connection, and what was answered could be lost.
async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// That the other side goes away early is part of the play.
async fn perform(mut stream: TcpStream, played: Play) {
    match played {
        Play::Send(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Play::Endless => {
            let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(head).await;
            while stream.write_all(&[b' '; 4096]).await.is_ok() {}
        }
        Play::Dripping => {
            let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(head).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::task::yield_now().await;
            }
        }
        // Until the other side goes away.
        Play::Silent => drop(stream.read_u8().await),
    }
}
