//! A cloud from its start to its end.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::StreamExt;
use imperal_mock::Cloud;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::pin::pin;

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let told = format!("port {port} of 127.0.0.1 cannot be listened on");
    for builder in [
        Cloud::builder().gateway_port(port),
        Cloud::builder().registry_port(port),
    ] {
        let error = builder.try_start().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with(&told), "{error}");
    }
}

#[tokio::test]
async fn whoever_follows_a_cloud_hears_of_all_and_then_of_its_end() {
    let cloud = Cloud::start().await;
    let mut exchanges = pin!(cloud.follow());
    let health = format!("{}/healthz", cloud.gateway_url());
    for _ in 0..2 {
        assert_eq!(reqwest::get(&health).await.unwrap().status(), 200);
    }
    drop(cloud);
    assert_eq!(exchanges.next().await.unwrap().path, "/healthz");
    assert_eq!(exchanges.next().await.unwrap().path, "/healthz");
    assert_eq!(exchanges.next().await, None);
}
