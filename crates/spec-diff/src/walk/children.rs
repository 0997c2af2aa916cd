//! The schemas of members and items that no name lists.

use super::keywords::show;
use super::{Bound, Pair, Said, Walk, Worst, action, below, kebab};
use crate::form::{Entry, Form, Node};
use crate::json;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Walk<'_, 'a> {
    pub(super) fn child_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let mut worst = Worst::Nothing;
        for keyword in ["items", "additionalProperties"] {
            worst = worst.max(self.rest_change(pair, keyword));
        }
        worst = worst.max(self.first_item_changes(pair));
        for keyword in ["patternProperties", "dependentRequired", "dependentSchemas"] {
            worst = worst.max(self.named_changes(pair, keyword));
        }
        worst
    }

    fn rest_change(&mut self, pair: &Pair<'a>, keyword: &'a str) -> Worst {
        let (old, new) = (pair.old_form.schema(keyword), pair.new_form.schema(keyword));
        if old.is_none() && new.is_none() {
            return Worst::Nothing;
        }
        let (old_node, new_node) = (old.unwrap_or(Node::Always), new.unwrap_or(Node::Always));
        let equality = &self.comparison.equality;
        if equality.same_node((self.old, old_node), (self.new, new_node)) {
            return Worst::Nothing;
        }
        let part = |form: &Form<'a>| form.has(keyword).then(|| rest_part(form, keyword));
        let answer = self.against(pair, part(pair.old_form), part(pair.new_form));
        let pointer = format!("{}/{keyword}", pair.pointer);
        if let (Node::Written(old), Node::Written(new)) = (old_node, new_node)
            && self.old.resolve(old).is_object()
            && self.new.resolve(new).is_object()
        {
            let worst = self.walk(old, new, &pointer, below(&answer, pair.bound));
            if !answer.is_no() || pair.bound != Bound::Free || worst.explains() {
                return worst;
            }
            let rule = format!("{}-changed", kebab(keyword));
            let message = format!("{keyword}: not contained");
            return self.put(pair, &answer, &Said::new(&rule, pair, &pointer, message));
        }
        let rule = format!(
            "{}-{}",
            kebab(keyword),
            action(old.is_some(), new.is_some())
        );
        let (old, new) = (pair.old_form.entry(keyword), pair.new_form.entry(keyword));
        let message = format!("{keyword}: {} -> {}", show(old), show(new));
        self.put(pair, &answer, &Said::new(&rule, pair, &pointer, message))
    }

    fn first_item_changes(&mut self, pair: &Pair<'a>) -> Worst {
        let (old, new) = (
            pair.old_form.schemas("prefixItems"),
            pair.new_form.schemas("prefixItems"),
        );
        let mut worst = Worst::Nothing;
        for index in 0..old.len().max(new.len()) {
            let pointer = format!("{}/prefixItems/{index}", pair.pointer);
            worst = worst.max(match (old.get(index), new.get(index)) {
                (Some(Node::Written(old)), Some(Node::Written(new))) => {
                    self.walk(old, new, &pointer, pair.bound)
                }
                (old, new) => {
                    let part = |form: &Form<'a>| form.only(&["prefixItems", "items"]);
                    let answer = self.against(pair, part(pair.old_form), part(pair.new_form));
                    let rule = format!("prefix-item-{}", action(old.is_some(), new.is_some()));
                    let message = format!("item {index}");
                    self.put(pair, &answer, &Said::new(&rule, pair, &pointer, message))
                }
            });
        }
        worst
    }

    fn named_changes(&mut self, pair: &Pair<'a>, keyword: &'a str) -> Worst {
        let (old, new) = (
            by_name(pair.old_form, keyword),
            by_name(pair.new_form, keyword),
        );
        let names: BTreeSet<&'a str> = old.keys().chain(new.keys()).copied().collect();
        let mut worst = Worst::Nothing;
        for name in names {
            let (old, new) = (old.get(name), new.get(name));
            if let (Some(old), Some(new)) = (old, new) {
                let equality = &self.comparison.equality;
                if equality.same_entry((self.old, old), (self.new, new)) {
                    continue;
                }
            }
            let part = |entry: Option<&Entry<'a>>| {
                entry.map(|entry| Form::default().with(keyword, only_name(name, entry)))
            };
            let answer = self.against(pair, part(old), part(new));
            let pointer = json::join(&format!("{}/{keyword}", pair.pointer), name);
            let rule = format!(
                "{}-{}",
                kebab(keyword),
                action(old.is_some(), new.is_some())
            );
            let message = format!("{keyword} {name}: {} -> {}", show(old), show(new));
            worst = worst.max(self.put(pair, &answer, &Said::new(&rule, pair, &pointer, message)));
        }
        worst
    }
}

/// What a form says about the rest of the members or items: the names and places that are not of the
/// rest go with it.
fn rest_part<'a>(form: &Form<'a>, keyword: &str) -> Form<'a> {
    if keyword == "items" {
        return form.only(&["prefixItems", "items"]).unwrap_or_default();
    }
    let part = form
        .only(&["patternProperties", "additionalProperties"])
        .unwrap_or_default();
    let names = form
        .named("properties")
        .map(|(name, _)| (name, Node::Always));
    part.with("properties", Entry::NamedSchemas(names.collect()))
}

/// The entries of a keyword that has one for each name.
fn by_name<'a>(form: &Form<'a>, keyword: &str) -> BTreeMap<&'a str, Entry<'a>> {
    if keyword == "dependentRequired" {
        let named = form.named_names();
        return named
            .map(|(name, names)| (name, Entry::Names(names.to_vec())))
            .collect();
    }
    form.named(keyword)
        .map(|(name, node)| (name, Entry::Schema(node)))
        .collect()
}

/// A keyword with one name only.
fn only_name<'a>(name: &'a str, entry: &Entry<'a>) -> Entry<'a> {
    match entry {
        Entry::Names(names) => Entry::NamedNames(BTreeMap::from([(name, names.clone())])),
        Entry::Schema(node) => Entry::NamedSchemas(BTreeMap::from([(name, *node)])),
        other => other.clone(),
    }
}
