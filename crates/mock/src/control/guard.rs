//! Who may see and steer: this machine, and no page of another site that a browser on it shows.

use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, header};
use std::net::IpAddr;

/// A name of somebody else's that leads here would let their page read what is answered.
const FOREIGN_HOST: &str = "/__mock/ is for this machine alone: Host has to be localhost, *.localhost or a loopback address";

/// A browser sends some requests of a page to any site, though it does not show the page the answer.
const FOREIGN_ORIGIN: &str =
    "a page of another origin must not steer the mock: the host of Origin has to be that of Host";

/// Whether a request may pass; if not, why.
pub(super) fn admit(method: &Method, headers: &HeaderMap) -> Result<(), &'static str> {
    let Some(host) = headers.get(header::HOST).filter(|host| is_loopback(host)) else {
        return Err(FOREIGN_HOST);
    };
    match headers.get(header::ORIGIN) {
        Some(origin) if changes(method) && !is_of(origin, host) => Err(FOREIGN_ORIGIN),
        _ => Ok(()),
    }
}

fn changes(method: &Method) -> bool {
    *method != Method::GET && *method != Method::HEAD
}

fn is_loopback(host: &HeaderValue) -> bool {
    let Ok(authority) = Authority::try_from(host.as_bytes()) else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = address.parse::<IpAddr>() {
        return address.is_loopback();
    }
    // No name server is asked for these: they lead to this machine wherever a browser is.
    let last = name.rsplit('.').next();
    last.is_some_and(|last| last.eq_ignore_ascii_case("localhost"))
}

/// Whether an origin is the one at `host`, port included.
fn is_of(origin: &HeaderValue, host: &HeaderValue) -> bool {
    let (Ok(origin), Ok(host)) = (origin.to_str(), host.to_str()) else {
        return false;
    };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_loopback_by_name_or_address_and_not_by_a_part_of_it() {
        for host in [
            "localhost",
            "LocalHost:8080",
            "cloud.localhost:8080",
            "127.0.0.1",
            "127.8.0.1:80",
            "[::1]:8080",
        ] {
            assert!(is_loopback(&HeaderValue::from_static(host)), "{host}");
        }
        for host in [
            "",
            ":8080",
            "example.com",
            "localhost.example.com",
            "notlocalhost",
            "127.0.0.1.example.com:80",
            "localhost@example.com",
            "0.0.0.0:8080",
            "192.168.0.1",
            "[::]",
            "localhost/",
        ] {
            assert!(!is_loopback(&HeaderValue::from_static(host)), "{host}");
        }
    }

    #[test]
    fn an_origin_is_that_of_a_host_with_its_port() {
        let host = HeaderValue::from_static("localhost:8080");
        let own = HeaderValue::from_static("http://LOCALHOST:8080");
        assert!(is_of(&own, &host));
        for origin in [
            "null",
            "",
            "localhost:8080",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://localhost:8080.example.com",
        ] {
            assert!(!is_of(&HeaderValue::from_static(origin), &host), "{origin}");
        }
    }
}
