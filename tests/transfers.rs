//! Uploads and downloads over real sockets, through the facade.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{StreamExt, stream};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use imperal::{Credentials, Imperal, Upload};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

/// A service that says what it was sent; pictures are 200 kB of the letter x.
async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer));
            tokio::spawn(connection);
        }
    });
    url
}

async fn answer(
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    if parts.uri.path().ends_with("/icon") {
        return Ok(hyper::Response::new(Full::new("x".repeat(200_000).into())));
    }
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let boundary = header("content-type")
        .unwrap()
        .split_once("boundary=")
        .unwrap()
        .1
        .to_owned();
    let body = body.collect().await.unwrap().to_bytes();
    // The content stands between the empty line behind the part's headers and the last boundary.
    let start = body
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap()
        + 4;
    let end = body.len() - format!("\r\n--{boundary}--\r\n").len();
    let said = json!({
        "digest": digest(&body[start..end]), "head": String::from_utf8_lossy(&body[..start]),
        "length": header("content-length"), "encoding": header("transfer-encoding"), "whole": body.len(),
    });
    let answer = json!({ "text": said.to_string() });
    let answer = hyper::Response::builder()
        .header("content-type", "application/json")
        .body(answer.to_string().into());
    Ok(answer.unwrap())
}

fn client(url: &str) -> Imperal {
    let token = Credentials::bearer("token");
    Imperal::builder()
        .gateway_url(url)
        .credentials(token)
        .build()
        .unwrap()
}

async fn send(imperal: &Imperal, upload: Upload) -> Value {
    let speech = imperal.gateway().voice().speech_to_text();
    let answer = speech
        .body_map(|body| body.file(upload))
        .send()
        .await
        .unwrap();
    serde_json::from_str(&answer.text).unwrap()
}

#[tokio::test]
async fn content_arrives_as_it_is_from_wherever_it_comes() {
    let url = serve().await;
    let imperal = client(&url);
    let content: Vec<u8> = (0..3_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.ogg");
    std::fs::write(&path, &content).unwrap();
    let chunks: Vec<_> = content
        .chunks(10_000)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();

    for (upload, sized) in [
        (Upload::from_path(&path), true),
        (
            Upload::new(content.clone()).file_name("recording.ogg"),
            true,
        ),
        (
            Upload::from_stream(stream::iter(chunks)).file_name("recording.ogg"),
            false,
        ),
    ] {
        let said = send(&imperal, upload).await;
        assert_eq!(said["digest"], digest(&content));
        let head = said["head"].as_str().unwrap();
        assert!(
            head.contains("filename=\"recording.ogg\"") && head.contains("audio/ogg"),
            "{head}"
        );
        if sized {
            assert_eq!(said["length"].as_str().unwrap(), said["whole"].to_string());
        } else {
            assert_eq!(
                (said["length"].as_str(), said["encoding"].as_str()),
                (None, Some("chunked"))
            );
        }
    }
}

#[tokio::test]
async fn a_picture_is_saved_and_its_progress_told() {
    let url = serve().await;
    let imperal = client(&url);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("icon.svg");
    let icon = || {
        imperal
            .gateway()
            .marketplace()
            .get_app_icon()
            .app_id("app-1")
            .send()
    };
    let last = Arc::new(Mutex::new(None));
    let tell = Arc::clone(&last);
    let body = icon().await.unwrap().into_inner();
    assert_eq!(body.size(), Some(200_000));
    let body = body.on_progress(move |progress| *tell.lock().unwrap() = Some(progress));
    assert_eq!(body.save_to(&path).await.unwrap(), 200_000);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "x".repeat(200_000));
    let last = last.lock().unwrap().unwrap();
    assert_eq!((last.bytes, last.total), (200_000, Some(200_000)));

    let chunks: Vec<_> = icon().await.unwrap().into_inner().collect().await;
    assert!(chunks.iter().all(Result::is_ok));
}
