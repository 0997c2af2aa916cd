//! Changes of a document, each at a place that chance picks.

use fastrand::Rng;
use imperal_build_support::pointer;
use serde_json::{Map, Value, json};

/// One kind of change.
pub(super) struct Mutation {
    pub(super) name: &'static str,
    /// Makes the change and says where; nothing where the document has no place for it.
    pub(super) change: fn(&mut Value, &mut Rng) -> Option<String>,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Everything that a service's authors do to a document, and what they do by accident.
#[rustfmt::skip]
pub(super) const MUTATIONS: &[Mutation] = &[
    Mutation { name: "operation removed", change: |root, random| with_path_item(root, random, |item, method| { item.remove(method); }) },
    Mutation { name: "operation renamed", change: |root, random| with_operation(root, random, |operation| { operation.insert("operationId".into(), json!("something_else")); }) },
    Mutation { name: "operation under another tag", change: |root, random| with_operation(root, random, |operation| { operation.insert("tags".into(), json!(["elsewhere"])); }) },
    Mutation { name: "operation without a tag", change: |root, random| with_operation(root, random, |operation| { operation.remove("tags"); }) },
    Mutation { name: "operation deprecated", change: |root, random| with_operation(root, random, |operation| { operation.insert("deprecated".into(), json!(true)); }) },
    Mutation { name: "operation described", change: |root, random| with_operation(root, random, |operation| { operation.insert("summary".into(), json!("Other words")); }) },
    Mutation { name: "operation without credentials", change: |root, random| with_operation(root, random, |operation| { operation.insert("security".into(), json!([])); }) },
    Mutation { name: "operation added", change: operation_added },
    Mutation { name: "optional parameter added", change: |root, random| with_operation(root, random, |operation| add_parameter(operation, false)) },
    Mutation { name: "required parameter added", change: |root, random| with_operation(root, random, |operation| add_parameter(operation, true)) },
    Mutation { name: "body removed", change: |root, random| with_operation_that(root, random, "requestBody", |operation| { operation.remove("requestBody"); }) },
    Mutation { name: "body optional or required", change: |root, random| with_operation_that(root, random, "requestBody", |operation| toggle(&mut operation["requestBody"], "required")) },
    Mutation { name: "body of any kind", change: |root, random| with_operation_that(root, random, "requestBody", |operation| { operation["requestBody"] = json!({"content": {"application/octet-stream": {}}}); }) },
    Mutation { name: "answer of any kind", change: |root, random| with_answer(root, random, |schema| *schema = json!({})) },
    Mutation { name: "answer as a list", change: |root, random| with_answer(root, random, |schema| *schema = json!({"type": "array", "items": schema.clone()})) },
    Mutation { name: "answer that may be null", change: |root, random| with_answer(root, random, |schema| *schema = json!({"anyOf": [schema.clone(), {"type": "null"}]})) },
    Mutation { name: "answer as text", change: |root, random| with_operation(root, random, |operation| { answers(operation)["200"] = json!({"description": "text", "content": {"text/plain": {"schema": {"type": "string"}}}}); }) },
    Mutation { name: "failure added", change: |root, random| with_operation(root, random, |operation| { answers(operation)["418"] = json!({"description": "a teapot"}); }) },
    Mutation { name: "parameter removed", change: |root, random| with_parameters(root, random, |parameters, index| { parameters.remove(index); }) },
    Mutation { name: "parameter renamed", change: |root, random| with_parameter(root, random, |parameter| { parameter.insert("name".into(), json!("other_name")); }) },
    Mutation { name: "parameter optional or required", change: |root, random| with_parameter(root, random, |parameter| { let now = parameter.get("required") == Some(&json!(true)); parameter.insert("required".into(), json!(!now)); }) },
    Mutation { name: "parameter of another type", change: |root, random| with_parameter(root, random, |parameter| { let other = other_type(&parameter["schema"]); parameter.insert("schema".into(), other); }) },
    Mutation { name: "parameter as a list", change: |root, random| with_parameter(root, random, |parameter| { let schema = parameter["schema"].clone(); parameter.insert("schema".into(), json!({"type": "array", "items": schema})); }) },
    Mutation { name: "parameter with a default", change: |root, random| with_parameter(root, random, |parameter| { parameter["schema"]["default"] = json!(7); }) },
    Mutation { name: "parameter bounded", change: |root, random| with_parameter(root, random, |parameter| { parameter["schema"]["maxLength"] = json!(10); }) },
    Mutation { name: "parameter with a list of values", change: |root, random| with_parameter(root, random, |parameter| { parameter.insert("schema".into(), json!({"type": "string", "enum": ["one", "two"]})); }) },
    Mutation { name: "parameter in a header", change: |root, random| with_parameter(root, random, |parameter| { parameter.insert("in".into(), json!("header")); }) },
    Mutation { name: "component renamed", change: component_renamed },
    Mutation { name: "component described", change: |root, random| with_component(root, random, |component| { component.insert("description".into(), json!("Other words")); }) },
    Mutation { name: "component open", change: |root, random| with_component(root, random, |component| { component.insert("additionalProperties".into(), json!(true)); }) },
    Mutation { name: "component closed", change: |root, random| with_component(root, random, |component| { component.insert("additionalProperties".into(), json!(false)); }) },
    Mutation { name: "component as text", change: |root, random| with_component(root, random, |component| *component = text_schema()) },
    Mutation { name: "optional property added", change: |root, random| with_component(root, random, |component| { component["properties"]["something_new"] = json!({"type": "string"}); }) },
    Mutation { name: "required property added", change: |root, random| with_component(root, random, |component| { component["properties"]["something_new"] = json!({"type": "string"}); require(component, "something_new"); }) },
    Mutation { name: "property removed", change: |root, random| with_properties(root, random, |component, name| { remove_property(component, name); }) },
    Mutation { name: "property renamed", change: |root, random| with_properties(root, random, |component, name| { let property = remove_property(component, name); component["properties"]["other_name"] = property; }) },
    Mutation { name: "property spelled otherwise", change: |root, random| with_properties(root, random, |component, name| { let spelled = name.replace('_', "-"); let property = remove_property(component, name); component["properties"][spelled] = property; }) },
    Mutation { name: "property optional or required", change: |root, random| with_properties(root, random, |component, name| { if !unrequire(component, name) { require(component, name); } }) },
    Mutation { name: "property that may be null", change: |root, random| with_property(root, random, |property| *property = json!({"anyOf": [property.clone(), {"type": "null"}]})) },
    Mutation { name: "property that is never null", change: |root, random| with_property(root, random, |property| { if let Some(first) = property.pointer("/anyOf/0").cloned() { *property = first; } }) },
    Mutation { name: "property of another type", change: |root, random| with_property(root, random, |property| *property = other_type(property)) },
    Mutation { name: "property of any type", change: |root, random| with_property(root, random, |property| *property = json!({})) },
    Mutation { name: "property as a list", change: |root, random| with_property(root, random, |property| *property = json!({"type": "array", "items": property.clone()})) },
    Mutation { name: "property as a number", change: |root, random| with_property(root, random, |property| *property = json!({"type": "number"})) },
    Mutation { name: "property with a format", change: |root, random| with_property(root, random, |property| set(property, "format", json!("date-time"))) },
    Mutation { name: "property that is secret", change: |root, random| with_property(root, random, |property| *property = json!({"type": "string", "format": "password"})) },
    Mutation { name: "property with a default", change: |root, random| with_property(root, random, |property| *property = json!({"type": "string", "default": "something"})) },
    Mutation { name: "property bounded", change: |root, random| with_property(root, random, |property| set(property, "maxLength", json!(5))) },
    Mutation { name: "property described", change: |root, random| with_property(root, random, |property| set(property, "description", json!("Other words"))) },
    Mutation { name: "property with a list of values", change: |root, random| with_property(root, random, |property| *property = json!({"type": "string", "enum": ["one", "two"]})) },
    Mutation { name: "property of several types", change: |root, random| with_property(root, random, |property| *property = json!({"anyOf": [{"type": "string"}, {"type": "integer"}]})) },
    Mutation { name: "property that is an object", change: |root, random| with_property(root, random, |property| *property = json!({"type": "object", "title": "Inner", "properties": {"a": {"type": "string"}}})) },
    Mutation { name: "value added", change: |root, random| with_values(root, random, |values| values.push(json!("something_new"))) },
    Mutation { name: "value removed", change: |root, random| with_values(root, random, |values| drop(values.pop())) },
    Mutation { name: "order of everything", change: |root, _| { *root = turned(root); Some("the document".to_owned()) } },
];

fn set(schema: &mut Value, keyword: &str, value: Value) {
    if let Value::Object(members) = schema {
        members.insert(keyword.to_owned(), value);
    }
}

fn toggle(value: &mut Value, keyword: &str) {
    let now = value.get(keyword) == Some(&json!(true));
    set(value, keyword, json!(!now));
}

fn text_schema() -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!("string"))])
}

fn other_type(schema: &Value) -> Value {
    if schema.to_string().contains("integer") {
        json!({"type": "string"})
    } else {
        json!({"type": "integer"})
    }
}

/// The answers of an operation, which may have none yet.
fn answers(operation: &mut Map<String, Value>) -> &mut Value {
    operation.entry("responses").or_insert_with(|| json!({}))
}

fn add_parameter(operation: &mut Map<String, Value>, required: bool) {
    let parameter = json!({"name": "something_new", "in": "query", "required": required, "schema": {"type": "string"}});
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Value::Array(parameters) = parameters {
        parameters.push(parameter);
    }
}

fn require(component: &mut Map<String, Value>, name: &str) {
    let required = component.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(required) = required {
        required.push(json!(name));
    }
}

/// Whether it was required.
fn unrequire(component: &mut Map<String, Value>, name: &str) -> bool {
    let Some(Value::Array(required)) = component.get_mut("required") else {
        return false;
    };
    let before = required.len();
    required.retain(|one| one != name);
    before != required.len()
}

fn remove_property(component: &mut Map<String, Value>, name: &str) -> Value {
    unrequire(component, name);
    let properties = component
        .get_mut("properties")
        .and_then(Value::as_object_mut);
    let property = properties.and_then(|properties| properties.remove(name));
    property.unwrap_or_default()
}

/// An operation that is not internal, by its path and method.
fn operation_place(root: &Value, random: &mut Rng) -> Option<(String, &'static str)> {
    let mut places = Vec::new();
    for (path, item) in root["paths"].as_object()? {
        for method in METHODS {
            if item.get(method).is_some() && !path.contains("/internal/") {
                places.push((path.clone(), method));
            }
        }
    }
    random.choice(places)
}

fn with_path_item(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Map<String, Value>, &str),
) -> Option<String> {
    let (path, method) = operation_place(root, random)?;
    change(root["paths"][&path].as_object_mut()?, method);
    Some(format!("{} {path}", method.to_uppercase()))
}

fn with_operation(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Option<String> {
    with_path_item(root, random, |item, method| {
        if let Some(Value::Object(operation)) = item.get_mut(method) {
            change(operation);
        }
    })
}

/// An operation that has something at a pointer; chance may need several attempts to find one.
fn operation_place_with(
    root: &Value,
    random: &mut Rng,
    pointer: &str,
) -> Option<(String, &'static str)> {
    (0..200).find_map(|_| {
        let (path, method) = operation_place(root, random)?;
        root["paths"][&path][method].pointer(pointer)?;
        Some((path, method))
    })
}

fn with_operation_that(
    root: &mut Value,
    random: &mut Rng,
    member: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Option<String> {
    let (path, method) = operation_place_with(root, random, &pointer::join("", member))?;
    change(root["paths"][&path][method].as_object_mut()?);
    Some(format!("{} {path}", method.to_uppercase()))
}

fn with_answer(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Value),
) -> Option<String> {
    let pointer = "/responses/200/content/application~1json/schema";
    let (path, method) = operation_place_with(root, random, pointer)?;
    change(root["paths"][&path][method].pointer_mut(pointer)?);
    Some(format!("{} {path}", method.to_uppercase()))
}

fn with_parameters(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Vec<Value>, usize),
) -> Option<String> {
    let (path, method, index) = (0..400).find_map(|_| {
        let (path, method) = operation_place(root, random)?;
        let parameters = root["paths"][&path][method].get("parameters")?.as_array()?;
        let indexes = (0..parameters.len()).filter(|index| {
            parameters[*index]["in"] == "query" && parameters[*index].get("schema").is_some()
        });
        Some((path, method, random.choice(indexes.collect::<Vec<_>>())?))
    })?;
    let parameters = root["paths"][&path][method]["parameters"].as_array_mut()?;
    let name = parameters[index]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    change(parameters, index);
    Some(format!("{name} of {} {path}", method.to_uppercase()))
}

fn with_parameter(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Option<String> {
    with_parameters(root, random, |parameters, index| {
        if let Some(Value::Object(parameter)) = parameters.get_mut(index) {
            change(parameter);
        }
    })
}

/// A component with properties.
fn component_place(root: &Value, random: &mut Rng) -> Option<String> {
    let components = root["components"]["schemas"].as_object()?.iter();
    let with_properties = components.filter(|(_, component)| {
        let properties = component.get("properties").and_then(Value::as_object);
        properties.is_some_and(|properties| !properties.is_empty())
    });
    random.choice(
        with_properties
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>(),
    )
}

fn with_component(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Option<String> {
    let name = component_place(root, random)?;
    change(root["components"]["schemas"][&name].as_object_mut()?);
    Some(name)
}

fn with_properties(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Map<String, Value>, &str),
) -> Option<String> {
    let name = component_place(root, random)?;
    let component = root["components"]["schemas"][&name].as_object_mut()?;
    let properties = component.get("properties")?.as_object()?;
    let property = random.choice(properties.keys().cloned().collect::<Vec<_>>())?;
    change(component, &property);
    Some(format!("{name}.{property}"))
}

fn with_property(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Value),
) -> Option<String> {
    with_properties(root, random, |component, name| {
        change(&mut component["properties"][name]);
    })
}

/// A list of values of a property or component.
fn with_values(
    root: &mut Value,
    random: &mut Rng,
    change: impl FnOnce(&mut Vec<Value>),
) -> Option<String> {
    fn collect(value: &Value, at: &str, found: &mut Vec<String>) {
        let Value::Object(members) = value else {
            return;
        };
        if members
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|values| values.len() > 2)
        {
            found.push(format!("{at}/enum"));
        }
        for (name, member) in members {
            collect(member, &pointer::join(at, name), found);
        }
    }
    let mut found = Vec::new();
    collect(
        root.pointer("/components/schemas")?,
        "/components/schemas",
        &mut found,
    );
    let place = random.choice(found)?;
    change(root.pointer_mut(&place)?.as_array_mut()?);
    Some(place)
}

fn operation_added(root: &mut Value, random: &mut Rng) -> Option<String> {
    let (path, method) = operation_place(root, random)?;
    let mut operation = root["paths"][&path][method].clone();
    set(&mut operation, "operationId", json!("something_new"));
    let new = format!("/v9{path}");
    root["paths"][&new] = json!({method: operation});
    Some(new)
}

fn component_renamed(root: &mut Value, random: &mut Rng) -> Option<String> {
    let name = component_place(root, random)?;
    let schemas = root["components"]["schemas"].as_object_mut()?;
    let component = schemas.remove(&name)?;
    let new = format!("Renamed{name}");
    schemas.insert(new.clone(), component);
    let (from, to) = (
        format!("#/components/schemas/{name}"),
        format!("#/components/schemas/{new}"),
    );
    refer(root, &from, &to);
    Some(name)
}

fn refer(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, from, to)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| refer(member, from, to)),
        _ => {}
    }
}

/// The members of every object in reverse.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev();
            members
                .map(|(name, member)| (name.clone(), turned(member)))
                .collect()
        }
        Value::Array(items) => items.iter().map(turned).collect(),
        other => other.clone(),
    }
}
