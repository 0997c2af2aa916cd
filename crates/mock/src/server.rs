//! Serves one service on a free loopback port.

use crate::answer::{self, Answer};
use crate::control::{self, Control};
use crate::exchange::Exchange;
use crate::fault::{Fault, What};
use crate::fault_json;
use crate::faulty_stream::{FaultyStream, Told};
use crate::journal::{Message, Recorded};
use crate::service::Service;
use crate::wire::{self, Spoilt};
use http::{StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;

/// A body larger than this is refused.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// A port of ours, this one or any that is free. Nobody listens on it yet: connections wait until someone does.
pub(crate) fn bind(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
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
    control: Arc<Control>,
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
        let (service, control) = (Arc::clone(&service), Arc::clone(&control));
        let told = Told::default();
        let stream = FaultyStream::new(stream, Arc::clone(&told));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| {
                let (service, control) = (Arc::clone(&service), Arc::clone(&control));
                let told = Arc::clone(&told);
                async move {
                    if request.uri().path().starts_with(control::PREFIX) {
                        return Ok(steer(&control, request).await);
                    }
                    let fault = control.state.faults.take(|| service.route(&request));
                    let answer = respond(&service, &control, fault.as_ref(), request).await;
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

/// A request that is for the mock itself.
async fn steer(control: &Control, request: http::Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => control.answer(&http::Request::from_parts(parts, body.to_bytes())),
        Err(_) => too_large(),
    }
}

async fn respond(
    service: &Service,
    control: &Control,
    fault: Option<&Fault>,
    request: http::Request<Incoming>,
) -> Answer {
    let begun = Instant::now();
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
    let mut asked = Message::default();
    let answer = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            asked = Message::of(&parts.headers, &body);
            let mut judged = service.judge(&parts, &body);
            exchange.route = judged.route().map(str::to_owned);
            #[cfg(feature = "client")]
            if fault.is_none_or(|fault| !fault.takes_its_place()) {
                let expectations = &control.state.expectations;
                service
                    .expected(expectations, &mut judged, &parts, &body)
                    .await;
            }
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
        Err(_) => too_large(),
    };
    exchange.status = answer.status().as_u16();
    let (answer, answered) = recorded(answer).await;
    control.state.journal.note(Recorded {
        number: 0,
        at: control.state.clock.now(),
        micros: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        fault: fault.map(fault_json::words),
        exchange,
        request: asked,
        answer: answered,
    });
    answer
}

/// The same answer, and what is shown of it: of events, which have no end, the head.
async fn recorded(answer: Answer) -> (Answer, Message) {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        let shown = Message::of(answer.headers(), b"");
        return (answer, shown);
    }
    let (parts, body) = answer.into_parts();
    let Ok(body) = body.collect().await;
    let body = body.to_bytes();
    let shown = Message::of(&parts.headers, &body);
    (Answer::from_parts(parts, answer::whole(body)), shown)
}

fn too_large() -> Answer {
    answer::failure(
        StatusCode::PAYLOAD_TOO_LARGE,
        "Request body too large or broken off",
    )
}
