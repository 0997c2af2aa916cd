//! A request under `/__mock/`, as what answers it reads it.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

pub(super) struct Call<'a> {
    pub(super) request: &'a Request<Bytes>,
    /// What stands in the path in place of the names of its template.
    pub(super) parameters: Vec<(&'a str, String)>,
}

impl Call<'_> {
    pub(super) fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(own, _)| *own == name);
        found.map_or("", |(_, value)| value)
    }

    /// A text of the query; none if it does not have it.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let query = crate::request::pairs(self.request.uri().query().unwrap_or_default());
        let given = query.into_iter().find(|(own, _)| own == name);
        given.map(|(_, text)| text)
    }

    /// A number of the query; none if it does not have it.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let given = self.text(name);
        let number = given.map(|text| text.parse::<u64>()).transpose();
        number.map_err(|_| format!("{name} has to be a whole number, 0 or more"))
    }

    /// The object that the body holds, which is to be one such as `example`.
    pub(super) fn object(&self, example: &str) -> Result<Value, String> {
        match serde_json::from_slice(self.request.body()) {
            Ok(object @ Value::Object(_)) => Ok(object),
            Ok(_) => Err(format!("the body has to be an object, such as {example}")),
            Err(error) => Err(format!(
                "the body is no JSON: {error}; it has to be an object, such as {example}"
            )),
        }
    }
}
