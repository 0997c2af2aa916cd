//! Which addresses documents may come from.
//!
//! A document decides what code is built: whoever can change it on its way can have credentials sent
//! anywhere. The rules are the same for an address that a person gives and for one that a server redirects
//! to.

use reqwest::Url;
use std::net::IpAddr;

const REDIRECT_LIMIT: usize = 5;

/// Why nothing is fetched from `url`, wherever it was found.
pub(crate) fn refusal(url: &Url) -> Option<&'static str> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some("holds a user name or password, which specs.lock would show to everyone");
    }
    match url.scheme() {
        "https" => None,
        "http" if is_loopback(url) => None,
        "http" => Some("is not encrypted, so that anyone on the way could change the document"),
        _ => Some("is neither https nor the path of a file"),
    }
}

/// Whether `url` leads to this machine alone.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether a connection to `url` may end on this machine. More do than [`is_loopback`] lets pass for it: names below
/// `localhost`, the address that stands for all of a machine's own, and those of IPv4 written in IPv6.
fn may_lead_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_own = |address: IpAddr| {
        let address = address.to_canonical();
        address.is_loopback() || address.is_unspecified()
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || address.parse::<IpAddr>().is_ok_and(is_own)
}

/// `url` as it is printed and stored: what follows the path may hold a key, which neither a log nor
/// `specs.lock` may show.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// As much of `url` as a message may show that says what is wrong with it.
pub(crate) fn host(url: &Url) -> String {
    format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Why a redirect is not followed. Only this machine may lead to this machine: a server elsewhere could
/// have requests sent to anything that listens here.
pub(crate) fn redirect_problem(
    next: &Url,
    redirects: usize,
    from_loopback: bool,
) -> Option<String> {
    if redirects > REDIRECT_LIMIT {
        return Some(format!("it redirects more than {REDIRECT_LIMIT} times"));
    }
    let problem = match refusal(next) {
        Some(problem) => problem,
        None if may_lead_here(next) && !from_loopback => "is this machine, and not that server's",
        None => return None,
    };
    Some(format!("it redirects to {}, which {problem}", host(next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for (url, expected) in [
            ("http://127.0.0.1:1/", true),
            ("http://127.1.2.3/", true),
            ("http://[::1]:1/", true),
            ("http://LOCALHOST/", true),
            ("http://localhost.example.com/", false),
            ("http://0.0.0.0/", false),
            ("http://[::2]/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn what_follows_the_path_is_not_shown() {
        let url = Url::parse("https://example.com/a.json?token=secret#secret").unwrap();
        assert_eq!(shown(&url), "https://example.com/a.json");
    }

    #[test]
    fn redirects_lead_to_https_or_stay_on_this_machine() {
        for (next, from_loopback, word) in [
            ("https://example.com/", false, None),
            ("https://example.com/", true, None),
            ("http://127.0.0.1/", true, None),
            ("http://127.0.0.1/", false, Some("this machine")),
            ("https://localhost/", false, Some("this machine")),
            ("https://LOCALHOST./", false, Some("this machine")),
            ("https://a.localhost/", false, Some("this machine")),
            ("https://0.0.0.0/", false, Some("this machine")),
            ("https://[::]/", false, Some("this machine")),
            ("https://[::ffff:127.0.0.1]/", false, Some("this machine")),
            ("https://[::ffff:192.0.2.1]/", false, None),
            ("https://localhost.example.com/", false, None),
            ("http://example.com/", false, Some("not encrypted")),
            ("https://a:b@example.com/", false, Some("password")),
        ] {
            let problem = redirect_problem(&Url::parse(next).unwrap(), 1, from_loopback);
            match word {
                None => assert_eq!(problem, None, "{next}"),
                Some(word) => assert!(problem.unwrap().contains(word), "{next}"),
            }
        }
        let next = Url::parse("https://example.com/").unwrap();
        assert_eq!(redirect_problem(&next, 5, false), None);
        assert!(redirect_problem(&next, 6, false).is_some());
    }
}
