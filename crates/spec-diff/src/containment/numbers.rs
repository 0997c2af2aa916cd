//! Obligations of numbers.

use super::Problem;
use crate::conjunction;
use crate::form::{Form, Part};
use crate::formats;
use crate::kinds::{Kind, Kinds};
use crate::number::Number;

pub(super) fn problems(parts: &[Part<'_>], receiver: &Form<'_>, kinds: &Kinds<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let forms: Vec<&Form<'_>> = parts.iter().map(|part| part.form).collect();
    let (least, greatest) = bounds(&forms, kinds);
    let (least_taken, greatest_taken) = bounds(&[receiver], kinds);
    if let Some(taken) = least_taken
        && least.is_none_or(|least| least < taken)
    {
        problems.push(Problem::new("smaller numbers are not accepted"));
    }
    if let Some(taken) = greatest_taken
        && greatest.is_none_or(|greatest| greatest > taken)
    {
        problems.push(Problem::new("greater numbers are not accepted"));
    }
    if let Some(step) = receiver.number("multipleOf") {
        let steps = conjunction::numbers(parts, "multipleOf");
        let whole = !kinds.has(Kind::Fraction) && step == Number::Whole(1);
        if !whole && !steps.iter().any(|own| own.is_multiple_of(step)) {
            let step = step.to_value();
            problems.push(Problem::new(format!(
                "only multiples of {step} are accepted"
            )));
        }
    }
    let Some(format) = receiver.text("format") else {
        return problems;
    };
    let own = |wanted: &str| forms.iter().any(|form| form.text("format") == Some(wanted));
    if !formats::is_known(format)
        && !formats::is_precision(format)
        && !kinds.has(Kind::Text)
        && !own(format)
    {
        let reason = format!("format {format:?} is not one whose values are defined");
        problems.push(Problem::new(reason));
    }
    if formats::is_precision(format) && kinds.has(Kind::Fraction) && !own("float") && !own(format) {
        let reason = format!("format {format:?} may hold fewer values (precision)");
        problems.push(Problem::new(reason));
    }
    problems
}

/// A bound, and how far beyond it the first number lies that it allows: 0 at the bound itself.
type Bound = (Number, i8);

/// What is known about the least and the greatest number. A bound of whole numbers that leaves itself
/// out is the one next to it.
fn bounds(forms: &[&Form<'_>], kinds: &Kinds<'_>) -> (Option<Bound>, Option<Bound>) {
    let whole = !kinds.has(Kind::Fraction);
    let inward = |bound: Number, step: i8| {
        if whole && bound.is_whole() {
            (bound.plus(f64::from(step)), 0)
        } else {
            (bound, step)
        }
    };
    let mut least: Vec<Bound> = Vec::new();
    let mut greatest: Vec<Bound> = Vec::new();
    for form in forms {
        least.extend(form.number("minimum").map(|bound| (bound, 0)));
        least.extend(
            form.number("exclusiveMinimum")
                .map(|bound| inward(bound, 1)),
        );
        greatest.extend(form.number("maximum").map(|bound| (bound, 0)));
        greatest.extend(
            form.number("exclusiveMaximum")
                .map(|bound| inward(bound, -1)),
        );
        if let Some((lowest, highest)) = form.text("format").and_then(formats::range) {
            least.push((lowest, 0));
            greatest.push((highest, 0));
        }
    }
    (least.into_iter().max(), greatest.into_iter().min())
}
