//! The whole way once: log in, read the profile, page through the marketplace, let the access token
//! expire, list the Registry's apps, log out.
//!
//! Runs against the built-in mocked cloud. With `IMPERAL_API_URL`, `IMPERAL_EMAIL` and
//! `IMPERAL_PASSWORD` set it talks to the real service (and to the Registry, if
//! `IMPERAL_REGISTRY_URL` and `IMPERAL_API_KEY` are set too).
//!
//! ```text
//! cargo run -p imperal --example quickstart
//! ```

#![allow(clippy::print_stdout, reason = "an example that tells what it does")]

use futures::TryStreamExt;
use imperal::{Error, Imperal};
use imperal_mock::Cloud;
use std::time::Duration;

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("quickstart: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    let (imperal, cloud) = connect().await?;
    println!("1. Log in with email and password");
    imperal.login().await?;
    println!(
        "   the gateway is {}",
        imperal.gateway().session().base_url()
    );

    println!("2. Read the profile");
    let me = imperal.gateway().auth().me().send().await?;
    println!(
        "   {} ({}), role {}, tenant {}",
        me.email, me.imperal_id, me.role, me.tenant_id
    );

    println!("3. Page through the marketplace");
    let mut pages = imperal
        .gateway()
        .marketplace()
        .list_apps()
        .per_page(20)
        .pages();
    let (mut number, mut count) = (0, 0);
    while let Some(page) = pages.try_next().await? {
        number += 1;
        count += page.len();
        let first = page.first().map_or("nothing", |app| app.app_id.as_str());
        println!(
            "   page {number}: {} apps, the first is {first}",
            page.len()
        );
    }
    println!("   {count} apps in all");

    println!("4. Let the access token expire");
    match &cloud {
        Some(cloud) => expire(&imperal, cloud).await?,
        None => println!("   skipped: only the mocked cloud's clock can be moved"),
    }

    println!("5. List the Registry's apps");
    match imperal.registry().apps().list_apps().send().await {
        Ok(apps) => {
            for app in apps.iter() {
                let name = app.display_name.as_deref().or(app.name.as_deref());
                println!(
                    "   {} ({})",
                    app.app_id.as_deref().unwrap_or("?"),
                    name.unwrap_or("no name")
                );
            }
        }
        Err(error) if error.is_configuration() => println!("   skipped: {error}"),
        Err(error) => return Err(error),
    }

    println!("6. Log out");
    imperal.logout().await?;
    match imperal.gateway().auth().me().send().await {
        Err(error) if error.is_logged_out() => println!("   the next call says: {error}"),
        Err(error) => return Err(error),
        Ok(_) => println!("   the service still answers: it has not noticed yet"),
    }
    Ok(())
}

/// The real service if it is named, else a mocked cloud of our own.
async fn connect() -> Result<(Imperal, Option<Cloud>), Error> {
    if std::env::var_os("IMPERAL_API_URL").is_some_and(|url| !url.is_empty()) {
        println!("Talking to the service that IMPERAL_API_URL names.");
        return Ok((Imperal::from_env()?, None));
    }
    println!(
        "Talking to a mocked cloud (set IMPERAL_API_URL, IMPERAL_EMAIL, IMPERAL_PASSWORD for the real one)."
    );
    let cloud = Cloud::start().await;
    Ok((cloud.client(), Some(cloud)))
}

/// Moves the cloud's clock past the token's end, and shows what the next call does about it.
async fn expire(imperal: &Imperal, cloud: &Cloud) -> Result<(), Error> {
    let seen = cloud.exchanges().len();
    cloud.advance(Duration::from_secs(16 * 60));
    let me = imperal.gateway().auth().me().send().await?;
    println!(
        "   16 minutes later the same call still answers: {}",
        me.email
    );
    println!("   on the wire it was:");
    for exchange in cloud.exchanges().iter().skip(seen) {
        println!(
            "     {} {} -> {}",
            exchange.method, exchange.path, exchange.status
        );
    }
    Ok(())
}
