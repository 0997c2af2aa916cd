//! Where documents come from: what `--from`, `--live` and `--only` mean.
//!
//! Decided for all documents before the first is fetched, so that arguments that make no sense cost
//! no request.

use crate::Failure;
use crate::address::{host, refusal, shown};
use crate::workspace::Service;
use reqwest::Url;
use std::fmt::{Display, Formatter};
use std::path::PathBuf;

/// The way out where this tool may not or cannot fetch.
const BY_HAND: &str = "or download it yourself and give it with --from FILE --only NAME";

/// Where a document, or a folder of documents, is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Url(Url),
    File(PathBuf),
}

/// As messages and the lock name it.
impl Display for Source {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => formatter.write_str(&shown(url)),
            Self::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// Each document that is wanted, and where it is.
pub(crate) fn plan(
    from: Option<&str>,
    live: bool,
    only: Option<&str>,
) -> Result<Vec<(Service, Source)>, Failure> {
    let wanted = crate::workspace::named(only)?;
    let Some(from) = from else {
        if live && wanted.iter().all(|service| service.live.is_none()) {
            let problem = "--live: this service serves no document in public; leave --live out";
            return Err(Failure::Other(problem.to_owned()));
        }
        return wanted
            .into_iter()
            .map(|service| Ok((service, Source::own(service, live)?)))
            .collect();
    };
    let given = Source::given(from)?;
    if given.is_folder() {
        return wanted
            .into_iter()
            .map(|service| Ok((service, given.inside(service)?)))
            .collect();
    }
    match wanted.as_slice() {
        [service] => Ok(vec![(*service, given)]),
        _ => Err(Failure::Other(format!(
            "--from {given} names one document: say with --only which one it is, or give a folder that holds \
             both (a URL of a folder ends with \"/\")"
        ))),
    }
}

impl Source {
    /// Where the service itself has its document.
    fn own(service: Service, live: bool) -> Result<Self, Failure> {
        let url = service.live.filter(|_| live).unwrap_or(service.url);
        let parsed = Url::parse(url).map_err(|error| Failure::Other(format!("{url}: {error}")))?;
        Ok(Self::Url(parsed))
    }

    /// What `--from` names.
    fn given(from: &str) -> Result<Self, Failure> {
        if !from.contains("://") {
            let path = PathBuf::from(from);
            if path.exists() {
                return Ok(Self::File(path));
            }
            return Err(Failure::Other(format!(
                "--from {from}: there is no such file or folder; check the path, or write a URL as https://HOST/PATH"
            )));
        }
        let mut url = Url::parse(from).map_err(|error| {
            Failure::Other(format!(
                "--from is no URL ({error}): write it as https://HOST/PATH"
            ))
        })?;
        if let Some(problem) = refusal(&url) {
            let host = host(&url);
            return Err(Failure::Other(format!(
                "--from {host}/… {problem}: give an https URL without credentials, {BY_HAND}"
            )));
        }
        url.set_fragment(None);
        Ok(Self::Url(url))
    }

    /// Whether its name, as the lock has it, says exactly where it is. If not, two sources of one name may differ.
    pub(crate) fn is_named_in_full(&self) -> bool {
        match self {
            Self::Url(url) => url.query().is_none(),
            Self::File(_) => true,
        }
    }

    fn is_folder(&self) -> bool {
        match self {
            Self::Url(url) => url.path().ends_with('/') && url.query().is_none(),
            Self::File(path) => path.is_dir(),
        }
    }

    fn inside(&self, service: Service) -> Result<Self, Failure> {
        let name = format!("{}.json", service.name);
        match self {
            Self::File(folder) => Ok(Self::File(folder.join(name))),
            Self::Url(folder) => {
                let url = folder
                    .join(&name)
                    .map_err(|error| Failure::Other(format!("{folder}{name}: {error}")))?;
                Ok(Self::Url(url))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(from: Option<&str>, live: bool, only: Option<&str>) -> Vec<String> {
        plan(from, live, only)
            .unwrap()
            .iter()
            .map(|(service, source)| format!("{} {source}", service.name))
            .collect()
    }

    #[test]
    fn the_published_documents_are_the_default() {
        assert_eq!(
            planned(None, false, None),
            [
                "auth-gateway https://docs.imperal.io/openapi/auth-gateway.json",
                "registry https://docs.imperal.io/openapi/registry.json",
            ]
        );
        assert_eq!(
            planned(None, false, Some("registry")),
            ["registry https://docs.imperal.io/openapi/registry.json"]
        );
    }

    #[test]
    fn only_the_gateway_has_a_live_document() {
        assert_eq!(
            planned(None, true, None),
            [
                "auth-gateway https://auth.imperal.io/v1/openapi.json",
                "registry https://docs.imperal.io/openapi/registry.json",
            ]
        );
        assert_eq!(
            planned(None, true, Some("auth-gateway")),
            ["auth-gateway https://auth.imperal.io/v1/openapi.json"]
        );
        let error = plan(None, true, Some("registry")).unwrap_err();
        assert!(error.to_string().contains("leave --live out"), "{error}");
    }

    #[test]
    fn a_url_that_ends_with_a_slash_is_a_folder() {
        assert_eq!(
            planned(Some("http://127.0.0.1:8080/specs/"), false, None),
            [
                "auth-gateway http://127.0.0.1:8080/specs/auth-gateway.json",
                "registry http://127.0.0.1:8080/specs/registry.json",
            ]
        );
        assert_eq!(
            planned(Some("https://example.com/a/"), false, Some("registry")),
            ["registry https://example.com/a/registry.json"]
        );
    }

    #[test]
    fn any_other_url_is_one_document() {
        assert_eq!(
            planned(
                Some("https://example.com/a.json?version=2#top"),
                false,
                Some("registry")
            ),
            ["registry https://example.com/a.json"]
        );
        let error = plan(Some("https://example.com/a.json"), false, None).unwrap_err();
        assert!(error.to_string().contains("--only"), "{error}");
    }

    #[test]
    fn a_path_is_a_file_or_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let file = folder.path().join("any.json");
        std::fs::write(&file, "{}").unwrap();
        let file = file.to_str().unwrap();
        assert_eq!(
            planned(Some(path), false, None),
            [
                format!("auth-gateway {path}/auth-gateway.json"),
                format!("registry {path}/registry.json"),
            ]
        );
        assert_eq!(
            planned(Some(file), false, Some("registry")),
            [format!("registry {file}")]
        );
        assert!(plan(Some(file), false, None).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_way_out() {
        for (from, word) in [
            ("http://example.com/a.json", "not encrypted"),
            ("http://127.0.0.1.example.com/", "not encrypted"),
            ("http://10.0.0.1/", "not encrypted"),
            ("https://me:secret@example.com/", "user name or password"),
            ("ftp://example.com/", "neither https"),
            ("https://", "no URL"),
            ("/nowhere/registry.json", "/nowhere/registry.json"),
        ] {
            let error = plan(Some(from), false, Some("registry"))
                .unwrap_err()
                .to_string();
            assert!(error.contains(word), "{error}");
            assert!(error.contains("https"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let error = plan(None, false, Some("nothing")).unwrap_err();
        assert!(
            error.to_string().contains("auth-gateway or registry"),
            "{error}"
        );
    }
}
