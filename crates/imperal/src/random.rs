//! Secrets that nobody can guess.

use imperal_runtime::Error;

/// Bytes from the system's source of randomness.
pub(crate) fn bytes<const COUNT: usize>() -> Result<[u8; COUNT], Error> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).map_err(|problem| {
        Error::configuration(format!(
            "the system has no random numbers to give: {problem}"
        ))
    })?;
    Ok(bytes)
}
