//! The bounds of a document, held against a request before it is sent.
#![allow(clippy::unwrap_used, reason = "a test")]

use futures::future::{BoxFuture, FutureExt};
use http::Method;
use imperal_runtime::private::{Payload, encode_path};
use imperal_runtime::{
    Answer, Check, CountCheck, Error, NumberCheck, Operation, ParameterPlace, RequestCheck,
    Session, TextCheck, Transport, TransportError,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Has three characters.
static NAME: Check = Check {
    text: Some(TextCheck {
        length: CountCheck {
            least: Some(3),
            most: Some(3),
        },
        pattern: None,
    }),
    ..Check::NONE
};

/// Is in whole cents.
static AMOUNT: Check = Check {
    number: Some(NumberCheck {
        minimum: None,
        maximum: None,
        above: None,
        below: None,
        multiple_of: Some(0.01),
    }),
    ..Check::NONE
};

static PAYMENT: Check = Check {
    fields: &[("amount", &AMOUNT)],
    ..Check::NONE
};

static RENAME_CHECK: RequestCheck = RequestCheck {
    parameters: &[(ParameterPlace::Path, "name", &NAME)],
    body: None,
};

static PAY_CHECK: RequestCheck = RequestCheck {
    parameters: &[],
    body: Some(&PAYMENT),
};

static RENAME: Operation =
    Operation::new("rename", Method::PUT, "/names/{name}").check(&RENAME_CHECK);
static PAY: Operation = Operation::new("pay", Method::POST, "/payments").check(&PAY_CHECK);

/// Takes everything.
struct Willing;

impl Transport for Willing {
    fn send(
        &self,
        _: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        async { Ok(http::Response::new("null").into()) }.boxed()
    }
}

fn session() -> Session {
    Session::builder()
        .base_url("https://api.example.com")
        .transport(Arc::new(Willing))
        .build()
        .unwrap()
}

async fn rename(name: &str) -> Result<Answer<Value>, Error> {
    let session = session();
    let url = format!("https://api.example.com/names/{}", encode_path(name));
    let request = session.http().put(url).build().unwrap();
    session.call(&RENAME, Ok(request), Payload::None).await
}

#[tokio::test]
async fn a_value_in_a_path_is_measured_as_it_was_given() {
    for name in ["abc", "a&b", "a+b", "a=b", "a/b", "a%b", "a b", "äöü"] {
        let outcome = rename(name).await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
    for (name, characters) in [("a&", 2), ("a%", 2), ("abc&", 4)] {
        let error = rename(name).await.unwrap_err();
        let words = format!("path.name has {characters} characters");
        assert!(
            error.is_invalid_request() && error.to_string().contains(&words),
            "{name}: {error}"
        );
    }
}

#[tokio::test]
async fn a_multiple_is_one_although_binary_fractions_are_not_exact() {
    let session = session();
    let pay = async |amount: f64| {
        let body = json!({ "amount": amount });
        session.call_json::<_, Value>(&PAY, &body).await
    };
    for amount in [0.0, 0.29, -1.1, 1_234_567.89, 123_456_789_012.34] {
        let outcome = pay(amount).await;
        assert!(outcome.is_ok(), "{amount}: {outcome:?}");
    }
    for amount in [0.005, 1.234, 1_234_567.895] {
        let error = pay(amount).await.unwrap_err();
        assert!(
            error.to_string().contains("no multiple of 0.01"),
            "{amount}: {error}"
        );
    }
}
