//! What an operation answers if all goes well.

use super::{Contract, Operation, followed};
use crate::media_type::MediaRange;
use imperal_build_support::pointer;
use serde_json::Map;

pub(crate) const JSON: &str = "application/json";

/// The success of an operation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Success<'a> {
    pub(crate) status: u16,
    /// None if it has no body.
    pub(crate) media_type: Option<&'a str>,
    /// All that are declared.
    pub(crate) media_types: Vec<&'a str>,
    /// Where the schema of its body is; none if anything may be one.
    pub(crate) schema: Option<String>,
}

impl Contract {
    /// The success that the document declares first; none if it declares none.
    pub(crate) fn success(&self, operation: &Operation) -> Option<Success<'_>> {
        let answers = self.at(&operation.pointer)["responses"].as_object()?;
        let key = answers.keys().find(|key| key.starts_with('2'))?;
        let at = format!("{}/responses/{key}", operation.pointer);
        let (at, success) = followed(&self.document, at)?;
        let content = success["content"].as_object();
        let media_types: Vec<&str> = content
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
            .collect();
        let known = |is_wanted: fn(&MediaRange) -> bool| {
            let mut names = media_types.iter().copied();
            names.find(|name| is_wanted(&MediaRange::read(name)))
        };
        let media_type = known(MediaRange::is_event_stream)
            .or_else(|| known(MediaRange::is_plain_json))
            .or_else(|| known(MediaRange::is_json))
            .or_else(|| media_types.first().copied());
        Some(Success {
            status: key.parse().unwrap_or(200),
            schema: media_type
                .filter(|media_type| success["content"][media_type].get("schema").is_some())
                .map(|media_type| format!("{at}/content/{}/schema", pointer::escape(media_type))),
            media_type,
            media_types,
        })
    }
}

/// A media type that may be given where a range is declared.
pub(crate) fn concrete(media_type: &str) -> &str {
    let range = MediaRange::read(media_type);
    if !range.is_open() {
        return media_type;
    }
    let known = ["text/plain", "image/png", "audio/mpeg", "video/mp4"];
    let is_held = |one: &&str| media_type != "*/*" && range.covers(&MediaRange::read(one));
    known
        .into_iter()
        .find(is_held)
        .unwrap_or("application/octet-stream")
}
