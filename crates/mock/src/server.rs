//! Serves one service on a free loopback port.

use crate::answer;
use crate::exchange::Exchange;
use crate::service::Service;
use http::StatusCode;
use http_body_util::{BodyExt, Limited};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// A body larger than this is refused.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

pub(crate) type Exchanges = Arc<Mutex<Vec<Exchange>>>;

/// A port of ours that nobody listens on yet: connections wait until someone does.
pub(crate) fn bind() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Accepts connections until `stop` changes.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    exchanges: Exchanges,
    mut stop: watch::Receiver<()>,
) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let connection = tokio::select! {
            _ = stop.changed() => return Ok(()),
            connection = listener.accept() => connection,
        };
        // A connection that fails before it is made is the caller's loss, not the server's end.
        let Ok((stream, _)) = connection else {
            continue;
        };
        let (service, exchanges) = (Arc::clone(&service), Arc::clone(&exchanges));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| {
                let (service, exchanges) = (Arc::clone(&service), Arc::clone(&exchanges));
                async move {
                    Ok::<_, std::convert::Infallible>(respond(&service, &exchanges, request).await)
                }
            }),
        );
        tokio::spawn(connection);
    }
}

async fn respond(
    service: &Service,
    exchanges: &Exchanges,
    request: http::Request<hyper::body::Incoming>,
) -> answer::Answer {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange {
        service: service.name,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        status: 0,
    };
    let answer = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => service.answer(http::Request::from_parts(parts, body.to_bytes())),
        Err(_) => answer::failure(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request body too large or broken off",
        ),
    };
    exchange.status = answer.status().as_u16();
    exchanges
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(exchange);
    answer
}
