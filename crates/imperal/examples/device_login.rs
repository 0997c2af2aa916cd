//! A login on another device: this one has no browser, or nobody who should type a password into it. It shows
//! a code; whoever is logged in elsewhere enters it there, and this device is logged in.
//!
//! Runs against the built-in mocked cloud, which plays that person as well; for the real service take
//! `Imperal::builder()` in place of `cloud.client_builder()`, and leave `allow_device` to the person.
//!
//! ```text
//! cargo run -p imperal --example device_login
//! ```

#![allow(clippy::print_stdout, reason = "an example that tells what it does")]

use imperal::{FileStore, Imperal};
use imperal_mock::Cloud;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cloud = Cloud::start().await;
    let folder = tempfile::tempdir()?;
    // A login that took a person's time is worth keeping: in the platform's own file,
    // `FileStore::default_path()`, or in one of this program.
    let store = FileStore::at(folder.path().join("credentials.json"));
    let imperal = cloud.client_builder().token_store(store.clone()).build()?;

    let login = imperal.device_login().await?;
    println!("On another device, open {}", login.verification_url());
    println!("and enter {}", login.user_code());
    println!(
        "within {} minutes.",
        login.expires_in().as_secs().div_ceil(60)
    );

    println!("-- someone does so --");
    cloud.allow_device(login.user_code());
    println!("The service is asked every few seconds, as it wants to be.");
    login.wait().await?;
    show_account(&imperal).await?;

    println!("The program is started again, and finds the login.");
    let imperal = cloud.client_builder().token_store(store).build()?;
    show_account(&imperal).await?;

    imperal.logout().await?;
    println!("Logged out, and nothing is kept.");
    Ok(())
}

/// Says who is logged in.
async fn show_account(imperal: &Imperal) -> Result<(), imperal::Error> {
    let me = imperal.gateway().auth().me().send().await?;
    println!("Logged in as {} ({}).", me.email, me.imperal_id);
    Ok(())
}
