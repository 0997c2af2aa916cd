//! Obligations of texts.

use super::Problem;
use crate::conjunction;
use crate::form::{Form, Part};
use crate::formats;
use crate::instance::Instance;
use crate::pattern::{Inclusion, is_anything_but_empty, is_universal};

pub(super) fn problems(parts: &[Part<'_>], receiver: Part<'_>) -> Vec<Problem> {
    let form = receiver.form;
    let mut problems = Vec::new();
    let fixed = parts.iter().find_map(|part| fixed_length(part.form));
    let least = conjunction::least(parts, "minLength").max(fixed.unwrap_or(0));
    let most = conjunction::most(parts, "maxLength")
        .into_iter()
        .chain(fixed)
        .min();
    if form.count("minLength").is_some_and(|taken| taken > least) {
        problems.push(Problem::new("shorter texts are not accepted"));
    }
    if let Some(taken) = form.count("maxLength")
        && most.is_none_or(|most| most > taken)
    {
        problems.push(Problem::new("longer texts are not accepted"));
    }
    problems.extend(pattern_problem(parts, receiver, least));
    problems.extend(format_problem(parts, form));
    for keyword in ["contentEncoding", "contentMediaType"] {
        if let Some(wanted) = form.text(keyword)
            && !parts
                .iter()
                .any(|part| part.form.text(keyword) == Some(wanted))
        {
            problems.push(Problem::new(format!("{keyword} {wanted} is expected")));
        }
    }
    problems
}

fn pattern_problem(parts: &[Part<'_>], receiver: Part<'_>, least: u64) -> Option<Problem> {
    let wanted = receiver.form.text("pattern")?;
    if is_universal(wanted) || is_anything_but_empty(wanted) && least > 0 {
        return None;
    }
    let mut candidates = Vec::new();
    for own in parts.iter().filter_map(|part| part.form.text("pattern")) {
        match receiver.side.workshop.patterns.within(own, wanted) {
            Inclusion::Yes => return None,
            Inclusion::No(text) => candidates.push(Instance::text(&text)),
            Inclusion::Undecided => {}
        }
    }
    let reason = format!("containment of patterns is not decided: {wanted}");
    Some(Problem::shown(reason, candidates))
}

fn format_problem(parts: &[Part<'_>], receiver: &Form<'_>) -> Option<Problem> {
    let wanted = receiver.text("format")?;
    let own: Vec<&str> = parts
        .iter()
        .filter_map(|part| part.form.text("format"))
        .collect();
    if formats::range(wanted).is_some() || own.iter().any(|own| formats::within(own, wanted)) {
        return None;
    }
    let reason = if formats::is_known(wanted) {
        format!("values of format {wanted:?} are a narrower set")
    } else {
        format!("format {wanted:?} is not one whose values are defined")
    };
    let candidates = own.iter().flat_map(|own| formats::samples(own));
    Some(Problem::shown(
        reason,
        candidates.map(|text| Instance::text(text)).collect(),
    ))
}

/// The length that a format fixes.
fn fixed_length(form: &Form<'_>) -> Option<u64> {
    match form.text("format") {
        Some("uuid") => Some(36),
        Some("date") => Some(10),
        _ => None,
    }
}
