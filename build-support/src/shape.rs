//! Pass 3, shape: make the document say what the service means.
//!
//! Without it credentials would be parameters of every method, methods would be called
//! `list_apps_v1_marketplace_apps_get`, and internal routes would be public API.

mod answers;
mod credentials;
mod definitions;
mod fixed;
mod inline;
mod names;
mod pagination;
pub(crate) mod prune;
mod surface;

use crate::{Document, Error};

/// Runs all shaping passes, in the order in which they build on each other.
///
/// ```
/// use imperal_build_support::{Document, operations, shape};
///
/// let mut document = Document::from_json("tiny.json", br#"{
///     "openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"},
///     "paths": {"/v1/apps": {"get": {
///         "tags": ["store"], "operationId": "list_apps_v1_apps_get",
///         "responses": {"200": {"description": "The apps", "content": {"application/json": {"schema": {}}}}}
///     }}}
/// }"#)?;
/// shape(&mut document)?;
/// assert_eq!(operations(&document)?[0].id, "store_list_apps");
/// # Ok::<(), imperal_build_support::Error>(())
/// ```
///
/// # Errors
///
/// If what an overlay brought in is no sound part of a document.
pub fn shape(document: &mut Document) -> Result<(), Error> {
    inline::inline_references(document);
    definitions::to_components(document);
    document.check()?;
    surface::remove_internal_routes(document);
    credentials::headers_to_requirements(document)?;
    fixed::hide_fixed_parameters(document)?;
    names::stable_names(document);
    answers::one_success_and_one_failure(document)?;
    pagination::recognise(document)?;
    prune::remove_unreached_schemas(document);
    Ok(())
}
