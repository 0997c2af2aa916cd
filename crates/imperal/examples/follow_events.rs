//! Follows live events through a deploy of the service, the end of an access token, and a restart of the
//! program itself, which goes on behind the last event that it has handled.
//!
//! Each event is handled at least once: a program that is killed after an event was handled and before its id
//! was kept handles it again.
//!
//! Runs against the built-in mocked cloud; for the real service take `Imperal::from_env()` in place of
//! `cloud.client()`.
//!
//! ```text
//! cargo run -p imperal --example follow_events
//! ```

#![allow(clippy::print_stdout, reason = "an example that tells what it does")]

#[path = "support/keep.rs"]
mod keep;

use futures::TryStreamExt;
use imperal::{EventData, Imperal, LiveEvents};
use imperal_mock::Cloud;
use keep::{keep, kept};
use serde_json::json;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cloud = Cloud::start().await;
    let folder = tempfile::tempdir()?;
    let bookmark = folder.path().join("last-event-id");
    cloud.push_event(
        "panel_refresh",
        &json!({ "scope": "app", "action": "updated", "data": { "panels": ["inbox"] } }),
    );
    cloud.push_event("progress", &json!({ "percent": 40, "message": "indexing" }));

    let mut events = follow(&cloud.client(), &bookmark)?;
    handle(&mut events, &bookmark, 2).await?;

    println!("-- the service is replaced, and the access token has run out meanwhile --");
    cloud.drop_event_streams();
    cloud.advance(Duration::from_secs(16 * 60));
    cloud.push_event("theme.changed", &json!({ "theme": "dark" }));
    handle(&mut events, &bookmark, 1).await?;

    println!("-- this program is stopped, misses something, and is started again --");
    drop(events);
    cloud.push_event(
        "progress",
        &json!({ "percent": 100, "message": "indexing" }),
    );
    let mut events = follow(&cloud.client(), &bookmark)?;
    handle(&mut events, &bookmark, 1).await?;

    println!("on the wire it was:");
    for exchange in cloud.exchanges() {
        println!(
            "  {} {} -> {}",
            exchange.method, exchange.path, exchange.status
        );
    }
    Ok(())
}

/// The events behind the one whose id was kept last.
fn follow(imperal: &Imperal, bookmark: &Path) -> std::io::Result<LiveEvents> {
    // Where events begin without an id is up to the service. The mocked cloud numbers them from 1: behind 0 is
    // all that it has.
    let last = kept(bookmark)?.unwrap_or_else(|| "0".to_owned());
    Ok(imperal.events().resume_after(last))
}

/// Handles so many events, and keeps the id of each.
async fn handle(
    events: &mut LiveEvents,
    bookmark: &Path,
    count: usize,
) -> Result<(), Box<dyn Error>> {
    for _ in 0..count {
        let Some(event) = events.try_next().await? else {
            break;
        };
        println!(
            "event {} ({}): {}",
            event.id(),
            event.name(),
            describe(event.data())
        );
        // After the event, never before it: whoever is killed in between handles it again, and misses none.
        keep(bookmark, event.id())?;
    }
    Ok(())
}

fn describe(data: &EventData) -> String {
    match data {
        EventData::Change(change) => format!("draw anew: {:?}", change.panels()),
        EventData::Progress(progress) => {
            let what = progress.message.as_deref().unwrap_or("work");
            format!("{what}: {} %", progress.percent)
        }
        EventData::Json(value) => format!("something new: {value}"),
        other => format!("{other:?}"),
    }
}
