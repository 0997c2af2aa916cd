//! The operations of a shaped document, as the generator and the tools see them.

use crate::{Document, Error, pointer};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// The methods that a path item can have, in the order in which they are read.
pub(crate) const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One operation of a document after [`shape`](crate::shape).
///
/// Its fields say what the document says, in the generator's terms.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says one thing that a document says"
)]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The stable name: tag and function, in snake case.
    pub id: String,
    /// The part of the name behind the tag: the method of the tag's handle.
    pub function: String,
    /// The tag, as the document writes it.
    pub tag: String,
    /// The HTTP method in lower case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// What it does, in a few words.
    pub summary: String,
    /// What it does, at length.
    pub description: String,
    /// Whether the service wants callers to stop using it.
    pub deprecated: bool,
    /// Alternatives of credentials, each a list of names of security schemes.
    pub security: Vec<Vec<String>>,
    /// Whether sending it twice has the effect of sending it once, where the document says so.
    pub idempotent: Option<bool>,
    /// Query parameters that are always sent with a fixed value.
    pub fixed_query: Vec<(String, String)>,
    /// Whether the body of a request holds a secret, such as a password.
    pub secret_body: bool,
    /// The body of a request, if it has one.
    pub body: Option<Body>,
    /// Whether a request may have no body although the operation takes one.
    pub optional_body: bool,
    /// The parameters that are sent as cookies.
    pub cookies: Vec<String>,
    /// Whether the value of the last parameter in the path may span several of its segments.
    pub greedy: bool,
    /// The kind of its successful answer.
    pub answer: AnswerKind,
    /// The components that the bodies of its failures can be.
    pub failures: Vec<String>,
    /// How its list is paged, if it is.
    pub pagination: Option<Pagination>,
}

/// The body of a request: how it is written, and as what media type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Body {
    /// How it is written.
    pub kind: BodyKind,
    /// The media type, as the document writes it.
    pub media_type: String,
}

/// How the body of a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BodyKind {
    /// JSON, also under another name.
    Json,
    /// A form in URL encoding.
    Form,
    /// A form of parts, which may be files.
    Multipart,
    /// Bytes as they are.
    Raw,
}

impl BodyKind {
    /// The kind that goes with a media type.
    pub(crate) fn of(media_type: &str) -> Self {
        let essence = media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Multipart,
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            _ => Self::Raw,
        }
    }
}

/// The kind of a successful answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerKind {
    /// JSON.
    Json,
    /// Text.
    Text,
    /// Server-sent events.
    Events,
    /// Any other body.
    Bytes,
    /// None.
    Empty,
}

/// How a list is paged.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Pagination {
    /// What `position` says.
    pub style: PageStyle,
    /// The query parameter that says which page.
    pub position: String,
    /// The number of the first page.
    #[serde(default = "first_page")]
    pub first: i64,
    /// The query parameter for the most items in an answer.
    pub size: Option<String>,
    /// The largest size that the document allows.
    pub largest: Option<i64>,
    /// The size where none is asked for.
    pub default: Option<i64>,
    /// The JSON pointer to the list in an answer, where it is not the only one.
    pub items: Option<String>,
    /// The JSON pointer to the cursor of the next page.
    pub next: Option<String>,
    /// The JSON pointer to the field that says whether more follow.
    pub more: Option<String>,
    /// The JSON pointer to the number of items in all.
    pub total: Option<String>,
}

/// For a person: by which parameters, and how many items there are on a page.
impl fmt::Display for Pagination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "by {}", self.position)?;
        if let Some(size) = &self.size {
            write!(formatter, ", {size} items at a time")?;
        }
        if let Some(default) = self.default {
            write!(formatter, ", {default} if it is not given")?;
        }
        if let Some(largest) = self.largest {
            write!(formatter, ", at most {largest}")?;
        }
        Ok(())
    }
}

/// What the parameter counts that says which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PageStyle {
    /// Pages.
    Page,
    /// Items to skip.
    Offset,
    /// Nothing: it is what the page before has given.
    Cursor,
}

/// How many items to ask for where the document sets neither a largest number nor a default.
const PAGE_SIZE: i64 = 50;

const fn first_page() -> i64 {
    1
}

impl Pagination {
    /// How many items to ask for where the caller does not say; none if nobody can say how many.
    pub fn asked(&self) -> Option<i64> {
        self.size.as_ref()?;
        self.largest.or(self.default).or(Some(PAGE_SIZE))
    }
}

/// Where the shaping passes note what they found, inside the document: the names of extensions
/// that only this crate reads.
pub(crate) mod key {
    pub(crate) const FUNCTION: &str = "x-client-function";
    pub(crate) const FIXED_QUERY: &str = "x-client-fixed-query";
    pub(crate) const FIXED_VALUE: &str = "x-client-fixed-value";
    pub(crate) const IDEMPOTENT: &str = "x-client-idempotent";
    pub(crate) const CONSTRAINTS: &str = "x-client-constraints";
    pub(crate) const OPTIONAL_BODY: &str = "x-client-optional-body";
    pub(crate) const COOKIE: &str = "x-client-cookie";
    pub(crate) const GREEDY: &str = "x-client-greedy";
    #[cfg(feature = "generate")]
    pub(crate) const FAILURE: &str = "x-client-failure";
    pub(crate) const THREE_STATES: &str = "x-client-three-states";
    pub(crate) const PAGINATION: &str = "x-client-pagination";
}

/// The operations of a shaped document, in the document's order.
///
/// ```
/// use imperal_build_support::{AnswerKind, Document, operations, shape};
///
/// let mut document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/v1/apps/{id}": {"delete": {
///         "tags": ["store"], "operationId": "delete_app_v1_apps__id__delete",
///         "responses": {"204": {"description": "Gone"}}
///     }}}
/// }"#)?;
/// shape(&mut document)?;
/// let operations = operations(&document)?;
/// assert_eq!((operations[0].tag.as_str(), operations[0].function.as_str()), ("store", "delete_app"));
/// assert_eq!(operations[0].answer, AnswerKind::Empty);
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
///
/// # Errors
///
/// If the document has not been shaped.
pub fn operations(document: &Document) -> Result<Vec<Operation>, Error> {
    let mut found = Vec::new();
    for (path, method, operation) in iter(document.root()) {
        let text = |name: &str| {
            operation
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let function = text(key::FUNCTION);
        if function.is_empty() {
            let at = pointer::join(&pointer::join("/paths", path), method);
            return Err(document.error(&at, "the document has not been shaped", "shape it first"));
        }
        found.push(Operation {
            id: text("operationId"),
            function,
            tag: operation["tags"][0].as_str().unwrap_or_default().to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            summary: text("summary"),
            description: text("description"),
            deprecated: operation.get("deprecated") == Some(&Value::Bool(true)),
            security: security(document.root(), operation),
            idempotent: operation.get(key::IDEMPOTENT).and_then(Value::as_bool),
            fixed_query: fixed_query(operation),
            secret_body: operation
                .get("requestBody")
                .is_some_and(|body| holds_secret(document.root(), body)),
            body: body(operation),
            cookies: marked(operation, key::COOKIE),
            greedy: !marked(operation, key::GREEDY).is_empty(),
            optional_body: operation.get(key::OPTIONAL_BODY) == Some(&Value::Bool(true)),
            answer: answer_kind(operation),
            failures: failures(operation),
            pagination: pagination(operation),
        });
    }
    Ok(found)
}

/// Path, method and object of each operation.
pub(crate) fn iter(
    root: &Value,
) -> impl Iterator<Item = (&str, &'static str, &Map<String, Value>)> {
    let paths = root.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| {
            let operation = item.get(*method)?.as_object()?;
            Some((path.as_str(), *method, operation))
        })
    })
}

/// The object of each operation, to be changed.
#[cfg(feature = "generate")]
pub(crate) fn iter_mut(root: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = root.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut);
    let methods = items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::iter_mut);
    let operations = methods.filter(|(method, _)| METHODS.contains(&method.as_str()));
    operations.filter_map(|(_, operation)| operation.as_object_mut())
}

/// Calls `visit` with path, method and object of each operation, and the pointer to it.
pub(crate) fn for_each_mut(
    root: &mut Value,
    mut visit: impl FnMut(&str, &'static str, &mut Map<String, Value>, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    for (path, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get_mut(*method).and_then(Value::as_object_mut) {
                let at = pointer::join(&pointer::join("/paths", path), method);
                visit(path, method, operation, &at)?;
            }
        }
    }
    Ok(())
}

fn security(root: &Value, operation: &Map<String, Value>) -> Vec<Vec<String>> {
    let declared = operation.get("security").or_else(|| root.get("security"));
    let alternatives = declared.and_then(Value::as_array).into_iter().flatten();
    alternatives
        .filter_map(Value::as_object)
        .map(|alternative| alternative.keys().cloned().collect())
        .collect()
}

/// Whether a secret is anywhere in the schemas that `node` holds or refers to.
fn holds_secret(root: &Value, node: &Value) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match node {
            Value::Object(object) => {
                if object
                    .get("format")
                    .is_some_and(|format| format == "password")
                {
                    return true;
                }
                if let Some(reference) = object.get("$ref").and_then(Value::as_str)
                    && seen.insert(reference)
                {
                    waiting.extend(pointer::resolve(root, reference));
                }
                waiting.extend(object.values());
            }
            Value::Array(array) => waiting.extend(array),
            _ => {}
        }
    }
    false
}

fn body(operation: &Map<String, Value>) -> Option<Body> {
    let content = operation.get("requestBody")?["content"].as_object()?;
    let media_type = content.keys().next()?.clone();
    Some(Body {
        kind: BodyKind::of(&media_type),
        media_type,
    })
}

/// The names of the parameters that a pass has marked.
fn marked(operation: &Map<String, Value>, mark: &str) -> Vec<String> {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let marked = parameters
        .into_iter()
        .flatten()
        .filter(|parameter| parameter[mark] == true);
    marked
        .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
        .collect()
}

fn fixed_query(operation: &Map<String, Value>) -> Vec<(String, String)> {
    let pairs = operation.get(key::FIXED_QUERY).and_then(Value::as_object);
    pairs
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), value)
        })
        .collect()
}

pub(crate) fn answer_kind(operation: &Map<String, Value>) -> AnswerKind {
    let answer = operation
        .get("responses")
        .and_then(|responses| responses.get("2XX"));
    let content = answer.and_then(|answer| answer["content"].as_object());
    match content {
        Some(content) if content.contains_key("application/json") => AnswerKind::Json,
        Some(content) if content.keys().any(|media_type| is_events(media_type)) => {
            AnswerKind::Events
        }
        Some(content)
            if content.keys().all(|media_type| is_text(media_type)) && !content.is_empty() =>
        {
            AnswerKind::Text
        }
        Some(content) if !content.is_empty() => AnswerKind::Bytes,
        _ => AnswerKind::Empty,
    }
}

fn failures(operation: &Map<String, Value>) -> Vec<String> {
    let Some(answer) = operation
        .get("responses")
        .and_then(|answers| answers.get("4XX"))
    else {
        return Vec::new();
    };
    let schema = &answer["content"]["application/json"]["schema"];
    let branches = ["oneOf", "anyOf", "allOf"]
        .into_iter()
        .filter_map(|keyword| schema[keyword].as_array());
    let schemas = std::iter::once(schema).chain(branches.flatten());
    let names = schemas.filter_map(|schema| pointer::component_name(schema["$ref"].as_str()?));
    names.collect()
}

fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/")
}

fn is_events(media_type: &str) -> bool {
    media_type.starts_with("text/event-stream")
}

fn pagination(operation: &Map<String, Value>) -> Option<Pagination> {
    let found = operation.get(key::PAGINATION)?;
    serde_json::from_value(found.clone()).ok()
}
