//! Where to go on with a list.

use super::{Pagination, Place, Position};
use crate::Error;
use serde::{Deserialize, Serialize};

/// A place in a list, to go on from: what was before it is neither fetched nor given again.
///
/// It can be stored as JSON. It holds no filter: give it to the same call, with the same arguments. Items
/// that appear or vanish before the place meanwhile move those behind it, in lists that are not paged by
/// cursor.
///
/// ```
/// use imperal_runtime::ResumeToken;
///
/// let stored = r#"{"operation": "list_users", "place": {"index": 100}, "size": 50}"#;
/// let token: ResumeToken = serde_json::from_str(stored).expect("this was a token");
/// assert!(!token.is_at_end());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeToken {
    operation: String,
    place: StoredPlace,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<i64>,
    /// How many items of the page that is there have been taken.
    #[serde(default, skip_serializing_if = "is_zero")]
    taken: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredPlace {
    Index(i64),
    Cursor(Option<String>),
    End,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(taken: &usize) -> bool {
    *taken == 0
}

impl ResumeToken {
    /// Whether the list was at its end: nothing is left to be fetched.
    pub const fn is_at_end(&self) -> bool {
        matches!(self.place, StoredPlace::End)
    }

    pub(super) fn at(pagination: &Pagination, position: &Position) -> Self {
        Self {
            operation: pagination.operation.to_owned(),
            place: match &position.place {
                Place::Index(index) => StoredPlace::Index(*index),
                Place::Cursor(cursor) => StoredPlace::Cursor(cursor.clone()),
            },
            size: position.size,
            taken: 0,
        }
    }

    pub(super) fn end(pagination: &Pagination) -> Self {
        Self {
            operation: pagination.operation.to_owned(),
            place: StoredPlace::End,
            size: None,
            taken: 0,
        }
    }

    /// The same place, `taken` items on.
    pub(super) fn after(&self, taken: usize) -> Self {
        Self {
            taken: self.taken + taken,
            ..self.clone()
        }
    }

    /// Where `pagination` goes on, and how many items of that page are left out; none at the end.
    pub(super) fn position(
        &self,
        pagination: &Pagination,
        size: Option<i64>,
    ) -> Result<Option<(Position, usize)>, Error> {
        let refuse = |problem: String| Err(Error::invalid_request(problem + "; nothing was sent"));
        if self.operation != pagination.operation {
            return refuse(format!(
                "the resume token is one of {}, not of {}",
                self.operation.escape_debug(),
                pagination.operation
            ));
        }
        let place = match (&self.place, pagination.first()) {
            (StoredPlace::End, _) => return Ok(None),
            (StoredPlace::Index(index), Place::Index(first)) if *index >= first => {
                Place::Index(*index)
            }
            (StoredPlace::Cursor(cursor), Place::Cursor(_)) => Place::Cursor(cursor.clone()),
            _ => {
                return refuse(format!(
                    "the resume token names no place in the list of {}",
                    pagination.operation
                ));
            }
        };
        if let (Place::Index(index), false) = (&place, pagination.depends_on_size()) {
            let taken = i64::try_from(self.taken).unwrap_or(i64::MAX);
            let place = Place::Index(index.saturating_add(taken));
            let size = pagination.checked_size(size)?;
            return Ok(Some((Position { place, size }, 0)));
        }
        // The same number is another page where pages have another size.
        let kept = pagination.depends_on_size() || self.taken > 0;
        let size = match (size, self.size) {
            (Some(asked), Some(before)) if kept && asked != before => {
                return refuse(format!(
                    "the resume token continues pages of {before} items, and pages of {asked} are asked for"
                ));
            }
            (None, before) if kept => before,
            (asked, _) => asked,
        };
        let size = pagination.checked_size(size)?;
        Ok(Some((Position { place, size }, self.taken)))
    }
}
