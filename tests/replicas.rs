//! Replicas that share one login through Redis. The tests start a `redis-server` of their own; without one
//! they say so and do nothing.

use futures::future::join_all;
use imperal::{Credentials, ManualClock, RedisStore, StoredTokens, TokenStore};
use imperal_mock::{Cloud, EMAIL, Fault, PASSWORD};
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
            imperal_tests::skipped("there is no redis-server");
            return None;
        };
        Some(Self { process, folder })
    }

    /// What the server answers to a command.
    fn command(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.arg("-s").arg(self.folder.path().join("socket"));
        let output = command.args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
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

/// Time alone takes nothing away: what comes late is stored where nothing has been stored since.
#[tokio::test]
async fn a_holder_whose_lease_ran_out_stores_where_nobody_else_has() {
    let Some(server) = Server::start() else {
        return;
    };
    let slow = server.store("slow").await.lease(Duration::from_millis(1));
    let other = server.store("slow").await;
    let mut held = slow.lock().await.unwrap();
    assert!(held.load().await.unwrap().is_none());
    for round in 0..20 {
        // Whether it has run out or not.
        held.extend().await.unwrap();
        held.save(&tokens(&format!("round-{round}"))).await.unwrap();
    }
    // Now another one has it, and has not stored anything yet.
    let mut taken = other.lock().await.unwrap();
    assert!(held.extend().await.unwrap_err().is_token_store());
    held.save(&tokens("late")).await.unwrap();
    // An answer that was lost is asked for again.
    held.save(&tokens("late")).await.unwrap();
    assert_eq!(
        taken.load().await.unwrap().unwrap().access_token.expose(),
        "late"
    );
    taken.extend().await.unwrap();
    taken.save(&tokens("newer")).await.unwrap();
    let error = held.save(&tokens("later")).await.unwrap_err();
    assert!(error.is_token_store() && error.is_retryable(), "{error}");
    assert_eq!(access(&other).await.as_deref(), Some("newer"));
}

/// Whoever asks with the same token meanwhile is refused, and finds the pair.
#[tokio::test]
async fn a_refresh_that_outlives_its_lease_is_stored() {
    let Some(server) = Server::start() else {
        return;
    };
    let cloud = Cloud::start().await;
    let store = server.store("brief").await.lease(Duration::from_millis(1));
    let builder = cloud.client_builder().token_store(store.clone());
    let imperal = builder.credentials(Credentials::password(EMAIL, PASSWORD));
    let imperal = imperal.build().unwrap();
    imperal.login().await.unwrap();
    for _ in 0..5 {
        cloud.advance(Duration::from_secs(16 * 60));
        cloud.fail_next(Fault::delay(Duration::from_millis(20)).on("POST /v1/auth/refresh"));
        assert_eq!(email_of(&imperal).await.unwrap(), EMAIL);
        let other = cloud.client_builder().token_store(store.clone());
        assert_eq!(email_of(&other.build().unwrap()).await.unwrap(), EMAIL);
    }
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200; 5]);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
}

#[tokio::test]
async fn what_is_no_login_is_kept_under_another_name_when_a_pair_takes_its_place() {
    let Some(server) = Server::start() else {
        return;
    };
    let store = server.store("foreign").await;
    let key = "imperal:{foreign}:tokens";
    server.command(&["SET", key, "something"]);
    let mut held = store.lock().await.unwrap();
    assert!(held.load().await.unwrap_err().is_configuration());
    held.save(&tokens("new")).await.unwrap();
    assert_eq!(access(&store).await.as_deref(), Some("new"));
    let kept = server.command(&["KEYS", &format!("{key}:unreadable:*")]);
    assert_eq!(server.command(&["GET", &kept]), "something");
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
