//! Uploads: from files and streams, sent again or not, observed, and bounded in time.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/uploads.rs"]
mod support;

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use futures::{StreamExt, stream};
use imperal_runtime::private::{FormParts, Payload};
use imperal_runtime::{
    Answer, Authority, CallOptions, Credential, CredentialProvider, Error, ManualClock,
    MemoryStore, Secret, StoredTokens, TokenEngine, TokenPair, TokenStore, TransferProgress,
    Upload,
};
use serde_json::Value;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use support::{REPLACE, Reply, SEND, Service, Tokens, parts, send};
use tokio::time::Instant;

#[tokio::test]
async fn a_file_is_sent_as_it_is_read_with_its_size_and_its_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    let content = vec![7; 300_000];
    std::fs::write(&path, &content).unwrap();
    let service = Service::default();
    service.call(&SEND, Upload::from_path(&path)).await.unwrap();
    let sent = &service.sent()[0];
    assert_eq!(sent.body.as_ref().unwrap(), &content);
    assert_eq!(
        (sent.content_type.as_str(), sent.size.as_deref()),
        ("image/png", Some("300000"))
    );
    assert!(sent.largest_part <= 64 * 1024, "{}", sent.largest_part);
}

#[tokio::test]
async fn the_type_that_is_said_goes_before_the_one_that_is_guessed() {
    let service = Service::default();
    let upload = || Upload::new("x").file_name("table.csv");
    for (upload, media_type) in [
        (upload().content_type("audio/ogg"), "audio/ogg"),
        (upload(), "text/csv"),
        (Upload::new("x"), "application/octet-stream"),
        (
            Upload::new("x").file_name("no ending"),
            "application/octet-stream",
        ),
    ] {
        service.call(&SEND, upload).await.unwrap();
        assert_eq!(service.sent().last().unwrap().content_type, media_type);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_is_opened_again_when_it_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    std::fs::write(&path, "content").unwrap();
    let service = Service::new([Reply::Status(401), Reply::Status(503), Reply::Status(200)]);
    service
        .call(&REPLACE, Upload::from_path(&path))
        .await
        .unwrap();
    let sent = service.sent();
    let tokens: Vec<&str> = sent.iter().map(|sent| sent.token.as_str()).collect();
    assert_eq!(tokens, ["Bearer 0", "Bearer 1", "Bearer 0"]);
    assert!(sent.iter().all(|sent| sent.body == Ok("content".into())));
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_sent_once_and_again_only_if_it_has_not_begun() {
    let upload = || Upload::from_stream(parts(&["a", "b"])).stream_size(2);
    for status in [401, 503] {
        let service = Service::new([Reply::Status(status)]);
        let error = service.call(&REPLACE, upload()).await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert_eq!(service.sent().len(), 1);
    }
    let service = Service::new([Reply::Unreachable, Reply::Unreachable]);
    service.call(&SEND, upload()).await.unwrap();
    let sent = service.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].body.clone(), sent[0].size.as_deref()),
        (Ok("ab".into()), Some("2"))
    );
    // A second call with the same stream has nothing to send: what it was has gone.
    let upload = upload();
    Service::default()
        .call(&SEND, upload.clone())
        .await
        .unwrap();
    let error = Service::default().call(&SEND, upload).await.unwrap_err();
    assert!(
        error.is_invalid_request() && error.to_string().contains("once"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_another_size_than_was_said_fails_the_call() {
    for content in [&["abc", "de"][..], &["abcde"], &["ab", "", "c", "", "d"]] {
        let service = Service::default();
        let upload = Upload::from_stream(parts(content)).stream_size(3);
        service.call(&SEND, upload).await.unwrap_err();
        // The last byte that was announced has not been sent either: no service can take it for whole.
        let sent = service.sent();
        assert!(sent[0].body.is_err(), "{content:?}: {:?}", sent[0].body);
    }
    let service = Service::default();
    let exact = Upload::from_stream(parts(&["ab", "c", ""])).stream_size(3);
    service.call(&SEND, exact).await.unwrap();
    assert_eq!(service.sent()[0].body, Ok("abc".into()));
    let empty = Upload::from_stream(parts(&[""])).stream_size(0);
    service.call(&SEND, empty).await.unwrap();
    assert_eq!(service.sent()[1].body, Ok("".into()));
}

#[tokio::test]
async fn one_of_two_calls_at_once_has_the_stream_and_the_other_fails() {
    let slow = stream::iter(["a", "b", "c"]).then(|part| async move {
        tokio::task::yield_now().await;
        Ok(Bytes::from(part))
    });
    let upload = Upload::from_stream(slow);
    let service = Service::default();
    let (one, other) = tokio::join!(
        service.call(&SEND, upload.clone()),
        service.call(&SEND, upload)
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let whole = service.sent().into_iter().filter_map(|sent| sent.body.ok());
    assert_eq!(whole.collect::<Vec<_>>(), ["abc"]);
}

#[tokio::test]
async fn one_stream_cannot_be_two_files_of_a_form() {
    let service = Service::default();
    let upload = Upload::from_stream(parts(&["a"]));
    let mut form = FormParts::default();
    form.files("one", &upload);
    form.files("other", &upload);
    let session = service.session(Tokens);
    let request = session.http().post("https://api.example.com/send").build();
    let payload = Payload::Form(form);
    let answer: Result<Answer<Value>, _> = session.call(&SEND, Ok(request.unwrap()), payload).await;
    answer.unwrap_err();
    assert!(service.sent()[0].body.is_err());
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named_and_nothing_is_sent() {
    let service = Service::default();
    for path in [Path::new("/no/such/file"), Path::new("/")] {
        let error = service.call(&SEND, path.into()).await.unwrap_err();
        assert!(error.is_file(), "{error}");
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
    assert!(service.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_breaks_the_call() {
    let broken = stream::iter([Ok(Bytes::from("a")), Err(io::Error::other("gone"))]);
    let service = Service::default();
    let error = service
        .call(&REPLACE, Upload::from_stream(broken))
        .await
        .unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test]
async fn progress_is_told_to_the_end() {
    let told: Arc<Mutex<Vec<TransferProgress>>> = Arc::default();
    let tell = |upload: Upload| {
        let told = Arc::clone(&told);
        upload.on_progress(move |progress| told.lock().unwrap().push(progress))
    };
    for (upload, steps, total) in [
        (Upload::new(vec![1; 200_000]), 4, Some(200_000)),
        (
            Upload::from_stream(parts(&["abc", "de"])).stream_size(5),
            2,
            Some(5),
        ),
        (Upload::from_stream(parts(&["abc", "de"])), 2, None),
    ] {
        told.lock().unwrap().clear();
        let service = Service::default();
        service.call(&SEND, tell(upload)).await.unwrap();
        let told = told.lock().unwrap();
        assert_eq!(told.len(), steps);
        assert!(told.windows(2).all(|pair| pair[0].bytes < pair[1].bytes));
        let end = told.last().unwrap();
        assert_eq!(
            (end.bytes, end.total),
            (service.sent()[0].body.as_ref().unwrap().len() as u64, total)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_transfer_may_take_long_but_not_stand_still() {
    let slow = stream::iter(0..100).then(|_| async {
        tokio::time::sleep(Duration::from_secs(50)).await;
        Ok(Bytes::from("x"))
    });
    let service = Service::default();
    service
        .call(&SEND, Upload::from_stream(slow))
        .await
        .unwrap();
    assert_eq!(service.sent()[0].body.as_ref().unwrap().len(), 100);

    let started = Instant::now();
    let service = Service::new([Reply::Stalled]);
    let error = service
        .call(&SEND, Upload::from_stream(parts(&["x"])))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(started.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_transfer_may_be_allowed_to_stand_still_for_ever() {
    let late = stream::once(async {
        tokio::time::sleep(Duration::from_secs(100_000)).await;
        Ok(Bytes::from("x"))
    });
    let service = Service::default();
    let options = CallOptions::new().stall_timeout(Duration::MAX);
    let session = service.session(Tokens).with_options(&options);
    send(&session, &SEND, Upload::from_stream(late))
        .await
        .unwrap();
    assert_eq!(service.sent()[0].body, Ok("x".into()));
}

#[tokio::test(start_paused = true)]
async fn how_long_a_transfer_may_stand_still_can_be_said() {
    let service = Service::new([Reply::Stalled]);
    let started = Instant::now();
    let options = CallOptions::new().stall_timeout(Duration::from_secs(300));
    let session = service.session(Tokens).with_options(&options);
    let upload = Upload::from_stream(parts(&["x"]));
    let error = send(&session, &SEND, upload).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(started.elapsed().as_secs(), 300);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_slowly_is_no_standstill() {
    let service = Service::new([Reply::Slow]);
    let answer = service
        .call(&SEND, Upload::from_stream(parts(&["x"])))
        .await
        .unwrap();
    assert_eq!(answer.into_inner(), serde_json::json!([1, 2, 3, 4]));
}

/// Never has a token.
struct Silent;

impl CredentialProvider for Silent {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, Error>> {
        futures::future::pending().boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_transfer_waits_for_its_credential_no_longer_than_for_anything_else() {
    let service = Service::default();
    let upload = Upload::from_stream(parts(&["x"]));
    let error = service.call_as(Silent, &SEND, upload).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(service.sent().is_empty());
}

/// Issues tokens that live 900 s, as often as it is let.
struct Issuer(Mutex<u32>);

impl Authority for Issuer {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async {
            let mut left = self.0.lock().unwrap();
            if *left == 0 {
                let status = http::StatusCode::SERVICE_UNAVAILABLE;
                return Err(Error::from_answer(
                    status,
                    http::HeaderMap::new(),
                    Bytes::new(),
                ));
            }
            *left -= 1;
            Ok(TokenPair::new(
                format!("token-{left}").into(),
                Some("refresh".into()),
                Some(900),
            ))
        }
        .boxed()
    }

    fn refresh(&self, _: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        self.login()
    }

    fn logout(&self, _: Secret) -> BoxFuture<'_, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }
}

#[tokio::test]
async fn the_token_is_renewed_before_what_can_be_sent_once_if_it_can_be() {
    for (issued, age, token) in [
        (2, 845, "Bearer token-0"),
        (2, 100, "Bearer token-1"),
        (1, 845, "Bearer token-0"),
    ] {
        let clock = ManualClock::starting_at(UNIX_EPOCH);
        let tokens = TokenEngine::new(
            Arc::new(Issuer(Mutex::new(issued))),
            Arc::new(clock.clone()),
        );
        tokens.login().await.unwrap();
        clock.advance(Duration::from_secs(age));
        let service = Service::default();
        let upload = Upload::from_stream(parts(&["x"]));
        service.call_as(tokens, &SEND, upload).await.unwrap();
        assert_eq!(service.sent()[0].token, token, "{age}");
    }
}

#[tokio::test]
async fn a_token_that_a_store_had_is_renewed_as_well_if_it_will_not_last() {
    let clock = ManualClock::starting_at(UNIX_EPOCH);
    let store = MemoryStore::default();
    let found = StoredTokens::new(
        "found".into(),
        Some("refresh".into()),
        UNIX_EPOCH + Duration::from_secs(30),
    );
    store.lock().await.unwrap().save(&found).await.unwrap();
    let tokens = TokenEngine::builder(Arc::new(Issuer(Mutex::new(1))), Arc::new(clock.clone()))
        .store(Arc::new(store), "https://a.example", |_| Ok(()))
        .build();
    let service = Service::default();
    let upload = Upload::from_stream(parts(&["x"]));
    service.call_as(tokens, &SEND, upload).await.unwrap();
    assert_eq!(service.sent()[0].token, "Bearer token-0");
}
