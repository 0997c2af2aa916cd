//! Forms whose fields are known.

use crate::pointer;
use serde_json::Value;

/// How many references lead to the fields of a form at most.
const STEPS: usize = 16;

/// The schema with the fields of a form, behind references and single parts.
pub(crate) fn fields<'a>(components: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = schema;
    for _ in 0..STEPS {
        if schema["properties"]
            .as_object()
            .is_some_and(|fields| !fields.is_empty())
        {
            return Some(schema);
        }
        let alone = |keyword: &str| {
            let parts = schema[keyword].as_array()?;
            let mut others = parts.iter().filter(|part| part["type"] != "null");
            others.next().filter(|_| others.next().is_none())
        };
        let target = schema["$ref"].as_str().and_then(pointer::component_name);
        schema = match target {
            Some(name) => components.get(name.as_str())?,
            None => ["allOf", "anyOf", "oneOf"].into_iter().find_map(alone)?,
        };
    }
    None
}

pub(super) fn has_fields(components: &Value, schema: &Value) -> bool {
    fields(components, schema).is_some()
}
