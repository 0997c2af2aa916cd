//! JSON pointers (RFC 6901), as far as documents need them.

use serde_json::Value;

/// `pointer` with one more step.
///
/// ```
/// use imperal_build_support::pointer;
///
/// assert_eq!(pointer::join("/paths", "/v1/apps"), "/paths/~1v1~1apps");
/// ```
pub fn join(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", escape(step))
}

/// A name as a step of a pointer.
///
/// ```
/// use imperal_build_support::pointer;
///
/// assert_eq!(pointer::escape("a~b/c"), "a~0b~1c");
/// ```
pub fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// The name that a step of a pointer stands for.
///
/// ```
/// use imperal_build_support::pointer;
///
/// assert_eq!(pointer::unescape("a~0b~1c"), "a~b/c");
/// ```
pub fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The node that a `$ref` into the same document means. References are URI fragments, so that
/// percent escapes may stand in them.
pub(crate) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(&decode_percent(reference.strip_prefix('#')?)?)
}

fn decode_percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, tail @ ..] = rest else {
            return None;
        };
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        bytes.push(digit(*high)? * 16 + digit(*low)?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

/// The parent's pointer and the last step, unescaped.
pub(crate) fn split_last(pointer: &str) -> Option<(&str, String)> {
    let (parent, step) = pointer.rsplit_once('/')?;
    Some((parent, unescape(step)))
}

/// The last step of a reference such as `#/components/schemas/App`.
pub(crate) fn component_name(reference: &str) -> Option<String> {
    let step = reference.strip_prefix("#/components/schemas/")?;
    let name = unescape(&decode_percent(step)?);
    (!step.contains('/')).then_some(name)
}
