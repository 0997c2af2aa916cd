//! Small clients as the generator writes them, and what is said when one takes the place of another.

#![allow(clippy::unwrap_used, reason = "a test")]

use super::*;

/// A type with its builder; each field with its type.
fn structure(name: &str, fields: &[(&str, &str)]) -> String {
    let declared = fields
        .iter()
        .map(|(field, kind)| format!("pub {field}: {kind},"));
    let declared: Vec<String> = declared.collect();
    let setters = fields.iter().map(|(field, kind)| {
        format!(
            "pub fn {field}<T>(mut self, value: T) -> Self \
             where T: ::std::convert::TryInto<{kind}>, T::Error: ::std::fmt::Display {{}}"
        )
    });
    let setters: Vec<String> = setters.collect();
    let (declared, setters) = (declared.concat(), setters.concat());
    format!(
        "#[derive(Clone, Debug)] pub struct {name} {{ {declared} }} \
         impl {name} {{ pub fn builder() -> builder::{name} {{}} }} \
         pub mod builder {{ pub struct {name} {{ hidden: () }} impl {name} {{ {setters} }} }}"
    )
}

/// A client with these types and one operation, whose answer and argument have these types.
fn client(types: &str, answer: &str, argument: &str) -> String {
    client_of(types, "apps", "list_apps", answer, argument)
}

fn client_of(types: &str, tag: &str, function: &str, answer: &str, argument: &str) -> String {
    let pascal = |text: &str| -> String {
        let parts = text.split('_');
        parts
            .map(|part| part[..1].to_uppercase() + &part[1..])
            .collect()
    };
    let (handle, builder) = (pascal(tag), pascal(&format!("{tag}_{function}")));
    let id = format!("{tag}_{function}");
    let constant = id.to_uppercase();
    format!(
        "pub mod types {{ {types} }} \
         #[derive(Clone, Debug)] pub struct Client {{ inner: () }} \
         impl Client {{ pub fn {tag}(&self) -> handles::{handle}<'_> {{}} }} \
         pub mod builder {{ \
             use super::types; \
             #[derive(Clone)] pub struct {builder}<'a> {{ client: &'a super::Client }} \
             impl<'a> {builder}<'a> {{ \
                 pub fn limit<V>(mut self, value: V) -> Self \
                 where V: std::convert::TryInto<{argument}> {{}} \
             }} \
             mod send {{ use super::*; impl<'a> {builder}<'a> {{ \
                 pub async fn send(self) -> ::imperal_runtime::Answer<{answer}> {{ \
                     call(&super::super::operations::{constant}).await \
                 }} \
             }} }} \
         }} \
         pub mod handles {{ \
             pub struct {handle}<'a> {{ pub(super) client: &'a super::Client }} \
             impl<'a> {handle}<'a> {{ \
                 pub fn {function}(&self) -> super::builder::{builder}<'a> {{}} \
             }} \
         }} \
         pub mod operations {{ \
             use ::imperal_runtime::{{Method, Operation}}; \
             pub static {constant}: Operation = Operation::new(\"{id}\", Method::GET, \"/v1/apps\").tag(\"x\"); \
         }}"
    )
}

/// The changes, one a line: `!` where it breaks, the item, and the message.
fn changes(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (Surface::read(old).unwrap(), Surface::read(new).unwrap());
    let changes = compare(&old, &new).into_iter();
    changes
        .map(|change| {
            let mark = if change.breaking { "!" } else { "" };
            format!("{mark}{}: {}", change.item, change.message)
        })
        .collect()
}

/// The changes where only the types are others.
fn type_changes(old: &str, new: &str) -> Vec<String> {
    changes(&client(old, "()", "i64"), &client(new, "()", "i64"))
}

const NAME: (&str, &str) = ("name", "::std::string::String");

#[test]
fn a_client_is_the_same_as_itself() {
    let source = client(&structure("App", &[NAME]), "types::App", "i64");
    assert!(changes(&source, &source).is_empty());
}

#[test]
fn a_field_with_another_type_is_said_once_for_its_setter_too() {
    let old = structure("App", &[NAME]);
    let new = structure(
        "App",
        &[("name", "::std::option::Option<::std::string::String>")],
    );
    assert_eq!(
        type_changes(&old, &new),
        ["!types::App::name: its type was `String` and is `Option<String>`"]
    );
    let (old, new) = (client(&old, "()", "i64"), client(&new, "()", "i64"));
    let (old, new) = (Surface::read(&old).unwrap(), Surface::read(&new).unwrap());
    let change = compare(&old, &new).remove(0);
    assert_eq!(change.also, ["types::builder::App::name"]);
    assert_eq!(change.scope, Scope::Component("App".to_owned()));
}

#[test]
fn a_field_that_is_added_breaks_literals_and_one_that_is_removed_its_uses() {
    let (one, two) = (
        structure("App", &[NAME]),
        structure("App", &[NAME, ("size", "i64")]),
    );
    assert_eq!(
        type_changes(&one, &two),
        [
            "!types::App::size: field added: a literal or pattern with all other fields is not complete any more"
        ]
    );
    assert_eq!(
        type_changes(&two, &one),
        ["!types::App::size: field removed"]
    );
}

#[test]
fn a_field_added_to_what_has_no_literals_breaks_nothing() {
    let open = |fields: &str| format!("#[non_exhaustive] pub struct App {{ {fields} }}");
    let added = type_changes(&open("pub a: i64"), &open("pub a: i64, pub b: i64"));
    assert_eq!(added, ["types::App::b: field added"]);
}

#[test]
fn a_field_may_share_its_name_with_a_method() {
    let old = structure("App", &[NAME]);
    let new = structure("App", &[NAME, ("builder", "bool")]);
    let found = type_changes(&old, &new);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("!types::App::builder (field): field added"));
}

#[test]
fn a_type_that_is_gone_is_said_once_and_so_is_a_new_one() {
    let app = structure("App", &[NAME]);
    assert_eq!(type_changes(&app, ""), ["!types::App: type removed"]);
    assert_eq!(type_changes("", &app), ["types::App: type added"]);
}

#[test]
fn a_type_with_another_name_is_recognised_and_what_refers_to_it_is_not_listed() {
    let old = client(&structure("App", &[NAME]), "types::App", "i64");
    let new = client(&structure("Program", &[NAME]), "types::Program", "i64");
    assert_eq!(
        changes(&old, &new),
        ["!types::App: renamed to `types::Program`"]
    );
}

#[test]
fn of_two_equal_types_nobody_knows_which_is_which() {
    let types = |names: [&str; 2]| names.map(|name| format!("pub struct {name};")).concat();
    assert_eq!(
        type_changes(&types(["A", "B"]), &types(["C", "D"])),
        [
            "!types::A: type removed",
            "!types::B: type removed",
            "types::C: type added",
            "types::D: type added"
        ]
    );
}

#[test]
fn a_type_is_not_taken_for_one_that_others_do_not_refer_to_in_its_place() {
    let old = "pub struct A { pub n: i64 } pub struct User { pub a: A }";
    let new = "pub struct B { pub n: i64 } pub struct User { pub a: i64 }";
    let found = type_changes(old, new);
    assert!(
        found.contains(&"!types::A: type removed".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"!types::User::a: its type was `types::A` and is `i64`".to_owned()),
        "{found:?}"
    );
}

#[test]
fn types_that_refer_to_each_other_are_recognised_one_after_the_other() {
    let types = |inner: &str, outer: &str| {
        format!("pub struct {inner} {{ pub n: i64 }} pub struct {outer} {{ pub inner: {inner} }}")
    };
    assert_eq!(
        type_changes(&types("InnerA", "OuterA"), &types("InnerB", "OuterB")),
        [
            "!types::InnerA: renamed to `types::InnerB`",
            "!types::OuterA: renamed to `types::OuterB`"
        ]
    );
}

#[test]
fn a_struct_that_becomes_an_enum_is_one_change() {
    let old = structure("App", &[NAME]);
    let new = "pub enum App { List(i64) } pub mod builder {}";
    let found = type_changes(&old, new);
    assert!(
        found.contains(&"!types::App: it is no struct any more, but a new enum".to_owned()),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .all(|change| change.starts_with("!types::App: ")),
        "{found:?}"
    );
}

#[test]
fn a_variant_breaks_matches_only_where_they_have_to_be_complete() {
    let union = |variants: &str| format!("pub enum U {{ A(i64), {variants} Other(bool) }}");
    assert_eq!(
        type_changes(&union(""), &union("B(u8),")),
        ["!types::U::B: variant added: a `match` with all other variants is not complete any more"]
    );
    let open = |values: &str| {
        format!(
            "::imperal_runtime::open_enum! {{ #[doc = \"x\"] pub enum E, Other {{ \
             #[doc = \"a\"] A = \"a\", {values} }} }}"
        )
    };
    assert_eq!(
        type_changes(&open(""), &open("B = \"b\"")),
        ["types::E::B: variant added"]
    );
    assert_eq!(
        type_changes(&open("B = \"b\""), &open("")),
        ["!types::E::B: variant removed"]
    );
}

#[test]
fn a_value_that_takes_the_name_of_the_catch_all_changes_it() {
    let open = |other: &str, values: &str| {
        format!("::imperal_runtime::open_enum! {{ pub enum E, {other} {{ {values} }} }}")
    };
    let found = type_changes(
        &open("Other", "A = \"a\""),
        &open("Other2", "A = \"a\", Other = \"other\""),
    );
    assert_eq!(
        found,
        [
            "!types::E::Other: it had fields without names and has no fields",
            "types::E::Other2: variant added"
        ]
    );
}

#[test]
fn a_trait_that_is_no_longer_implemented_breaks_and_a_new_one_does_not() {
    let old = "#[derive(Clone, Default)] pub struct A;";
    let new = "#[derive(Clone)] pub struct A; impl ::std::convert::From<i64> for A {}";
    assert_eq!(
        type_changes(old, new),
        [
            "!impl Default for types::A: implementation removed",
            "impl From<i64> for types::A: implementation added"
        ]
    );
}

#[test]
fn a_derived_trait_is_as_good_as_a_written_one() {
    let derived = "#[derive(::serde::Deserialize, Default)] pub struct A { pub a: i64 }";
    let written = "pub struct A { pub a: i64 } \
                   impl ::std::default::Default for A { fn default() -> Self {} } \
                   impl<'de> ::serde::Deserialize<'de> for A {}";
    assert!(type_changes(derived, written).is_empty());
}

#[test]
fn what_a_trait_gives_is_part_of_it() {
    let deref = |target: &str| {
        format!("pub struct A; impl ::std::ops::Deref for A {{ type Target = {target}; }}")
    };
    assert_eq!(
        type_changes(&deref("i64"), &deref("::std::string::String")),
        ["!impl Deref for types::A: its `Target` was `i64` and is `String`"]
    );
}

#[test]
fn an_answer_with_another_type_is_the_operations() {
    let types = "pub struct A { pub a: i64 } pub struct B { pub b: i64 }";
    let (old, new) = (
        client(types, "types::A", "i64"),
        client(types, "types::B", "i64"),
    );
    let (old, new) = (Surface::read(&old).unwrap(), Surface::read(&new).unwrap());
    let changes = compare(&old, &new);
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].item, "builder::AppsListApps::send");
    assert_eq!(
        changes[0].message,
        "it returns `imperal_runtime::Answer<types::B>` instead of `imperal_runtime::Answer<types::A>`"
    );
    assert_eq!(
        changes[0].scope,
        Scope::Operation("AppsListApps".to_owned())
    );
    assert_eq!(changes[0].method.as_deref(), Some("list_apps"));
}

#[test]
fn an_argument_of_another_type_breaks() {
    let client = |argument: &str| client("", "()", argument);
    assert_eq!(
        changes(&client("i64"), &client("::std::string::String")),
        ["!builder::AppsListApps::limit: it takes `String` instead of `i64`"]
    );
}

#[test]
fn a_bound_breaks_where_it_comes_and_not_where_it_goes() {
    let bounded = |bounds: &str| {
        format!("pub struct A; impl A {{ pub fn a<F>(self, f: F) where F: {bounds} {{}} }}")
    };
    let (loose, strict) = (bounded("FnOnce(i64)"), bounded("FnOnce(i64) + Send"));
    assert_eq!(
        type_changes(&loose, &strict),
        ["!types::A::a: it asks for `F: Send`"]
    );
    assert_eq!(
        type_changes(&strict, &loose),
        ["types::A::a: it no longer asks for `F: Send`"]
    );
}

#[test]
fn an_argument_that_cannot_be_left_out_breaks_whatever_the_others_are_called() {
    let method =
        |arguments: &str| format!("pub struct A; impl A {{ pub fn a({arguments}) -> i64 {{}} }}");
    assert!(type_changes(&method("&self, a: u8"), &method("&self, b: u8")).is_empty());
    assert_eq!(
        type_changes(&method("&self, a: u8"), &method("&self, a: u8, b: bool")),
        ["!types::A::a: it takes `(u8, bool)` instead of `(u8)`"]
    );
}

#[test]
fn an_operation_is_known_by_its_route_whatever_it_is_called() {
    let old = client_of("", "apps", "list_apps", "()", "i64");
    let new = client_of("", "apps", "all", "()", "bool");
    assert_eq!(
        changes(&old, &new),
        [
            "!builder::AppsListApps::limit: it takes `bool` instead of `i64`",
            "!handles::Apps::list_apps: renamed to `handles::Apps::all`"
        ]
    );
    let (old, new) = (Surface::read(&old).unwrap(), Surface::read(&new).unwrap());
    assert_eq!(
        compare(&old, &new)[1].also,
        ["builder::AppsListApps", "operations::APPS_LIST_APPS"]
    );
}

#[test]
fn another_tag_renames_handle_and_operation() {
    let old = client_of("", "apps", "list", "()", "i64");
    let new = client_of("", "programs", "list", "()", "i64");
    assert_eq!(
        changes(&old, &new),
        [
            "!handles::Apps: renamed to `handles::Programs`",
            "!handles::Apps::list: renamed to `handles::Programs::list`"
        ]
    );
}

#[test]
fn an_operation_on_another_path_is_another_operation() {
    let old = client_of("", "apps", "list", "()", "i64");
    let new = client_of("", "apps", "all", "()", "i64").replace("/v1/apps", "/v2/apps");
    assert_eq!(
        changes(&old, &new),
        [
            "!handles::Apps::list: operation removed",
            "handles::Apps::all: operation added"
        ]
    );
}

#[test]
fn what_nobody_can_reach_is_not_looked_at() {
    let old = "mod inner { pub struct A; } #[doc(hidden)] pub struct B; struct C; \
               pub(crate) struct D; pub struct E { pub a: i64, b: i64 }";
    let new = "pub struct E { pub a: i64, c: bool }";
    assert!(type_changes(old, new).is_empty());
    let published = "mod inner { pub struct A { pub a: i64 } } pub use self::inner::A;";
    let plain = "pub struct A { pub a: i64 }";
    assert!(type_changes(published, plain).is_empty());
}

/// The changes between the clients of two documents that have one operation, by its parameters and the names of
/// those that are required.
fn between_parameters(
    old: (&[&str], &[&str]),
    new: (&[&str], &[&str]),
) -> Vec<(String, bool, String)> {
    let surface = |(names, required): (&[&str], &[&str])| {
        let parameters = names.iter().map(|name| {
            serde_json::json!({
                "name": name, "in": "query", "required": required.contains(name), "schema": { "type": "string" }
            })
        });
        let document = serde_json::json!({
            "openapi": "3.1.0", "info": { "title": "Keys", "version": "1" },
            "paths": { "/v1/keys": { "get": {
                "tags": ["keys"], "operationId": "find", "responses": {},
                "parameters": parameters.collect::<Vec<_>>()
            } } }
        });
        let bytes = serde_json::to_vec(&document).unwrap();
        let document = imperal_build_support::Document::from_json("keys.json", &bytes).unwrap();
        let overlay = imperal_build_support::Overlay::empty();
        let pipeline = imperal_build_support::Pipeline::run(document, &overlay).unwrap();
        let items = imperal_build_support::generate_items(&pipeline.lowered, "keys").unwrap();
        Surface::of(items.file).unwrap()
    };
    let changes = compare(&surface(old), &surface(new)).into_iter();
    changes
        .map(|change| (change.item, change.breaking, change.message))
        .collect()
}

#[test]
fn a_call_without_what_has_to_be_given_does_not_compile() {
    for (old, new, breaking, message) in [
        (
            (&[][..], &[][..]),
            (&["name"][..], &["name"][..]),
            true,
            "argument added: a call without it cannot be sent any more",
        ),
        (
            (&["name"], &[]),
            (&["name"], &["name"]),
            true,
            "it has to be given",
        ),
        (
            (&["name"], &["name"]),
            (&["name"], &[]),
            false,
            "it need not be given any more",
        ),
        ((&[], &[]), (&["name"], &[]), false, "argument added"),
    ] {
        let found = between_parameters(old, new);
        let name = "builder::KeysFind::name".to_owned();
        let expected = (name, breaking, message.to_owned());
        assert_eq!(found, [expected], "{old:?} and {new:?}");
    }
}
