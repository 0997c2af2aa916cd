//! Texts of types: the paths in them, looked for, changed, or shortened for a person.

use std::collections::BTreeMap;

/// The text with what `change` makes of each path in it: `types::App`, `i64`, the `T::Error` of a bound.
pub(crate) fn map_paths(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    let mut mapped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let (path, behind) = from.split_at(path_length(from));
        mapped.push_str(before);
        if before.ends_with('\'') {
            // A lifetime.
            mapped.push_str(path);
        } else {
            mapped.push_str(&change(path));
        }
        rest = behind;
    }
    mapped.push_str(rest);
    mapped
}

/// The paths in a text, in their order.
pub(crate) fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    map_paths(text, |path| {
        paths.push(path.to_owned());
        String::new()
    });
    paths
}

/// The text with a new name for each path, or beginning of one, that `renamed` has one for.
pub(crate) fn renamed(text: &str, renamed: &BTreeMap<String, String>) -> String {
    renamed_by(text, |path| renamed.get(path).map(String::as_str))
}

/// The same with names that are not in one map.
pub(crate) fn renamed_by<'a>(text: &str, new_name: impl Fn(&str) -> Option<&'a str>) -> String {
    map_paths(text, |path| {
        let known = beginnings(path).find_map(|beginning| {
            let new = new_name(beginning)?;
            Some(format!("{new}{}", &path[beginning.len()..]))
        });
        known.unwrap_or_else(|| path.to_owned())
    })
}

/// The path and what it lies in, from the whole on.
pub(crate) fn beginnings(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once("::").map(|(before, _)| before)
    })
}

/// The path without its generic arguments.
pub(crate) fn base(kind: &str) -> &str {
    kind.split_once('<').map_or(kind, |(base, _)| base)
}

/// The last part of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit_once("::").map_or(path, |(_, last)| last)
}

/// Generic parameters as they stand behind a name: in angle brackets, or not at all.
pub(crate) fn bracketed(generics: &[String]) -> String {
    if generics.is_empty() {
        String::new()
    } else {
        format!("<{}>", generics.join(", "))
    }
}

/// The text as a person would write it who has imported what is used of the standard library.
pub(crate) fn short(text: &str) -> String {
    map_paths(text, |path| {
        let Some(within) = path.strip_prefix("std::") else {
            return path.to_owned();
        };
        let mut segments = within.rsplit("::");
        let name = segments.next().unwrap_or(within);
        match segments.next() {
            // There are several of these.
            Some(module) if module != "result" && matches!(name, "Error" | "Result") => {
                format!("{module}::{name}")
            }
            _ => name.to_owned(),
        }
    })
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '#')
}

/// How long the path is that a text begins with.
fn path_length(text: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        length += rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        match text[length..].strip_prefix("::") {
            Some(behind) if behind.starts_with(is_part) => length += 2,
            _ => return length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_renamed_as_a_whole_or_from_their_beginning() {
        let names = BTreeMap::from([("types::A".to_owned(), "types::B".to_owned())]);
        let text =
            "impl From<types::A> for Vec<types::Ab> with types::A::a and 'a and types::Z::types";
        assert_eq!(
            renamed(text, &names),
            "impl From<types::B> for Vec<types::Ab> with types::B::a and 'a and types::Z::types"
        );
    }

    #[test]
    fn the_standard_library_is_not_spelled_out_for_a_person() {
        assert_eq!(
            short("std::result::Result<std::vec::Vec<types::A>, std::fmt::Error>"),
            "Result<Vec<types::A>, fmt::Error>"
        );
    }

    #[test]
    fn lifetimes_are_no_paths() {
        assert_eq!(paths("&'static types::A<'a>"), ["types::A"]);
    }
}
