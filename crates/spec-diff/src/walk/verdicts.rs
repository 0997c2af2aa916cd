//! What is found below a place of two schemas, and how far it counts.

use crate::containment::Answer;
use crate::report::Wire;

/// How far a verdict is bounded by what was found around the place; the least bounded first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    Free,
    /// What surrounds it is not decided, so a break inside of it is not decided either.
    Undecided,
    /// What surrounds it is contained, so nothing inside of it breaks.
    Contained,
    /// It does not travel this way.
    Hidden,
}

/// The worst that was found below a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worst {
    Nothing,
    Compatible,
    Unknown,
    /// A place that is being looked at further up: what breaks is reported there.
    Open,
    Breaking,
}

impl Worst {
    pub(crate) fn wire(self) -> Wire {
        match self {
            Self::Nothing => Wire::None,
            Self::Compatible => Wire::Compatible,
            Self::Unknown | Self::Open => Wire::Unknown,
            Self::Breaking => Wire::Breaking,
        }
    }

    pub(super) fn of(wire: Wire) -> Self {
        match wire {
            Wire::None => Self::Nothing,
            Wire::Compatible => Self::Compatible,
            Wire::Unknown => Self::Unknown,
            Wire::Breaking => Self::Breaking,
        }
    }

    /// Whether a break is accounted for.
    pub(super) fn explains(self) -> bool {
        self >= Self::Open
    }
}

/// The bound below a place, given how its group compares.
pub(super) fn below(answer: &Answer, bound: Bound) -> Bound {
    if bound == Bound::Hidden || !answer.is_yes() {
        bound
    } else {
        Bound::Contained
    }
}
