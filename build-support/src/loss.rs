//! What the lowered document no longer says.

use std::collections::BTreeMap;

/// One loss of meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// Where, as a JSON pointer into the shaped document.
    pub pointer: String,
    /// Which rule lost it.
    pub rule: Rule,
    /// What was lost.
    pub what: String,
}

/// Why something of the document is not in the generated types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// A bound that cannot be checked before a request is sent, such as a pattern that the regex
    /// engine does not know.
    Constraint,
    /// An enumeration of other values than texts became its base type, so that a value added later is
    /// read.
    Enumeration,
    /// A default that contradicts its schema, or one that the generator cannot write.
    Default,
    /// A format whose values stay text.
    Format,
    /// A keyword that the lowered form has no word for.
    Keyword,
    /// Different types at the places of one array became one type for all.
    Tuple,
    /// Alternatives became the first of them that fits.
    Alternatives,
    /// A whole operation that the generator cannot express.
    Operation,
}

impl Rule {
    /// What the loss means to a caller, in one sentence.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Constraint => "the bound is left to the service, which answers 422",
            Self::Enumeration => "any value is accepted, so that new ones can be read",
            Self::Default => "the field is simply optional",
            Self::Format => "the value is a string; parse it where you need more",
            Self::Keyword => "the keyword does not narrow the type",
            Self::Tuple => "the items are JSON values",
            Self::Alternatives => "the first alternative that fits is taken",
            Self::Operation => "there is no method; send it as a raw request",
        }
    }
}

/// Counts the losses of each rule.
///
/// ```
/// use imperal_build_support::{Document, Rule, by_rule, lower, shape};
///
/// let mut document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/v1/links": {"get": {"operationId": "links", "responses": {"200": {"description": "All",
///         "content": {"application/json": {"schema": {"type": "string", "format": "uri"}}}}}}}}
/// }"#)?;
/// shape(&mut document)?;
/// let counts = by_rule(&lower(&mut document));
/// assert_eq!(counts[&Rule::Format], 1);
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
pub fn by_rule(losses: &[Loss]) -> BTreeMap<Rule, usize> {
    let mut counts = BTreeMap::new();
    for loss in losses {
        *counts.entry(loss.rule).or_default() += 1;
    }
    counts
}
