//! What is answered to the requests that are meant.
#![allow(
    clippy::return_self_not_must_use,
    reason = "what it was told counts, whatever becomes of the value"
)]

use super::{Kind, NUMBER, Place};
use crate::contract::success::concrete;
use crate::sample::Samples;
use httpmock::{HttpMockRequest, HttpMockResponse};
use imperal::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The answer of an expectation, where `T` is the type of the operation's success. Of an expectation that is told
/// no answer the calls are counted, and answered as ever.
///
/// An answer that the document does not allow is refused when it is set or, where `httpmock` makes it at the
/// request, replaced by a failure with the status 500; unless it is said to be [deliberate](Self::deliberate).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
/// let cloud = imperal_mock::Cloud::start().await;
/// let imperal = cloud.client();
/// cloud.gateway().auth_me(|_, then| then.failure(402, "the balance is empty").times(1));
/// cloud.gateway().auth_me(|_, then| then.success_with(|me| me.email = "me@example.com".to_owned()));
///
/// let error = imperal.gateway().auth().me().send().await.unwrap_err();
/// assert!(error.is_payment_required());
/// let me = imperal.gateway().auth().me().send().await?;
/// assert_eq!(me.email, "me@example.com");
/// # Ok(()) }
/// ```
pub struct Then<T> {
    inner: httpmock::Then,
    number: usize,
    place: Place,
    said: Arc<Mutex<Said>>,
    success: PhantomData<fn() -> T>,
}

/// Stands for the success of an operation that answers something other than JSON.
#[derive(Clone, Copy, Debug)]
pub struct Raw;

/// What an expectation was told, to be looked at once it was told all.
#[derive(Default)]
pub(super) struct Said {
    answer: Option<Given>,
    /// `httpmock` was told more than is known here.
    more: bool,
    deliberate: bool,
}

struct Given {
    status: u16,
    media_type: Option<&'static str>,
    body: Vec<u8>,
}

impl<T> Then<T> {
    pub(super) const fn new(
        inner: httpmock::Then,
        number: usize,
        place: Place,
        said: Arc<Mutex<Said>>,
    ) -> Self {
        Self {
            inner,
            number,
            place,
            said,
            success: PhantomData,
        }
    }

    /// A failure in the form of the service: `{"detail": …}`, where the detail is a text, the list of
    /// fields of a 422, or whatever else.
    ///
    /// # Panics
    ///
    /// If the status is none of a failure.
    pub fn failure(self, status: u16, detail: impl Into<Value>) -> Self {
        assert!(
            (400..600).contains(&status),
            "{status} is no status of a failure: those are from 400 to 599"
        );
        self.json(status, &json!({ "detail": detail.into() }))
    }

    /// This body, with any status.
    pub fn json(self, status: u16, body: &Value) -> Self {
        self.give(Given {
            status,
            media_type: Some("application/json"),
            body: body.to_string().into_bytes(),
        })
    }

    /// Holds for as many requests; those that follow are for the expectations that were set later, or answered as
    /// ever.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let imperal = cloud.client();
    /// cloud.gateway().auth_me(|_, then| then.failure(402, "the balance is empty").times(1));
    /// cloud.gateway().auth_me(|_, then| then.failure(403, "the account is closed").times(1));
    ///
    /// let me = || imperal.gateway().auth().me().send();
    /// assert!(me().await.unwrap_err().is_payment_required());
    /// assert!(me().await.unwrap_err().is_forbidden());
    /// me().await?;
    /// # Ok(()) }
    /// ```
    pub fn times(self, count: usize) -> Self {
        self.inner(|then| then.up_to_n_times(count))
    }

    /// The answer is given although the document does not allow it.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// let odd = json!({ "email": 5 }); // no text, and nothing else
    /// cloud.gateway().auth_me(|_, then| then.json(200, &odd).deliberate());
    /// let error = cloud.client().gateway().auth().me().send().await.unwrap_err();
    /// assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    /// # Ok(()) }
    /// ```
    pub fn deliberate(self) -> Self {
        lock(&self.said).deliberate = true;
        self
    }

    /// What a function makes of the request, which is held against the document then.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use imperal_mock::httpmock::HttpMockResponse;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), imperal::Error> {
    /// let cloud = imperal_mock::Cloud::start().await;
    /// cloud.gateway().marketplace_list_apps(|_, then| {
    ///     then.respond_with(|request| {
    ///         let asked = request.query_params().into_iter().find(|(name, _)| name == "search");
    ///         let apps: Vec<_> = asked.map(|(_, text)| json!({ "app_id": text })).into_iter().collect();
    ///         let answer = HttpMockResponse::builder().status(200).header("content-type", "application/json");
    ///         answer.body(json!({ "apps": apps }).to_string()).build()
    ///     })
    /// });
    ///
    /// let found = cloud.client().gateway().marketplace().list_apps().search("mail").items();
    /// let found: Vec<_> = found.try_collect().await?;
    /// assert_eq!(found[0].app_id, "mail");
    /// # Ok(()) }
    /// ```
    pub fn respond_with(
        self,
        answer: impl Fn(&HttpMockRequest) -> HttpMockResponse + Send + Sync + 'static,
    ) -> Self {
        let number = self.number.to_string();
        self.and(|then| {
            then.respond_with(move |request| {
                let mut response = answer(request);
                let headers = response.headers.get_or_insert_default();
                headers.push((NUMBER.to_owned(), number.clone()));
                response
            })
        })
    }

    /// Whatever else `httpmock` can do with an answer, such as to [delay](httpmock::Then::delay) it.
    pub fn and(self, more: impl FnOnce(httpmock::Then) -> httpmock::Then) -> Self {
        lock(&self.said).more = true;
        self.inner(more)
    }

    fn inner(self, more: impl FnOnce(httpmock::Then) -> httpmock::Then) -> Self {
        Self {
            inner: more(self.inner),
            ..self
        }
    }

    fn give(self, given: Given) -> Self {
        let (status, body) = (given.status, given.body.clone());
        let media_type = given.media_type;
        lock(&self.said).answer = Some(given);
        self.inner(|then| {
            let then = then.status(status).body(body);
            match media_type {
                Some(media_type) => then.header("content-type", media_type),
                None => then,
            }
        })
    }
}

impl<T: Serialize> Then<T> {
    /// A success with this body.
    ///
    /// # Panics
    ///
    /// If it cannot be written as JSON, which every type of the clients can be.
    pub fn success(self, body: &T) -> Self {
        let written = Secret::exposing(|| serde_json::to_value(body));
        let value = written.unwrap_or_else(|error| panic!("the body cannot be written: {error}"));
        self.succeed(&value)
    }

    /// A success with the body that would be made up for it, changed.
    ///
    /// # Panics
    ///
    /// If no body can be made up that the client can read.
    pub fn success_with(self, change: impl FnOnce(&mut T)) -> Self
    where
        T: DeserializeOwned,
    {
        let Place {
            contract,
            operation,
            seed,
        } = self.place;
        let made = Samples::new(contract, seed).any(operation);
        let value = made.unwrap_or_else(|problem| panic!("{problem}"));
        let read = serde_json::from_value(value);
        let mut body = read.unwrap_or_else(|error| panic!("the client cannot read it: {error}"));
        change(&mut body);
        self.success(&body)
    }

    fn succeed(self, value: &Value) -> Self {
        let success = self.place.success();
        let empty = success.media_type.is_none() && value.is_null();
        self.give(Given {
            status: success.status,
            media_type: success.media_type,
            body: if empty {
                Vec::new()
            } else {
                value.to_string().into_bytes()
            },
        })
    }
}

impl Then<Raw> {
    /// A success with these bytes: a file, or events.
    pub fn success(self, body: impl AsRef<[u8]>) -> Self {
        let success = self.place.success();
        self.give(Given {
            status: success.status,
            media_type: success.media_type.map(concrete),
            body: body.as_ref().to_vec(),
        })
    }
}

impl<T> std::fmt::Debug for Then<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Then")
            .field("operation", &self.place.operation.route)
            .finish_non_exhaustive()
    }
}

fn lock(said: &Mutex<Said>) -> MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What becomes of the answer that was told.
///
/// # Panics
///
/// If the document does not allow it.
pub(super) fn kind(said: &Mutex<Said>, place: Place) -> Kind {
    let said = lock(said);
    match &said.answer {
        _ if said.deliberate => Kind::Deliberate,
        // What httpmock was told may make another answer of it: that is judged at the request.
        _ if said.more => Kind::Checked,
        None => Kind::Counted,
        Some(given) => {
            let problems = place.contract.answer_problems(
                place.operation,
                given.status,
                given.media_type,
                &given.body,
            );
            assert!(
                problems.is_empty(),
                "the document does not allow this answer to {}:\n    {}\nSet another one, or say that it is meant: then.deliberate()",
                place.operation.route,
                problems.join("\n    ")
            );
            Kind::Checked
        }
    }
}
