//! The least that speaks HTTP: what is measured is the other side.

use imperal_mock::{EMAIL, PASSWORD};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// One connection that stays open.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub(crate) fn open(host: &str) -> Result<Self, Box<dyn Error>> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            host: host.to_owned(),
        })
    }

    /// Logs in, and returns the request of an operation that needs the token.
    pub(crate) fn login(&mut self) -> Result<String, Box<dyn Error>> {
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let body = body.to_string();
        let (host, size) = (&self.host, body.len());
        let request = format!(
            "POST /v1/auth/login HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n{body}"
        );
        let (_, answer) = self.ask(&request)?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let token = answer["access_token"].as_str().ok_or("no token")?;
        Ok(format!(
            "GET /v1/auth/me HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\r\n",
            self.host
        ))
    }

    /// Status and body of the answer to a request.
    pub(crate) fn ask(&mut self, request: &str) -> Result<(u16, Vec<u8>), Box<dyn Error>> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut size, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            } else if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().unwrap_or_default().parse()?;
            } else if let Some(rest) = line.strip_prefix("content-length:") {
                size = rest.trim().parse()?;
            }
        }
        let mut body = vec![0; size];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }
}
