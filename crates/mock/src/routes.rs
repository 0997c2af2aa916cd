//! Finds the operation of a request.

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::borrow::Cow;

/// All routes of a document, the more specific ones first.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Route>);

#[derive(Debug)]
struct Route {
    template: String,
    segments: Vec<Segment>,
    methods: Vec<Method>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    /// Texts and parameters, such as `{name}.json`.
    Mixed(Vec<Piece>),
    Parameter(String),
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Text(String),
    Parameter(String),
}

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Operation {
        template: &'a str,
        parameters: Vec<(&'a str, String)>,
    },
    /// There is such a path, with these methods.
    OtherMethods(&'a [Method]),
    Nothing,
}

impl Routes {
    pub(crate) fn read(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        Self::new(paths.map(|(template, item)| (template.as_str(), methods(item))))
    }

    /// The routes of these path templates, each with its methods.
    pub(crate) fn new<'a>(paths: impl IntoIterator<Item = (&'a str, Vec<Method>)>) -> Self {
        let routes = paths.into_iter().map(|(template, methods)| Route {
            template: template.to_owned(),
            segments: template.split('/').map(Segment::read).collect(),
            methods,
        });
        let mut routes: Vec<Route> = routes.collect();
        // A literal segment is less than a parameter: `/agencies/me` is tried before `/agencies/{id}`.
        routes.sort_by(|one, other| one.segments.cmp(&other.segments));
        Self(routes)
    }

    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let segments: Vec<Cow<'_, str>> = path
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
            .collect();
        let mut others: &[Method] = &[];
        for route in &self.0 {
            let Some(parameters) = route.matches(&segments) else {
                continue;
            };
            if route.methods.contains(method) {
                return Found::Operation {
                    template: &route.template,
                    parameters,
                };
            }
            if others.is_empty() {
                others = &route.methods;
            }
        }
        if others.is_empty() {
            Found::Nothing
        } else {
            Found::OtherMethods(others)
        }
    }
}

/// The methods that a path item describes.
fn methods(item: &Value) -> Vec<Method> {
    let described = item.as_object().into_iter().flatten();
    let operations = described.filter(|(_, operation)| operation.is_object());
    operations.filter_map(|(name, _)| method(name)).collect()
}

/// The method that a key of a path item stands for; none if it is another key, such as `parameters` or `x-note`.
pub(crate) fn method(name: &str) -> Option<Method> {
    const KNOWN: [&str; 8] = [
        "get", "put", "post", "delete", "options", "head", "patch", "trace",
    ];
    let known = KNOWN.contains(&name);
    known.then(|| Method::from_bytes(name.to_uppercase().as_bytes()).ok())?
}

impl Segment {
    fn read(text: &str) -> Self {
        let mut pieces = pieces(text);
        match (pieces.pop(), pieces.is_empty()) {
            (None, _) => Self::Literal(String::new()),
            (Some(Piece::Text(text)), true) => Self::Literal(text),
            (Some(Piece::Parameter(name)), true) => Self::Parameter(name),
            (Some(last), false) => {
                pieces.push(last);
                Self::Mixed(pieces)
            }
        }
    }
}

/// The texts and parameters of a segment of a template.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
    {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Parameter(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    pieces
}

/// A path of this template, with each text and the name of each parameter replaced.
#[cfg(feature = "client")]
pub(crate) fn filled(
    template: &str,
    text: impl Fn(&str) -> String,
    parameter: impl Fn(&str) -> String,
) -> String {
    let segments = template.split('/').map(|segment| {
        let pieces = pieces(segment).into_iter();
        let filled = pieces.map(|piece| match piece {
            Piece::Text(own) => text(&own),
            Piece::Parameter(name) => parameter(&name),
        });
        filled.collect::<String>()
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The values of the parameters that make the text of these pieces, each as long as it can be, as FastAPI has it.
fn fill<'a>(pieces: &'a [Piece], text: &str) -> Option<Vec<(&'a str, String)>> {
    match pieces.split_first() {
        None => text.is_empty().then(Vec::new),
        Some((Piece::Text(own), others)) => fill(others, text.strip_prefix(own.as_str())?),
        Some((Piece::Parameter(name), others)) => {
            let ends = text
                .char_indices()
                .rev()
                .map(|(at, last)| at + last.len_utf8());
            let mut values = ends.filter_map(|end| {
                let (value, behind) = text.split_at(end);
                let mut values = vec![(name.as_str(), value.to_owned())];
                values.extend(fill(others, behind)?);
                Some(values)
            });
            values.next()
        }
    }
}

impl Route {
    fn matches(&self, segments: &[Cow<'_, str>]) -> Option<Vec<(&str, String)>> {
        if segments.len() != self.segments.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (own, given) in self.segments.iter().zip(segments) {
            match own {
                Segment::Literal(text) if text == given => {}
                Segment::Parameter(name) if !given.is_empty() => {
                    parameters.push((name.as_str(), given.clone().into_owned()));
                }
                Segment::Mixed(pieces) => parameters.extend(fill(pieces, given)?),
                _ => return None,
            }
        }
        Some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_more_specific_route_wins_and_values_are_decoded() {
        let routes = Routes::read(&json!({ "paths": {
            "/a/{id}": { "get": {}, "delete": {} }, "/a/me": { "get": {} }, "/a/{id}/b": { "put": {}, "x-note": {} },
        } }));
        let template = |method: Method, path: &str| match routes.find(&method, path) {
            Found::Operation {
                template,
                parameters,
            } => format!("{template} {parameters:?}"),
            other => format!("{other:?}"),
        };
        assert_eq!(template(Method::GET, "/a/me"), "/a/me []");
        assert_eq!(
            template(Method::DELETE, "/a/me"),
            r#"/a/{id} [("id", "me")]"#
        );
        assert_eq!(
            template(Method::GET, "/a/x%2Fy"),
            r#"/a/{id} [("id", "x/y")]"#
        );
        assert_eq!(template(Method::GET, "/a/x/b"), "OtherMethods([PUT])");
        assert_eq!(template(Method::GET, "/a/"), "Nothing");
    }

    #[cfg(feature = "client")]
    #[test]
    fn a_template_is_filled_with_what_its_texts_and_parameters_become() {
        let path = |template: &str| filled(template, str::to_uppercase, |name| format!("<{name}>"));
        assert_eq!(path("/f/{name}.json/{odd"), "/F/<name>.JSON/{ODD");
        assert_eq!(path("/v{major}.{minor}/"), "/V<major>.<minor>/");
    }

    #[test]
    fn a_segment_may_have_text_around_its_parameters() {
        let routes = Routes::read(&json!({ "paths": {
            "/f/{name}": { "get": {} }, "/f/{name}.json": { "get": {} }, "/f/v{major}.{minor}": { "get": {} },
            "/f/{odd": { "get": {} },
        } }));
        for (path, expected) in [
            ("/f/a.json", r#"/f/{name}.json [("name", "a")]"#),
            ("/f/a.json.json", r#"/f/{name}.json [("name", "a.json")]"#),
            (
                "/f/v1.2",
                r#"/f/v{major}.{minor} [("major", "1"), ("minor", "2")]"#,
            ),
            (
                "/f/v1.2.3",
                r#"/f/v{major}.{minor} [("major", "1.2"), ("minor", "3")]"#,
            ),
            ("/f/.json", r#"/f/{name} [("name", ".json")]"#),
            ("/f/v1.", r#"/f/{name} [("name", "v1.")]"#),
            ("/f/%C3%A9.json", "/f/{name}.json [(\"name\", \"\u{e9}\")]"),
            ("/f/%7Bodd", "/f/{odd []"),
        ] {
            let Found::Operation {
                template,
                parameters,
            } = routes.find(&Method::GET, path)
            else {
                panic!("{path}");
            };
            assert_eq!(format!("{template} {parameters:?}"), expected, "{path}");
        }
    }
}
