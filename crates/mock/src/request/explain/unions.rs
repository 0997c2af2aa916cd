//! Values that may be of several forms.

use super::{Errors, Explainer, is_nullable, repr, scalars};
use crate::request::coerce::resolved;
use crate::request::field_error::FieldError;
use serde_json::{Value, json};
use std::borrow::Cow;

impl Explainer<'_> {
    pub(super) fn union(
        &self,
        schema: &Value,
        value: &Value,
        loc: &mut Vec<Value>,
        errors: &mut Errors,
    ) {
        let (members, nullable) = members(schema);
        if nullable && value.is_null() {
            return;
        }
        if let [only] = members.as_slice() {
            return self.walk(only, value, loc, errors);
        }
        if let [number, text] = members.as_slice()
            && number["type"] == "number"
            && text["type"] == "string"
            && text.get("format").is_none()
        {
            // So pydantic writes a decimal number.
            return errors.extend(scalars::decimal(number, value, loc));
        }
        let mut refusals = Vec::new();
        for member in &members {
            let mut own = Errors::new();
            self.walk(member, value, loc, &mut own);
            if own.is_empty() {
                return;
            }
            refusals.push((member, own));
        }
        for (member, own) in refusals {
            let label = Value::from(self.label(member));
            errors.extend(own.into_iter().map(|mut error| {
                error.loc.insert(loc.len(), label.clone());
                error
            }));
        }
    }

    /// One of several objects, told apart by a field.
    pub(super) fn tagged(
        &self,
        schema: &Value,
        value: &Value,
        loc: &mut Vec<Value>,
        errors: &mut Errors,
    ) {
        let name = schema["discriminator"]["propertyName"].as_str();
        let name = name.unwrap_or_default();
        let Value::Object(object) = value else {
            return errors.push(super::no_object(value, loc));
        };
        let quoted = format!("'{name}'");
        let Some(tag) = object.get(name) else {
            let message = format!("Unable to extract tag using discriminator {quoted}");
            let error = FieldError::new("union_tag_not_found", loc.clone(), message, value.clone());
            return errors.push(error.context(json!({ "discriminator": quoted })));
        };
        let tags = self.tags(schema, name);
        if let Some((_, member)) = tags.iter().find(|(own, _)| own == tag) {
            loc.push(tag.clone());
            self.walk(member, value, loc, errors);
            loc.pop();
            return;
        }
        let expected: Vec<String> = tags.iter().map(|(tag, _)| repr(tag)).collect();
        let expected = expected.join(", ");
        let shown = tag.as_str().map_or_else(|| repr(tag), str::to_owned);
        let message = format!(
            "Input tag '{shown}' found using {quoted} does not match any of the expected tags: {expected}"
        );
        let context = json!({ "discriminator": quoted, "tag": shown, "expected_tags": expected });
        let error = FieldError::new("union_tag_invalid", loc.clone(), message, value.clone());
        errors.push(error.context(context));
    }

    /// The values of the field that tells the members apart, and the member of each.
    pub(super) fn tags<'s>(&self, schema: &'s Value, name: &str) -> Vec<(Value, &'s Value)> {
        let members = schema["oneOf"].as_array().into_iter().flatten();
        let tags = members.flat_map(|member| {
            let field = &resolved(self.root, member)["properties"][name];
            let field = resolved(self.root, field);
            let one = field.get("const").cloned().into_iter();
            let several = field["enum"].as_array().cloned().unwrap_or_default();
            let tags: Vec<Value> = one.chain(several).collect();
            tags.into_iter().map(move |tag| (tag, member))
        });
        tags.collect()
    }
}

/// The members of a union, nested ones included, without null; and whether null is one.
fn members(schema: &Value) -> (Vec<Cow<'_, Value>>, bool) {
    if let Some(types) = schema["type"].as_array() {
        let members = types.iter().filter(|name| *name != "null").map(|name| {
            let mut member = schema.clone();
            member["type"] = name.clone();
            Cow::Owned(member)
        });
        return (members.collect(), is_nullable(schema));
    }
    let several = schema["anyOf"].as_array();
    let branches = several.or_else(|| schema["oneOf"].as_array());
    let (mut found, mut nullable) = (Vec::new(), false);
    for branch in branches.into_iter().flatten() {
        if branch["type"] == "null" {
            nullable = true;
        } else if branch.get("anyOf").is_some() {
            let (inner, null) = members(branch);
            found.extend(inner);
            nullable |= null;
        } else if !found
            .iter()
            .any(|known: &Cow<'_, Value>| **known == *branch)
        {
            found.push(Cow::Borrowed(branch));
        }
    }
    (found, nullable)
}
