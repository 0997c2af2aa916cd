//! Whether every value of some schemas is a value of another one.
//!
//! "Yes" is proved by rules, "no" is shown by a value that was checked, and whatever is neither is
//! not decided. Proof and refutation never trust each other.

mod emptiness;
mod lists;
mod memory;
mod names;
mod numbers;
mod objects;
mod problem;
mod splitting;
mod texts;
mod unevaluated;
mod unions;

use crate::conjunction;
use crate::equality::Equality;
use crate::evaluate::{READINGS, is_refused, is_valid, is_valid_for_all, takes_any_text};
use crate::form::{Entry, Form, Normal, Part, Schema};
use crate::instance::Instance;
use crate::kinds::{Kind, Kinds};
use crate::sample::samples;
use crate::side::Side;
use memory::{Key, Memory};
use problem::Problem;
use std::collections::HashMap;
use std::rc::Rc;

/// The outcome.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Yes,
    /// A value of the one side that the other side refuses.
    No(Instance),
    /// Why it is not decided.
    Unknown(Rc<str>),
}

impl Answer {
    pub(crate) fn unknown(reason: &str) -> Self {
        Self::Unknown(reason.into())
    }

    pub(crate) fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }

    pub(crate) fn is_no(&self) -> bool {
        matches!(self, Self::No(_))
    }
}

/// How deep one value's schemas are nested in each other.
const MAX_NESTING: usize = 40;

/// How deep values are nested in each other.
const MAX_LEVEL: usize = 1500;

/// Pairs that are looked at for one question.
const MAX_STEPS: usize = 200_000;

/// Decides containment, and remembers what it decided.
#[derive(Default)]
pub(crate) struct Checker<'a> {
    memory: Memory,
    /// Equality of what two documents hold, by where they lie.
    equalities: HashMap<(usize, usize), Equality<'a>>,
    /// Steps into the value so far.
    level: usize,
    steps: usize,
    /// Inside of how many conditions: there, a name that only the receiver lists counts as sent.
    conditions: usize,
}

impl<'a> Checker<'a> {
    /// Whether every value that is valid for all of `senders` is valid for `receiver`.
    pub(crate) fn contains(&mut self, senders: &[Schema<'a>], receiver: Schema<'a>) -> Answer {
        self.contains_at(senders, receiver, 0)
    }

    fn contains_at(
        &mut self,
        senders: &[Schema<'a>],
        receiver: Schema<'a>,
        nesting: usize,
    ) -> Answer {
        let senders: Vec<Schema<'a>> = senders
            .iter()
            .copied()
            .filter(|one| !one.is_always())
            .collect();
        let key = Rc::new(Key::new(self.conditions > 0, &senders, receiver));
        if let Some(known) = self.memory.recall(&key, self.level) {
            return known;
        }
        if self.memory.is_idle() {
            self.steps = 0;
        }
        self.steps += 1;
        let outer = self.memory.assume(&key, self.level);
        let fits = nesting < MAX_NESTING && self.level < MAX_LEVEL && self.steps < MAX_STEPS;
        let answer = if fits {
            certain(&senders, self.decide(&senders, receiver, nesting))
        } else {
            Answer::unknown("the schemas nest too deeply")
        };
        self.memory.settle(&key, &answer, fits, outer);
        answer
    }

    /// Containment of a part of the value: a member, an item, a name.
    fn contains_part(&mut self, senders: &[Schema<'a>], receiver: Schema<'a>) -> Answer {
        self.level += 1;
        let answer = self.contains_at(senders, receiver, 0);
        self.level -= 1;
        answer
    }

    /// The same where a condition holds.
    fn within_condition<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.conditions += 1;
        let found = work(self);
        self.conditions -= 1;
        found
    }

    fn decide(&mut self, senders: &[Schema<'a>], receiver: Schema<'a>, nesting: usize) -> Answer {
        let Normal::Form(form) = receiver.normal() else {
            return self.decide_plain(senders, receiver, nesting);
        };
        let Some(parts) = conjunction::open(senders) else {
            return Answer::Yes;
        };
        if self.is_empty(&parts, nesting) || senders.iter().any(|one| self.is_equal(*one, receiver))
        {
            return Answer::Yes;
        }
        if let Some(reason) = unresolved(&parts, form) {
            return Answer::unknown(&reason);
        }
        if receiver.side.is_text() && takes_as_text(form, &parts) {
            return Answer::Yes;
        }
        if let Some(values) = conjunction::listed_values(&parts) {
            return finite(senders, &values, receiver);
        }
        let part = Part {
            side: receiver.side,
            form,
        };
        let problems = self.problems(senders, &parts, part, nesting);
        if problems.is_empty() {
            return Answer::Yes;
        }
        let candidates = problems.iter().flat_map(|problem| &problem.candidates);
        if let Some(witness) = refuting(senders, receiver, candidates) {
            return Answer::No(witness);
        }
        match self.split(senders, &parts, receiver, nesting) {
            Some(answer) if !matches!(answer, Answer::Unknown(_)) => return answer,
            _ => {}
        }
        // Where all is settled further in, sampling here would show nothing new.
        if problems.iter().all(|problem| problem.settled) {
            return Answer::Unknown(problems[0].reason.clone());
        }
        refute(senders, receiver, &problems[0].reason)
    }

    /// A receiver that takes anything, or nothing.
    fn decide_plain(
        &mut self,
        senders: &[Schema<'a>],
        receiver: Schema<'a>,
        nesting: usize,
    ) -> Answer {
        if receiver.is_always() {
            return Answer::Yes;
        }
        match conjunction::open(senders) {
            None => Answer::Yes,
            Some(parts) if self.is_empty(&parts, nesting) => Answer::Yes,
            Some(_) => refute(senders, receiver, "no value is allowed"),
        }
    }

    fn problems(
        &mut self,
        senders: &[Schema<'a>],
        parts: &[Part<'a>],
        receiver: Part<'a>,
        nesting: usize,
    ) -> Vec<Problem> {
        let form = receiver.form;
        let mut problems = Vec::new();
        let mut kinds = conjunction::kinds(parts);
        if form.has("type") {
            let taken = form.kinds();
            let mut missing = kinds.minus(&taken);
            if receiver.side.is_text() && taken.has(Kind::Text) {
                // A number or boolean may still be read as the text that is taken.
                if takes_any_text(form) {
                    missing.keep_only(Kind::Null);
                }
            }
            if !missing.is_empty() {
                let reason = format!("type {} is not accepted", missing.words());
                problems.push(Problem::shown(
                    reason,
                    of_kinds(senders, receiver.side, &missing),
                ));
            }
            kinds = kinds.and(&taken);
        }
        if let Some(values) = form.values()
            && !covers(&kinds, values)
        {
            let mut candidates = samples(senders, &[receiver.schema()]);
            candidates.truncate(40);
            problems.push(Problem::shown(
                "only listed values are accepted",
                candidates,
            ));
        }
        if kinds.has_numbers() {
            problems.extend(numbers::problems(parts, form, &kinds));
        }
        if kinds.has(Kind::Text) {
            problems.extend(texts::problems(parts, receiver));
        }
        if kinds.has(Kind::List) {
            problems.extend(self.list_problems(parts, receiver));
        }
        if kinds.has(Kind::Object) {
            problems.extend(self.object_problems(parts, receiver, nesting));
        }
        problems.extend(self.applied_problems(senders, parts, receiver, nesting));
        problems
    }

    /// Whether two schemas say the same, as their documents write them.
    pub(crate) fn is_equal(&mut self, one: Schema<'a>, other: Schema<'a>) -> bool {
        if std::ptr::eq(one.side.document, other.side.document)
            && one.side.sender != other.side.sender
        {
            return false;
        }
        let equality = self.equality(one.side, other.side);
        equality.same_node((one.side, one.node), (other.side, other.node))
    }

    fn equality(&mut self, one: &'a Side<'a>, other: &'a Side<'a>) -> &Equality<'a> {
        let address = |side: &'a Side<'a>| std::ptr::from_ref(side.document) as usize;
        let key = (address(one), address(other));
        self.equalities
            .entry(key)
            .or_insert_with(|| Equality::new(one.document, other.document))
    }

    /// Whether two parts say the same with a keyword, or both nothing.
    fn says_the_same(&mut self, one: Part<'a>, other: Part<'a>, keyword: &str) -> bool {
        match (one.form.entry(keyword), other.form.entry(keyword)) {
            (None, None) => true,
            (Some(entry), Some(other_entry)) => {
                let same_role = one.side.sender == other.side.sender;
                if std::ptr::eq(one.side.document, other.side.document) && !same_role {
                    return false;
                }
                let equality = self.equality(one.side, other.side);
                equality.same_entry((one.side, entry), (other.side, other_entry))
            }
            _ => false,
        }
    }

    /// Whether some part carries the receiver's keyword, word for word.
    fn is_implied(&mut self, parts: &[Part<'a>], receiver: Part<'a>, keyword: &str) -> bool {
        parts
            .iter()
            .any(|part| part.form.has(keyword) && self.says_the_same(*part, receiver, keyword))
    }
}

/// A value shows nothing where a reference of the sender is not followed: it may rule the value out.
fn certain(senders: &[Schema<'_>], answer: Answer) -> Answer {
    let Answer::No(_) = answer else {
        return answer;
    };
    let parts = conjunction::open(senders).unwrap_or_default();
    match parts.iter().find_map(|part| part.form.unresolved) {
        Some(reference) => Answer::unknown(&format!(
            "a reference is not resolved in the document: {reference}"
        )),
        None => answer,
    }
}

/// Why a reference that is not followed leaves it open. It is equal to itself, and compares with nothing
/// else; what stands beside it is compared.
fn unresolved(parts: &[Part<'_>], receiver: &Form<'_>) -> Option<String> {
    let reference = receiver.unresolved?;
    let mut own = parts.iter().filter_map(|part| part.form.unresolved);
    if own.any(|own| own == reference) {
        return None;
    }
    Some(format!(
        "a reference is not resolved in the document: {reference}"
    ))
}

/// Whether a form that takes texts takes whatever the parts send as text. `null` has no text.
fn takes_as_text(form: &Form<'_>, parts: &[Part<'_>]) -> bool {
    let types = form.types().unwrap_or(&[]);
    types.contains(&"string")
        && takes_any_text(form)
        && (types.contains(&"null")
            || !conjunction::kinds(parts).has(Kind::Null)
            || parts.iter().all(|part| !part.form.has("type")))
}

/// Senders that list their values: each one is tried.
fn finite(senders: &[Schema<'_>], values: &[Instance], receiver: Schema<'_>) -> Answer {
    let mut ambiguous = false;
    for value in values {
        if is_valid_for_all(senders, value, READINGS[0]) {
            if is_refused(receiver, value) {
                return Answer::No(value.clone());
            }
            ambiguous |= !is_valid(receiver, value, READINGS[0]);
        }
    }
    if ambiguous {
        Answer::unknown("the value matches several alternatives of a oneOf")
    } else {
        Answer::Yes
    }
}

/// The first value that the senders allow and the receiver refuses.
fn refuting<'i>(
    senders: &[Schema<'_>],
    receiver: Schema<'_>,
    candidates: impl IntoIterator<Item = &'i Instance>,
) -> Option<Instance> {
    let refused = candidates
        .into_iter()
        .filter(|value| is_refused(receiver, value));
    let refused: Vec<&Instance> = refused.collect();
    READINGS.into_iter().find_map(|one_of| {
        let mut values = refused.iter();
        let sent = values.find(|value| is_valid_for_all(senders, value, one_of));
        sent.map(|value| (*value).clone())
    })
}

fn refute<'a>(senders: &[Schema<'a>], receiver: Schema<'a>, reason: &str) -> Answer {
    let candidates = samples(senders, &[receiver]);
    match refuting(senders, receiver, &candidates) {
        Some(witness) => Answer::No(witness),
        None => Answer::unknown(reason),
    }
}

/// Values of kinds that are not taken.
fn of_kinds<'a>(senders: &[Schema<'a>], side: &'a Side<'a>, kinds: &Kinds<'a>) -> Vec<Instance> {
    let mut candidates = Vec::new();
    for kind in kinds.iter() {
        let side = senders.first().map_or(side, |sender| sender.side);
        let form = Form::default().with("type", Entry::Types(vec![kind.word()]));
        let mut narrowed = senders.to_vec();
        narrowed.push(Schema::new(side, side.made(form)));
        let values = samples(&narrowed, &[]);
        // A text that reads as something else shows nothing where values travel as text.
        let telling = |value: &&Instance| {
            !side.is_text() || !matches!(value, Instance::Text(_)) || value.readings().is_empty()
        };
        let first = values.iter().filter(telling);
        candidates.extend(first.chain(&values).take(12).cloned());
    }
    candidates
}

/// Whether a list of values holds every value of the kinds.
fn covers(kinds: &Kinds<'_>, values: &[&serde_json::Value]) -> bool {
    let mut others = kinds.clone();
    others.drop(Kind::Boolean);
    others.drop(Kind::Null);
    let has = |wanted: &serde_json::Value| values.contains(&wanted);
    others.is_empty()
        && (!kinds.has(Kind::Null) || has(&serde_json::Value::Null))
        && (!kinds.has(Kind::Boolean) || has(&true.into()) && has(&false.into()))
}
