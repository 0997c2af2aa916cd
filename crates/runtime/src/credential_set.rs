//! All credentials of a session: which of them a request gets, and where they go.

use crate::cookies;
use crate::credential::sensitive;
use crate::error::Kind;
use crate::{Credential, CredentialProvider, Error, Operation, Placement, Requirement};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderValue, header};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The providers of a session, by the document's name of the security scheme.
#[derive(Default)]
pub(crate) struct CredentialSet {
    pub(crate) providers: BTreeMap<&'static str, Arc<dyn CredentialProvider>>,
    /// How an error names a credential that is not there.
    pub(crate) names: BTreeMap<&'static str, &'static str>,
}

/// A credential that a request gets, and where it comes from.
pub(crate) type Chosen<'a> = (Requirement, &'a dyn CredentialProvider);

impl CredentialSet {
    /// The first alternative that there is every credential for.
    pub(crate) fn choose(&self, operation: &Operation) -> Result<SmallVec<[Chosen<'_>; 1]>, Error> {
        let alternatives = operation.security_alternatives();
        for alternative in alternatives.iter().filter(|it| !it.is_empty()) {
            let mut chosen = SmallVec::new();
            for requirement in *alternative {
                let Some(provider) = self.providers.get(requirement.scheme) else {
                    break;
                };
                chosen.push((*requirement, &**provider));
            }
            if chosen.len() == alternative.len() {
                return Ok(chosen);
            }
        }
        if alternatives.is_empty() || operation.is_open() {
            return Ok(SmallVec::new());
        }
        let wanted = alternatives
            .iter()
            .map(|alternative| self.name_all(alternative.iter()))
            .collect::<Vec<_>>()
            .join(", or ");
        Err(Error::from_kind(Kind::MissingCredential(format!(
            "this operation needs {wanted}, which is not configured; nothing was sent"
        ))))
    }

    /// Adds to a refusal what was refused.
    pub(crate) fn explain(&self, error: Error, chosen: &[Chosen<'_>]) -> Error {
        if !error.is_unauthorized() {
            return error;
        }
        let names = self.name_all(chosen.iter().map(|(requirement, _)| requirement));
        error.with_hint(format!("check {names}"))
    }

    fn name_all<'a>(&self, requirements: impl Iterator<Item = &'a Requirement>) -> String {
        let names = requirements.map(|requirement| {
            let scheme = requirement.scheme;
            self.names.get(scheme).copied().unwrap_or(scheme)
        });
        names.collect::<Vec<_>>().join(" and ")
    }
}

/// Puts a credential into a request.
pub(crate) fn attach(
    request: &mut reqwest::Request,
    placement: Placement,
    credential: &Credential,
) -> Result<(), Error> {
    let secret = credential.secret().expose();
    let given = |value: Option<HeaderValue>| {
        value.ok_or_else(|| {
            Error::configuration("a credential contains characters that no header can carry")
        })
    };
    match placement {
        Placement::Bearer => {
            let value = given(credential.bearer().cloned())?;
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Placement::Header(name) => {
            let name = header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                Error::configuration(format!("\"{name}\" is not the name of a header"))
            })?;
            let value = given(sensitive(secret.to_owned()))?;
            request.headers_mut().insert(name, value);
        }
        Placement::Basic => {
            let value = given(sensitive(format!("Basic {}", BASE64.encode(secret))))?;
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Placement::Cookie(name) => cookies::add(request, name, secret)?,
        Placement::Query(name) => {
            request
                .url_mut()
                .query_pairs_mut()
                .append_pair(name, secret);
        }
    }
    Ok(())
}
