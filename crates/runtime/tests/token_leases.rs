//! A store whose lock is a lease: its holder may be slow, or die.
#![allow(clippy::unwrap_used, dead_code, reason = "a test")]

#[path = "support/logins.rs"]
mod logins;

use imperal_runtime::{CredentialProvider, TokenStore};
use logins::{Server, Service, builder, engine, expired, stored, token};
use std::sync::Arc;
use std::time::Duration;

const EXPIRED: Duration = Duration::from_secs(901);

/// Longer than the lease lasts.
const SLOW: Duration = Duration::from_secs(100);

#[tokio::test(start_paused = true)]
async fn the_lease_is_extended_before_each_question() {
    let (service, store) = (Service::new(), Server::default());
    let given = service.issue();
    store.state().tokens = Some(expired("old", "used up"));
    // Two of them take longer than the lease.
    service.state().delay = Duration::from_secs(45);
    let (first, _) = builder(&service);
    let first = first.store(Arc::new(store.clone()), "https://a.example", |_| Ok(()));
    let first = first
        .refresh_token(given.refresh_token().unwrap().clone())
        .build();
    let (second, _) = engine(&service, &store);
    let tokens = tokio::join!(token(&first), token(&second));
    assert_eq!(
        (tokens.0.unwrap().as_str(), tokens.1.unwrap().as_str()),
        ("access-2", "access-2")
    );
    assert_eq!(service.asked(), ["used up", "refresh-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_comes_after_the_lease_ran_out_is_stored_if_nothing_newer_is_there() {
    let (service, store) = (Service::with_password(), Server::default());
    let ((first, clock), (second, other_clock)) =
        (engine(&service, &store), engine(&service, &store));
    token(&first).await.unwrap();
    service.state().has_password = false;
    clock.advance(EXPIRED);
    other_clock.advance(EXPIRED);
    service.state().delay = SLOW;
    // Nobody else wants it.
    assert_eq!(token(&first).await.unwrap(), "access-2");
    assert_eq!(stored(&store).await, "access-2");
    assert_eq!(token(&second).await.unwrap(), "access-2");
    // The other one has the lease by then, and asks with the same token.
    clock.advance(EXPIRED);
    other_clock.advance(EXPIRED);
    let tokens = tokio::join!(token(&first), token(&second));
    assert_eq!(
        (tokens.0.unwrap().as_str(), tokens.1.unwrap().as_str()),
        ("access-3", "access-3")
    );
    assert_eq!(stored(&store).await, "access-3");
    assert_eq!(
        service.asked(),
        ["login", "refresh-1", "refresh-2", "refresh-2"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_comes_late_does_not_overwrite_a_newer_one_and_is_not_lost() {
    for has_password in [false, true] {
        let (service, store) = (Service::with_password(), Server::default());
        let ((first, clock), (second, other_clock)) =
            (engine(&service, &store), engine(&service, &store));
        token(&first).await.unwrap();
        service.state().has_password = has_password;
        clock.advance(EXPIRED);
        other_clock.advance(EXPIRED);
        service.state().answer_delay = SLOW;
        let slow = tokio::spawn({
            let first = first.clone();
            async move { token(&first).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        service.state().answer_delay = Duration::ZERO;
        // The token is used up; whoever has a password logs in.
        let taken_over = token(&second).await;
        assert_eq!(slow.await.unwrap().unwrap(), "access-2");
        other_clock.advance(Duration::from_secs(1));
        if has_password {
            assert_eq!(taken_over.unwrap(), "access-3");
            assert_eq!(stored(&store).await, "access-3");
            let late = first.credential().await.unwrap();
            let renewed = first.renew(late).await.unwrap().unwrap();
            assert_eq!(renewed.secret().expose(), "access-3");
        } else {
            assert!(taken_over.unwrap_err().is_logged_out());
            assert_eq!(stored(&store).await, "access-2");
            assert_eq!(token(&second).await.unwrap(), "access-2");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_takes_over_when_the_holder_dies() {
    let (service, store) = (Service::with_password(), Server::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    clock.advance(EXPIRED);
    // Killed: it lets go of nothing.
    std::mem::forget(store.lock().await.unwrap());
    assert_eq!(token(&engine).await.unwrap(), "access-2");
    assert_eq!(stored(&store).await, "access-2");
    // And one that is dropped lets go at once.
    drop(store.lock().await.unwrap());
    let before = tokio::time::Instant::now();
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-3");
    assert_eq!(before.elapsed(), Duration::ZERO);
}
