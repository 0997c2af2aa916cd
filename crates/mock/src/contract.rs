//! What a document says of each operation, read once.

#[cfg(feature = "client")]
mod answers;
mod parameter;
mod room;
pub(crate) mod schemas;
pub(crate) mod success;

pub(crate) use parameter::{Parameter, Place, Style};

use crate::media_type::MediaRange;
use crate::routes::{Found, Routes, method};
use http::Method;
use imperal_build_support::pointer;
use percent_encoding::percent_decode_str;
use schemas::Schemas;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A document, ready to answer and to judge by.
pub(crate) struct Contract {
    pub(crate) document: Value,
    routes: Routes,
    operations: Vec<Operation>,
    /// Where in the list the operation of a route is.
    by_route: HashMap<String, usize>,
    schemas: OnceLock<Schemas>,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The method and the path template, such as `GET /v1/keys/{key_id}`.
    pub(crate) route: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    /// Where in the document it is described.
    pub(crate) pointer: String,
}

#[derive(Debug)]
pub(crate) struct RequestBody {
    pub(crate) required: bool,
    /// The media types, and the schema of each by a JSON pointer.
    pub(crate) media_types: Vec<(String, Option<String>)>,
}

impl Contract {
    pub(crate) fn new(document: Value) -> Self {
        let (mut operations, mut by_route) = (Vec::new(), HashMap::new());
        for (template, item) in document["paths"].as_object().into_iter().flatten() {
            for (name, operation) in item.as_object().into_iter().flatten() {
                if let Some(method) = method(name)
                    && operation.is_object()
                {
                    let read = Operation::read(&document, &method, template);
                    by_route.insert(read.route.clone(), operations.len());
                    operations.push(read);
                }
            }
        }
        Self {
            routes: Routes::read(&document),
            operations,
            by_route,
            schemas: OnceLock::new(),
            document,
        }
    }

    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        self.routes.find(method, path)
    }

    pub(crate) fn operation(&self, route: &str) -> Option<&Operation> {
        self.by_route
            .get(route)
            .map(|index| &self.operations[*index])
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The judge of all values, made when the first is judged.
    pub(crate) fn schemas(&self) -> &Schemas {
        self.schemas.get_or_init(|| Schemas::new(&self.document))
    }

    /// What is declared for the answers of an operation that have this status, and where: for the status itself, for
    /// its class such as `4XX`, or by default. If nothing is, this is said.
    pub(crate) fn declared_answer(
        &self,
        operation: &Operation,
        status: u16,
    ) -> Result<(String, &Value), String> {
        let answers = &self.at(&operation.pointer)["responses"];
        let keys = [
            status.to_string(),
            format!("{}XX", status / 100),
            "default".to_owned(),
        ];
        let Some(key) = keys.iter().find(|key| answers.get(key.as_str()).is_some()) else {
            return Err(format!(
                "the document has no answer with the status {status}"
            ));
        };
        let at = format!("{}/responses/{key}", operation.pointer);
        let declared = followed(&self.document, at);
        declared.ok_or_else(|| format!("the answer {key} of the document refers to nothing"))
    }

    /// The part of the document at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.document.pointer(pointer).unwrap_or(&Value::Null)
    }
}

impl Operation {
    fn read(document: &Value, method: &Method, template: &str) -> Self {
        let item = format!("/paths/{}", pointer::escape(template));
        let pointer = format!("{item}/{}", method.as_str().to_lowercase());
        let mut parameters: Vec<Parameter> = Vec::new();
        // What an operation says of a parameter goes before what the path says.
        for base in [&pointer, &item] {
            let list = document
                .pointer(base)
                .and_then(|at| at["parameters"].as_array());
            for index in 0..list.map_or(0, Vec::len) {
                let at = format!("{base}/parameters/{index}");
                if let Some(parameter) = Parameter::read(document, at)
                    && !parameters.iter().any(|known| known.is_same(&parameter))
                {
                    parameters.push(parameter);
                }
            }
        }
        Self {
            route: format!("{method} {template}"),
            parameters,
            body: RequestBody::read(document, format!("{pointer}/requestBody")),
            pointer,
        }
    }

    pub(crate) fn parameter(&self, place: Place, name: &str) -> Option<&Parameter> {
        let found = self.parameters.iter();
        found
            .into_iter()
            .find(|one| one.place == place && one.name == name)
    }
}

impl RequestBody {
    fn read(document: &Value, pointer: String) -> Option<Self> {
        let (pointer, described) = followed(document, pointer)?;
        let content = described["content"].as_object()?;
        let media_types = content.iter().map(|(name, media)| {
            let at = format!("{pointer}/content/{}/schema", pointer::escape(name));
            (name.clone(), media.get("schema").map(|_| at))
        });
        Some(Self {
            required: described["required"] == true,
            media_types: media_types.collect(),
        })
    }

    /// The media type that is declared for a body of this one, and its schema. The closest of several: with the
    /// same parameters, without, `text/*`, `*/*`.
    pub(crate) fn declared_for(&self, given: &str) -> Option<&(String, Option<String>)> {
        let range = MediaRange::read(given);
        let covering = self.media_types.iter().filter(|(name, _)| {
            let own = MediaRange::read(name);
            own.covers(&range) && !range.is_empty()
        });
        // The first of those that are as close.
        covering.min_by_key(|(name, _)| {
            let closeness = MediaRange::read(name).closeness();
            Reverse((same(name, given), closeness))
        })
    }
}

/// Whether two media types are the same, their parameters included.
fn same(one: &str, other: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        parts.collect()
    };
    parts(one) == parts(other)
}

/// The JSON pointer that a reference into the same document means: it is a part of a URI, and escaped as such.
pub(crate) fn target(reference: &str) -> Option<String> {
    let fragment = percent_decode_str(reference.strip_prefix('#')?);
    fragment.decode_utf8().ok().map(Cow::into_owned)
}

/// Where a part of the document is that may be elsewhere.
pub(crate) fn followed(document: &Value, mut pointer: String) -> Option<(String, &Value)> {
    // References to references: no document has as many.
    for _ in 0..16 {
        let described = document.pointer(&pointer)?;
        match described["$ref"].as_str() {
            Some(reference) => pointer = target(reference)?,
            None => return Some((pointer, described)),
        }
    }
    None
}
