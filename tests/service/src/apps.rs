//! The apps of the marketplace, as callers of this service see them.

use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use futures::{StreamExt, TryStreamExt};
use imperal::auth_gateway::types::MarketplaceApp;
use imperal::{CallOptions, Imperal};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many apps are answered where the caller does not say.
const USUAL_LIMIT: u16 = 20;

/// How many apps are answered at most.
const LARGEST_LIMIT: u16 = 100;

/// What is said to a caller who asks for anything else.
const USAGE: &str = "\"search\" is a text, and \"limit\" a number from 1 to 100.";

/// How many apps the gateway gives at a time.
const LARGEST_PAGE: u16 = 50;

/// How long a caller may wait for one page. The SDK's own limit is meant for jobs: a person has gone by then.
const PAGE_TIMEOUT: Duration = Duration::from_secs(5);

/// What a caller may ask for.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    search: Option<String>,
    limit: Option<u16>,
}

/// The answer: a type of our own, so that what the cloud adds or renames is not passed on unseen.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    apps: Vec<App>,
}

#[derive(Debug, Serialize)]
struct App {
    id: String,
    name: String,
    summary: Option<String>,
}

impl From<MarketplaceApp> for App {
    fn from(app: MarketplaceApp) -> Self {
        Self {
            name: app.display_name.unwrap_or_else(|| app.app_id.clone()),
            id: app.app_id,
            summary: app.short_description,
        }
    }
}

/// `GET /apps`
pub(crate) async fn list(
    asked: Result<Query<Asked>, QueryRejection>,
    State(imperal): State<Imperal>,
) -> Result<Json<Found>, Problem> {
    let Ok(Query(asked)) = asked else {
        return Err(Problem::bad_request(USAGE));
    };
    let limit = asked.limit.unwrap_or(USUAL_LIMIT);
    if !(1..=LARGEST_LIMIT).contains(&limit) {
        return Err(Problem::bad_request(USAGE));
    }
    let imperal = imperal.with_options(&CallOptions::new().total_timeout(PAGE_TIMEOUT));
    let mut list = imperal.gateway().marketplace().list_apps();
    if let Some(search) = asked.search {
        // How long it may be is not checked here: the SDK knows, and sends nothing that is too long.
        list = list.search(search);
    }
    // A stream over as many pages as it takes, and no page more: the next is fetched when it is asked for.
    let found = list
        .paginate()
        .page_size(i64::from(limit.min(LARGEST_PAGE)))
        .items()
        .take(usize::from(limit));
    let apps: Vec<App> = found.map_ok(App::from).try_collect().await?;
    Ok(Json(Found { apps }))
}
