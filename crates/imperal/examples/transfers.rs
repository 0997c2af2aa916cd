//! Sends a recording to be transcribed, with a bar that shows how far it is, and saves a picture.
//!
//! Runs against the built-in mocked cloud; for the real service take `Imperal::from_env()` in place of
//! `cloud.client()`, and a recording of your own.
//!
//! ```text
//! cargo run -p imperal --example transfers [RECORDING]
//! ```

#![allow(clippy::print_stdout, reason = "an example that tells what it does")]

use imperal::Upload;
use imperal_mock::Cloud;
use indicatif::{ProgressBar, ProgressStyle};
use std::error::Error;
use std::path::PathBuf;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cloud = Cloud::start().await;
    let imperal = cloud.client();
    let folder = tempfile::tempdir()?;
    let recording = if let Some(path) = std::env::args_os().nth(1) {
        PathBuf::from(path)
    } else {
        let path = folder.path().join("recording.ogg");
        std::fs::write(&path, vec![0; 5 * 1024 * 1024])?;
        path
    };

    let style = ProgressStyle::with_template("sending {bar:40} {bytes}/{total_bytes}")?;
    let bar = ProgressBar::no_length().with_style(style);
    let shown = bar.clone();
    let upload = Upload::from_path(&recording).on_progress(move |progress| {
        shown.set_length(progress.total.unwrap_or(progress.bytes));
        shown.set_position(progress.bytes);
    });
    println!(
        "{} is sent as {}",
        recording.display(),
        upload.media_type().unwrap_or("bytes")
    );
    let speech = imperal.gateway().voice().speech_to_text();
    let answer = speech.body_map(|body| body.file(upload)).send().await?;
    bar.finish();
    println!(
        "sent {} bytes; the service understood: {}",
        bar.position(),
        answer.text
    );

    let icon = imperal
        .gateway()
        .marketplace()
        .get_app_icon()
        .app_id("app-1")
        .send()
        .await?;
    let path = folder.path().join("icon.svg");
    let bytes = icon.into_inner().save_to(&path).await?;
    println!("saved {bytes} bytes to {}", path.display());
    Ok(())
}
