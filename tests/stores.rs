//! Logins that are kept in a file: its form, its faults, and many processes over one.

use imperal::{
    Credentials, FileStore, Imperal, ImperalBuilder, ManualClock, MemoryStore, TokenStore,
};
use imperal_mock::{Cloud, EMAIL, PASSWORD, User};
use imperal_tests::{email_of, statuses};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When the clocks of the clients start. They stand still unless a test moves them.
const START: SystemTime = SystemTime::UNIX_EPOCH;

/// A builder of clients that keep their login in `file`.
fn over(cloud: &Cloud, file: &Path) -> ImperalBuilder {
    let clock = ManualClock::starting_at(START);
    let builder = cloud.client_builder().clock(clock);
    builder.token_store(FileStore::at(file))
}

fn with_password(cloud: &Cloud, file: &Path) -> Imperal {
    let login = Credentials::password(EMAIL, PASSWORD);
    over(cloud, file).credentials(login).build().unwrap()
}

fn without_password(cloud: &Cloud, file: &Path) -> Imperal {
    over(cloud, file).build().unwrap()
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[tokio::test]
async fn a_login_is_kept_in_the_form_of_the_platforms_tools_and_used_by_the_next_process() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".imperal").join("credentials.json");
    email_of(&with_password(&cloud, &file)).await.unwrap();
    let kept = read(&file);
    assert!(kept["access_token"].is_string() && kept["refresh_token"].is_string());
    let expires_at = START + Duration::from_secs(900);
    let expires_at = expires_at.duration_since(UNIX_EPOCH).unwrap();
    assert_eq!(kept["access_expires_at"], json!(expires_at.as_secs_f64()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }
    assert_eq!(
        email_of(&without_password(&cloud, &file)).await.unwrap(),
        EMAIL
    );
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
    let names: Vec<_> = std::fs::read_dir(file.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[tokio::test]
async fn a_file_of_the_python_tools_is_used_and_its_other_fields_stay() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    email_of(&with_password(&cloud, &file)).await.unwrap();
    let mut kept = read(&file);
    kept.as_object_mut().unwrap().remove("api_url");
    kept["access_expires_at"] = json!(1.5);
    kept["theirs"] = json!({ "a": [1] });
    std::fs::write(&file, kept.to_string()).unwrap();
    let refused = email_of(&without_password(&cloud, &file))
        .await
        .unwrap_err();
    assert!(
        refused.is_configuration() && refused.to_string().contains("https://auth.imperal.io"),
        "{refused}"
    );
    assert_eq!(read(&file), kept);
    let builder = cloud
        .client_builder()
        .token_store(FileStore::at(&file))
        .stored_login_of_any_host(true);
    assert_eq!(email_of(&builder.build().unwrap()).await.unwrap(), EMAIL);
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200]);
    assert_eq!(read(&file)["theirs"], json!({ "a": [1] }));
    assert_ne!(read(&file)["refresh_token"], kept["refresh_token"]);
}

#[tokio::test]
async fn a_file_that_holds_no_login_is_an_error_and_is_left_as_it_is() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    for content in [
        "",
        "{",
        "{\"access_token\": \"hunter2",
        "<html>",
        "[]",
        "\"hunter2\"",
        "{}",
        "{\"access_token\": 5, \"x\": \"hunter2\"}",
    ] {
        std::fs::write(&file, content).unwrap();
        for imperal in [
            without_password(&cloud, &file),
            with_password(&cloud, &file),
        ] {
            let error = email_of(&imperal).await.unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(
                error.is_configuration()
                    && text.contains("credentials.json")
                    && text.contains("move it away"),
                "{content}: {text}"
            );
            assert!(!text.contains("hunter2"), "{text}");
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
    assert!(cloud.exchanges().is_empty());
    // Logging out asks for it to be gone.
    without_password(&cloud, &file).logout().await.unwrap();
    assert!(!file.exists());
}

#[tokio::test]
async fn a_file_that_the_system_keeps_from_us_is_an_error_that_may_pass() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    std::fs::create_dir(&file).unwrap();
    let error = email_of(&with_password(&cloud, &file)).await.unwrap_err();
    assert!(error.is_token_store() && error.is_retryable(), "{error}");
    assert!(
        error.to_string().contains("check the permissions"),
        "{error}"
    );
    std::fs::remove_dir(&file).unwrap();
    email_of(&with_password(&cloud, &file)).await.unwrap();
}

/// Another program overwrites the file while a service runs.
#[tokio::test]
async fn a_file_that_is_overwritten_under_a_running_service_does_no_harm() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    email_of(&with_password(&cloud, &file)).await.unwrap();
    let imperal = without_password(&cloud, &file);
    email_of(&imperal).await.unwrap();
    let contents = ["", "{\"access_token\": \"hun", "<html>"];
    for content in contents {
        std::fs::write(&file, content).unwrap();
        cloud.advance(Duration::from_secs(16 * 60));
        assert_eq!(email_of(&imperal).await.unwrap(), EMAIL, "{content}");
        // The next process finds the new pair.
        assert_eq!(
            email_of(&without_password(&cloud, &file)).await.unwrap(),
            EMAIL
        );
    }
    for (number, content) in (1..).zip(contents) {
        let kept = file.with_file_name(format!("credentials.json.unreadable-{number}"));
        assert_eq!(std::fs::read_to_string(kept).unwrap(), content);
    }
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200; 3]);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
}

#[tokio::test]
async fn a_running_service_does_not_go_over_to_another_account_in_its_file() {
    let cloud = Cloud::start().await;
    cloud.add_user(User::new("ann@example.com", "secret"));
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    email_of(&with_password(&cloud, &file)).await.unwrap();
    let service = without_password(&cloud, &file);
    assert_eq!(email_of(&service).await.unwrap(), EMAIL);
    std::fs::remove_file(&file).unwrap();
    let ann = cloud.client_builder().token_store(FileStore::at(&file));
    let ann = ann.credentials(Credentials::password("ann@example.com", "secret"));
    ann.build().unwrap().login().await.unwrap();
    let theirs = read(&file);
    cloud.advance(Duration::from_secs(16 * 60));
    let error = email_of(&service).await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("another account"),
        "{error}"
    );
    assert_eq!(read(&file), theirs);
    assert!(statuses(&cloud, "/v1/auth/refresh").is_empty());
    // It does so where it is told to log in.
    service.login().await.unwrap();
    assert_eq!(email_of(&service).await.unwrap(), "ann@example.com");
}

#[tokio::test]
async fn who_never_logged_in_is_told_so() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    let error = email_of(&without_password(&cloud, &file))
        .await
        .unwrap_err();
    assert!(
        error.is_logged_out() && error.to_string().contains("there has been no login yet"),
        "{error}"
    );
    std::fs::write(
        &file,
        json!({ "refresh_token": "used up", "api_url": cloud.gateway_url() }).to_string(),
    )
    .unwrap();
    let error = email_of(&without_password(&cloud, &file))
        .await
        .unwrap_err();
    assert!(
        error.is_logged_out() && error.to_string().contains("no longer good"),
        "{error}"
    );
}

#[tokio::test]
async fn an_absurd_expiry_means_that_the_token_is_renewed() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    email_of(&with_password(&cloud, &file)).await.unwrap();
    let mut renewed = 0;
    for expiry in [
        json!(null),
        json!("soon"),
        json!(-5),
        json!(0),
        json!(1e300),
    ] {
        let mut kept = read(&file);
        kept["access_expires_at"] = expiry;
        std::fs::write(&file, kept.to_string()).unwrap();
        assert_eq!(
            email_of(&without_password(&cloud, &file)).await.unwrap(),
            EMAIL
        );
        renewed += 1;
        assert_eq!(statuses(&cloud, "/v1/auth/refresh").len(), renewed);
    }
}

/// What another process has stored may have died too, before its time.
#[tokio::test]
async fn a_stored_token_that_is_refused_as_well_is_replaced() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    let first = with_password(&cloud, &file);
    let second = without_password(&cloud, &file);
    email_of(&first).await.unwrap();
    email_of(&second).await.unwrap();
    // The clock of the clients stands still: to them every token is good.
    cloud.advance(Duration::from_secs(16 * 60));
    email_of(&second).await.unwrap();
    cloud.advance(Duration::from_secs(16 * 60));
    assert_eq!(email_of(&first).await.unwrap(), EMAIL);
    assert_eq!(statuses(&cloud, "/v1/auth/refresh"), [200, 200]);
}

#[tokio::test]
async fn the_tokens_of_another_account_are_not_used() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    email_of(&with_password(&cloud, &file)).await.unwrap();
    let before = read(&file);
    let other = cloud.client_builder().token_store(FileStore::at(&file));
    let other = other
        .credentials(Credentials::password("other@example.com", "p"))
        .build()
        .unwrap();
    let by_id = cloud
        .client_builder()
        .token_store(FileStore::at(&file))
        .account("imp_u_other")
        .build()
        .unwrap();
    for imperal in [other, by_id] {
        let error = email_of(&imperal).await.unwrap_err();
        assert!(
            error.is_configuration() && error.to_string().contains("another account"),
            "{error}"
        );
    }
    assert_eq!(read(&file), before);
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
}

#[tokio::test]
async fn logout_removes_the_file_and_ends_the_login_at_the_service() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    let imperal = with_password(&cloud, &file);
    email_of(&imperal).await.unwrap();
    let old = FileStore::at(&file).load().await.unwrap().unwrap();
    imperal.logout().await.unwrap();
    assert!(!file.exists());
    assert_eq!(statuses(&cloud, "/v1/auth/logout"), [200]);
    let store = MemoryStore::default();
    store.lock().await.unwrap().save(&old).await.unwrap();
    let late = cloud.client_builder().token_store(store).build().unwrap();
    assert!(email_of(&late).await.unwrap_err().is_logged_out());
}

/// What the child processes are told.
const CHILD: (&str, &str) = ("IMPERAL_TEST_CHILD_GATEWAY", "IMPERAL_TEST_CHILD_FILE");

/// How often each child finds its token expired.
const ROUNDS: u32 = 25;

const CHILDREN: usize = 4;

/// One of the processes below. It is no test by itself.
#[tokio::test]
#[ignore = "started by the test of many processes"]
async fn child() {
    let (Ok(gateway), Some(file)) = (std::env::var(CHILD.0), std::env::var_os(CHILD.1)) else {
        return;
    };
    let clock = ManualClock::starting_at(START);
    let imperal = Imperal::builder()
        .gateway_url(gateway)
        .token_store(FileStore::at(PathBuf::from(file)))
        .clock(clock.clone())
        .build()
        .unwrap();
    for _ in 0..ROUNDS {
        assert_eq!(email_of(&imperal).await.unwrap(), EMAIL);
        clock.advance(Duration::from_secs(901));
    }
}

#[tokio::test]
async fn many_processes_share_one_file_and_none_loses_the_login() {
    let cloud = Cloud::start().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    email_of(&with_password(&cloud, &file)).await.unwrap();
    let spawn = |_| {
        Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--ignored", "--nocapture"])
            .env(CHILD.0, cloud.gateway_url())
            .env(CHILD.1, &file)
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..CHILDREN).map(spawn).collect();
    let ended = tokio::task::spawn_blocking(|| {
        children
            .into_iter()
            .map(|mut child| child.wait().unwrap().success())
            .collect::<Vec<_>>()
    });
    assert_eq!(ended.await.unwrap(), [true; CHILDREN]);
    let refreshes = statuses(&cloud, "/v1/auth/refresh");
    // A used-up token would have been answered 401: none was presented.
    assert!(
        refreshes.len() >= usize::try_from(ROUNDS).unwrap() - 1
            && refreshes.iter().all(|status| *status == 200),
        "{refreshes:?}"
    );
    assert_eq!(statuses(&cloud, "/v1/auth/login"), [200]);
    assert_eq!(
        statuses(&cloud, "/v1/auth/me").len(),
        1 + CHILDREN * usize::try_from(ROUNDS).unwrap()
    );
}
