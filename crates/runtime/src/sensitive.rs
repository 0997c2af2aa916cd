//! Headers whose values are not shown.

use http::{HeaderMap, HeaderName, header};

/// Whether a header is one that credentials travel in, by its name.
pub(crate) fn carries_credential(name: &HeaderName) -> bool {
    const WORDS: [&str; 5] = ["authorization", "cookie", "token", "api-key", "secret"];
    WORDS.iter().any(|word| name.as_str().contains(word))
}

/// Marks what `Debug` must not show of the headers of an answer. `Location` holds an address, which may have a token in
/// its query.
pub(crate) fn mark(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        if carries_credential(name) || *name == header::LOCATION {
            value.set_sensitive(true);
        }
    }
}
