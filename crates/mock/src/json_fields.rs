//! Reads an object of JSON that somebody wrote by hand, and says what is wrong with it.

use serde_json::Value;

/// The fields of an object. What is null is not given.
pub(crate) struct Fields<'a> {
    /// Where the object is, as messages put it before a name.
    prefix: &'static str,
    object: &'a Value,
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(prefix: &'static str, object: &'a Value) -> Self {
        Self { prefix, object }
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn number_if_given(&self, name: &str) -> Result<Option<u64>, String> {
        let given = self.given(name);
        let number = given.map(|value| value.as_u64().ok_or_else(|| self.no_number(name)));
        number.transpose()
    }

    pub(crate) fn number(&self, name: &str) -> Result<u64, String> {
        let number = self.number_if_given(name)?;
        number.ok_or_else(|| self.no_number(name))
    }

    pub(crate) fn text_if_given(&self, name: &str) -> Result<Option<&'a str>, String> {
        let given = self.given(name);
        let text = given.map(|value| value.as_str().ok_or_else(|| self.no_text(name)));
        text.transpose()
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, String> {
        let text = self.text_if_given(name)?;
        text.ok_or_else(|| self.no_text(name))
    }

    pub(crate) fn texts_if_given(&self, name: &str) -> Result<Option<Vec<&'a str>>, String> {
        let given = self.given(name);
        let texts = given.map(|value| texts(value).ok_or_else(|| self.no_texts(name)));
        texts.transpose()
    }

    pub(crate) fn share_if_given(&self, name: &str) -> Result<Option<f64>, String> {
        let given = self.given(name);
        let share = given.map(|value| {
            let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
            share.ok_or_else(|| format!("{}{name} has to be a number from 0 to 1", self.prefix))
        });
        share.transpose()
    }

    /// The names and texts of an object.
    pub(crate) fn pairs_if_given(&self, name: &str) -> Result<Vec<(&'a str, &'a str)>, String> {
        let Some(given) = self.given(name) else {
            return Ok(Vec::new());
        };
        let pairs = given.as_object().and_then(|object| {
            let pairs = object.iter();
            let pairs = pairs.map(|(name, value)| Some((name.as_str(), value.as_str()?)));
            pairs.collect::<Option<Vec<_>>>()
        });
        pairs.ok_or_else(|| format!("{}{name} has to be an object of texts", self.prefix))
    }

    pub(crate) fn bytes(&self) -> Result<usize, String> {
        let bytes = self.number("bytes")?;
        usize::try_from(bytes).map_err(|_| format!("{}bytes is too large", self.prefix))
    }

    fn no_number(&self, name: &str) -> String {
        format!("{}{name} has to be a whole number, 0 or more", self.prefix)
    }

    fn no_text(&self, name: &str) -> String {
        format!("{}{name} has to be a text", self.prefix)
    }

    fn no_texts(&self, name: &str) -> String {
        format!("{}{name} has to be a list of texts", self.prefix)
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    let items = value.as_array()?.iter();
    items.map(Value::as_str).collect()
}
