//! Downloads: saved as a whole or not at all, observed, and bounded in size and time.
#![allow(clippy::unwrap_used, reason = "a test")]

use bytes::Bytes;
use futures::{StreamExt, stream};
use imperal_runtime::{ByteStream, Error};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test]
async fn a_body_is_saved_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("icon.svg");
    let body = |parts: Vec<Result<Bytes, Error>>| ByteStream::new(stream::iter(parts));
    let broken = || Err(Error::invalid_request("it broke off"));
    let content = || std::fs::read_to_string(&path).ok();
    body(vec![Ok("<svg".into()), broken()])
        .save_to(&path)
        .await
        .unwrap_err();
    assert_eq!(content(), None);
    assert_eq!(
        body(vec![Ok("<svg".into()), Ok("/>".into())])
            .save_to(&path)
            .await
            .unwrap(),
        6
    );
    assert_eq!(content().as_deref(), Some("<svg/>"));
    body(vec![Ok("new".into()), broken()])
        .save_to(&path)
        .await
        .unwrap_err();
    assert_eq!(content().as_deref(), Some("<svg/>"));
    body(vec![Ok("newer".into())]).save_to(&path).await.unwrap();
    assert_eq!(content().as_deref(), Some("newer"));
    // Nothing is left of what was begun.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let error = body(vec![]).save_to("/no/such/folder/x").await.unwrap_err();
    assert!(
        error.is_file() && error.to_string().contains("/no/such/folder/x"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_falls_silent_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let silent = || ByteStream::new(stream::iter([Ok("x".into())]).chain(stream::pending()));
    let error = silent().save_to(folder.path().join("x")).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    let parts: Vec<_> = silent()
        .idle_timeout(Duration::from_secs(5))
        .collect()
        .await;
    assert!(parts[0].is_ok() && parts[1].as_ref().unwrap_err().is_timeout() && parts.len() == 2);
}

#[tokio::test]
async fn a_body_in_memory_has_a_bound() {
    let body = || ByteStream::new(stream::iter([Ok("abc".into()), Ok("de".into())]));
    assert_eq!(body().bytes(5).await.unwrap(), "abcde");
    assert!(
        body()
            .bytes(4)
            .await
            .unwrap_err()
            .to_string()
            .contains("4 bytes")
    );
}

#[tokio::test]
async fn the_progress_of_a_download_is_told() {
    let told: Arc<Mutex<Vec<u64>>> = Arc::default();
    let tell = Arc::clone(&told);
    let body = ByteStream::new(stream::iter([Ok("abc".into()), Ok("de".into())]));
    let body = body.on_progress(move |progress| tell.lock().unwrap().push(progress.bytes));
    body.bytes(100).await.unwrap();
    assert_eq!(*told.lock().unwrap(), [3, 5]);
}
