//! Unions and names: what is read as what, and what a caller writes.

use imperal_generated_tests::enumerations;
use imperal_generated_tests::names::operations;
use imperal_generated_tests::recording::Recording;
use imperal_generated_tests::unions::types::{self, Animal, Overlapping, Pet};
use imperal_generated_tests::{objects, unions};
use serde_json::{Value, from_value, json, to_value};

/// Reads a value, and checks that it is written as it was.
fn kept<T: serde::de::DeserializeOwned + serde::Serialize>(value: &Value) -> T {
    let read: T = from_value(value.clone()).unwrap();
    assert_eq!(to_value(&read).unwrap(), *value);
    read
}

#[test]
fn the_fixed_text_tells_alternatives_apart() {
    let dog = kept::<Pet>(&json!({ "kind": "dog", "name": "Rex" }));
    assert!(matches!(dog, Pet::Dog(_)), "{dog:?}");
}

#[test]
fn an_alternative_that_is_added_later_is_read_and_kept() {
    for value in [
        json!({ "kind": "lion", "mane": true }),
        json!(5),
        json!(["a"]),
    ] {
        let read = kept::<Pet>(&value);
        assert!(matches!(read, Pet::Other(_)), "{read:?}");
    }
    assert!(matches!(
        kept::<Animal>(&json!({ "kind": "lion" })),
        Animal::Other(_)
    ));
}

#[test]
fn a_fixed_text_tells_alternatives_apart_under_any_name() {
    let image = kept::<types::Block>(&json!({ "type": "image", "content": "x" }));
    assert!(matches!(image, types::Block::ImageBlock(_)), "{image:?}");
    let video = kept::<types::Block>(&json!({ "type": "video", "content": "x" }));
    assert!(matches!(video, types::Block::Other(_)), "{video:?}");
}

#[test]
fn of_alternatives_that_all_fit_the_one_that_keeps_most_is_taken() {
    for fields in [
        json!({ "a": 1 }),
        json!({ "b": "x" }),
        json!({ "a": 1, "b": "x", "c": true }),
    ] {
        let Ok(read) = from_value::<Overlapping>(fields.clone()) else {
            panic!("{fields} is not read");
        };
        let written = to_value(&read).unwrap();
        for name in fields.as_object().unwrap().keys() {
            assert!(
                written.get(name).is_some(),
                "{fields} is written as {written}"
            );
        }
    }
}

#[test]
fn a_field_with_one_value_need_not_be_given() {
    let dog: types::Dog = types::Dog::builder().name("Rex").try_into().unwrap();
    assert_eq!(to_value(dog).unwrap()["kind"], "dog");
}

#[test]
fn a_text_is_read_as_what_it_is() {
    use types::{ColorOrSize, SizeOrInteger};
    let large: ColorOrSize = "large".parse().unwrap();
    assert!(
        matches!(&large, ColorOrSize::Size(size) if size.as_str() == "large"),
        "{large:?}"
    );
    assert_eq!("7".parse::<SizeOrInteger>().unwrap().to_string(), "7");
}

#[test]
fn awkward_values_have_names_and_new_ones_are_kept() {
    let value = json!([
        "", "self", "Self", "a+b", "a-b", "A_B", "a b", "type", "3d", "☃", "other", "Other", "new"
    ]);
    let read = kept::<Vec<enumerations::types::Awkward>>(&value);
    assert!(
        matches!(&read[12], enumerations::types::Awkward::Other3(text) if text == "new"),
        "{:?}",
        read[12]
    );
}

#[test]
fn fields_with_one_rust_name_keep_their_own() {
    kept::<objects::types::OddNames>(&json!({
        "type": "t", "self": "s", "Self": "S", "async": "a", "a-b[c]": "o", "1st": "f", "a_b": "x", "a-b": "y",
    }));
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut ids: Vec<&str> = operations::ALL
        .iter()
        .map(|operation| operation.id())
        .collect();
    assert_eq!(ids.len(), 60);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 60);
    for id in [
        "names_get_names_twice",
        "names_get_names_twice_again",
        "names_either_get",
        "names_either_post",
        "names_get_names_missing",
    ] {
        assert!(ids.contains(&id), "{id} is none of {ids:?}");
    }
}

#[tokio::test]
async fn a_value_has_to_fit_the_bounds_of_one_alternative_that_it_may_be_meant_as() {
    let recording = Recording::json("{}");
    let client = unions::Client::new(recording.session(|builder| builder));
    let pay = |amount: Value| {
        let payment: types::Payment = from_value(json!({ "amount": amount })).unwrap();
        client.bounded().pay().body(payment)
    };
    for (amount, problem) in [
        (json!(11), "body.amount is 11, more than 10"),
        (json!("ab"), "body.amount has 2 characters, fewer than 3"),
        (
            json!([1.0, 2.0, 3.0]),
            "body.amount has 3 items, more than 2",
        ),
        (
            json!({ "kind": "coins", "count": 6 }),
            "body.amount.count is 6, more than 5",
        ),
        (
            json!({ "kind": "notes", "count": 3 }),
            "body.amount.count is 3, more than 2",
        ),
    ] {
        let error = pay(amount).send().await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert!(recording.all().is_empty());
    for amount in [
        json!(10),
        json!("abc"),
        json!([1.5, 2.0]),
        json!({ "kind": "coins", "count": 5 }),
        json!({ "kind": "notes", "count": 2 }),
        // A kind that is added later has bounds of its own.
        json!({ "kind": "shells", "count": 100 }),
        json!(true),
    ] {
        pay(amount.clone()).send().await.unwrap();
        assert_eq!(recording.last().json()["amount"], amount);
    }
}

#[tokio::test]
async fn a_text_in_a_query_may_be_meant_as_a_number() {
    let recording = Recording::json("{}");
    let client = unions::Client::new(recording.session(|builder| builder));
    let payment: types::Payment = types::Payment::builder().amount(None).try_into().unwrap();
    let pay = || client.bounded().pay().body(payment.clone());
    let error = pay().top(6).send().await.unwrap_err();
    assert!(error.to_string().contains("query.top is 6"), "{error}");
    let error = pay().code(7).send().await.unwrap_err();
    assert!(error.to_string().contains("query.code"), "{error}");
    // Seven of seven hundred is too much for a number, but enough for a text.
    for code in ["700", "seven", "3"] {
        let code = types::BoundedPayCode::String(code.to_owned());
        pay().code(code).send().await.unwrap();
    }
    assert_eq!(recording.all().len(), 3);
}
