//! Replicas that share one login through Redis. The tests start a `redis-server` of their own; without one
//! they say so and do nothing.

use futures::future::join_all;
use imperal::{Credentials, ManualClock, RedisStore, StoredTokens, TokenStore};
use imperal_mock::{Cloud, EMAIL, PASSWORD};
use imperal_tests::{email_of, statuses};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

/// A server on a socket in a folder of its own, stopped when this is dropped.
struct Server {
    process: Child,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let process = Command::new("redis-server")
            .args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "no",
                "--unixsocket",
            ])
            .arg(folder.path().join("socket"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            println!("skipped: there is no redis-server");
            return None;
        };
        Some(Self { process, folder })
    }

    /// A connection of its own, once the server listens.
    async fn store(&self, name: &str) -> RedisStore {
        let url = format!(
            "redis+unix://{}",
            self.folder.path().join("socket").display()
        );
        loop {
            match RedisStore::connect(&url, name).await {
                Ok(store) => return store,
                Err(error) => assert!(error.is_connect(), "{error}"),
            }
            tokio::task::yield_now().await;
        }
    }
}

fn tokens(name: &str) -> StoredTokens {
    StoredTokens::new(
        name.into(),
        Some(format!("refresh-{name}").into()),
        SystemTime::UNIX_EPOCH,
    )
}

async fn access(store: &RedisStore) -> Option<String> {
    store
        .load()
        .await
        .unwrap()
        .map(|tokens| tokens.access_token.expose().to_owned())
}

#[tokio::test]
async fn replicas_log_in_once_and_refresh_once_for_each_expiry() {
    let Some(server) = Server::start() else {
        return;
    };
    let cloud = Cloud::start().await;
    let mut replicas = Vec::new();
    for _ in 0..5 {
        let clock = ManualClock::starting_at(SystemTime::UNIX_EPOCH);
        let builder = cloud
            .client_builder()
            .token_store(server.store("shared").await)
            .clock(clock.clone());
        let imperal = builder
            .credentials(Credentials::password(EMAIL, PASSWORD))
            .build()
            .unwrap();
        replicas.push((imperal, clock));
    }
    for _ in 0..10 {
        let emails = join_all(replicas.iter().map(|(imperal, _)| email_of(imperal))).await;
        assert!(emails.into_iter().all(|email| email.unwrap() == EMAIL));
        for (_, clock) in &replicas {
            clock.advance(Duration::from_secs(901));
        }
    }
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200; 9]);
}

#[tokio::test]
async fn another_takes_over_when_the_holder_dies_and_the_late_one_overwrites_nothing() {
    let Some(server) = Server::start() else {
        return;
    };
    let dying = server
        .store("lease")
        .await
        .lease(Duration::from_millis(200));
    let other = server.store("lease").await;
    let mut held = dying.lock().await.unwrap();
    held.save(&tokens("first")).await.unwrap();
    // The holder hangs: the other one waits until its lease has run out.
    let mut taken = other.lock().await.unwrap();
    taken.save(&tokens("second")).await.unwrap();
    let late = held.save(&tokens("late")).await.unwrap_err();
    assert!(late.to_string().contains("lease"), "{late}");
    assert!(held.clear().await.is_err());
    drop(held);
    assert_eq!(access(&other).await.as_deref(), Some("second"));
    // Nor does the late one let go of a lease that is not its own.
    assert_eq!(
        taken.load().await.unwrap().unwrap().access_token.expose(),
        "second"
    );
    taken.clear().await.unwrap();
    assert_eq!(access(&other).await, None);
}

#[tokio::test]
async fn a_lease_that_is_let_go_is_free_at_once_and_names_keep_logins_apart() {
    let Some(server) = Server::start() else {
        return;
    };
    let (one, other) = (server.store("one").await, server.store("other").await);
    for round in 0..20 {
        one.lock()
            .await
            .unwrap()
            .save(&tokens(&format!("round-{round}")))
            .await
            .unwrap();
    }
    assert_eq!(
        (access(&one).await.as_deref(), access(&other).await),
        (Some("round-19"), None)
    );
    let stored = one.load().await.unwrap().unwrap();
    assert_eq!(stored.refresh_token.unwrap().expose(), "refresh-round-19");
}

#[tokio::test]
async fn a_server_that_is_away_is_an_error_that_passes() {
    let Some(server) = Server::start() else {
        return;
    };
    let store = server.store("away").await;
    store
        .lock()
        .await
        .unwrap()
        .save(&tokens("kept"))
        .await
        .unwrap();
    drop(server);
    let error = store.load().await.unwrap_err();
    assert!(error.is_connect() && error.is_retryable(), "{error}");
    let error = RedisStore::connect("redis://:hunter2@not a url", "x")
        .await
        .unwrap_err();
    assert!(
        error.is_configuration() && !format!("{error}{error:?}").contains("hunter2"),
        "{error}"
    );
}
