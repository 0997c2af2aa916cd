//! The facade, over bare reqwest and over the mere reading of what it reads.

use crate::server::plain_server::{self, Callers};
use crate::{MANY_ROUNDS, row, row_of};
use futures::future::{BoxFuture, FutureExt, join_all};
use futures::{StreamExt, TryStreamExt};
use imperal::auth_gateway::types::{MarketplaceApps, UserResponse};
use imperal::{Credentials, Imperal, Transport, TransportError};
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Runtime;

/// A GET with a JSON answer.
pub(super) fn calls() {
    for (tasks, each) in [(1, 500), (64, 25)] {
        let Callers {
            runtime,
            imperal,
            bare,
            me,
        } = Callers::of(tasks);
        let ours = || {
            let imperal = imperal.clone();
            async move {
                for _ in 0..each {
                    imperal.gateway().auth().me().send().await.unwrap();
                }
            }
        };
        let theirs = || {
            let (bare, me) = (bare.clone(), me.clone());
            async move {
                for _ in 0..each {
                    let request = bare.get(&me).header("accept", "application/json");
                    let answer = request.bearer_auth("token").send().await.unwrap();
                    let answer = answer.error_for_status().unwrap();
                    answer.json::<UserResponse>().await.unwrap();
                }
            }
        };
        row_of(
            MANY_ROUNDS,
            &format!("a call, {tasks} at once"),
            "the same by bare reqwest",
            tasks * each,
            || spawn_all(&runtime, tasks, ours),
            || spawn_all(&runtime, tasks, theirs),
        );
    }
}

fn spawn_all<F>(runtime: &Runtime, tasks: usize, work: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks: Vec<_> = (0..tasks).map(|_| runtime.spawn(work())).collect();
    for done in runtime.block_on(join_all(tasks)) {
        done.unwrap();
    }
}

/// Status, content type and body of an answer.
type Answered = (u16, &'static str, bytes::Bytes);

/// Answers without a network.
#[derive(Clone)]
struct Played(Arc<dyn Fn(&reqwest::Request) -> Answered + Send + Sync>);

impl Transport for Played {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let (status, kind, body) = (self.0)(&request);
        let answer = http::Response::builder()
            .status(status)
            .header("content-type", kind);
        let answer = answer.body(body).unwrap();
        async move {
            tokio::task::yield_now().await;
            Ok(answer.into())
        }
        .boxed()
    }
}

const JSON: &str = "application/json";

fn client(answer: impl Fn(&reqwest::Request) -> Answered + Send + Sync + 'static) -> Imperal {
    let login = Credentials::password("you@example.com", "password");
    let builder = Imperal::builder().transport(Played(Arc::new(answer)));
    builder.credentials(login).build().unwrap()
}

fn tokens(number: usize) -> bytes::Bytes {
    let pair = json!({ "access_token": format!("access-{number}"), "refresh_token": "refresh", "expires_in": 900 });
    pair.to_string().into()
}

const CALLERS: usize = 10_000;

/// Very many calls at once that meet an expired token: one of them refreshes.
pub(super) fn storm() {
    let runtime = Runtime::new().unwrap();
    let (valid, refreshes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (accepted, counted) = (Arc::clone(&valid), Arc::clone(&refreshes));
    let imperal = client(move |request| {
        let number = accepted.load(Ordering::SeqCst);
        let bearer = request.headers().get("authorization");
        let expected = format!("Bearer access-{number}");
        match request.url().path() {
            "/v1/auth/login" => (200, JSON, tokens(number)),
            "/v1/auth/refresh" => {
                counted.fetch_add(1, Ordering::SeqCst);
                (200, JSON, tokens(number))
            }
            _ if bearer.is_some_and(|bearer| bearer.as_bytes() == expected.as_bytes()) => {
                (200, JSON, plain_server::ANSWER.into())
            }
            _ => (401, JSON, "{}".into()),
        }
    });
    let all = || {
        let call = || async {
            imperal.gateway().auth().me().send().await.unwrap();
        };
        runtime.block_on(join_all((0..CALLERS).map(|_| call())));
    };
    // The first calls log in.
    all();
    let mut storms = 0;
    row(
        "a call of 10,000 at once that meet an expired token",
        "the same with a good one",
        CALLERS,
        || {
            valid.fetch_add(1, Ordering::SeqCst);
            storms += 1;
            all();
        },
        all,
    );
    assert_eq!(refreshes.load(Ordering::SeqCst), storms);
}

const PAGES: usize = 200;
const PAGE_SIZE: usize = 50;

fn page(number: usize) -> bytes::Bytes {
    let app = |index: usize| {
        let id = format!("app-{}", number * PAGE_SIZE + index);
        json!({ "app_id": id, "display_name": "Mail", "description": "Reads and writes mail.", "version": "1.2.0" })
    };
    let size = if number <= PAGES { PAGE_SIZE } else { 0 };
    let apps: Vec<Value> = (0..size).map(app).collect();
    json!({ "apps": apps }).to_string().into()
}

/// The items of a list, page by page.
pub(super) fn lists() {
    let runtime = Runtime::new().unwrap();
    let pages: Vec<bytes::Bytes> = (0..=PAGES + 1).map(page).collect();
    let served = pages.clone();
    let imperal = client(move |request| {
        if request.url().path() == "/v1/auth/login" {
            return (200, JSON, tokens(0));
        }
        let mut query = request.url().query_pairs();
        let number = query.find(|(name, _)| name == "page");
        let number: usize = number.map_or(1, |(_, text)| text.parse().unwrap());
        (200, JSON, served[number].clone())
    });
    row(
        "an item of 10,000 in pages of 50",
        "reading the same JSON",
        PAGES * PAGE_SIZE,
        || {
            let items = imperal.gateway().marketplace().list_apps().items();
            let items: Vec<_> = runtime.block_on(items.try_collect()).unwrap();
            assert_eq!(items.len(), PAGES * PAGE_SIZE);
        },
        || {
            for page in &pages[1..=PAGES] {
                black_box(serde_json::from_slice::<MarketplaceApps>(page).unwrap());
            }
        },
    );
}

const EVENTS: usize = 10_000;

/// Server-sent events.
pub(super) fn events() {
    let runtime = Runtime::new().unwrap();
    let event = |id: usize| {
        let data = json!({ "scope": "user", "data": { "panels": ["inbox", "usage"], "reason": "a change" } });
        format!("id: {id}\nevent: panel_refresh\ndata: {data}\n\n")
    };
    let stream: String = (1..=EVENTS).map(event).collect();
    let text = bytes::Bytes::from(stream);
    let served = text.clone();
    let imperal = client(move |request| match request.url().path() {
        "/v1/auth/login" => (200, JSON, tokens(0)),
        _ => (200, "text/event-stream", served.clone()),
    });
    row(
        "an event of 10,000",
        "reading their JSON, line by line",
        EVENTS,
        || {
            let events = imperal.events().take(EVENTS).map(Result::unwrap);
            let count = runtime.block_on(events.count());
            assert_eq!(count, EVENTS);
        },
        || {
            let text = std::str::from_utf8(&text).unwrap();
            let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
            for line in lines {
                black_box(serde_json::from_str::<Value>(line).unwrap());
            }
        },
    );
}
