//! Set up by environment variables.

use crate::{Credentials, FileStore, Imperal, ImperalBuilder};
use imperal_runtime::{Error, Session};
use std::ffi::OsString;
use std::path::Path;

const GATEWAY_URL: &[&str] = &["IMPERAL_API_URL", "IMPERAL_GATEWAY_URL"];
const REGISTRY_URL: &[&str] = &["IMPERAL_REGISTRY_URL", "REGISTRY_URL"];
const EMAIL: &[&str] = &["IMPERAL_EMAIL"];
const PASSWORD: &[&str] = &["IMPERAL_PASSWORD"];
const BEARER: &[&str] = &["IMPERAL_TOKEN"];
const SERVICE_TOKEN: &[&str] = &[
    "IMPERAL_SERVICE_TOKEN",
    "AUTH_SERVICE_TOKEN",
    "AUTH_GATEWAY_SERVICE_TOKEN",
];
const CREDENTIALS_FILE: &[&str] = &["IMPERAL_CREDENTIALS_FILE"];
const REGISTRY_KEY: &[&str] = &["IMPERAL_API_KEY", "REGISTRY_API_KEY"];

/// A builder set up by the variables that `lookup` finds.
pub(crate) fn builder(lookup: impl Fn(&str) -> Option<OsString>) -> Result<ImperalBuilder, Error> {
    let read = |names: &[&'static str]| one_value(&lookup, names);
    let read_url = |names: &[&'static str]| match read(names)? {
        Some((name, url)) => Session::builder()
            .base_url(&url)
            .build()
            .map(|_| Some(url))
            .map_err(|error| error.with_hint(format!("it is set by {name}"))),
        None => Ok(None),
    };
    let read_secret = |names: &[&'static str]| match read(names)? {
        Some((name, secret)) if http::HeaderValue::from_str(&secret).is_err() => {
            Err(Error::configuration(format!(
                "{name} holds a character that no header can carry, such as a line break: set it again"
            )))
        }
        found => Ok(found.map(|(_, secret)| secret)),
    };
    let mut builder = Imperal::builder();
    if let Some(url) = read_url(GATEWAY_URL)? {
        builder = builder.gateway_url(url);
    }
    if let Some(url) = read_url(REGISTRY_URL)? {
        builder = builder.registry_url(url);
    }
    let mut found = Vec::new();
    match (read(EMAIL)?, read(PASSWORD)?) {
        (Some((_, email)), Some((_, password))) => {
            found.push(Credentials::password(email, password));
        }
        (Some(_), None) => return Err(half(EMAIL[0], PASSWORD[0])),
        (None, Some(_)) => return Err(half(PASSWORD[0], EMAIL[0])),
        (None, None) => {}
    }
    found.extend(read_secret(BEARER)?.map(Credentials::bearer));
    found.extend(read_secret(SERVICE_TOKEN)?.map(Credentials::service_token));
    found.extend(read_secret(REGISTRY_KEY)?.map(Credentials::registry_key));
    let store = read(CREDENTIALS_FILE)?.map(|(_, path)| FileStore::at(path));
    let store = match store {
        // The login that the platform's tools have made, where nothing else is said.
        None if found.is_empty() => lookup("HOME")
            // An empty one would lead into the folder that the process happens to run in.
            .filter(|home| !home.is_empty())
            .map(|home| FileStore::in_home(Path::new(&home)))
            .filter(|store| store.path().is_file()),
        store => store,
    };
    if let Some(store) = store {
        builder = builder.token_store(store);
    } else if found.is_empty() {
        return Err(Error::configuration(
            "no credential is set: set IMPERAL_EMAIL and IMPERAL_PASSWORD, or IMPERAL_TOKEN, \
             IMPERAL_SERVICE_TOKEN, IMPERAL_API_KEY or IMPERAL_CREDENTIALS_FILE",
        ));
    }
    Ok(found.into_iter().fold(builder, ImperalBuilder::credentials))
}

fn half(set: &str, missing: &str) -> Error {
    Error::configuration(format!(
        "{set} is set and {missing} is not: a login needs both, so set {missing}"
    ))
}

/// The value that all set names agree on, and the first of them.
fn one_value(
    lookup: &impl Fn(&str) -> Option<OsString>,
    names: &[&'static str],
) -> Result<Option<(&'static str, String)>, Error> {
    let mut found: Option<(&'static str, String)> = None;
    for name in names {
        let Some(value) = lookup(name).filter(|value| !value.is_empty()) else {
            continue;
        };
        let value = value.into_string().map_err(|_| {
            Error::configuration(format!("{name} is not valid UTF-8: set it again"))
        })?;
        match &found {
            Some((other, known)) if *known != value => {
                return Err(Error::configuration(format!(
                    "{other} and {name} mean the same and have different values: unset one of them"
                )));
            }
            Some(_) => {}
            None => found = Some((name, value)),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(variables: &[(&str, &str)]) -> Result<Imperal, Error> {
        let lookup = |wanted: &str| {
            variables
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| OsString::from(value))
        };
        builder(lookup)?.build()
    }

    #[test]
    fn each_problem_names_the_variables_and_the_way_out() {
        for (variables, words) in [
            (&[][..], &["IMPERAL_EMAIL", "IMPERAL_TOKEN"][..]),
            (
                &[("IMPERAL_EMAIL", "a@b.example")],
                &["IMPERAL_EMAIL", "set IMPERAL_PASSWORD"],
            ),
            (&[("IMPERAL_PASSWORD", "hunter2")], &["set IMPERAL_EMAIL"]),
            (
                &[("IMPERAL_EMAIL", "a@b.example"), ("IMPERAL_PASSWORD", "")],
                &["set IMPERAL_PASSWORD"],
            ),
            (
                &[
                    ("IMPERAL_TOKEN", "hunter2"),
                    ("IMPERAL_API_URL", "https://a.example"),
                    ("IMPERAL_GATEWAY_URL", "https://b.example"),
                ],
                &["IMPERAL_API_URL", "IMPERAL_GATEWAY_URL", "unset one"],
            ),
            (
                &[
                    ("IMPERAL_TOKEN", "hunter2"),
                    ("IMPERAL_API_URL", "auth.imperal.io"),
                ],
                &["auth.imperal.io", "https://", "IMPERAL_API_URL"],
            ),
            (
                &[
                    ("IMPERAL_TOKEN", "hunter2"),
                    ("IMPERAL_EMAIL", "a@b.example"),
                    ("IMPERAL_PASSWORD", "hunter2"),
                ],
                &["IMPERAL_TOKEN", "take the other away"],
            ),
        ] {
            let error = build(variables).unwrap_err();
            assert!(error.is_configuration(), "{error}");
            let text = error.to_string();
            assert!(
                words.iter().all(|word| text.contains(word)),
                "{variables:?}: {text}"
            );
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn without_any_credential_the_login_of_the_platforms_tools_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let home = [("HOME", folder.path().to_str().unwrap())];
        let error = build(&home).unwrap_err();
        assert!(
            error.to_string().contains("no credential is set"),
            "{error}"
        );
        let store = FileStore::in_home(folder.path());
        std::fs::create_dir(store.path().parent().unwrap()).unwrap();
        std::fs::write(store.path(), "{}").unwrap();
        build(&home).unwrap();
    }

    #[test]
    fn two_names_with_one_value_are_fine() {
        let imperal = build(&[
            ("IMPERAL_TOKEN", "t"),
            ("IMPERAL_API_URL", "https://a.example/"),
            ("IMPERAL_GATEWAY_URL", "https://a.example/"),
        ])
        .unwrap();
        assert_eq!(imperal.gateway().session().base_url(), "https://a.example");
    }
}
