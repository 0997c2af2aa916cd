//! Serves one service on a loopback port.

use crate::answer::{self, Answer};
use crate::control::{self, Control};
use crate::exchange::{Exchange, Violation};
use crate::fault::Fault;
use crate::fault_json;
use crate::faulty_stream::{FaultyStream, Told};
use crate::journal::{Message, Recorded};
use crate::service::Service;
use crate::violation::Declared;
use crate::wire::{self, Spoilt};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// A body larger than this is refused.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How long no connection is accepted where the machine has no means for one.
const BREATH: Duration = Duration::from_millis(5);

/// A port of ours, this one or any that is free. Nobody accepts yet: connections wait until someone does.
pub(crate) fn bind(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    // The system does not say which of several ports it was.
    let listener = bound.map_err(|error| {
        let problem = format!("port {port} of 127.0.0.1 cannot be listened on: {error}");
        std::io::Error::new(error.kind(), problem)
    })?;
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
        let stream = match connection {
            Ok((stream, _)) => stream,
            Err(error) if is_of_connection(&error) => continue,
            Err(_) => {
                // The machine has no descriptor left, or no memory: at once it would say so again.
                tokio::time::sleep(BREATH).await;
                continue;
            }
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
                    let answer = handle(&service, &control, &told, request).await;
                    Ok::<_, Infallible>(answer)
                }
            }),
        );
        tokio::spawn(connection);
    }
}

/// Whether a connection has failed before it was made, which is the caller's loss alone.
fn is_of_connection(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::Interrupted
    )
}

/// The answer to a request, after what a fault has made of it.
async fn handle(
    service: &Service,
    control: &Control,
    told: &Told,
    request: http::Request<Incoming>,
) -> Answer {
    if request.uri().path().starts_with(control::PREFIX) {
        return steer(control, request).await;
    }
    let mut route = None;
    let fault = control.state.faults.take(|| {
        route = service.route(&request);
        route.clone()
    });
    let answer = respond(service, control, fault.as_ref(), request).await;
    let Some(fault) = fault else {
        return answer;
    };
    let declared = Declared {
        contract: control.contract(service.name),
        route: route.as_deref(),
    };
    match wire::spoil(&fault, answer, &declared).await {
        Spoilt::Answer(answer) => answer,
        Spoilt::Script(script) => {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
            // It gets the connection to act, and does not go out itself.
            answer::ok(&Value::Null)
        }
    }
}

/// A request that is for the mock itself.
async fn steer(control: &Control, request: http::Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    match read(body).await {
        Ok(body) => control.answer(&http::Request::from_parts(parts, body)),
        Err(_) => too_large(),
    }
}

/// Why there is no body.
enum Unread {
    /// It is too large: so many bytes at least.
    TooLarge(u64),
    /// Its sender has gone.
    BrokenOff,
}

async fn read(body: Incoming) -> Result<Bytes, Unread> {
    // Of one that says at once how large it is, nothing is read.
    let least = body.size_hint().lower();
    if least > BODY_LIMIT as u64 {
        return Err(Unread::TooLarge(least));
    }
    let body = Limited::new(body, BODY_LIMIT).collect().await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Unread::TooLarge(BODY_LIMIT as u64 + 1)
        } else {
            Unread::BrokenOff
        }
    })?;
    Ok(body.to_bytes())
}

/// The answer to a request before a fault spoils it, or that of a fault which takes its place. Whatever the
/// request changes is changed by now, and the exchange is noted.
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
    let instead = fault.and_then(wire::instead);
    let (answer, asked) = match read(body).await {
        Ok(body) => {
            let asked = Message::of(&parts.headers, &body);
            let mut judged = service.judge(&parts, &body);
            exchange.route = judged.route().map(str::to_owned);
            #[cfg(feature = "client")]
            if instead.is_none() {
                let expectations = &control.state.expectations;
                service
                    .expected(expectations, &mut judged, &parts, &body)
                    .await;
            }
            exchange.violations = std::mem::take(&mut judged.violations);
            let answer = instead.unwrap_or_else(|| service.answer(judged, &parts));
            (answer, asked)
        }
        Err(unread) => {
            let (answer, asked) = refuse_unread(service, &parts, &unread, &mut exchange);
            (instead.unwrap_or(answer), asked)
        }
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

/// The answer to a request whose body was not read, and what is kept of the request; the exchange is told what goes
/// against the document.
fn refuse_unread(
    service: &Service,
    parts: &Parts,
    unread: &Unread,
    exchange: &mut Exchange,
) -> (Answer, Message) {
    let mut judged = service.judge(parts, b"");
    exchange.route = judged.route().map(str::to_owned);
    // What is said of a body that was not read is of no use.
    let answer = if exchange.route.is_some() {
        too_large()
    } else {
        exchange.violations = std::mem::take(&mut judged.violations);
        service.answer(judged, parts)
    };
    let mut asked = Message::of(&parts.headers, b"");
    if let Unread::TooLarge(least) = unread {
        asked.leave_out_body(*least);
        let problem = format!("{least} bytes are too many: {BODY_LIMIT} are read at most");
        exchange.violations.push(Violation::new("body", problem));
    }
    (answer, asked)
}

/// The same answer, and what is shown of it: of events, which have no end, the head.
async fn recorded(answer: Answer) -> (Answer, Message) {
    if answer::is_endless(answer.headers()) {
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
