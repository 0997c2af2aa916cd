//! A job over a long list that is stopped in the middle and goes on where it was: no item is left out.
//!
//! Each item is handled at least once, not exactly once: a job that is killed after an item was handled and
//! before its place was kept handles that item again. What is done with an item has to bear that.
//!
//! Runs against the built-in mocked cloud; for the real service take `Imperal::from_env()` in place of
//! `cloud.client()`.
//!
//! ```text
//! cargo run -p imperal --example list_and_resume
//! ```

#![allow(clippy::print_stdout, reason = "an example that tells what it does")]

#[path = "support/keep.rs"]
mod keep;

use futures::TryStreamExt;
use imperal::{Imperal, ResumeToken};
use imperal_mock::Cloud;
use keep::{keep, kept};
use std::error::Error;
use std::path::Path;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cloud = Cloud::start().await;
    let folder = tempfile::tempdir()?;
    let notebook = folder.path().join("place.json");

    println!("The job begins, and is stopped after 17 apps.");
    work(&cloud.client(), &notebook, 17).await?;
    println!("It kept its place: {}", std::fs::read_to_string(&notebook)?);

    println!("It is started again, by another process perhaps.");
    work(&cloud.client(), &notebook, usize::MAX).await?;
    let requests = cloud.exchanges();
    let pages = requests
        .iter()
        .filter(|exchange| exchange.path.ends_with("/marketplace/apps"));
    println!("Pages fetched in all: {}", pages.count());
    Ok(())
}

/// Handles apps from where the notebook says on, at most so many.
async fn work(imperal: &Imperal, notebook: &Path, most: usize) -> Result<(), Box<dyn Error>> {
    let list = imperal.gateway().marketplace().list_apps();
    // The next page is fetched while this one is worked on.
    let mut list = list.paginate().page_size(10).read_ahead(1);
    if let Some(place) = kept(notebook)? {
        list = list.resume_from(serde_json::from_str::<ResumeToken>(&place)?);
    }
    let mut apps = list.items();
    let mut handled = Vec::new();
    while handled.len() < most
        && let Some(app) = apps.try_next().await?
    {
        handled.push(app.app_id);
        // After the item, never before it: whoever is killed in between does it again, and leaves none out.
        if let Some(place) = apps.resume_token() {
            keep(notebook, &serde_json::to_string(&place)?)?;
        }
    }
    if let (Some(first), Some(last)) = (handled.first(), handled.last()) {
        println!("  handled {} apps, from {first} to {last}", handled.len());
    }
    Ok(())
}
