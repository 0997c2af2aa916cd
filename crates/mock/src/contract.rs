//! What a document says of each operation, read once.

#[cfg(feature = "client")]
mod answers;
pub(crate) mod schemas;
pub(crate) mod success;

use crate::routes::{Found, Routes, method};
use http::Method;
use imperal_build_support::pointer;
use schemas::Schemas;
use serde_json::Value;
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

/// Where in a request a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    /// Its schema, by a JSON pointer; none if it is described by a media type.
    pub(crate) schema: Option<String>,
    /// Whether several values are several parameters, and not one with commas.
    pub(crate) explode: bool,
    /// Whether it is an object with each field a parameter of its own, such as `filter[name]`.
    pub(crate) is_deep: bool,
    pub(crate) default: Option<Value>,
}

#[derive(Debug)]
pub(crate) struct RequestBody {
    pub(crate) required: bool,
    /// The media types, and the schema of each by a JSON pointer.
    pub(crate) media_types: Vec<(String, Option<String>)>,
}

impl Place {
    pub(crate) const ALL: [Self; 4] = [Self::Path, Self::Query, Self::Header, Self::Cookie];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
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

impl Parameter {
    fn read(document: &Value, pointer: String) -> Option<Self> {
        let (pointer, described) = followed(document, pointer)?;
        let place = match described["in"].as_str()? {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => return None,
        };
        let form = described["style"]
            .as_str()
            .is_none_or(|style| style == "form");
        let by_default = form && matches!(place, Place::Query | Place::Cookie);
        Some(Self {
            name: described["name"].as_str()?.to_owned(),
            place,
            required: described["required"] == true,
            explode: described["explode"].as_bool().unwrap_or(by_default),
            is_deep: described["style"] == "deepObject",
            default: described["schema"].get("default").cloned(),
            schema: described.get("schema").map(|_| format!("{pointer}/schema")),
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.place, &self.name) == (other.place, &other.name)
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
}

/// Where a part of the document is that may be elsewhere.
pub(crate) fn followed(document: &Value, mut pointer: String) -> Option<(String, &Value)> {
    // References to references: no document has as many.
    for _ in 0..16 {
        let described = document.pointer(&pointer)?;
        match described["$ref"].as_str() {
            Some(reference) => reference.strip_prefix('#')?.clone_into(&mut pointer),
            None => return Some((pointer, described)),
        }
    }
    None
}
