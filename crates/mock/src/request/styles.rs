//! Parameters as they are written: which texts are the items of a list and the fields of an object.

use super::coerce;
use crate::contract::{Parameter, Place, Style};
use serde_json::{Map, Value};

/// What a request gives for a parameter.
pub(super) enum Given {
    Nothing,
    /// A text, a list of texts or an object of texts.
    Texts(Value),
    /// What the text of a value in JSON says.
    Json(Value),
    /// What is not written as the document says: the text, and what is wrong with it.
    Wrong(String, String),
}

/// Reads parameters of one kind of place.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Value,
    /// All names and values of the place.
    pub(super) pairs: &'a [(String, String)],
    /// The parameters of the same place, which are no fields of an object.
    pub(super) declared: &'a [&'a Parameter],
}

/// The form of a value that its schema lets one expect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    List,
    Object,
}

impl Reader<'_> {
    pub(super) fn read(&self, parameter: &Parameter, schema: &Value) -> Given {
        let forms = self.forms(schema);
        if forms.contains(&Form::Object)
            && let Some(fields) = self.spread(parameter, schema)
        {
            return Given::Texts(Value::Object(fields));
        }
        let texts = self.texts(parameter);
        let Some(last) = texts.last() else {
            return Given::Nothing;
        };
        // An object whose fields are parameters of their own is none by its name.
        if parameter.style == Style::Deep || (parameter.is_apart() && forms == [Form::Object]) {
            return Given::Nothing;
        }
        let wrong = |problem: String| Given::Wrong((*last).to_owned(), problem);
        if parameter.style == Style::Json {
            return match serde_json::from_str(last) {
                Ok(value) => Given::Json(value),
                Err(error) => wrong(format!("is no JSON: {error}")),
            };
        }
        let form = match forms.as_slice() {
            forms if forms.contains(&Form::List) => Form::List,
            [form] => *form,
            _ => Form::Text,
        };
        let written = written(parameter, form, &texts, last);
        let style = parameter.style.name();
        written.map_or_else(
            || wrong(format!("is not written in the style {style}")),
            Given::Texts,
        )
    }

    /// The texts with the name of a parameter.
    fn texts(&self, parameter: &Parameter) -> Vec<&str> {
        let is_header = parameter.place == Place::Header;
        let own = self.pairs.iter().filter(|(name, _)| {
            *name == parameter.name || (is_header && name.eq_ignore_ascii_case(&parameter.name))
        });
        own.map(|(_, text)| text.as_str()).collect()
    }

    /// The fields of an object that are parameters of their own; none if there are none.
    fn spread(&self, parameter: &Parameter, schema: &Value) -> Option<Map<String, Value>> {
        let is_deep = parameter.style == Style::Deep;
        if !is_deep && !parameter.is_apart() {
            return None;
        }
        let field_of = |name: &str| -> Option<String> {
            if is_deep {
                let rest = name.strip_prefix(&parameter.name)?;
                let field = rest.strip_prefix('[')?.strip_suffix(']')?;
                return Some(field.to_owned());
            }
            let is_other = self.declared.iter().any(|other| other.name == name);
            let is_field = !is_other && coerce::field(self.root, schema, name).is_some();
            is_field.then(|| name.to_owned())
        };
        let mut fields: Map<String, Value> = Map::new();
        for (name, text) in self.pairs {
            let Some(field) = field_of(name) else {
                continue;
            };
            let own = coerce::field(self.root, schema, &field);
            let is_list = own.is_some_and(|own| coerce::is_list(self.root, own));
            match fields.get_mut(&field) {
                Some(Value::Array(items)) if is_list => items.push(Value::from(text.as_str())),
                _ if is_list => {
                    fields.insert(field, Value::from(vec![text.as_str()]));
                }
                _ => {
                    fields.insert(field, Value::from(text.as_str()));
                }
            }
        }
        (!fields.is_empty()).then_some(fields)
    }

    fn forms(&self, schema: &Value) -> Vec<Form> {
        let mut forms = Vec::new();
        for schema in coerce::alternatives(self.root, schema) {
            if coerce::has_type(schema, "null") && schema["type"].is_string() {
                continue;
            }
            let form = if coerce::has_type(schema, "array") {
                Form::List
            } else if coerce::is_object(self.root, schema) {
                Form::Object
            } else {
                Form::Text
            };
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
    }
}

/// What the texts of a parameter give, of which this is the last; none if they are not in its style.
fn written(parameter: &Parameter, form: Form, texts: &[&str], last: &str) -> Option<Value> {
    let (explode, separator) = (parameter.explode, parameter.style.separator());
    match parameter.style {
        Style::Form | Style::Spaces | Style::Pipes if explode => Some(match form {
            Form::List => Value::from(texts),
            Form::Text | Form::Object => Value::from(last),
        }),
        Style::Simple if parameter.place == Place::Header => {
            // The lines of a list are one list; of those of a text the first is heeded.
            let parts: Vec<&str> = match form {
                Form::Text => texts.iter().copied().take(1).collect(),
                Form::List | Form::Object => {
                    let parts = texts.iter().flat_map(|text| text.split(separator));
                    parts.map(str::trim).collect()
                }
            };
            value(form, explode, &parts)
        }
        Style::Simple => value(form, explode, &parts(form, last, separator)),
        Style::Label => {
            let separator = if explode { '.' } else { separator };
            value(
                form,
                explode,
                &parts(form, last.strip_prefix('.')?, separator),
            )
        }
        Style::Matrix => matrix(&parameter.name, form, explode, last),
        Style::Form | Style::Spaces | Style::Pipes | Style::Deep | Style::Json => {
            value(form, false, &parts(form, last, separator))
        }
    }
}

/// The parts of a text: one, where it is no list and no object.
fn parts(form: Form, text: &str, separator: char) -> Vec<&str> {
    match form {
        Form::Text => vec![text],
        Form::List | Form::Object => text.split(separator).collect(),
    }
}

/// The value of these parts: the fields of an object are `a=1` and `b=2` if exploded, else `a`, `1`, `b`, `2`.
fn value(form: Form, explode: bool, parts: &[&str]) -> Option<Value> {
    let field = |(name, text): (&str, &str)| (name.to_owned(), Value::from(text));
    match form {
        Form::Text => parts.first().map(|text| Value::from(*text)),
        Form::List => Some(Value::from(parts)),
        Form::Object if explode => {
            let pairs = parts.iter().map(|part| part.split_once('=').map(field));
            pairs.collect::<Option<_>>().map(Value::Object)
        }
        Form::Object => {
            let pairs = parts.chunks(2).map(|pair| match pair {
                [name, text] => Some(field((name, text))),
                _ => None,
            });
            pairs.collect::<Option<_>>().map(Value::Object)
        }
    }
}

/// The value of `;name=3,4,5` and its like.
fn matrix(name: &str, form: Form, explode: bool, text: &str) -> Option<Value> {
    let text = text.strip_prefix(';')?;
    let own = |part: &str| {
        let (own, value) = part.split_once('=').unwrap_or((part, ""));
        (own == name).then(|| value.to_owned())
    };
    match form {
        Form::List if explode => text.split(';').map(own).collect(),
        Form::Object if explode => value(form, true, &parts(form, text, ';')),
        _ => value(form, false, &parts(form, &own(text)?, ',')),
    }
}
