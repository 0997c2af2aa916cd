//! What a login survives: stores that lose answers, fall back, break or are written by others.
#![allow(clippy::unwrap_used, dead_code, reason = "a test")]

#[path = "support/logins.rs"]
mod logins;

use imperal_runtime::{
    Clock, Credential, CredentialProvider, Error, MemoryStore, Secret, StoredTokens, TokenEngine,
    TokenStore,
};
use logins::{OTHER, Saves, Server, Service, builder, engine, expired, good, stored, token};
use std::sync::Arc;
use std::time::Duration;

/// Longer than an access token lives.
const EXPIRED: Duration = Duration::from_secs(901);

#[tokio::test(start_paused = true)]
async fn a_pair_whose_save_lost_its_answer_does_not_overwrite_its_successor() {
    let (service, store) = (Service::with_password(), Server::default());
    let ((first, clock), (second, other_clock)) =
        (engine(&service, &store), engine(&service, &store));
    token(&first).await.unwrap();
    service.state().has_password = false;
    store.state().saves = Saves::LoseTheAnswer;
    clock.advance(EXPIRED);
    assert_eq!(token(&first).await.unwrap(), "access-2");
    store.state().saves = Saves::Fine;
    other_clock.advance(EXPIRED * 2);
    assert_eq!(token(&second).await.unwrap(), "access-3");
    clock.advance(EXPIRED);
    assert_eq!(token(&first).await.unwrap(), "access-3");
    for round in 2..6 {
        clock.advance(EXPIRED);
        other_clock.advance(EXPIRED);
        let tokens = (token(&first).await.unwrap(), token(&second).await.unwrap());
        assert_eq!(tokens.0, tokens.1, "{round}");
        assert_eq!(stored(&store).await, tokens.0);
    }
    let asked = service.asked();
    let once: std::collections::BTreeSet<_> = asked.iter().collect();
    assert_eq!(once.len(), asked.len(), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_was_not_stored_does_not_overwrite_another_accounts_login() {
    let (service, store) = (Service::with_password(), Server::default());
    let (engine, clock) = builder(&service);
    let engine = engine.store(Arc::new(store.clone()), "https://a.example", |tokens| {
        if tokens.access_token.expose() == "other" {
            return Err(Error::configuration("another account"));
        }
        Ok(())
    });
    let engine = engine.build();
    token(&engine).await.unwrap();
    store.state().saves = Saves::Fail;
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-2");
    store.state().saves = Saves::Fine;
    store.state().tokens = Some(expired("other", "other refresh"));
    clock.advance(EXPIRED);
    assert!(token(&engine).await.unwrap_err().is_configuration());
    assert_eq!(stored(&store).await, "other");
    // The pair is not lost: it serves when the other login is gone.
    store.state().tokens = None;
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-3");
    assert_eq!(stored(&store).await, "access-3");
    assert_eq!(service.asked(), ["login", "refresh-1", "refresh-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_falls_back_to_an_older_pair_costs_nothing() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    service.state().has_password = false;
    let old = store.load().await.unwrap();
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-2");
    store.write_without_lock(old);
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-3");
    assert_eq!(
        service.asked(),
        ["login", "refresh-1", "refresh-2"],
        "what is used up is not presented"
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_falls_back_is_put_right_even_while_the_service_is_away() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    let old = store.load().await.unwrap();
    clock.advance(EXPIRED);
    token(&engine).await.unwrap();
    store.write_without_lock(old);
    service.state().fails_with = Some(503);
    clock.advance(EXPIRED);
    assert!(token(&engine).await.unwrap_err().is_server_error());
    assert_eq!(stored(&store).await, "access-2");
}

#[tokio::test(start_paused = true)]
async fn the_token_in_memory_is_tried_before_a_verdict_on_an_older_stored_one_is_believed() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let ((first, clock), (second, other_clock)) =
        (engine(&service, &store), engine(&service, &store));
    token(&first).await.unwrap();
    let old = store.load().await.unwrap();
    service.state().has_password = false;
    // The second one rotates, the first finds the pair, and the store falls back to what neither
    // of them knows to be used up in the first one's place.
    other_clock.advance(EXPIRED);
    token(&second).await.unwrap();
    clock.advance(EXPIRED);
    assert_eq!(token(&first).await.unwrap(), "access-2");
    store.write_without_lock(old);
    clock.advance(EXPIRED);
    assert_eq!(token(&first).await.unwrap(), "access-3");
    assert_eq!(stored(&store).await, "access-3");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_falls_back_twice_behind_what_was_traded_here_costs_nothing() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let ((first, clock), (second, other_clock)) =
        (engine(&service, &store), engine(&service, &store));
    token(&first).await.unwrap();
    service.state().has_password = false;
    // Two pairs of which the first one does not know that they are used up: the second one traded them.
    let mut used_up = Vec::new();
    for newer in ["access-2", "access-3"] {
        used_up.push(store.load().await.unwrap());
        other_clock.advance(EXPIRED);
        assert_eq!(token(&second).await.unwrap(), newer);
    }
    clock.advance(EXPIRED);
    assert_eq!(token(&first).await.unwrap(), "access-3");
    clock.advance(EXPIRED * 3);
    assert_eq!(token(&first).await.unwrap(), "access-4");
    // The store goes back to one of them, and to the other one before the first could be found out.
    for (tokens, status) in used_up.into_iter().zip([Some(503), None]) {
        store.write_without_lock(tokens);
        service.state().fails_with = status;
        clock.advance(EXPIRED);
        let outcome = token(&first).await;
        if status.is_some() {
            assert!(outcome.unwrap_err().is_server_error());
        } else {
            assert_eq!(outcome.unwrap(), "access-5");
        }
    }
    assert_eq!(stored(&store).await, "access-5");
    let asked = service.asked();
    assert_eq!(asked[..4], ["login", "refresh-1", "refresh-2", "refresh-3"]);
    assert_eq!(asked[4..], ["refresh-1", "refresh-2", "refresh-4"]);
}

/// An engine whose first token was renewed while it was still good, that token, and what was stored with it.
async fn renewed_early(
    service: &Arc<Service>,
    store: &MemoryStore,
) -> (TokenEngine, Credential, Option<StoredTokens>) {
    let (engine, clock) = engine(service, store);
    let first = engine.credential().await.unwrap();
    let old = store.load().await.unwrap();
    clock.advance(Duration::from_secs(872));
    assert_eq!(token(&engine).await.unwrap(), "access-1");
    // The refresh that has begun beside it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(token(&engine).await.unwrap(), "access-2");
    (engine, first, old)
}

#[tokio::test(start_paused = true)]
async fn a_store_that_falls_back_is_put_right_although_its_older_token_is_still_good() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, _, old) = renewed_early(&service, &store).await;
    store.write_without_lock(old);
    let refused = engine.credential().await.unwrap();
    let found = engine.renew(refused).await.unwrap().unwrap();
    assert_eq!(found.secret().expose(), "access-1");
    assert_eq!(stored(&store).await, "access-2");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_refused_after_it_was_renewed_is_not_taken_over_again() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, slow, old) = renewed_early(&service, &store).await;
    // The answer to a request with the first token, which has been replaced by now.
    let newer = engine.renew(slow).await.unwrap().unwrap();
    assert_eq!(newer.secret().expose(), "access-2");
    store.write_without_lock(old);
    let newest = engine.renew(newer).await.unwrap().unwrap();
    assert_eq!(newest.secret().expose(), "access-3");
}

#[tokio::test(start_paused = true)]
async fn invariant_4_a_stored_token_that_ends_sooner_does_not_displace_one_that_is_still_good() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    clock.advance(Duration::from_secs(872));
    let mut older = expired("older", "older refresh");
    older.expires_at = clock.now() + Duration::from_secs(20);
    store.write_without_lock(Some(older));
    service.state().fails_with = Some(503);
    for _ in 0..3 {
        assert_eq!(token(&engine).await.unwrap(), "access-1");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(service.asked(), ["login", "older refresh"]);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_was_given_is_tried_after_a_stored_one_that_is_used_up() {
    for has_password in [false, true] {
        let (service, store) = (Service::new(), MemoryStore::default());
        service.state().has_password = has_password;
        let given = service.issue();
        store.write_without_lock(Some(expired("old", "used up")));
        let (engine, _) = builder(&service);
        let engine = engine.store(Arc::new(store.clone()), "https://a.example", |_| Ok(()));
        let engine = engine
            .refresh_token(given.refresh_token().unwrap().clone())
            .build();
        assert_eq!(token(&engine).await.unwrap(), "access-2");
        assert_eq!(service.asked(), ["used up", "refresh-1"]);
        assert_eq!(stored(&store).await, "access-2");
    }
}

/// Whoever comes after the token was found has it refused as well, and must be able to replace it.
#[tokio::test(start_paused = true)]
async fn a_token_that_was_found_says_so_to_everyone_until_it_is_renewed() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, clock) = engine(&service, &store);
    let first = engine.credential().await.unwrap();
    let old = service.issue();
    let refresh = old.refresh_token().unwrap().expose();
    store.write_without_lock(Some(good(&clock, "sibling", refresh)));
    let found = engine.renew(first.clone()).await.unwrap().unwrap();
    let late = engine.renew(first).await.unwrap().unwrap();
    assert_eq!(late.secret().expose(), "sibling");
    assert!(format!("{found:?}").contains("found: true"), "{found:?}");
    assert!(format!("{late:?}").contains("found: true"), "{late:?}");
    let renewed = engine.renew(late).await.unwrap().unwrap();
    assert_eq!(renewed.secret().expose(), "access-3");
    assert!(
        format!("{renewed:?}").contains("found: false"),
        "{renewed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_is_an_error_that_passes() {
    let (service, store) = (Service::with_password(), Server::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    store.state().away = true;
    clock.advance(EXPIRED);
    let error = token(&engine).await.unwrap_err();
    assert!(error.is_token_store() && error.is_retryable(), "{error}");
    assert!(!error.is_configuration(), "{error}");
    assert_eq!(
        service.asked(),
        ["login"],
        "others may have renewed the token"
    );
    store.state().away = false;
    clock.advance(Duration::from_secs(1));
    assert_eq!(token(&engine).await.unwrap(), "access-2");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_another_program_breaks_does_not_stop_a_login_that_has_served() {
    let (service, store) = (Service::with_password(), Server::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    service.state().has_password = false;
    store.state().garbled = true;
    store.state().saves = Saves::Fail;
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-2", "kept in memory");
    store.state().saves = Saves::Fine;
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-3");
    assert_eq!(stored(&store).await, "access-3");
    // With a token that is no longer good either there is no verdict on what is stored.
    store.state().garbled = true;
    service.state().good.clear();
    clock.advance(EXPIRED);
    let error = token(&engine).await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("something else"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_holds_something_else_at_the_start_is_left_as_it_is() {
    let (service, store) = (Service::with_password(), Server::default());
    store.state().garbled = true;
    let error = token(&engine(&service, &store).0).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(service.asked().is_empty() && store.state().garbled);
}

fn owner(token: &Secret) -> Option<String> {
    let owners = [("access", "ann"), ("other", "bob")];
    let owner = owners
        .iter()
        .find(|(start, _)| token.expose().starts_with(start));
    owner.map(|(_, name)| (*name).to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_first_token_that_is_used_settles_whose_login_it_is() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let build = || {
        let (engine, clock) = builder(&service);
        let engine = engine.store(Arc::new(store.clone()), "https://a.example", |_| Ok(()));
        (engine.account_of(owner).build(), clock)
    };
    // One found a login in the store, the other one made it.
    let ((first, _), (second, clock)) = (build(), build());
    token(&first).await.unwrap();
    token(&second).await.unwrap();
    let theirs = good(&clock, "other", "other refresh");
    let refused = |engine: TokenEngine| async move {
        let credential = engine.credential().await.unwrap();
        engine.renew(credential).await.unwrap_err()
    };
    store.write_without_lock(Some(theirs.clone()));
    for engine in [&first, &second] {
        let error = refused(engine.clone()).await;
        assert!(
            error.is_configuration() && error.to_string().contains("another account"),
            "{error}"
        );
        assert_eq!(stored(&store).await, "other");
        // To go over to it is asked for.
        engine.login().await.unwrap();
        assert_eq!(token(engine).await.unwrap(), "other");
    }
    assert_eq!(service.asked(), ["login"], "nothing was sent");
    // A login that is taken over is another way.
    first.adopt(service.issue()).await.unwrap();
    assert_eq!(token(&first).await.unwrap(), "access-2");
    assert_eq!(stored(&store).await, "access-2");
    assert!(refused(second).await.is_configuration());
}

#[tokio::test(start_paused = true)]
async fn a_login_that_was_left_for_another_account_is_not_gone_back_to() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, clock) = builder(&service);
    let engine = engine.store(Arc::new(store.clone()), "https://a.example", |_| Ok(()));
    let engine = engine.account_of(owner).build();
    token(&engine).await.unwrap();
    service.state().has_password = false;
    store.write_without_lock(Some(expired("other", "other refresh")));
    clock.advance(EXPIRED);
    // The other login has ended. The first one would still be good.
    assert!(engine.login().await.unwrap_err().is_logged_out());
    assert_eq!(service.asked(), ["login", "other refresh", "login"]);
}

/// A refresh token says nothing of its owner: that shows when it is traded.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_of_another_account_that_was_stored_alone_is_renewed_for_its_owner() {
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (engine, clock) = builder(&service);
    let engine = engine.store(Arc::new(store.clone()), "https://a.example", |_| Ok(()));
    let engine = engine.account_of(owner).build();
    token(&engine).await.unwrap();
    service.state().has_password = false;
    let theirs = service.issue_to(OTHER);
    let theirs = theirs.refresh_token().unwrap().expose();
    store.write_without_lock(Some(expired("", theirs)));
    for _ in 0..3 {
        clock.advance(EXPIRED);
        let error = token(&engine).await.unwrap_err();
        assert!(
            error.is_configuration() && error.to_string().contains("another account"),
            "{error}"
        );
        assert_eq!(stored(&store).await, "other-access-3");
    }
    // Its own login is not lost: it serves when the other one is gone.
    store.write_without_lock(None);
    clock.advance(EXPIRED);
    assert_eq!(token(&engine).await.unwrap(), "access-4");
    assert_eq!(service.asked(), ["login", theirs, "refresh-1"]);
}

#[tokio::test(start_paused = true)]
async fn the_account_that_is_asked_for_counts_for_a_refresh_token_that_was_stored_alone_too() {
    for has_password in [false, true] {
        let (service, store) = (Service::new(), MemoryStore::default());
        service.state().has_password = has_password;
        let theirs = service.issue_to(OTHER);
        let theirs = theirs.refresh_token().unwrap().expose();
        store.write_without_lock(Some(expired("", theirs)));
        let (engine, clock) = builder(&service);
        let engine = engine.store(Arc::new(store.clone()), "https://a.example", |tokens| {
            if tokens.access_token.expose().starts_with(OTHER) {
                return Err(Error::configuration("another account"));
            }
            Ok(())
        });
        let engine = engine.build();
        for _ in 0..3 {
            clock.advance(EXPIRED);
            assert!(token(&engine).await.unwrap_err().is_configuration());
            assert_eq!(stored(&store).await, "other-access-2");
        }
        assert_eq!(service.asked(), [theirs], "and nobody is logged in instead");
    }
}

/// Content that can be sent once asks for a token that lasts.
#[tokio::test(start_paused = true)]
async fn a_token_that_lasts_is_asked_for_where_there_can_be_one_and_not_at_every_call() {
    let least = Duration::from_secs(60);
    // No token of this service lives that long.
    let (service, store) = (Service::with_password(), MemoryStore::default());
    service.state().lifetime = Some(30);
    let (short, clock) = engine(&service, &store);
    for _ in 0..5 {
        short.lasting_credential(least).await.unwrap();
    }
    assert_eq!(service.asked(), ["login"]);
    clock.advance(Duration::from_secs(16));
    short.lasting_credential(least).await.unwrap();
    assert_eq!(service.asked(), ["login", "refresh-1"]);

    // A service that is away is not asked at every call.
    let (service, store) = (Service::with_password(), MemoryStore::default());
    let (long, clock) = engine(&service, &store);
    token(&long).await.unwrap();
    clock.advance(Duration::from_secs(845));
    service.state().fails_with = Some(503);
    for _ in 0..5 {
        let credential = long.lasting_credential(least).await.unwrap();
        assert_eq!(credential.secret().expose(), "access-1");
    }
    assert_eq!(service.asked(), ["login", "refresh-1"]);
    clock.advance(Duration::from_secs(5));
    service.state().fails_with = None;
    let credential = long.lasting_credential(least).await.unwrap();
    assert_eq!(credential.secret().expose(), "access-2");
}

#[tokio::test(start_paused = true)]
async fn after_a_logout_nothing_of_the_login_is_used_again() {
    let (service, store) = (Service::with_password(), Server::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    let old = store.load().await.unwrap();
    engine.logout().await.unwrap();
    store.state().tokens = old;
    clock.advance(Duration::from_secs(1));
    engine.login().await.unwrap();
    assert_eq!(token(&engine).await.unwrap(), "access-2");
    assert_eq!(service.asked(), ["login", "logout refresh-1", "login"]);
}
