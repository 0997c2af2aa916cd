//! Serves one service on a free loopback port.

use crate::answer;
use crate::exchange::Exchange;
use crate::fault::{Fault, What};
use crate::faults::Faults;
use crate::faulty_stream::{FaultyStream, Told};
use crate::journal::Journal;
use crate::service::Service;
use crate::wire::{self, Spoilt};
use http::StatusCode;
use http_body_util::{BodyExt, Limited};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError};
use tokio::sync::watch;

/// A body larger than this is refused.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// A port of ours that nobody listens on yet: connections wait until someone does.
pub(crate) fn bind() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Runs what `serve` returns on a thread of its own.
pub(crate) fn run<F>(serve: impl FnOnce() -> F + Send + 'static) -> std::io::Result<()>
where
    F: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::Builder::new()
        .name("imperal-mock".to_owned())
        .spawn(move || runtime.block_on(serve()))?;
    Ok(())
}

/// Accepts connections until `stop` changes.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    journal: Journal,
    faults: Faults,
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
        let (service, journal, faults) = (Arc::clone(&service), journal.clone(), faults.clone());
        let told = Told::default();
        let stream = FaultyStream::new(stream, Arc::clone(&told));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| {
                let (service, journal) = (Arc::clone(&service), journal.clone());
                let (faults, told) = (faults.clone(), Arc::clone(&told));
                async move {
                    let fault = faults.take(service.route(&request).as_deref());
                    let answer = respond(&service, &journal, fault.as_ref(), request).await;
                    let answer = match fault {
                        Some(fault) if !fault.takes_its_place() => {
                            match wire::spoil(&fault, answer).await {
                                Spoilt::Answer(answer) => answer,
                                Spoilt::Script(script) => {
                                    *told.lock().unwrap_or_else(PoisonError::into_inner) =
                                        Some(script);
                                    answer::ok(&Value::Null)
                                }
                            }
                        }
                        _ => answer,
                    };
                    Ok::<_, std::convert::Infallible>(answer)
                }
            }),
        );
        tokio::spawn(connection);
    }
}

async fn respond(
    service: &Service,
    journal: &Journal,
    fault: Option<&Fault>,
    request: http::Request<hyper::body::Incoming>,
) -> answer::Answer {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange {
        service: service.name,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        route: None,
        status: 0,
        faulty: fault.is_some(),
        violations: Vec::new(),
    };
    let answer = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => {
            let mut judged = service.judge(&parts, &body.to_bytes());
            exchange.route = judged.route().map(str::to_owned);
            exchange.violations = std::mem::take(&mut judged.violations);
            if let Some(instead) = fault.and_then(wire::instead) {
                instead
            } else {
                if let Some(What::Delay(by)) = fault.map(|fault| &fault.what) {
                    tokio::time::sleep(*by).await;
                }
                service.answer(judged, &parts)
            }
        }
        Err(_) => answer::failure(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request body too large or broken off",
        ),
    };
    exchange.status = answer.status().as_u16();
    journal.note(exchange);
    answer
}
