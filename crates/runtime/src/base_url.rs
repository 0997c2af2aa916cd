//! The one address that a session talks to.

use crate::Error;
use url::{Host, Url};

/// A checked base URL: absolute, `http` or `https`, without credentials, query or fragment.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    text: String,
    parsed: Url,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |problem: &str| {
            // The text is not repeated when it holds user information or a query: they may be secret.
            let shown = if text.contains(['@', '?', '#']) {
                "[hidden]"
            } else {
                text
            };
            Error::configuration(format!(
                "base URL \"{shown}\" {problem}; give one like https://host.example"
            ))
        };
        let parsed =
            Url::parse(text).map_err(|error| refuse(&format!("does not parse ({error})")))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(refuse("is neither http nor https"));
        }
        if parsed.host().is_none() {
            return Err(refuse("names no host"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(refuse("contains a user name or password"));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(refuse("has a query or a fragment"));
        }
        let text = parsed.as_str().trim_end_matches('/').to_owned();
        Ok(Self { text, parsed })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The address of a path below this one: as if the two were put together and parsed, without parsing the
    /// host each time.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.parsed.clone();
        match self.parsed.path().trim_end_matches('/') {
            "" => url.set_path(path),
            own => url.set_path(&format!("{own}{path}")),
        }
        url
    }

    /// The host alone.
    pub(crate) fn host(&self) -> &str {
        self.parsed.host_str().unwrap_or_default()
    }

    /// The port, also where it is the scheme's own.
    pub(crate) fn port(&self) -> Option<u16> {
        self.parsed.port_or_known_default()
    }

    /// Whether `url` has the same scheme, host and port: the only place where credentials may go.
    pub(crate) fn same_origin(&self, url: &Url) -> bool {
        self.parsed.scheme() == url.scheme()
            && self.parsed.host() == url.host()
            && self.parsed.port_or_known_default() == url.port_or_known_default()
    }

    /// Whether `url` is the path of `template` below this address, with a value for each parameter.
    /// A value such as `..` has by now moved the request to another route.
    pub(crate) fn leads_to(&self, url: &Url, template: &str) -> bool {
        let own = self.parsed.path().trim_end_matches('/');
        let Some(path) = url.path().strip_prefix(own) else {
            return false;
        };
        if path == template {
            return !template.contains('{');
        }
        let (mut given, mut expected) = (path.split('/'), template.split('/'));
        loop {
            match (given.next(), expected.next()) {
                (None, None) => return true,
                (Some(given), Some(expected)) if expected.contains('{') => {
                    if given.is_empty() {
                        return false;
                    }
                }
                // A literal is written by the document: only its escaping can differ.
                (Some(given), Some(expected)) if given == expected || given.contains('%') => {}
                _ => return false,
            }
        }
    }

    /// Lets the value of the last parameter span segments: its slashes are written as such.
    pub(crate) fn spread(&self, url: &mut Url, template: &str) -> Result<(), Error> {
        let own = self
            .parsed
            .path()
            .trim_end_matches('/')
            .matches('/')
            .count();
        let Some(place) = template
            .split('/')
            .skip(1)
            .collect::<Vec<_>>()
            .iter()
            .rposition(|part| part.contains('{'))
        else {
            return Ok(());
        };
        let mut segments: Vec<String> = url.path().split('/').skip(1).map(str::to_owned).collect();
        let Some(value) = segments.get_mut(own + place) else {
            return Ok(());
        };
        let spread = value.replace("%2F", "/");
        // The URL would be cleared of dots, and lead elsewhere.
        let leads_away = |part: &str| {
            matches!(
                part.replace("%2e", ".").replace("%2E", ".").as_str(),
                "" | "." | ".."
            )
        };
        if spread.split('/').any(leads_away) {
            return Err(Error::invalid_request(format!(
                "the path given to {template} has an empty part, \".\" or \"..\"; nothing was sent"
            )));
        }
        *value = spread;
        url.set_path(&segments.join("/"));
        Ok(())
    }

    /// Whether what is sent here can be read on the way: plain HTTP to a host that is not loopback.
    pub(crate) fn is_exposed(&self) -> bool {
        self.parsed.scheme() != "https" && !self.is_loopback()
    }

    /// Whether this is the machine itself.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.parsed.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_base_url_and_says_why() {
        for (text, problem) in [
            ("auth.imperal.io", "does not parse"),
            ("ftp://auth.imperal.io", "neither http nor https"),
            (
                "https://me:hunter2@auth.imperal.io",
                "user name or password",
            ),
            ("https://auth.imperal.io/?a=b", "query or a fragment"),
        ] {
            let error = BaseUrl::parse(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn drops_the_trailing_slash() {
        assert_eq!(
            BaseUrl::parse("https://a.example/x/").unwrap().as_str(),
            "https://a.example/x"
        );
    }

    #[test]
    fn a_path_is_joined_as_if_it_were_parsed_with_the_address() {
        for text in [
            "https://a.example",
            "https://a.example/",
            "http://127.0.0.1:8080/base/",
            "http://[::1]/a/b",
        ] {
            let base = BaseUrl::parse(text).unwrap();
            for path in [
                "/v1/auth/me",
                "/v1/keys/a%2Fb",
                "/v1/keys/%5C..%5C",
                "/v1/keys/..",
                "/v1/keys/%2e%2E/x",
                "/v1/keys/",
                "//elsewhere.example/v1",
                "/v1/with blank/\u{e9}\u{1f600}/a;b=c,d:e@f",
            ] {
                let parsed = Url::parse(&format!("{}{path}", base.as_str())).unwrap();
                assert_eq!(base.join(path), parsed, "{text} {path}");
            }
        }
    }

    #[test]
    fn a_url_leads_to_its_own_template_only() {
        let base = BaseUrl::parse("https://a.example/base/").unwrap();
        let leads = |path: &str, template: &str| {
            base.leads_to(
                &Url::parse(&format!("https://a.example{path}")).unwrap(),
                template,
            )
        };
        assert!(leads("/base/v1/keys/k", "/v1/keys/{id}"));
        assert!(leads("/base/v1/keys/a%2Fb?q=1", "/v1/keys/{id}"));
        assert!(leads("/base/v1/with%20blank", "/v1/with blank"));
        for path in [
            "/base/v1/keys/..",
            "/base/v1/keys/.",
            "/base/v1/keys/",
            "/v1/keys/k",
            "/base/v1/keys/a/b",
        ] {
            assert!(!leads(path, "/v1/keys/{id}"), "{path}");
        }
    }

    #[test]
    fn only_plain_http_beyond_loopback_is_exposed() {
        for (text, exposed) in [
            ("https://a.example", false),
            ("http://127.0.0.1:80", false),
            ("http://127.8.8.8", false),
            ("http://[::1]:80", false),
            ("http://localhost", false),
            ("http://a.example", true),
            ("http://localhost.example", true),
            ("http://10.0.0.1", true),
        ] {
            assert_eq!(
                BaseUrl::parse(text).unwrap().is_exposed(),
                exposed,
                "{text}"
            );
        }
    }
}
