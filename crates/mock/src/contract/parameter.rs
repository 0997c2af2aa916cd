//! What a document says of a parameter.

use super::followed;
use crate::media_type::MediaRange;
use imperal_build_support::pointer;
use serde_json::Value;

/// Where in a request a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// How lists and objects are written as texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `3,4,5` or `a,1,b,2`, exploded `a=1,b=2`.
    Simple,
    /// `.3,4,5`, exploded `.3.4.5` or `.a=1.b=2`.
    Label,
    /// `;name=3,4,5`, exploded `;name=3;name=4` or `;a=1;b=2`.
    Matrix,
    /// `name=3,4,5`, exploded `name=3&name=4` or `a=1&b=2`.
    Form,
    /// `name=3 4 5`.
    Spaces,
    /// `name=3|4|5`.
    Pipes,
    /// An object with each field a parameter of its own: `name[a]=1&name[b]=2`.
    Deep,
    /// One JSON text, whatever the value.
    Json,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    /// Its schema, by a JSON pointer.
    pub(crate) schema: Option<String>,
    pub(crate) style: Style,
    /// Whether each value of a list and each field of an object is written by itself.
    pub(crate) explode: bool,
    /// Whether an empty text is as good as a value.
    pub(crate) may_be_empty: bool,
    pub(crate) default: Option<Value>,
}

impl Place {
    pub(crate) const ALL: [Self; 4] = [Self::Path, Self::Query, Self::Header, Self::Cookie];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

impl Style {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Label => "label",
            Self::Matrix => "matrix",
            Self::Form => "form",
            Self::Spaces => "spaceDelimited",
            Self::Pipes => "pipeDelimited",
            Self::Deep => "deepObject",
            Self::Json => "JSON",
        }
    }

    /// What stands between the items of a list that is one text, unless it is exploded.
    pub(crate) const fn separator(self) -> char {
        match self {
            Self::Spaces => ' ',
            Self::Pipes => '|',
            Self::Simple | Self::Label | Self::Matrix | Self::Form | Self::Deep | Self::Json => ',',
        }
    }

    fn read(described: &Value, place: Place) -> Self {
        match described["style"].as_str() {
            Some("label") => Self::Label,
            Some("matrix") => Self::Matrix,
            Some("spaceDelimited") => Self::Spaces,
            Some("pipeDelimited") => Self::Pipes,
            Some("deepObject") => Self::Deep,
            Some("simple") => Self::Simple,
            Some("form") => Self::Form,
            _ => match place {
                Place::Path | Place::Header => Self::Simple,
                Place::Query | Place::Cookie => Self::Form,
            },
        }
    }
}

impl Parameter {
    pub(super) fn read(document: &Value, at: String) -> Option<Self> {
        let (at, described) = followed(document, at)?;
        let place = match described["in"].as_str()? {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => return None,
        };
        let mut style = Style::read(described, place);
        let mut schema = described.get("schema").map(|_| format!("{at}/schema"));
        // In place of a schema there may be content, of one media type.
        let mut content = described["content"].as_object().into_iter().flatten();
        if let (None, Some((media_type, media))) = (&schema, content.next()) {
            let range = MediaRange::read(media_type);
            if range.is_json() {
                style = Style::Json;
            }
            if media.get("schema").is_some() && (range.is_json() || range.is_text()) {
                let media_type = pointer::escape(media_type);
                schema = Some(format!("{at}/content/{media_type}/schema"));
            }
        }
        let explode = described["explode"].as_bool();
        Some(Self {
            name: described["name"].as_str()?.to_owned(),
            place,
            required: described["required"] == true,
            explode: explode.unwrap_or(style == Style::Form),
            style,
            may_be_empty: described["allowEmptyValue"] == true,
            default: described["schema"].get("default").cloned(),
            schema,
        })
    }

    /// Whether each value of a list and each field of an object is a parameter of a form.
    pub(crate) fn is_apart(&self) -> bool {
        self.style == Style::Form && self.explode
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.place, &self.name) == (other.place, &other.name)
    }
}
