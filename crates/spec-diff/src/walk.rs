//! All changes between two schemas, each with its own verdict.
//!
//! A schema is the conjunction of its keywords, so the sender's schema lies within the receiver's
//! exactly if it lies within each group of its keywords. Each change is judged by the group that it
//! touches: the whole schema of the sender against that one group of the receiver. A group that does
//! not hold yields the witness.

mod alone;
mod annotations;
mod children;
mod keywords;
mod pairs;
mod properties;
mod unions;
mod verdicts;

use crate::comparison::Comparison;
use crate::containment::Answer;
use crate::finding::Finding;
use crate::form::{Entry, Form, Node, Normal, Schema};
use crate::json;
use crate::report::{Version, Wire, Witness};
use crate::side::{Direction, Side, Travel};
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;
use verdicts::{Bound, Worst, below};

/// Pairs of schemas that were walked.
pub(crate) type Known = HashMap<KnownKey, Walked>;

/// Direction, travel and area, whether nothing is promised there, and where the two schemas lie.
type KnownKey = (Direction, Travel, &'static str, bool, usize, usize);

/// Under which bound a pair was walked, and what was found.
#[derive(Clone)]
pub(crate) struct Walked {
    bound: Bound,
    worst: Worst,
    /// The changes below it, by their places: another operation may reach them as well.
    changes: Rc<[usize]>,
}

/// A walk over the schemas of one place of the documents.
pub(crate) struct Walk<'c, 'a> {
    comparison: &'c mut Comparison<'a>,
    old: &'a Side<'a>,
    new: &'a Side<'a>,
    area: &'static str,
}

/// Two schemas that are compared.
struct Pair<'a> {
    old: &'a Value,
    new: &'a Value,
    old_form: &'a Form<'a>,
    new_form: &'a Form<'a>,
    pointer: String,
    bound: Bound,
    /// The bound before the pair itself was found to be contained.
    given: Bound,
    /// Whether it can matter that the sender's schema takes nothing at all.
    may_be_dead: bool,
    dead: OnceCell<bool>,
    /// Whether it was found to be contained, and values speak against it.
    is_doubted: bool,
}

/// What a change says beside its verdict.
struct Said<'s> {
    rule: &'s str,
    pointer: &'s str,
    message: String,
    bound: Bound,
    /// How the witness is read, where it is not held against the whole schema.
    reading: Option<&'static str>,
}

impl<'c, 'a> Walk<'c, 'a> {
    pub(crate) fn new(
        comparison: &'c mut Comparison<'a>,
        direction: Direction,
        travel: Travel,
        area: &'static str,
    ) -> Self {
        let old = comparison.side(Version::Old, direction, travel);
        let new = comparison.side(Version::New, direction, travel);
        Self {
            comparison,
            old,
            new,
            area,
        }
    }

    /// Lists the changes below two schemas; returns the worst verdict.
    pub(crate) fn compare(&mut self, old: &'a Value, new: &'a Value, pointer: &str) -> Worst {
        self.walk(old, new, pointer, Bound::Free)
    }

    pub(crate) fn is_contained(&mut self, old: &'a Value, new: &'a Value) -> bool {
        self.check(Node::Written(old), Node::Written(new)).is_yes()
    }

    fn is_request(&self) -> bool {
        self.old.direction == Direction::Request
    }

    /// The sender's and the receiver's of two things.
    fn by_role<T>(&self, old: T, new: T) -> (T, T) {
        if self.is_request() {
            (old, new)
        } else {
            (new, old)
        }
    }

    fn roles(&self) -> (&'a Side<'a>, &'a Side<'a>) {
        self.by_role(self.old, self.new)
    }

    /// Whether what one side sends lies within what the other one takes.
    fn check(&mut self, old: Node<'a>, new: Node<'a>) -> Answer {
        let (sender, receiver) =
            self.by_role(Schema::new(self.old, old), Schema::new(self.new, new));
        self.comparison.checker.contains(&[sender], receiver)
    }

    /// The sender's whole schema against one part of the receiver's; none: it has no such part.
    fn against(&mut self, pair: &Pair<'a>, old: Option<Form<'a>>, new: Option<Form<'a>>) -> Answer {
        let (sender, _) = self.by_role(pair.old, pair.new);
        let (_, part) = self.by_role(old, new);
        let (sending, receiving) = self.roles();
        let Some(part) = part else {
            return Answer::Yes;
        };
        let part = self.with_type(pair, part);
        let sender = Schema::new(sending, Node::Written(sender));
        let receiver = Schema::new(receiving, receiving.made(part));
        self.comparison.checker.contains(&[sender], receiver)
    }

    /// Where values travel as text, a part without its type would take every number as a text.
    fn with_type(&self, pair: &Pair<'a>, part: Form<'a>) -> Form<'a> {
        let types = pair.new_form.types();
        match types {
            Some(types)
                if self.new.is_text()
                    && !part.has("type")
                    && pair.old_form.types() == Some(types) =>
            {
                part.with("type", Entry::Types(types.to_vec()))
            }
            _ => part,
        }
    }

    fn form_of(side: &'a Side<'a>, value: &'a Value) -> &'a Form<'a> {
        match side.normal(Node::Written(value)) {
            Normal::Form(form) => form,
            _ => side.workshop.forms.alloc(Form::default()),
        }
    }

    fn walk(&mut self, old: &'a Value, new: &'a Value, pointer: &str, bound: Bound) -> Worst {
        // A change is reported where the component is defined.
        let component = component_pointer(self.new, new);
        let pointer = component.unwrap_or(pointer);
        let (old, new) = (self.old.resolve(old), self.new.resolve(new));
        if self.comparison.equality.same(old, new) {
            return Worst::Nothing;
        }
        let key = self.known_key(old, new);
        if let Some(walked) = self.comparison.known.get(&key)
            && walked.bound <= bound
        {
            let walked = walked.clone();
            self.comparison.reach(&walked.changes);
            return walked.worst;
        }
        let emitted = self.comparison.emitted();
        self.comparison.known.insert(
            key,
            Walked {
                bound,
                worst: Worst::Open,
                changes: Rc::default(),
            },
        );
        let whole = if bound >= Bound::Contained {
            Answer::Yes
        } else {
            self.check(Node::Written(old), Node::Written(new))
        };
        let is_proved = whole.is_yes();
        let whole = self.doubted(whole, old, new, bound);
        let inner = if whole.is_yes() && bound != Bound::Hidden {
            Bound::Contained
        } else {
            bound
        };
        let pair = Pair {
            old,
            new,
            old_form: Self::form_of(self.old, old),
            new_form: Self::form_of(self.new, new),
            pointer: pointer.to_owned(),
            bound: inner,
            given: bound,
            may_be_dead: !whole.is_no() && !matches!(bound, Bound::Hidden | Bound::Undecided),
            dead: OnceCell::new(),
            is_doubted: is_proved && !whole.is_yes(),
        };
        let worst = self.changes(&pair, &whole);
        let changes = self.comparison.emitted_since(emitted);
        self.comparison.known.insert(
            key,
            Walked {
                bound,
                worst,
                changes,
            },
        );
        worst
    }

    fn known_key(&self, old: &'a Value, new: &'a Value) -> KnownKey {
        let address = |value: &'a Value| std::ptr::from_ref(value) as usize;
        (
            self.old.direction,
            self.old.travel,
            self.area,
            self.comparison.lenient,
            address(old),
            address(new),
        )
    }

    fn changes(&mut self, pair: &Pair<'a>, whole: &Answer) -> Worst {
        let is_plain = |value: &Value| value.is_object() && value.get("$ref").is_none();
        if !is_plain(pair.old) || !is_plain(pair.new) {
            let (old, new) = (json::show(Some(pair.old)), json::show(Some(pair.new)));
            let message = format!("schema changed from {old} to {new}");
            return self.put(
                pair,
                whole,
                &Said::new("schema-replaced", pair, &pair.pointer, message),
            );
        }
        let mut worst = self.keyword_changes(pair);
        if pair.old_form.unresolved != pair.new_form.unresolved {
            let message = "a reference that is not followed leads elsewhere".to_owned();
            let said = Said::new("reference-changed", pair, &pair.pointer, message);
            worst = worst.max(self.put(pair, whole, &said));
        }
        let told = worst.explains() || pair.is_doubted && worst == Worst::Unknown;
        if !whole.is_no() && !pair.is_doubted || told || pair.bound != Bound::Free {
            return worst;
        }
        let rule = if self.is_request() {
            "schema-narrowed"
        } else {
            "schema-widened"
        };
        let message = "the changes together are not contained".to_owned();
        self.put(pair, whole, &Said::new(rule, pair, &pair.pointer, message))
    }

    /// A containment that values speak against is not decided.
    fn doubted(&mut self, whole: Answer, old: &'a Value, new: &'a Value, bound: Bound) -> Answer {
        if !whole.is_yes() || bound >= Bound::Contained {
            return whole;
        }
        let (sender, receiver) = self.by_role(
            Schema::new(self.old, Node::Written(old)),
            Schema::new(self.new, Node::Written(new)),
        );
        match self.comparison.validators.leak(sender, receiver) {
            None => whole,
            Some(leak) => Answer::unknown(&format!(
                "it was found to be contained, but a validator refuses {leak}"
            )),
        }
    }

    /// Reports a change, judged by how its group compares.
    fn put(&mut self, pair: &Pair<'a>, answer: &Answer, said: &Said<'_>) -> Worst {
        let mut wire = match answer {
            Answer::Yes => Wire::Compatible,
            Answer::No(_) => Wire::Breaking,
            Answer::Unknown(_) => Wire::Unknown,
        };
        let mut reason = match answer {
            Answer::Unknown(reason) => reason.to_string(),
            _ => "the enclosing schema is not decided".to_owned(),
        };
        match said.bound {
            Bound::Contained | Bound::Hidden => wire = Wire::Compatible,
            Bound::Undecided => wire = wire.min(Wire::Unknown),
            Bound::Free => {}
        }
        let mut finding = Finding::new(
            format!("{}-{}", self.area, said.rule),
            wire,
            said.pointer,
            said.message.clone(),
        );
        if wire == Wire::Breaking
            && let Answer::No(instance) = answer
        {
            let (sender, receiver) = self.by_role(pair.old, pair.new);
            let (sending, receiving) = self.roles();
            let sender = Schema::new(sending, Node::Written(sender));
            let receiver = Schema::new(receiving, Node::Written(receiver));
            let value = instance.to_value();
            let doubts = said.reading.is_none()
                && self
                    .comparison
                    .validators
                    .contradict(sender, receiver, &value);
            if doubts {
                finding.wire = Wire::Unknown;
                reason = format!("a validator does not confirm that {value} shows a break");
            } else {
                finding.witness = Some(Witness {
                    instance: value,
                    valid_under: sending.version,
                    invalid_under: receiving.version,
                    reading: said.reading.map(str::to_owned),
                });
            }
        }
        let wire = finding.wire;
        self.comparison.emit(finding.because(reason));
        Worst::of(wire)
    }

    /// Reports what no containment decides.
    fn note(
        &mut self,
        rule: &str,
        wire: Wire,
        pointer: &str,
        message: String,
        reason: &str,
    ) -> Worst {
        let finding = Finding::new(format!("{}-{rule}", self.area), wire, pointer, message);
        self.comparison.emit(finding.because(reason));
        Worst::of(wire)
    }
}

impl<'s> Said<'s> {
    fn new(rule: &'s str, pair: &Pair<'_>, pointer: &'s str, message: String) -> Self {
        Self {
            rule,
            pointer,
            message,
            bound: pair.bound,
            reading: None,
        }
    }
}

/// The pointer of the component that a pure reference ends at.
fn component_pointer<'a>(side: &'a Side<'a>, node: &'a Value) -> Option<&'a str> {
    let resolved = side.resolve(node);
    if std::ptr::eq(resolved, node) {
        return None;
    }
    let mut node = node;
    let mut pointer = None;
    for _ in 0..json::MAX_REFERENCES {
        let Some(reference) = node.get("$ref").and_then(Value::as_str) else {
            break;
        };
        let Some(target) = json::lookup(side.document, reference) else {
            break;
        };
        pointer = reference.strip_prefix('#');
        node = target;
    }
    pointer
}

/// `additionalProperties` in kebab case, for the name of a rule.
fn kebab(keyword: &str) -> String {
    let mut text = String::new();
    for character in keyword.chars().filter(|character| *character != '$') {
        if character.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

/// How a keyword changed, by where it stands.
fn action(old: bool, new: bool) -> &'static str {
    match (old, new) {
        (true, true) => "changed",
        (false, _) => "added",
        (true, false) => "removed",
    }
}
