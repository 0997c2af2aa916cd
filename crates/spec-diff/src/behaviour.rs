//! Which changes let the same messages mean something else.

/// Words of rules that speak of defaults, limits, credentials, and of how long something lasts.
const WORDS: [&str; 26] = [
    "-default-",
    "-deprecated",
    "-reactivated",
    "-sunset-",
    "-stability-",
    "security-",
    "server-",
    "-minimum-",
    "-maximum-",
    "-min-length-",
    "-max-length-",
    "-min-items-",
    "-max-items-",
    "-min-properties-",
    "-max-properties-",
    "-multiple-of-",
    "-empty-value-",
    "-property-removed",
    "param-removed",
    "-discriminator-",
    "status-added",
    "status-removed",
    "header-",
    "-style-",
    "-explode-",
    "-encoding-",
];

pub(crate) fn is_behaviour(rule: &str) -> bool {
    WORDS.iter().any(|word| rule.contains(word)) && !rule.contains("annotation")
}
