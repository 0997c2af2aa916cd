//! Documents that contradict themselves.
//!
//! `maximum` beside `type: string`, or a schema that takes nothing at all: strictly, no change there
//! changes anything. But the document does not say which half is meant, so a keyword that changed is
//! judged by itself, and the witness says so.

use super::keywords::group_of;
use super::{Bound, Pair, Walk};
use crate::containment::Answer;
use crate::evaluate::{OneOf, READINGS, is_valid};
use crate::form::{Entry, Form, Node, Schema};
use crate::instance::Instance;
use crate::kinds::{Kind, Kinds};
use crate::sample;
use serde_json::Value;

/// How such a witness is read.
pub(super) const ALONE: &str =
    "the keyword alone: its neighbours leave it without effect, so the document contradicts itself";

impl<'a> Walk<'_, 'a> {
    /// What shows that a keyword, read alone, breaks; none where it has a say of its own.
    pub(super) fn alone_change(
        &mut self,
        pair: &Pair<'a>,
        keyword: &'a str,
        answer: &Answer,
    ) -> Option<Instance> {
        let both = pair.old_form.has(keyword) && pair.new_form.has(keyword);
        if answer.is_no() || !both || matches!(pair.given, Bound::Hidden | Bound::Undecided) {
            return None;
        }
        let silent = self.is_idle(pair, keyword)
            || self.is_dead(pair)
            || keyword == "oneOf"
                && matches!(answer, Answer::Unknown(_))
                && self.takes_nothing(pair);
        if !silent {
            return None;
        }
        match self.alone(pair, keyword) {
            Answer::No(witness) => Some(witness),
            _ => None,
        }
    }

    /// Whether the sender's schema has no value that can be found.
    pub(super) fn is_dead(&self, pair: &Pair<'a>) -> bool {
        let dead = || sample::first_valid(&[self.sender(pair)], 1).is_none();
        *pair.dead.get_or_init(|| pair.may_be_dead && dead())
    }

    /// The same where alternatives exclude each other.
    fn takes_nothing(&self, pair: &Pair<'a>) -> bool {
        let sender = self.sender(pair);
        let values = sample::few(&[sender], 1, 24);
        !values
            .iter()
            .any(|value| is_valid(sender, value, OneOf::Exactly))
    }

    /// Whether the sender's whole schema takes a value.
    pub(super) fn is_sent(&self, pair: &Pair<'a>, value: &Value) -> bool {
        let (sender, value) = (self.sender(pair), Instance::read(value));
        READINGS
            .into_iter()
            .any(|one_of| is_valid(sender, &value, one_of))
    }

    fn sender(&self, pair: &Pair<'a>) -> Schema<'a> {
        let (sender, _) = self.by_role(
            Schema::new(self.old, Node::Written(pair.old)),
            Schema::new(self.new, Node::Written(pair.new)),
        );
        sender
    }

    /// Whether the declared type leaves a keyword nothing to say.
    fn is_idle(&self, pair: &Pair<'a>, keyword: &str) -> bool {
        let (sender, _) = self.by_role(pair.old_form, pair.new_form);
        if keyword == "format" {
            let formats = [pair.old_form, pair.new_form].map(|form| form.text("format"));
            let of_numbers = ["int32", "int64", "float", "double"].map(Some);
            let of_texts = formats.iter().any(|format| !of_numbers.contains(format));
            let types = sender.types();
            return types.is_some_and(|types| !types.contains(&"string")) && of_texts;
        }
        let Some(kind) = kind_of(keyword) else {
            return false;
        };
        sender.kinds().and(&Kinds::of(&[kind])).is_empty()
    }

    /// Whether the sender's declared type leaves no objects.
    pub(super) fn has_no_objects(&self, pair: &Pair<'a>) -> bool {
        let (sender, _) = self.by_role(pair.old_form, pair.new_form);
        !sender.kinds().has(Kind::Object)
    }

    /// The comparison of a keyword, or of its group, without its neighbours.
    pub(super) fn alone(&mut self, pair: &Pair<'a>, keyword: &str) -> Answer {
        let kind = kind_of(keyword).or((keyword == "format").then_some("string"));
        let group = group_of(keyword);
        let part = |form: &Form<'a>| {
            let part = form.only(&group).unwrap_or_default();
            match kind {
                Some(kind) => part.with("type", Entry::Types(vec![kind])),
                None => part,
            }
        };
        let old = self.old.made(part(pair.old_form));
        let new = self.new.made(part(pair.new_form));
        let answer = self.check(old, new);
        if keyword == "oneOf" && !answer.is_no() {
            return self.lost_alternative(pair);
        }
        answer
    }

    /// A `oneOf` that takes nothing, read as the list that it is: an alternative of the sender that has no
    /// counterpart among those of the receiver, which refuses a value of it.
    fn lost_alternative(&mut self, pair: &Pair<'a>) -> Answer {
        let (sending, receiving) = self.roles();
        let (sender, receiver) = self.by_role(pair.old_form, pair.new_form);
        let whole = receiver.only(&["oneOf"]).unwrap_or_default();
        let whole = Schema::new(receiving, receiving.made(whole));
        let mut left: Vec<Node<'a>> = receiver.schemas("oneOf").to_vec();
        let mut unpaired = Vec::new();
        for alternative in sender.schemas("oneOf") {
            let name = reference(*alternative);
            let same = left
                .iter()
                .position(|other| name.is_some() && reference(*other) == name);
            match same {
                Some(place) => drop(left.remove(place)),
                None => unpaired.push(Schema::new(sending, *alternative)),
            }
        }
        for alternative in unpaired {
            let takes = |walk: &mut Self, other: Node<'a>| {
                let other = Schema::new(receiving, other);
                walk.comparison
                    .checker
                    .contains(&[alternative], other)
                    .is_yes()
            };
            if let Some(place) = (0..left.len()).find(|place| takes(self, left[*place])) {
                left.remove(place);
                continue;
            }
            let lost = |value: &Instance| {
                is_valid(alternative, value, OneOf::Exactly)
                    && !is_valid(whole, value, OneOf::Exactly)
            };
            let mut values = sample::samples(&[alternative], &[]).into_iter();
            if let Some(value) = values.find(lost) {
                return Answer::No(value);
            }
        }
        Answer::unknown("alternatives of oneOf overlap")
    }
}

/// The component that a schema refers to.
fn reference(node: Node<'_>) -> Option<&str> {
    match node {
        Node::Written(value) => value.get("$ref")?.as_str(),
        _ => None,
    }
}

/// The kind of value that a keyword speaks of.
fn kind_of(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => "number",
        "minLength" | "maxLength" | "pattern" | "contentEncoding" | "contentMediaType" => "string",
        "minItems" | "maxItems" | "uniqueItems" | "contains" | "minContains" | "maxContains" => {
            "array"
        }
        "minProperties" | "maxProperties" => "object",
        _ => return None,
    })
}
