//! All passes in their order.

use crate::{Document, Error, Loss, Overlay, lower, shape};

/// A document at the stages that someone looks at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pipeline {
    /// With its overlay, still OpenAPI 3.1: what the mocked cloud serves.
    pub overlaid: Document,
    /// Shaped and lowered: what the generator reads.
    pub lowered: Document,
    /// A line about each part of the overlay that no longer fits the document.
    pub warnings: Vec<String>,
    /// What the lowered document no longer says.
    pub losses: Vec<Loss>,
}

impl Pipeline {
    /// Takes `document` through all passes up to the generator.
    ///
    /// ```
    /// use imperal_build_support::{Document, Overlay, Pipeline};
    ///
    /// let document = Document::from_json(
    ///     "tiny.json",
    ///     br#"{"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {}}"#,
    /// )?;
    /// let pipeline = Pipeline::run(document, &Overlay::empty())?;
    /// assert_eq!(pipeline.lowered.root()["openapi"], "3.0.3");
    /// # Ok::<(), imperal_build_support::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of a pass.
    pub fn run(document: Document, overlay: &Overlay) -> Result<Self, Error> {
        let mut overlaid = document;
        let warnings = overlay.apply(&mut overlaid)?;
        let mut lowered = overlaid.clone();
        shape(&mut lowered)?;
        let losses = lower(&mut lowered);
        Ok(Self {
            overlaid,
            lowered,
            warnings,
            losses,
        })
    }
}
