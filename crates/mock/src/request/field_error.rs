//! One thing that is wrong with a request, in the form that FastAPI gives it.

use serde_json::{Map, Value, json};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldError {
    pub(crate) kind: &'static str,
    pub(crate) loc: Vec<Value>,
    pub(crate) message: String,
    pub(crate) input: Value,
    pub(crate) context: Option<Value>,
}

impl FieldError {
    pub(crate) fn new(
        kind: &'static str,
        loc: Vec<Value>,
        message: impl Into<String>,
        input: Value,
    ) -> Self {
        Self {
            kind,
            loc,
            message: message.into(),
            input,
            context: None,
        }
    }

    pub(crate) fn missing(loc: Vec<Value>, input: Value) -> Self {
        Self::new("missing", loc, "Field required", input)
    }

    /// A field or a parameter that nothing declares.
    pub(crate) fn undeclared(loc: Vec<Value>, input: Value) -> Self {
        let message = "Extra inputs are not permitted";
        Self::new("extra_forbidden", loc, message, input)
    }

    pub(crate) fn context(mut self, context: Value) -> Self {
        self.context = Some(context);
        self
    }

    /// Where it is, in words such as `query.page`.
    pub(crate) fn place(&self) -> String {
        let parts = self.loc.iter().map(|part| match part {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        parts.collect::<Vec<_>>().join(".")
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("type".to_owned(), json!(self.kind));
        object.insert("loc".to_owned(), json!(self.loc));
        object.insert("msg".to_owned(), json!(self.message));
        object.insert("input".to_owned(), self.input.clone());
        if let Some(context) = &self.context {
            object.insert("ctx".to_owned(), context.clone());
        }
        Value::Object(object)
    }
}
