//! Items as a person reads them: one line each, in the words of Rust.

use super::text::bracketed;
use super::{Function, Item, Kind, Shape};

impl Item {
    /// The item called `path`, on one line.
    pub(crate) fn describe(&self, path: &str) -> String {
        match &self.kind {
            Kind::Struct(found) => {
                let open = if found.literal {
                    ""
                } else {
                    "#[non_exhaustive] "
                };
                let form = match found.shape {
                    Shape::Named => "{ .. }",
                    Shape::Tuple => "(..)",
                    Shape::Unit => "",
                };
                format!("{open}struct {path}{} {form}", bracketed(&found.generics))
                    .trim_end()
                    .to_owned()
            }
            Kind::Field(field) => format!("field {path}: {}", field.kind),
            Kind::Enum(found) => {
                let open = if found.exhaustive {
                    ""
                } else {
                    "#[non_exhaustive] "
                };
                format!("{open}enum {path}{}", bracketed(&found.generics))
            }
            Kind::Variant(_) => format!("variant {path}"),
            Kind::Function(function) => describe_function(path, function),
            Kind::Constant(constant) => {
                let word = if constant.is_static {
                    "static"
                } else {
                    "const"
                };
                format!("{word} {path}: {}", constant.kind)
            }
            Kind::Alias(kind) => format!("type {path} = {kind}"),
            Kind::Trait(body) => format!("trait {path}: {body}"),
            Kind::Impl(found) => {
                let associated = found.associated.iter();
                let associated = associated.map(|(name, kind)| format!("{name} = {kind}"));
                let associated = associated.collect::<Vec<_>>().join(", ");
                let associated = if associated.is_empty() {
                    associated
                } else {
                    format!(" ({associated})")
                };
                let feature = found.feature.as_ref();
                let feature = feature.map_or_else(String::new, |name| format!(" [feature {name}]"));
                format!("{path}{associated}{feature}")
            }
            Kind::ReExport(target) => format!("use {target} as {path}"),
        }
    }
}

fn describe_function(path: &str, function: &Function) -> String {
    let asynchronous = if function.is_async { "async " } else { "" };
    let arguments = function.receiver.iter().chain(&function.arguments);
    let arguments = arguments.map(String::as_str).collect::<Vec<_>>().join(", ");
    let output = function.output.as_ref();
    let output = output.map_or_else(String::new, |output| format!(" -> {output}"));
    let bounds = function
        .bounds
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>();
    let bounds = if bounds.is_empty() {
        String::new()
    } else {
        format!(" where {}", bounds.join(", "))
    };
    let generics = bracketed(&function.generics);
    format!("{asynchronous}fn {path}{generics}({arguments}){output}{bounds}")
}
