//! Bodies that are no JSON: forms, files and raw content. They are kept beside the request until it is
//! sent, so that it can be sent again.

use crate::transfer::Activity;
use crate::{Error, Upload};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::Value;

/// The body of one call, where it is beside the request.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub enum Payload {
    /// None, or the request has it.
    #[default]
    None,
    /// A body that is one content, and its media type by the document.
    Raw(Upload, &'static str),
    /// `multipart/form-data`
    Form(FormParts),
}

/// The parts of a form, in their order.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct FormParts {
    texts: Vec<(&'static str, String)>,
    files: Vec<(&'static str, Upload)>,
}

impl FormParts {
    /// Adds a field: nothing for null, one part for each item of a list, JSON for an object.
    pub fn field<T: Serialize>(&mut self, name: &'static str, value: &T) {
        // What cannot be written as JSON cannot be generated either.
        let value = serde_json::to_value(value).unwrap_or_default();
        self.texts.extend(texts(value).map(|text| (name, text)));
    }

    /// Adds files.
    pub fn files(&mut self, name: &'static str, files: &impl Uploads) {
        files.for_each(&mut |file| self.files.push((name, file.clone())));
    }

    pub(crate) fn texts(&self) -> &[(&'static str, String)] {
        &self.texts
    }
}

/// The texts of a value in a form.
pub(crate) fn texts(value: Value) -> impl Iterator<Item = String> {
    let values = match value {
        Value::Array(items) => items,
        one => vec![one],
    };
    values
        .into_iter()
        .filter_map(|value| crate::private::plain_text(&value))
}

/// One or more files, or none.
#[doc(hidden)]
pub trait Uploads {
    fn for_each(&self, take: &mut dyn FnMut(&Upload));
}

impl Uploads for Upload {
    fn for_each(&self, take: &mut dyn FnMut(&Upload)) {
        take(self);
    }
}

impl<U: Uploads> Uploads for Option<U> {
    fn for_each(&self, take: &mut dyn FnMut(&Upload)) {
        if let Some(one) = self {
            one.for_each(take);
        }
    }
}

impl<U: Uploads> Uploads for Vec<U> {
    fn for_each(&self, take: &mut dyn FnMut(&Upload)) {
        for one in self {
            one.for_each(take);
        }
    }
}

/// A generated type that is sent as a form.
#[doc(hidden)]
pub trait Form {
    /// Its parts; none if there is no form.
    fn parts(&self) -> Option<FormParts>;
}

impl<F: Form> Form for Option<F> {
    fn parts(&self) -> Option<FormParts> {
        self.as_ref().and_then(Form::parts)
    }
}

impl Payload {
    fn uploads(&self) -> impl Iterator<Item = &Upload> {
        let (raw, form) = match self {
            Self::None => (None, None),
            Self::Raw(upload, _) => (Some(upload), None),
            Self::Form(parts) => (None, Some(parts.files.iter().map(|(_, file)| file))),
        };
        raw.into_iter().chain(form.into_iter().flatten())
    }

    /// Whether sending it may take its time.
    pub(crate) fn is_transfer(&self) -> bool {
        self.uploads().any(Upload::is_transfer)
    }

    /// Whether some of it is there once.
    pub(crate) fn is_one_shot(&self) -> bool {
        self.uploads().any(Upload::is_one_shot)
    }

    /// Whether some of it was there once, and is gone.
    pub(crate) fn is_spent(&self) -> bool {
        self.uploads().any(Upload::is_spent)
    }

    /// Gives `request` this body.
    pub(crate) async fn attach(
        &self,
        http: &reqwest::Client,
        mut request: reqwest::Request,
        activity: &Activity,
    ) -> Result<reqwest::Request, Error> {
        match self {
            Self::None => Ok(request),
            Self::Raw(upload, declared) => {
                let media_type = upload.media_type_or(declared);
                let value =
                    HeaderValue::from_str(media_type).map_err(|_| no_media_type(media_type))?;
                let (content, size) = upload.open(activity).await?;
                let headers = request.headers_mut();
                headers.insert(header::CONTENT_TYPE, value);
                if let Some(size) = size {
                    headers.insert(header::CONTENT_LENGTH, size.into());
                }
                *request.body_mut() = Some(content);
                Ok(request)
            }
            Self::Form(parts) => {
                let mut form = reqwest::multipart::Form::new();
                for (name, text) in &parts.texts {
                    form = form.text(*name, text.clone());
                }
                for (name, file) in &parts.files {
                    let media_type = file.media_type_or("application/octet-stream");
                    let part = match file.open(activity).await? {
                        (content, Some(size)) => {
                            reqwest::multipart::Part::stream_with_length(content, size)
                        }
                        (content, None) => reqwest::multipart::Part::stream(content),
                    };
                    let part = part
                        .file_name(file.name().unwrap_or("file").to_owned())
                        .mime_str(media_type)
                        .map_err(|_| no_media_type(media_type))?;
                    form = form.part(*name, part);
                }
                let request =
                    reqwest::RequestBuilder::from_parts(http.clone(), request).multipart(form);
                request.build().map_err(|error| {
                    Error::invalid_request(format!(
                        "the form cannot be built: {}",
                        error.without_url()
                    ))
                })
            }
        }
    }
}

fn no_media_type(text: &str) -> Error {
    Error::invalid_request(format!(
        "\"{}\" is no media type; nothing was sent",
        text.escape_default()
    ))
}
