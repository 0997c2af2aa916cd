//! The bounds that a document sets on what is sent, checked before it is.

use crate::payload::Payload;
use crate::private::FORM;
use crate::{Error, Operation};
use http::header::CONTENT_TYPE;
use regex_lite::Regex;
use serde_json::{Number, Value};
use std::fmt::Write;
use std::sync::OnceLock;

/// What a request of one operation has to fit.
#[doc(hidden)]
#[derive(Debug)]
pub struct RequestCheck {
    /// Parameters, by place and name.
    pub parameters: &'static [(ParameterPlace, &'static str, &'static Check)],
    /// The body, where it is JSON.
    pub body: Option<&'static Check>,
}

/// Where a parameter is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    Path,
    Query,
    Header,
}

/// Bounds on a value, each on values of its own type, as JSON Schema has it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Check {
    pub text: Option<TextCheck>,
    pub number: Option<NumberCheck>,
    pub list: Option<CountCheck>,
    pub unique: bool,
    pub object: Option<CountCheck>,
    pub fields: &'static [(&'static str, &'static Check)],
    pub items: Option<&'static Check>,
    pub values: Option<&'static Check>,
    pub alternatives: &'static [AlternativeCheck],
}

/// One of several forms that a value may have, and its bounds.
#[doc(hidden)]
#[derive(Debug)]
pub struct AlternativeCheck {
    /// The kind of value, if the document says: a value of another is of another form.
    pub kind: Option<ValueKind>,
    /// The texts that it allows, if they are counted: another is of another form.
    pub texts: &'static [&'static str],
    /// Fields without which an object is of another form.
    pub required: &'static [&'static str],
    /// Texts that fields have if they are there; with others an object is of another form.
    pub tags: &'static [(&'static str, &'static [&'static str])],
    pub check: Option<&'static Check>,
}

/// The kinds of JSON values.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Text,
    Number,
    Truth,
    List,
    Object,
}

/// Bounds on a text. Lengths are in characters.
#[doc(hidden)]
#[derive(Debug)]
pub struct TextCheck {
    pub length: CountCheck,
    pub pattern: Option<Pattern>,
}

/// Bounds on a count.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct CountCheck {
    pub least: Option<usize>,
    pub most: Option<usize>,
}

/// Bounds on a number.
#[doc(hidden)]
#[derive(Debug)]
pub struct NumberCheck {
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub above: Option<f64>,
    pub below: Option<f64>,
    pub multiple_of: Option<f64>,
}

/// A regular expression, compiled when it is first needed.
#[doc(hidden)]
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Check {
    /// No bounds.
    pub const NONE: Self = Self {
        text: None,
        number: None,
        list: None,
        unique: false,
        object: None,
        fields: &[],
        items: None,
        values: None,
        alternatives: &[],
    };
}

impl Pattern {
    pub const fn new(source: &'static str) -> Self {
        Self {
            source,
            compiled: OnceLock::new(),
        }
    }

    /// One that does not compile holds nothing back: the service decides.
    fn fits(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(self.source).ok());
        compiled
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(text))
    }
}

/// Refuses a request that breaks a bound, naming each.
pub(crate) fn request(
    operation: &Operation,
    request: &reqwest::Request,
    payload: &Payload,
) -> Result<(), Error> {
    let Some(check) = operation.request_check() else {
        return Ok(());
    };
    let mut broken = Vec::new();
    for (place, name, check) in check.parameters {
        let given = parameter(operation, request, *place, name);
        let prefix = match place {
            ParameterPlace::Path => "path",
            ParameterPlace::Query => "query",
            ParameterPlace::Header => "header",
        };
        check.parameter(&given, &format!("{prefix}.{name}"), &mut broken);
    }
    if let Some(check) = check.body {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        if let Payload::Form(parts) = payload {
            let texts = parts.texts().iter();
            check.form(
                &texts
                    .map(|(name, text)| ((*name).to_owned(), text.clone()))
                    .collect::<Vec<_>>(),
                &mut broken,
            );
        } else if request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == FORM)
        {
            let pairs = url::form_urlencoded::parse(body.unwrap_or_default());
            check.form(&pairs.into_owned().collect::<Vec<_>>(), &mut broken);
        } else if let Some(body) = body
            && let Ok(body) = serde_json::from_slice::<Value>(body)
        {
            check.value(&body, &mut "body".to_owned(), &mut broken);
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "{}; nothing was sent",
        broken.join("; ")
    )))
}

/// The values that a request gives a parameter.
fn parameter(
    operation: &Operation,
    request: &reqwest::Request,
    place: ParameterPlace,
    name: &str,
) -> Vec<String> {
    match place {
        ParameterPlace::Query => request
            .url()
            .query_pairs()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .collect(),
        ParameterPlace::Header => {
            let values = request.headers().get_all(name).iter();
            values
                .filter_map(|value| value.to_str().ok().map(str::to_owned))
                .collect()
        }
        ParameterPlace::Path => {
            // A prefix of the base URL stands before the template: count from the end.
            let given: Vec<&str> = request.url().path().split('/').rev().collect();
            let wanted = format!("{{{name}}}");
            let position = operation
                .path()
                .split('/')
                .rev()
                .position(|segment| segment == wanted);
            let given = position.and_then(|position| given.get(position));
            given.map(|value| decode(value)).into_iter().collect()
        }
    }
}

/// The value that a segment of a path stands for. It is read as the one pair of a form, where `+` and `&`
/// would mean something else.
fn decode(segment: &str) -> String {
    let pair = format!("v={}", segment.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

impl Check {
    /// The fields of a form are texts on the wire, one for each item of a list.
    fn form(&self, texts: &[(String, String)], broken: &mut Vec<String>) {
        for (name, check) in self.fields {
            let given = texts
                .iter()
                .filter(|(field, _)| field == name)
                .map(|(_, text)| text.clone());
            check.parameter(&given.collect::<Vec<_>>(), &format!("body.{name}"), broken);
        }
    }

    /// A parameter is text on the wire, whatever its type.
    fn parameter(&self, given: &[String], at: &str, broken: &mut Vec<String>) {
        if given.is_empty() {
            return;
        }
        if self.list.is_some() || self.items.is_some() || self.unique {
            let items = self.items.unwrap_or(&Self::NONE);
            let items = given.iter().map(|text| items.read(text));
            self.value(&Value::Array(items.collect()), &mut at.to_owned(), broken);
        } else {
            for text in given {
                self.value(&self.read(text), &mut at.to_owned(), broken);
            }
        }
    }

    /// What a text on the wire stands for: a number where one is meant and allowed.
    fn read(&self, text: &str) -> Value {
        let meant_as = |value: &Value| self.alternatives.iter().any(|form| form.may_be(value));
        let as_text = Value::String(text.to_owned());
        let Ok(number) = text.parse::<Number>() else {
            return as_text;
        };
        let as_number = Value::Number(number);
        if self.number.is_none() && !meant_as(&as_number) {
            return as_text;
        }
        // Where it may be either, it is what is allowed.
        let mut refused = Vec::new();
        self.value(&as_number, &mut String::new(), &mut refused);
        if !refused.is_empty() && meant_as(&as_text) {
            as_text
        } else {
            as_number
        }
    }

    fn value(&self, value: &Value, at: &mut String, broken: &mut Vec<String>) {
        let length = at.len();
        self.fits_one(value, at, broken);
        match value {
            Value::String(text) => {
                if let Some(check) = &self.text {
                    check.text(text, at, broken);
                }
            }
            Value::Number(number) => {
                if let (Some(check), Some(number)) = (&self.number, number.as_f64()) {
                    check.number(number, at, broken);
                }
            }
            Value::Array(items) => {
                if let Some(check) = self.list {
                    check.count(items.len(), "items", at, broken);
                }
                if self.unique
                    && items
                        .iter()
                        .enumerate()
                        .any(|(index, item)| items[..index].contains(item))
                {
                    broken.push(format!("{at} holds an item twice"));
                }
                if let Some(check) = self.items {
                    for (index, item) in items.iter().enumerate() {
                        let _ = write!(at, ".{index}");
                        check.value(item, at, broken);
                        at.truncate(length);
                    }
                }
            }
            Value::Object(object) => {
                if let Some(check) = self.object {
                    check.count(object.len(), "fields", at, broken);
                }
                let named = |name: &str| self.fields.iter().find(|(field, _)| *field == name);
                for (name, value) in object {
                    let check = named(name).map(|(_, check)| *check).or(self.values);
                    if let Some(check) = check {
                        at.push('.');
                        at.push_str(name);
                        check.value(value, at, broken);
                        at.truncate(length);
                    }
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

impl Check {
    /// A value has to fit one of the forms that it may be meant as. If it may be meant as none, it is
    /// newer than the document, and left to the service.
    fn fits_one(&self, value: &Value, at: &mut String, broken: &mut Vec<String>) {
        let mut nearest: Option<Vec<String>> = None;
        for form in self.alternatives.iter().filter(|form| form.may_be(value)) {
            let mut refused = Vec::new();
            if let Some(check) = form.check {
                check.value(value, at, &mut refused);
            }
            if refused.is_empty() {
                return;
            }
            if nearest
                .as_ref()
                .is_none_or(|nearest| refused.len() < nearest.len())
            {
                nearest = Some(refused);
            }
        }
        broken.extend(nearest.into_iter().flatten());
    }
}

impl AlternativeCheck {
    /// Whether `value` may be meant as this form: every value that fits it may.
    fn may_be(&self, value: &Value) -> bool {
        let kind = match value {
            Value::Null => return true,
            Value::Bool(_) => ValueKind::Truth,
            Value::Number(_) => ValueKind::Number,
            Value::String(_) => ValueKind::Text,
            Value::Array(_) => ValueKind::List,
            Value::Object(_) => ValueKind::Object,
        };
        if self.kind.is_some_and(|wanted| wanted != kind) {
            return false;
        }
        if let Value::String(text) = value {
            return self.texts.is_empty() || self.texts.contains(&text.as_str());
        }
        let Value::Object(object) = value else {
            return true;
        };
        self.required.iter().all(|name| object.contains_key(*name))
            && self.tags.iter().all(|(name, texts)| {
                let given = object.get(*name).and_then(Value::as_str);
                given.is_none_or(|given| texts.contains(&given))
            })
    }
}

impl TextCheck {
    fn text(&self, text: &str, at: &str, broken: &mut Vec<String>) {
        self.length
            .count(text.chars().count(), "characters", at, broken);
        if let Some(pattern) = &self.pattern
            && !pattern.fits(text)
        {
            broken.push(format!("{at} does not match {}", pattern.source));
        }
    }
}

impl CountCheck {
    fn count(self, count: usize, unit: &str, at: &str, broken: &mut Vec<String>) {
        if let Some(least) = self.least.filter(|least| count < *least) {
            broken.push(format!("{at} has {count} {unit}, fewer than {least}"));
        }
        if let Some(most) = self.most.filter(|most| count > *most) {
            broken.push(format!("{at} has {count} {unit}, more than {most}"));
        }
    }
}

impl NumberCheck {
    fn number(&self, number: f64, at: &str, broken: &mut Vec<String>) {
        let mut refuse = |bound: Option<f64>, breaks: fn(f64, f64) -> bool, what: &str| {
            if let Some(bound) = bound.filter(|bound| breaks(number, *bound)) {
                broken.push(format!("{at} is {number}, {what} {bound}"));
            }
        };
        refuse(self.minimum, |number, bound| number < bound, "less than");
        refuse(self.maximum, |number, bound| number > bound, "more than");
        refuse(self.above, |number, bound| number <= bound, "not more than");
        refuse(self.below, |number, bound| number >= bound, "not less than");
        refuse(
            self.multiple_of,
            |number, step| step > 0.0 && !is_whole(number / step),
            "no multiple of",
        );
    }
}

/// Whether a quotient is a whole number, but for what its operands lose in binary: 1234567.89 is a multiple of
/// 0.01. The loss grows with the quotient.
fn is_whole(quotient: f64) -> bool {
    let lost = (quotient.abs() * 4.0 * f64::EPSILON).max(1e-9);
    (quotient.round() - quotient).abs() <= lost
}
