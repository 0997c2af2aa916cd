//! The judge of values: the `jsonschema` crate, over the whole document.

use super::room::{depth, longest_row, with_room};
use jsonschema::{Draft, Registry, RegistryBuilder, Validator};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What the document is called where schemas refer to it.
const DOCUMENT: &str = "urn:imperal:document";

/// What cannot stand in the fragment of a URI.
const FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'\\')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Of a value that nests deeper it is not told what is wrong inside of it: each alternative of each level doubles
/// what there is to tell.
const DEEPEST_TOLD: usize = 8;

/// Validators for the schemas of one document, each made when it is first asked for.
pub(crate) struct Schemas {
    /// The document as a resource, or why it is none.
    registry: Result<Registry<'static>, String>,
    made: Mutex<HashMap<String, Made>>,
    /// So many schemas at most hold for one value because one of them does.
    longest_row: usize,
}

/// A validator, or why there is none.
type Made = Result<Arc<Validator>, String>;

impl Schemas {
    pub(crate) fn new(document: &Value) -> Self {
        let resource = Draft::Draft202012.create_resource(document.clone());
        let registry = Registry::new()
            .add(DOCUMENT, resource)
            .and_then(RegistryBuilder::prepare);
        Self {
            registry: registry.map_err(|error| error.to_string()),
            made: Mutex::default(),
            longest_row: longest_row(document),
        }
    }

    /// The validator of the schema at a JSON pointer.
    fn validator(&self, pointer: &str) -> Made {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(pointer) {
            return known.clone();
        }
        let validator = self.make(pointer).map(Arc::new);
        made.insert(pointer.to_owned(), validator.clone());
        validator
    }

    fn make(&self, pointer: &str) -> Result<Validator, String> {
        let registry = self.registry.as_ref().map_err(Clone::clone)?;
        let fragment = utf8_percent_encode(pointer, FRAGMENT);
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .with_registry(registry)
            .build(&json!({ "$ref": format!("{DOCUMENT}#{fragment}") }))
            .map_err(|error| error.to_string())
    }

    /// What is wrong with a value by the schema at a pointer; nothing if it fits.
    pub(crate) fn problems(&self, pointer: &str, value: &Value) -> Vec<(String, String)> {
        let told = self.judged(pointer, value, |validator| {
            if validator.is_valid(value) {
                return Vec::new();
            }
            if depth(value) > DEEPEST_TOLD {
                let problem = format!("it does not fit the schema {pointer}");
                return vec![(String::new(), problem)];
            }
            let errors = validator.iter_errors(value);
            let told = errors.map(|error| (error.instance_path().to_string(), error.to_string()));
            told.collect()
        });
        told.unwrap_or_else(|problem| vec![(String::new(), problem)])
    }

    /// Whether a value fits the schema at a pointer. It does not where nobody can tell.
    pub(crate) fn fits(&self, pointer: &str, value: &Value) -> bool {
        self.allows(pointer, value).unwrap_or_default()
    }

    /// Whether the schema at a pointer allows a value; if nobody can tell, why.
    pub(crate) fn allows(&self, pointer: &str, value: &Value) -> Result<bool, String> {
        self.judged(pointer, value, |validator| validator.is_valid(value))
    }

    /// What a validator says of a value, on a stack that is large enough for it.
    fn judged<T: Send>(
        &self,
        pointer: &str,
        value: &Value,
        judge: impl FnOnce(&Validator) -> T + Send,
    ) -> Result<T, String> {
        let judged = self
            .validator(pointer)
            .and_then(|validator| with_room(self.longest_row, value, || judge(&validator)));
        judged.map_err(|problem| format!("the schema {pointer} cannot be used: {problem}"))
    }
}
