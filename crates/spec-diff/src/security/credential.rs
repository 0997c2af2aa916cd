//! What decides how a credential travels; not where it comes from.

use crate::members::{Object, text};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credential<'a> {
    /// A token in the `Authorization` header, which travels the same way whoever has issued it
    /// (RFC 6750).
    Token,
    Key {
        location: Option<&'a str>,
        name: String,
    },
    /// In the `Authorization` header, by its scheme.
    Http(Option<String>),
    Other(Option<&'a str>),
}

impl<'a> Credential<'a> {
    pub(super) fn read(scheme: &'a Object) -> Self {
        match text(scheme, "type") {
            Some("oauth2" | "openIdConnect") => Self::Token,
            Some("http") => match text(scheme, "scheme").map(str::to_lowercase) {
                Some(name) if name == "bearer" => Self::Token,
                name => Self::Http(name),
            },
            Some("apiKey") => {
                let location = text(scheme, "in");
                let name = text(scheme, "name").unwrap_or_default();
                let name = if location == Some("header") {
                    name.to_lowercase()
                } else {
                    name.to_owned()
                };
                Self::Key { location, name }
            }
            other => Self::Other(other),
        }
    }

    /// Whether the document says how it travels.
    pub(super) fn is_complete(&self) -> bool {
        !matches!(self, Self::Http(None) | Self::Other(None))
    }
}

impl fmt::Display for Credential<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MISSING: &str = "nothing";
        match self {
            Self::Token => formatter.write_str("bearer token"),
            Self::Key { location, name } => {
                write!(formatter, "key {name} in {}", location.unwrap_or(MISSING))
            }
            Self::Http(name) => write!(formatter, "http {}", name.as_deref().unwrap_or(MISSING)),
            Self::Other(name) => formatter.write_str(name.unwrap_or(MISSING)),
        }
    }
}
