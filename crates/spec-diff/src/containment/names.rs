//! Obligations of the names of members.

use super::objects::{Names, embedded};
use super::{Answer, Checker, Problem};
use crate::conjunction::member;
use crate::evaluate::{OneOf, is_valid};
use crate::form::{Entry, Form, Part, Schema};
use crate::instance::Instance;
use crate::sample::few;

impl<'a> Checker<'a> {
    pub(super) fn name_problems(
        &mut self,
        parts: &[Part<'a>],
        receiver: Part<'a>,
        names: &Names<'a>,
    ) -> Vec<Problem> {
        let Some(node) = receiver.form.schema("propertyNames") else {
            return Vec::new();
        };
        let wanted = receiver.at(node);
        let mut problems = Vec::new();
        for name in &names.documented {
            if !is_valid(wanted, &Instance::text(name), OneOf::Exactly) {
                let reason = format!("property name {name} is not accepted");
                problems.push(Problem::shown(
                    reason,
                    named(parts, name, few(&member(parts, name), 3, 3)),
                ));
            }
        }
        if names.closed {
            return problems;
        }
        let text = Form::default().with("type", Entry::Types(vec!["string"]));
        let own = parts
            .iter()
            .filter_map(|part| Some(part.at(part.form.schema("propertyNames")?)));
        let mut own: Vec<Schema<'a>> = own.collect();
        own.push(receiver.at(receiver.side.made(text)));
        match self.contains_part(&own, wanted) {
            Answer::Yes => {}
            Answer::No(Instance::Text(name)) => {
                let mut values = few(&member(parts, &name), 3, 3);
                if values.is_empty() {
                    values.push(Instance::whole(0));
                }
                let reason = "some property names are not accepted";
                problems.push(Problem::shown(reason, named(parts, &name, values)));
            }
            _ => problems.push(Problem::new("some property names are not accepted")),
        }
        problems
    }
}

fn named(parts: &[Part<'_>], name: &str, values: Vec<Instance>) -> Vec<Instance> {
    let values = values.into_iter().take(3);
    values
        .flat_map(|value| embedded(parts, name, value))
        .collect()
}
