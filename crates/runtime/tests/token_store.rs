//! The token engine over a store that others use too.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt, join_all};
use http::{HeaderMap, StatusCode};
use imperal_runtime::{
    Authority, CredentialProvider, Error, LockedTokens, ManualClock, MemoryStore, Secret,
    StoredTokens, TokenEngine, TokenPair, TokenStore,
};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A service whose refresh tokens work once.
#[derive(Default)]
struct Service {
    issued: AtomicUsize,
    good: Mutex<BTreeSet<String>>,
    reused: AtomicUsize,
    has_password: bool,
    ended: Mutex<Vec<String>>,
}

impl Service {
    fn issue(&self) -> TokenPair {
        let number = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
        self.good
            .lock()
            .unwrap()
            .insert(format!("refresh-{number}"));
        TokenPair::new(
            format!("access-{number}").into(),
            Some(format!("refresh-{number}").into()),
            Some(900),
        )
    }
}

impl Authority for Service {
    fn login(&self) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async {
            if self.has_password {
                Ok(self.issue())
            } else {
                Err(Error::logged_out("there is no password"))
            }
        }
        .boxed()
    }

    fn refresh(&self, refresh_token: Secret) -> BoxFuture<'_, Result<TokenPair, Error>> {
        async move {
            tokio::task::yield_now().await;
            if self.good.lock().unwrap().remove(refresh_token.expose()) {
                return Ok(self.issue());
            }
            self.reused.fetch_add(1, Ordering::SeqCst);
            Err(Error::from_answer(
                StatusCode::UNAUTHORIZED,
                HeaderMap::new(),
                "{}".into(),
            ))
        }
        .boxed()
    }

    fn logout(&self, refresh_token: Secret) -> BoxFuture<'_, Result<(), Error>> {
        self.ended
            .lock()
            .unwrap()
            .push(refresh_token.expose().to_owned());
        async { Ok(()) }.boxed()
    }
}

const START: SystemTime = UNIX_EPOCH;

fn engine(service: &Arc<Service>, store: &(impl TokenStore + Clone)) -> (TokenEngine, ManualClock) {
    choosy_engine(service, store, |_| Ok(()))
}

fn choosy_engine(
    service: &Arc<Service>,
    store: &(impl TokenStore + Clone),
    accept: fn(&StoredTokens) -> Result<(), Error>,
) -> (TokenEngine, ManualClock) {
    let clock = ManualClock::starting_at(START + Duration::from_secs(1_000_000));
    let engine = TokenEngine::builder(
        Arc::clone(service) as Arc<dyn Authority>,
        Arc::new(clock.clone()),
    );
    let engine = engine
        .random_seed(1)
        .store(Arc::new(store.clone()), "https://a.example", accept);
    (engine.build(), clock)
}

async fn token(engine: &TokenEngine) -> Result<String, Error> {
    Ok(engine.credential().await?.secret().expose().to_owned())
}

async fn stored(store: &impl TokenStore) -> StoredTokens {
    store.load().await.unwrap().unwrap()
}

fn with_password() -> Arc<Service> {
    Arc::new(Service {
        has_password: true,
        ..Service::default()
    })
}

#[tokio::test(start_paused = true)]
async fn invariant_8_a_pair_is_stored_before_it_is_used() {
    let (service, store) = (with_password(), MemoryStore::default());
    let (engine, clock) = engine(&service, &store);
    for round in 1..5 {
        let token = token(&engine).await.unwrap();
        let stored = stored(&store).await;
        assert_eq!(
            (token.as_str(), stored.access_token.expose()),
            (format!("access-{round}").as_str(), token.as_str())
        );
        assert_eq!(stored.issuer.as_deref(), Some("https://a.example"));
        clock.advance(Duration::from_secs(1000));
    }
}

#[tokio::test(start_paused = true)]
async fn another_process_starts_from_what_is_stored() {
    let (service, store) = (with_password(), MemoryStore::default());
    token(&engine(&service, &store).0).await.unwrap();
    assert_eq!(
        token(&engine(&service, &store).0).await.unwrap(),
        "access-1"
    );
    assert_eq!(service.issued.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn many_engines_over_one_store_refresh_once_for_each_expiry() {
    let (service, store) = (with_password(), MemoryStore::default());
    let engines: Vec<_> = (0..10).map(|_| engine(&service, &store)).collect();
    for round in 1..20 {
        let tokens = join_all(engines.iter().map(|(engine, _)| token(engine))).await;
        let expected = format!("access-{round}");
        assert!(
            tokens
                .iter()
                .all(|token| token.as_ref().is_ok_and(|token| *token == expected)),
            "{tokens:?}"
        );
        for (_, clock) in &engines {
            clock.advance(Duration::from_secs(901));
        }
    }
    assert_eq!(service.reused.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn invariant_7_a_verdict_is_believed_only_after_the_store_was_read_again() {
    let (service, store) = (Arc::new(Service::default()), MemoryStore::default());
    let stale = StoredTokens::new("old".into(), Some("used up".into()), START);
    store.lock().await.unwrap().save(&stale).await.unwrap();
    let (engine, clock) = engine(&service, &store);
    let waiting = tokio::spawn({
        let engine = engine.clone();
        async move { token(&engine).await }
    });
    // A writer that takes no lock: it has refreshed, and stores the pair while the verdict is there.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let pair = service.issue();
    let expired = StoredTokens::new("sibling".into(), pair.refresh_token().cloned(), START);
    store.write_without_lock(Some(expired));
    assert_eq!(waiting.await.unwrap().unwrap(), "access-2");
    assert_eq!(service.reused.load(Ordering::SeqCst), 1);
    // The same, with a token that is still good.
    clock.advance(Duration::from_secs(1000));
    store.write_without_lock(Some(StoredTokens::new(
        "sibling".into(),
        Some("used up".into()),
        START + Duration::from_secs(2_000_000),
    )));
    assert_eq!(token(&engine).await.unwrap(), "sibling");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_has_ended_is_looked_for_again_but_not_asked_for() {
    let (service, store) = (Arc::new(Service::default()), MemoryStore::default());
    store
        .lock()
        .await
        .unwrap()
        .save(&StoredTokens::new("old".into(), Some("dead".into()), START))
        .await
        .unwrap();
    let (engine, clock) = engine(&service, &store);
    for _ in 0..5 {
        assert!(token(&engine).await.unwrap_err().is_logged_out());
        clock.advance(Duration::from_secs(60));
    }
    assert_eq!(service.reused.load(Ordering::SeqCst), 1);
    // Nothing was lost, and a login that another process makes is used.
    assert_eq!(stored(&store).await.refresh_token.unwrap().expose(), "dead");
    let pair = service.issue();
    store.write_without_lock(Some(StoredTokens::new(
        pair.access_token().clone(),
        None,
        START + Duration::from_secs(2_000_000),
    )));
    assert_eq!(token(&engine).await.unwrap(), "access-1");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_refused_is_not_taken_over_again() {
    let (service, store) = (with_password(), MemoryStore::default());
    let (engine, _) = engine(&service, &store);
    let refused = engine.credential().await.unwrap();
    let renewed = engine.renew(refused).await.unwrap().unwrap();
    assert_eq!(renewed.secret().expose(), "access-2");
    assert_eq!(stored(&store).await.access_token.expose(), "access-2");
}

#[tokio::test(start_paused = true)]
async fn logout_ends_what_is_stored_and_forgets_it() {
    let (service, store) = (with_password(), MemoryStore::default());
    let (engine, _) = engine(&service, &store);
    token(&engine).await.unwrap();
    let sibling = StoredTokens::new("x".into(), Some("newer".into()), START);
    store.write_without_lock(Some(sibling));
    engine.logout().await.unwrap();
    assert_eq!(*service.ended.lock().unwrap(), ["newer"]);
    assert!(store.load().await.unwrap().is_none());
    assert!(token(&engine).await.unwrap_err().is_logged_out());
}

/// Writes fail while it is told so.
#[derive(Clone, Default)]
struct Failing {
    store: MemoryStore,
    broken: Arc<AtomicBool>,
    locked_out: Arc<AtomicBool>,
}

struct LockedFailing {
    locked: Box<dyn LockedTokens>,
    broken: Arc<AtomicBool>,
}

impl TokenStore for Failing {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        self.store.load()
    }

    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn LockedTokens>, Error>> {
        async {
            if self.locked_out.load(Ordering::SeqCst) {
                return Err(Error::configuration("there is no lock"));
            }
            let locked = self.store.lock().await?;
            Ok(Box::new(LockedFailing {
                locked,
                broken: Arc::clone(&self.broken),
            }) as Box<dyn LockedTokens>)
        }
        .boxed()
    }
}

impl LockedTokens for LockedFailing {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<StoredTokens>, Error>> {
        self.locked.load()
    }

    fn save<'a>(&'a mut self, tokens: &'a StoredTokens) -> BoxFuture<'a, Result<(), Error>> {
        if self.broken.load(Ordering::SeqCst) {
            return async { Err(Error::configuration("the disk is full")) }.boxed();
        }
        self.locked.save(tokens)
    }

    fn clear(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        self.locked.clear()
    }
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_cannot_be_stored_is_kept_and_stored_later() {
    let (service, store) = (with_password(), Failing::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    store.broken.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_secs(901));
    // The pair serves although the store has the old one, whose refresh token is used up.
    assert_eq!(token(&engine).await.unwrap(), "access-2");
    assert_eq!(stored(&store).await.access_token.expose(), "access-1");
    store.broken.store(false, Ordering::SeqCst);
    clock.advance(Duration::from_secs(901));
    assert_eq!(token(&engine).await.unwrap(), "access-3");
    assert_eq!(stored(&store).await.access_token.expose(), "access-3");
    assert_eq!(service.reused.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_taken_over_and_cannot_be_stored_serves_and_the_error_says_why() {
    for (is_locked_out, reason) in [(false, "the disk is full"), (true, "there is no lock")] {
        let (service, store) = (with_password(), Failing::default());
        let (engine, clock) = engine(&service, &store);
        store.broken.store(true, Ordering::SeqCst);
        store.locked_out.store(is_locked_out, Ordering::SeqCst);
        let error = engine.adopt(service.issue()).await.unwrap_err();
        assert!(
            error.is_token_store() && error.to_string().contains(reason),
            "{error}"
        );
        assert_eq!(token(&engine).await.unwrap(), "access-1");
        store.broken.store(false, Ordering::SeqCst);
        store.locked_out.store(false, Ordering::SeqCst);
        clock.advance(Duration::from_secs(901));
        assert_eq!(token(&engine).await.unwrap(), "access-2");
        assert_eq!(stored(&store).await.access_token.expose(), "access-2");
        assert_eq!(service.reused.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_not_accepted_are_left_and_the_call_fails() {
    let (service, store) = (with_password(), MemoryStore::default());
    let other = StoredTokens::new(
        "other".into(),
        Some("r".into()),
        START + Duration::from_secs(2_000_000),
    );
    store.lock().await.unwrap().save(&other).await.unwrap();
    let (engine, _) = choosy_engine(&service, &store, |_| {
        Err(Error::configuration("another account"))
    });
    assert!(token(&engine).await.unwrap_err().is_configuration());
    assert!(engine.logout().await.unwrap_err().is_configuration());
    assert_eq!(stored(&store).await.access_token.expose(), "other");
    assert_eq!(
        (
            service.issued.load(Ordering::SeqCst),
            service.ended.lock().unwrap().len()
        ),
        (0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn logout_ends_its_own_login_where_the_store_holds_another() {
    let (service, store) = (with_password(), MemoryStore::default());
    let (engine, _) = choosy_engine(&service, &store, |tokens| {
        if tokens.access_token.expose() == "other" {
            return Err(Error::configuration("another account"));
        }
        Ok(())
    });
    token(&engine).await.unwrap();
    let other = StoredTokens::new("other".into(), Some("r".into()), START);
    store.write_without_lock(Some(other));
    engine.logout().await.unwrap();
    assert_eq!(*service.ended.lock().unwrap(), ["refresh-1"]);
    assert_eq!(stored(&store).await.access_token.expose(), "other");
    assert!(token(&engine).await.unwrap_err().is_logged_out());
}

#[tokio::test(start_paused = true)]
async fn logout_ends_the_pair_that_could_not_be_stored() {
    let (service, store) = (with_password(), Failing::default());
    let (engine, clock) = engine(&service, &store);
    token(&engine).await.unwrap();
    store.broken.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_secs(901));
    token(&engine).await.unwrap();
    engine.logout().await.unwrap();
    assert_eq!(*service.ended.lock().unwrap(), ["refresh-2"]);
    assert!(store.load().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn logout_ends_the_login_although_the_store_cannot_be_locked() {
    let (service, store) = (with_password(), Failing::default());
    let (engine, _) = engine(&service, &store);
    token(&engine).await.unwrap();
    store.locked_out.store(true, Ordering::SeqCst);
    let error = engine.logout().await.unwrap_err();
    assert!(error.to_string().contains("no lock"), "{error}");
    assert_eq!(*service.ended.lock().unwrap(), ["refresh-1"]);
    assert!(token(&engine).await.unwrap_err().is_logged_out());
}
