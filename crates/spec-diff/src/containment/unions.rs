//! Obligations that apply other schemas to the same value: parts, alternatives, exclusions,
//! conditions.

use super::{Answer, Checker, Problem};
use crate::form::{Entry, Form, Node, Part, Schema};
use crate::sample::samples;

impl<'a> Checker<'a> {
    pub(super) fn applied_problems(
        &mut self,
        senders: &[Schema<'a>],
        parts: &[Part<'a>],
        receiver: Part<'a>,
        nesting: usize,
    ) -> Vec<Problem> {
        let form = receiver.form;
        let mut problems = Vec::new();
        for node in form.schemas("allOf") {
            let answer = self.contains_at(senders, receiver.at(*node), nesting + 1);
            problems.extend(problem_of(answer, "a part of allOf does not hold"));
        }
        for keyword in ["anyOf", "oneOf"] {
            if form.has(keyword) && !self.is_implied(parts, receiver, keyword) {
                problems.extend(self.union_problem(senders, receiver, keyword, nesting));
            }
        }
        if form.has("not") && !self.is_implied(parts, receiver, "not") {
            problems.extend(self.within_condition(|checker| {
                checker.exclusion_problem(senders, parts, receiver, nesting)
            }));
        }
        if form.has("if") && (form.has("then") || form.has("else")) {
            problems.extend(self.within_condition(|checker| {
                checker.condition_problem(senders, parts, receiver, nesting)
            }));
        }
        problems
    }

    fn union_problem(
        &mut self,
        senders: &[Schema<'a>],
        receiver: Part<'a>,
        keyword: &str,
        nesting: usize,
    ) -> Option<Problem> {
        let alternatives = receiver.form.schemas(keyword);
        let mut candidates = Vec::new();
        let mut reason = None;
        let mut taken = None;
        for (index, node) in alternatives.iter().enumerate() {
            match self.contains_at(senders, receiver.at(*node), nesting + 1) {
                Answer::Yes => {
                    taken = Some(index);
                    break;
                }
                Answer::No(witness) => candidates.push(witness),
                Answer::Unknown(why) => reason = reason.or(Some(why)),
            }
        }
        let Some(taken) = taken else {
            let reason = reason.unwrap_or_else(|| "no single alternative takes every value".into());
            return Some(Problem::shown(reason, candidates));
        };
        let overlaps = keyword == "oneOf"
            && alternatives.iter().enumerate().any(|(index, node)| {
                index != taken && !self.are_disjoint(senders, receiver.at(*node), 0)
            });
        overlaps.then(|| {
            Problem::settled("alternatives of oneOf overlap: a value may match more than one")
        })
    }

    fn exclusion_problem(
        &mut self,
        senders: &[Schema<'a>],
        parts: &[Part<'a>],
        receiver: Part<'a>,
        nesting: usize,
    ) -> Option<Problem> {
        let excluded = receiver.at(receiver.form.schema("not")?);
        let implied = parts.iter().any(|part| {
            let own = part.form.schema("not").map(|node| part.at(node));
            own.is_some_and(|own| self.contains_at(&[excluded], own, nesting + 1).is_yes())
        });
        if implied || self.are_disjoint(senders, excluded, 0) {
            return None;
        }
        let mut both = senders.to_vec();
        both.push(excluded);
        Some(Problem::shown(
            "a value may match the schema under not",
            samples(&both, &[]),
        ))
    }

    fn condition_problem(
        &mut self,
        senders: &[Schema<'a>],
        parts: &[Part<'a>],
        receiver: Part<'a>,
        nesting: usize,
    ) -> Option<Problem> {
        let words = ["if", "then", "else"];
        let implied = parts.iter().any(|part| {
            part.form.has("if")
                && words
                    .into_iter()
                    .all(|word| self.says_the_same(*part, receiver, word))
        });
        if implied {
            return None;
        }
        let branch = |word| receiver.at(receiver.form.schema(word).unwrap_or(Node::Always));
        let condition = branch("if");
        let held = self.condition_holds(senders, condition, branch("then"), nesting);
        let unheld = self.condition_fails(senders, condition, branch("else"), nesting);
        if held.is_yes() && unheld.is_yes() {
            return None;
        }
        let candidates = [held, unheld]
            .into_iter()
            .filter_map(|answer| match answer {
                Answer::No(witness) => Some(witness),
                _ => None,
            });
        Some(Problem::shown(
            "a conditional (if/then/else) is not implied",
            candidates.collect(),
        ))
    }

    /// Where the condition holds, what follows has to.
    fn condition_holds(
        &mut self,
        senders: &[Schema<'a>],
        condition: Schema<'a>,
        consequence: Schema<'a>,
        nesting: usize,
    ) -> Answer {
        if self.are_disjoint(senders, condition, 0) {
            return Answer::Yes;
        }
        let answer = self.contains_at(senders, consequence, nesting + 1);
        if answer.is_yes() {
            return answer;
        }
        let mut narrowed = senders.to_vec();
        narrowed.push(condition);
        self.contains_at(&narrowed, consequence, nesting + 1)
    }

    /// Where it does not, the other branch has to.
    fn condition_fails(
        &mut self,
        senders: &[Schema<'a>],
        condition: Schema<'a>,
        consequence: Schema<'a>,
        nesting: usize,
    ) -> Answer {
        let answer = self.contains_at(senders, consequence, nesting + 1);
        if answer.is_yes() || self.contains_at(senders, condition, nesting + 1).is_yes() {
            return Answer::Yes;
        }
        let otherwise = Form::default().with("not", Entry::Schema(condition.node));
        let mut narrowed = senders.to_vec();
        narrowed.push(Schema::new(condition.side, condition.side.made(otherwise)));
        self.contains_at(&narrowed, consequence, nesting + 1)
    }
}

fn problem_of(answer: Answer, reason: &str) -> Option<Problem> {
    match answer {
        Answer::Yes => None,
        Answer::No(witness) => Some(Problem::shown(reason, vec![witness])),
        Answer::Unknown(reason) => Some(Problem::new(reason)),
    }
}
