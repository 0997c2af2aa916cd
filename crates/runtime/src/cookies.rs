//! Cookies that an operation asks for, as parameters or as credentials.

use crate::Error;
use http::{HeaderValue, header};

/// Adds a cookie to those that the request has.
pub(crate) fn add(request: &mut reqwest::Request, name: &str, value: &str) -> Result<(), Error> {
    // What RFC 6265 allows: anything else would end the cookie early, or be read as another one.
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\');
    if !value.chars().all(allowed) {
        return Err(Error::invalid_request(format!(
            "the value of the cookie \"{name}\" has characters that no cookie can carry; nothing was sent"
        )));
    }
    let mut text = request
        .headers()
        .get(header::COOKIE)
        .map_or_else(Vec::new, |value| value.as_bytes().to_vec());
    if !text.is_empty() {
        text.extend_from_slice(b"; ");
    }
    text.extend_from_slice(format!("{name}={value}").as_bytes());
    let mut value = HeaderValue::from_bytes(&text)
        .map_err(|_| Error::invalid_request(format!("\"{name}\" is not the name of a cookie")))?;
    value.set_sensitive(true);
    request.headers_mut().insert(header::COOKIE, value);
    Ok(())
}

/// Turns the headers that stand for cookies into cookies.
pub(crate) fn from_headers(request: &mut reqwest::Request, names: &[&str]) -> Result<(), Error> {
    for name in names {
        if let Some(value) = request.headers_mut().remove(*name) {
            let text = value.to_str().map(str::to_owned);
            let text = text.map_err(|_| {
                Error::invalid_request(format!("the cookie \"{name}\" is no plain text"))
            })?;
            add(request, name, &text)?;
        }
    }
    Ok(())
}
