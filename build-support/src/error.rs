//! What is wrong with a document, and what to do.

/// One clear message: which file, where in it, what is wrong, what to do.
///
/// ```
/// use imperal_build_support::Document;
///
/// let error = Document::from_json("specs/a.json", b"{\"openapi\": \"2.0\"}").unwrap_err();
/// assert_eq!(error.file(), "specs/a.json");
/// assert_eq!(error.pointer(), "/openapi");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file}: {problem} (at {}); {remedy}", if pointer.is_empty() { "the top" } else { pointer.as_str() })]
pub struct Error {
    file: String,
    pointer: String,
    problem: String,
    remedy: String,
}

impl Error {
    /// An error at `pointer`, a JSON pointer into the document called `file`.
    pub fn new(
        file: impl Into<String>,
        pointer: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            file: one_line(&file.into()),
            pointer: one_line(&pointer.into()),
            problem: one_line(&problem.into()),
            remedy: one_line(&remedy.into()),
        }
    }

    /// The name of the document.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where in the document, as a JSON pointer; empty for the whole.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What to do about it.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

/// Texts from a document may hold line breaks, which would let it forge lines of a build's output,
/// and may be very long.
fn one_line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(500)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(500).is_some() {
        line.push('…');
    }
    line
}
