//! Parameters that the service asks for by mistake are sent with a fixed value and hidden from
//! callers.

use crate::operation::{self, key};
use crate::{Document, Error};
use serde_json::{Map, Value};

pub(super) fn hide_fixed_parameters(document: &mut Document) -> Result<(), Error> {
    operation::for_each_mut(document.root_mut(), |_, _, operation, _| {
        let Some(parameters) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        else {
            return Ok(());
        };
        let mut fixed = Map::new();
        parameters.retain(|parameter| {
            match (parameter.get(key::FIXED_VALUE), parameter["name"].as_str()) {
                (Some(value), Some(name)) if parameter["in"] == "query" => {
                    fixed.insert(name.to_owned(), value.clone());
                    false
                }
                _ => true,
            }
        });
        if !fixed.is_empty() {
            operation.insert(key::FIXED_QUERY.to_owned(), Value::Object(fixed));
        }
        Ok(())
    })
}
