//! The client of a document that is sound and awkward: that it compiles is most of the test.

use futures::TryStreamExt;
use imperal_generated_tests::odd::{Client, operations};
use imperal_generated_tests::recording::Recording;

fn client(body: &'static str) -> Client {
    Client::new(Recording::json(body).session(|builder| builder))
}

#[tokio::test]
async fn lists_of_any_items_are_paged() {
    let numbers = client("[1, 2, 3]").post_().ints().items();
    assert_eq!(numbers.try_collect::<Vec<i64>>().await.unwrap(), [1, 2, 3]);
    let nullable = client(r#"[{ "a": "x" }, null]"#).pre_().nullable().items();
    let nullable: Vec<_> = nullable.try_collect().await.unwrap();
    assert_eq!(nullable[0].as_ref().unwrap().a.as_deref(), Some("x"));
    assert!(nullable[1].is_none());
}

#[tokio::test]
async fn components_with_one_rust_name_are_two_types() {
    let fine = client(r#"{ "b": 7 }"#).exec_().fine().send().await.unwrap();
    assert_eq!(fine.b, Some(7));
}

#[test]
fn what_cannot_be_generated_is_left_out_alone() {
    let ids: Vec<&str> = operations::ALL
        .iter()
        .map(|operation| operation.id())
        .collect();
    assert_eq!(
        ids,
        [
            "post_ints",
            "pre_nullable",
            "api_version_sending",
            "exec_fine"
        ]
    );
}
