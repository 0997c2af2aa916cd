//! Numbers at and around the bounds of both documents.

use super::Sampler;
use crate::formats;
use crate::instance::{Instance, unique};
use crate::kinds::Kind;
use crate::number::Number;

impl Sampler<'_, '_> {
    pub(super) fn numbers(&self, kind: Kind) -> Vec<Instance> {
        let mut numbers = vec![Number::Whole(0), Number::Whole(1), Number::Whole(-1)];
        for part in self.parts.iter().chain(self.hints) {
            for keyword in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
                if let Some(bound) = part.form.number(keyword) {
                    numbers.push(bound);
                    numbers.extend([-1.0, 1.0, 0.5, -0.5].map(|step| bound.plus(step)));
                }
            }
            if let Some(step) = part.form.number("multipleOf") {
                numbers.extend([1, 2, 3, 7, -1].map(|times| step.times(times)));
            }
            let range = part.form.text("format").and_then(formats::range);
            if let Some((least, greatest)) = range {
                numbers.extend([greatest, greatest.plus(1.0), least, least.plus(-1.0)]);
            }
        }
        numbers.extend([Number::Whole(7), Number::Whole(1_000_003)]);
        if kind == Kind::Whole {
            numbers.retain(|number| number.is_whole());
        } else {
            numbers.retain(|number| !number.is_whole());
            numbers.extend([0.5, 1.5, -0.5].into_iter().filter_map(Number::of));
        }
        unique(numbers.into_iter().map(Instance::Number).collect())
    }
}
