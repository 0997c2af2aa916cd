//! Names that must not be given twice.

/// `base`, or the first of it with a number from 2 behind it, and `between` before the number, that `take`
/// takes: it says whether a name was free.
pub(crate) fn numbered(base: &str, between: &str, mut take: impl FnMut(&str) -> bool) -> String {
    let mut name = base.to_owned();
    let mut number = 2;
    while !take(&name) {
        name = format!("{base}{between}{number}");
        number += 1;
    }
    name
}
