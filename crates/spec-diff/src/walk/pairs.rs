//! Which entry of one list became which entry of another one.

use crate::equality::Equality;
use serde_json::Value;

/// Places in the old and the new list; none where an entry has no counterpart.
pub(super) type Places = Vec<(Option<usize>, Option<usize>)>;

/// Equal entries first, then those that refer to the same component, then inline ones in their order.
pub(super) fn pair_up<'a>(
    equality: &Equality<'a>,
    old: impl IntoIterator<Item = &'a Value>,
    new: impl IntoIterator<Item = &'a Value>,
) -> Places {
    let (old, new): (Vec<_>, Vec<_>) = (old.into_iter().collect(), new.into_iter().collect());
    let mut pairing = Pairing {
        left: (0..old.len()).collect(),
        right: (0..new.len()).collect(),
        places: Vec::new(),
    };
    let reference = |value: &'a Value| value.get("$ref").map(Value::to_string);
    pairing.take(|from, to| equality.same(old[from], new[to]));
    pairing.take(|from, to| {
        let from = reference(old[from]);
        from.is_some() && from == reference(new[to])
    });
    pairing.take(|from, to| {
        from == to && reference(old[from]).is_none() && reference(new[to]).is_none()
    });
    let gone = pairing.left.into_iter().map(|from| (Some(from), None));
    let come = pairing.right.into_iter().map(|to| (None, Some(to)));
    let mut places = pairing.places;
    places.extend(gone.chain(come));
    places
}

struct Pairing {
    left: Vec<usize>,
    right: Vec<usize>,
    places: Places,
}

impl Pairing {
    fn take(&mut self, fits: impl Fn(usize, usize) -> bool) {
        for from in self.left.clone() {
            if let Some(place) = self.right.iter().position(|to| fits(from, *to)) {
                let to = self.right.remove(place);
                self.left.retain(|left| *left != from);
                self.places.push((Some(from), Some(to)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entries_keep_their_counterparts_when_the_order_changes() {
        let old = json!([{"$ref": "#/a"}, {"type": "string"}, {"type": "integer", "minimum": 1}]);
        let new =
            json!([{"type": "string"}, {"$ref": "#/a"}, {"type": "integer"}, {"$ref": "#/b"}]);
        let nothing = json!({});
        let other = json!({"a": 1});
        let equality = Equality::new(&nothing, &other);
        let lists = (old.as_array().unwrap(), new.as_array().unwrap());
        let mut places = pair_up(&equality, lists.0, lists.1);
        places.sort_unstable();
        assert_eq!(
            places,
            [
                (None, Some(3)),
                (Some(0), Some(1)),
                (Some(1), Some(0)),
                (Some(2), Some(2))
            ]
        );
    }
}
