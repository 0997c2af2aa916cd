//! What one comparison shares: both documents, the changes found so far, and what is known already.

use crate::containment::Checker;
use crate::equality::Equality;
use crate::finding::Finding;
use crate::report::{Change, Version, Wire};
use crate::side::{Direction, Side, Travel, Workshop};
use crate::walk::{Known, Walk};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::LazyLock;
use time::Date;

/// What stands for a schema that is not there.
static ANYTHING: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));

pub(crate) struct Comparison<'a> {
    pub(crate) old: &'a Value,
    pub(crate) new: &'a Value,
    /// The day that a sunset is held against.
    pub(crate) today: Date,
    /// The operation at hand, as `GET /v1/apps`.
    pub(crate) operation: Option<String>,
    /// The old document promises nothing for the operation at hand.
    pub(crate) lenient: bool,
    pub(crate) checker: Checker<'a>,
    pub(crate) equality: Equality<'a>,
    pub(crate) known: Known,
    pub(crate) validators: crate::validators::Validators,
    workshop: &'a Workshop<'a>,
    sides: HashMap<(Version, Direction, Travel), &'a Side<'a>>,
    changes: Vec<Change>,
    /// The places of all changes in the order in which they were emitted, each time anew.
    emitted: Vec<usize>,
    /// Where the change with a rule, a pointer and a message stands.
    index: HashMap<(String, String, String), usize>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(
        workshop: &'a Workshop<'a>,
        old: &'a Value,
        new: &'a Value,
        today: Date,
    ) -> Self {
        Self {
            old,
            new,
            today,
            operation: None,
            lenient: false,
            checker: Checker::default(),
            equality: Equality::new(old, new),
            known: Known::default(),
            validators: crate::validators::Validators::default(),
            workshop,
            sides: HashMap::new(),
            changes: Vec::new(),
            emitted: Vec::new(),
            index: HashMap::new(),
        }
    }

    /// The changes, in the order in which they were found.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Adds a finding. The same change is listed once, with the operations it reaches and the worst
    /// verdict that it had anywhere.
    pub(crate) fn emit(&mut self, finding: Finding) {
        let mut finding = finding;
        if self.lenient && finding.wire == Wire::Breaking {
            finding.wire = Wire::Unknown;
            finding.witness = None;
            finding = finding.because(
                "the old document marks the operation draft or alpha: no compatibility is promised",
            );
        }
        let Finding {
            rule,
            wire,
            pointer,
            message,
            witness,
            reason,
        } = finding;
        let key = (rule.clone(), pointer.clone(), message.clone());
        if let Some(place) = self.index.get(&key).copied() {
            if let Some(change) = self.changes.get_mut(place)
                && wire > change.wire
            {
                (change.wire, change.witness, change.reason) = (wire, witness, reason);
            }
            self.reach(&[place]);
            return;
        }
        self.emitted.push(self.changes.len());
        self.index.insert(key, self.changes.len());
        self.changes.push(Change {
            behaviour: crate::behaviour::is_behaviour(&rule),
            rule,
            wire,
            operation: self.operation.clone(),
            also: Vec::new(),
            pointer,
            message,
            witness,
            reason,
        });
    }

    /// The places of the changes so far.
    pub(crate) fn pointers(&self) -> impl Iterator<Item = &str> {
        self.changes.iter().map(|change| change.pointer.as_str())
    }

    /// How many changes were emitted so far.
    pub(crate) fn emitted(&self) -> usize {
        self.emitted.len()
    }

    /// The changes that were emitted since, each once.
    pub(crate) fn emitted_since(&self, before: usize) -> Rc<[usize]> {
        let since: BTreeSet<usize> = self.emitted[before..].iter().copied().collect();
        since.into_iter().collect()
    }

    /// Adds the operation at hand to those that some changes reach.
    pub(crate) fn reach(&mut self, places: &[usize]) {
        for place in places {
            self.emitted.push(*place);
            if let Some(operation) = &self.operation
                && let Some(change) = self.changes.get_mut(*place)
                && change.operation.as_ref() != Some(operation)
                && !change.also.contains(operation)
            {
                change.also.push(operation.clone());
            }
        }
    }

    /// Keeps a value that the comparison made for as long as the documents.
    pub(crate) fn keep(&self, value: Value) -> &'a Value {
        self.workshop.values.alloc(value)
    }

    pub(crate) fn side(
        &mut self,
        version: Version,
        direction: Direction,
        travel: Travel,
    ) -> &'a Side<'a> {
        let document = match version {
            Version::Old => self.old,
            Version::New => self.new,
        };
        let workshop = self.workshop;
        let sides = self.sides.entry((version, direction, travel));
        sides.or_insert_with(|| Side::new(workshop, document, version, direction, travel))
    }

    /// Compares two schemas (none: anything) and returns the worst verdict of their differences.
    pub(crate) fn schema(
        &mut self,
        old: Option<&'a Value>,
        new: Option<&'a Value>,
        direction: Direction,
        travel: Travel,
        area: &'static str,
        pointer: &str,
    ) -> Wire {
        let anything: &'a Value = &ANYTHING;
        let mut walk = Walk::new(self, direction, travel, area);
        let worst = walk.compare(old.unwrap_or(anything), new.unwrap_or(anything), pointer);
        worst.wire()
    }

    /// Whether every value of the old schema, as a client sends it in text, is one of the new one.
    pub(crate) fn text_is_contained(&mut self, old: &'a Value, new: &'a Value) -> bool {
        let mut walk = Walk::new(self, Direction::Request, Travel::Text, "param");
        walk.is_contained(old, new)
    }
}
