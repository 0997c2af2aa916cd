//! Follows live events through a deploy of the service and the end of an access token.
//!
//! Runs against the built-in mocked cloud; for the real service take `Imperal::from_env()` in place of
//! `cloud.client()`.
//!
//! ```text
//! cargo run -p imperal --example follow_events
//! ```

#![allow(clippy::print_stdout, reason = "an example that tells what it does")]

use futures::TryStreamExt;
use imperal::{Error, EventData};
use imperal_mock::Cloud;
use serde_json::json;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let cloud = Cloud::start().await;
    cloud.push_event(
        "panel_refresh",
        &json!({ "scope": "app", "action": "updated", "data": { "panels": ["inbox"] } }),
    );
    cloud.push_event("progress", &json!({ "percent": 40, "message": "indexing" }));

    // Behind event 0: all that the service still has.
    let mut events = cloud.client().events().resume_after("0");
    let mut heard = 0;
    while let Some(event) = events.try_next().await? {
        let said = match event.data() {
            EventData::Change(change) => format!("draw anew: {:?}", change.panels()),
            EventData::Progress(progress) => {
                let what = progress.message.as_deref().unwrap_or("work");
                format!("{what}: {} %", progress.percent)
            }
            EventData::Json(value) => format!("something new: {value}"),
            other => format!("{other:?}"),
        };
        println!("event {} ({}): {said}", event.id(), event.name());
        heard += 1;
        if heard == 2 {
            println!("-- the service is replaced, and the access token has run out meanwhile --");
            cloud.drop_event_streams();
            cloud.advance(Duration::from_secs(16 * 60));
            cloud.push_event("theme.changed", &json!({ "theme": "dark" }));
        }
        if heard == 3 {
            break;
        }
    }
    println!("on the wire it was:");
    for exchange in cloud.exchanges() {
        println!(
            "  {} {} -> {}",
            exchange.method, exchange.path, exchange.status
        );
    }
    Ok(())
}
