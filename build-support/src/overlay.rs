//! Pass 2, overlay: what the published document leaves out or has wrong (OpenAPI Overlay 1.0).
//!
//! Without it every fetch would undo what was put right by hand. An action that selects nothing is
//! reported, and so is a reference to a schema that is no longer there: both mean that the document
//! has changed under the overlay, which must not keep a newer or an older one from being built.

use crate::document::{parse, read};
use crate::{Document, Error, pointer};
use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath};
use std::path::Path;

/// A list of changes to a document.
///
/// ```
/// use imperal_build_support::{Document, Overlay};
///
/// let mut document = Document::from_json(
///     "tiny.json",
///     br#"{"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {}}"#,
/// )?;
/// let overlay = Overlay::from_json("overlay.json", br#"{
///     "overlay": "1.0.0", "info": {"title": "Corrections", "version": "1"},
///     "actions": [
///         {"target": "$.info", "update": {"title": "Better"}},
///         {"target": "$.paths['/gone']", "remove": true}
///     ]
/// }"#)?;
/// let warnings = overlay.apply(&mut document)?;
/// assert_eq!(document.title(), "Better");
/// assert!(warnings[0].contains("$.paths['/gone']"));
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
#[derive(Debug)]
pub struct Overlay {
    name: String,
    actions: Vec<Action>,
}

#[derive(Debug, PartialEq)]
struct Action {
    target: String,
    path: JsonPath,
    change: Change,
}

#[derive(Debug, PartialEq)]
enum Change {
    Update(Value),
    Remove,
}

impl Overlay {
    /// An overlay that changes nothing.
    pub fn empty() -> Self {
        Self {
            name: "no overlay".to_owned(),
            actions: Vec::new(),
        }
    }

    /// Reads an overlay from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is no sound overlay.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        Self::from_json(&name, &read(path)?)
    }

    /// Reads an overlay that `name` names in messages.
    ///
    /// # Errors
    ///
    /// If it is not JSON, not an Overlay 1.0 document, or an action has no sound target or change.
    pub fn from_json(name: &str, json: &[u8]) -> Result<Self, Error> {
        let root = parse(name, json)?;
        let error =
            |pointer: &str, problem: &str, remedy: &str| Error::new(name, pointer, problem, remedy);
        let version = root["overlay"].as_str().unwrap_or_default();
        if !version.starts_with("1.0.") {
            return Err(error(
                "/overlay",
                "is no OpenAPI Overlay 1.0",
                "start it with \"overlay\": \"1.0.0\"",
            ));
        }
        let Some(list) = root["actions"].as_array() else {
            return Err(error(
                "/actions",
                "has no list of actions",
                "add \"actions\": []",
            ));
        };
        let mut actions = Vec::with_capacity(list.len());
        for (index, action) in list.iter().enumerate() {
            let at = format!("/actions/{index}");
            let target = action["target"].as_str().ok_or_else(|| {
                error(
                    &at,
                    "an action has no target",
                    "give it a JSONPath as \"target\"",
                )
            })?;
            let path = JsonPath::parse(target).map_err(|problem| {
                let problem = format!("target {target} is no JSONPath: {problem}");
                Error::new(
                    name,
                    format!("{at}/target"),
                    problem,
                    "write it as RFC 9535 says",
                )
            })?;
            let change = match (action.get("update"), action.get("remove")) {
                (_, Some(Value::Bool(true))) => Change::Remove,
                (Some(update), _) => Change::Update(update.clone()),
                _ => {
                    let remedy = "give it \"update\" or \"remove\": true";
                    return Err(error(&at, "an action changes nothing", remedy));
                }
            };
            actions.push(Action {
                target: target.to_owned(),
                path,
                change,
            });
        }
        Ok(Self {
            name: name.to_owned(),
            actions,
        })
    }

    /// Changes `document`. Returns a line about each part of the overlay that no longer fits it: an
    /// action that selects nothing, a reference to a schema that is not there (which then means a
    /// value of any form).
    ///
    /// # Errors
    ///
    /// If an action does not fit what it selects, or the document is no longer sound afterwards.
    pub fn apply(&self, document: &mut Document) -> Result<Vec<String>, Error> {
        let mut warnings = Vec::new();
        for index in 0..self.actions.len() {
            if !self.act(index, document)? {
                warnings.push(format!(
                    "{}: action {index} selects nothing: {}",
                    self.name, self.actions[index].target
                ));
            }
        }
        for (pointer, reference) in document.open_missing_schemas() {
            warnings.push(format!(
                "{}: {pointer} refers to {reference}, which the document does not have",
                self.name
            ));
        }
        document.check()?;
        Ok(warnings)
    }

    /// Whether it changes any document as `other` does, wherever the two come from.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.actions == other.actions
    }

    /// The targets of the actions that change the part of `document` at `pointer`, in their order.
    ///
    /// ```
    /// use imperal_build_support::{Document, Overlay};
    ///
    /// let document = Document::from_json(
    ///     "tiny.json",
    ///     br#"{"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {}}"#,
    /// )?;
    /// let overlay = Overlay::from_json("overlay.json", br#"{
    ///     "overlay": "1.0.0", "info": {"title": "Corrections", "version": "1"},
    ///     "actions": [{"target": "$.info", "update": {"title": "Better"}}]
    /// }"#)?;
    /// assert_eq!(overlay.changing(&document, "/info/title")?, ["$.info"]);
    /// assert!(overlay.changing(&document, "/paths")?.is_empty());
    /// # Ok::<(), imperal_build_support::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If an action does not fit what it selects.
    pub fn changing(&self, document: &Document, pointer: &str) -> Result<Vec<String>, Error> {
        let mut document = document.clone();
        let mut targets = Vec::new();
        for (index, action) in self.actions.iter().enumerate() {
            let before = document.root().pointer(pointer).cloned();
            self.act(index, &mut document)?;
            if document.root().pointer(pointer) != before.as_ref() {
                targets.push(action.target.clone());
            }
        }
        Ok(targets)
    }

    /// Carries out one action. Returns whether it selects anything.
    fn act(&self, index: usize, document: &mut Document) -> Result<bool, Error> {
        let action = &self.actions[index];
        let located = action.path.query_located(document.root());
        let selected = located.locations().map(NormalizedPath::to_json_pointer);
        // From the last to the first, and from the inside out, so that removals do not move what is
        // still to be removed; and each once, however often it was selected.
        let mut selected: Vec<Vec<Step>> = selected.map(|pointer| steps(&pointer)).collect();
        selected.sort();
        selected.dedup();
        for steps in selected.iter().rev() {
            let steps = steps.iter().map(ToString::to_string);
            let pointer: Vec<String> = std::iter::once(String::new()).chain(steps).collect();
            let pointer = pointer.join("/");
            self.change(document.root_mut(), &pointer, &action.change, index)?;
        }
        Ok(!selected.is_empty())
    }

    fn change(
        &self,
        root: &mut Value,
        pointer: &str,
        change: &Change,
        index: usize,
    ) -> Result<(), Error> {
        match change {
            Change::Update(update) => {
                let Some(node) = root.pointer_mut(pointer) else {
                    return Ok(());
                };
                if !node.is_object() && !node.is_array() {
                    return Err(Error::new(
                        &self.name,
                        format!("/actions/{index}/target"),
                        format!("selects {pointer}, which is neither an object nor an array"),
                        "select the object that holds it, and update that",
                    ));
                }
                merge(node, update);
            }
            Change::Remove => {
                let Some((parent, step)) = pointer::split_last(pointer) else {
                    let at = format!("/actions/{index}/target");
                    return Err(Error::new(
                        &self.name,
                        at,
                        "removes the whole document",
                        "select a part of it",
                    ));
                };
                match root.pointer_mut(parent) {
                    Some(Value::Object(object)) => {
                        object.shift_remove(&step);
                    }
                    Some(Value::Array(array)) => {
                        if let Ok(place) = step.parse::<usize>()
                            && place < array.len()
                        {
                            array.remove(place);
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// A step of a pointer, ordered as the items of an array are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Key(String),
}

impl std::fmt::Display for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Index(index) => write!(formatter, "{index}"),
            Self::Key(key) => formatter.write_str(key),
        }
    }
}

fn steps(pointer: &str) -> Vec<Step> {
    let is_index = |step: &str| {
        step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()))
    };
    pointer
        .split('/')
        .skip(1)
        .map(|step| match step.parse() {
            Ok(index) if is_index(step) => Step::Index(index),
            _ => Step::Key(step.to_owned()),
        })
        .collect()
}

/// Objects are merged key by key, arrays grow at the end, anything else is replaced.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(key) {
                    Some(existing) => merge(existing, value),
                    None => {
                        target.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        (Value::Array(target), update) => target.push(update.clone()),
        (target, update) => *target = update.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn apply(actions: &Value) -> Result<(Value, Vec<String>), Error> {
        let root = json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
            "paths": { "/a": { "get": { "tags": ["x"], "parameters": [{ "name": "p" }, { "name": "q" }, { "name": "p" }] } } },
        });
        let mut document = Document::from_json("test.json", root.to_string().as_bytes()).unwrap();
        let overlay = json!({ "overlay": "1.0.0", "info": { "title": "o", "version": "1" }, "actions": actions });
        let warnings = Overlay::from_json("overlay.json", overlay.to_string().as_bytes())?
            .apply(&mut document)?;
        Ok((document.root().clone(), warnings))
    }

    #[test]
    fn updates_merge_objects_and_extend_arrays() {
        let (root, warnings) = apply(&json!([
            { "target": "$.paths['/a'].get", "update": { "tags": ["y"], "summary": "S" } },
        ]))
        .unwrap();
        assert_eq!(root["paths"]["/a"]["get"]["tags"], json!(["x", "y"]));
        assert_eq!(root["paths"]["/a"]["get"]["summary"], "S");
        assert!(warnings.is_empty());
    }

    #[test]
    fn a_removal_takes_every_node_that_is_selected() {
        let (root, _) = apply(&json!([
            { "target": "$.paths['/a'].get.parameters[?@.name=='p']", "remove": true },
        ]))
        .unwrap();
        assert_eq!(
            root["paths"]["/a"]["get"]["parameters"],
            json!([{ "name": "q" }])
        );
    }

    #[test]
    fn a_removal_in_any_order_and_twice_takes_what_was_selected() {
        let (root, _) = apply(&json!([
            { "target": "$.paths['/a'].get.parameters[2,0,2]", "remove": true },
        ]))
        .unwrap();
        assert_eq!(
            root["paths"]["/a"]["get"]["parameters"],
            json!([{ "name": "q" }])
        );
    }

    #[test]
    fn an_action_that_selects_nothing_is_reported() {
        let (_, warnings) = apply(&json!([{ "target": "$.paths['/b']", "update": {} }])).unwrap();
        assert_eq!(
            warnings,
            ["overlay.json: action 0 selects nothing: $.paths['/b']"]
        );
    }

    #[test]
    fn a_schema_that_is_gone_means_any_value_and_is_reported() {
        let (root, warnings) = apply(&json!([
            { "target": "$.paths['/a'].get", "update": { "responses": { "200": { "schema": { "$ref": "#/components/schemas/Gone" } } } } },
        ]))
        .unwrap();
        assert_eq!(
            root["paths"]["/a"]["get"]["responses"]["200"]["schema"],
            json!({})
        );
        assert!(
            warnings[0].contains("#/components/schemas/Gone"),
            "{warnings:?}"
        );
    }

    #[test]
    fn a_broken_overlay_gets_a_message_with_place_and_remedy() {
        for (actions, pointer, word) in [
            (json!([{ "update": {} }]), "/actions/0", "target"),
            (
                json!([{ "target": "paths", "update": {} }]),
                "/actions/0/target",
                "JSONPath",
            ),
            (
                json!([{ "target": "$.paths" }]),
                "/actions/0",
                "changes nothing",
            ),
            (
                json!([{ "target": "$", "remove": true }]),
                "/actions/0/target",
                "whole document",
            ),
            (
                json!([{ "target": "$.info.title", "update": {} }]),
                "/actions/0/target",
                "neither",
            ),
        ] {
            let error = apply(&actions).unwrap_err();
            assert_eq!(error.pointer(), pointer, "{error}");
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn an_overlay_cannot_break_the_document() {
        let error = apply(&json!([
            { "target": "$.paths['/a'].get", "update": { "requestBody": { "$ref": "#/components/requestBodies/None" } } },
        ]))
        .unwrap_err();
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}
