//! An operation where it stands: with its path, and with what the path says for all its operations.

use crate::caller::Caller;
use crate::members::Object;

/// The methods of a path item that are operations.
pub(crate) const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// One operation of one document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation<'a> {
    /// The path, the name of the webhook, or the expression of the callback.
    pub(crate) path: &'a str,
    pub(crate) item: &'a Object,
    pub(crate) members: &'a Object,
}

/// The same operation in both documents.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) pointer: String,
    pub(crate) caller: Caller,
    pub(crate) old: Operation<'a>,
    pub(crate) new: Operation<'a>,
}

impl Pair<'_> {
    /// The places of the two operations, by which a pair is known again.
    pub(crate) fn places(&self) -> (*const Object, *const Object) {
        (
            std::ptr::from_ref(self.old.members),
            std::ptr::from_ref(self.new.members),
        )
    }
}

/// A path template without the names of its parameters, and these names.
pub(crate) fn template(path: &str) -> (String, Vec<&str>) {
    let mut template = String::new();
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((before, opened)) = rest.split_once('{') {
        let Some((name, after)) = opened.split_once('}') else {
            break;
        };
        template.push_str(before);
        template.push_str("{}");
        names.push(name);
        rest = after;
    }
    template.push_str(rest);
    (template, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_path_parameters_are_set_apart() {
        let read = template("/apps/{app}/files/{file}.json");
        assert_eq!(
            read,
            ("/apps/{}/files/{}.json".to_owned(), vec!["app", "file"])
        );
        assert_eq!(template("/apps/{app"), ("/apps/{app".to_owned(), vec![]));
    }
}
