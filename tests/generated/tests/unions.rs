//! Unions and names: what is read as what, and what a caller writes.

use imperal_generated_tests::enumerations;
use imperal_generated_tests::names::operations;
use imperal_generated_tests::objects;
use imperal_generated_tests::unions::types::{self, Animal, Overlapping, Pet};
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
