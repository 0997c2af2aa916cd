//! `paginate`, `pages` and `items` of the builders whose operations answer a list in pages.

use super::builders::Builder;
use super::items::List;
use super::required::Required;
use super::{Context, Generable};
use crate::operation::{PageStyle, Pagination};
use proc_macro2::TokenStream;
use quote::quote;

/// The types of an argument that says which page, by what they count.
const NUMBERS: &[&str] = &["i64", "i32", "u64", "u32"];
const TEXTS: &[&str] = &["::std::string::String"];

/// The arguments of an operation, by what they are for.
struct Arguments<'a> {
    /// Which page.
    place: &'a syn::Ident,
    /// How many items.
    size: Option<&'a syn::Ident>,
    others: Vec<&'a syn::Ident>,
}

impl<'a> Arguments<'a> {
    /// None if they are of types that the pages cannot set.
    fn of(builder: &'a Builder, pagination: &Pagination) -> Option<Self> {
        let argument = |name: &str, kinds: &[&str]| {
            let ident = super::names::ident(&super::names::snake(name));
            let field = builder.fields.iter().find(|field| field.name == ident)?;
            let kind = field.type_name.replace(' ', "");
            let kind = kind
                .strip_prefix("Option<")
                .and_then(|kind| kind.strip_suffix('>'))
                .unwrap_or(&kind);
            kinds.contains(&kind).then_some(&field.name)
        };
        let kinds = match pagination.style {
            PageStyle::Cursor => TEXTS,
            PageStyle::Page | PageStyle::Offset => NUMBERS,
        };
        let place = argument(&pagination.position, kinds)?;
        let size = match &pagination.size {
            Some(size) => Some(argument(size, NUMBERS)?),
            None => None,
        };
        let names = builder.fields.iter().map(|field| &field.name);
        Some(Self {
            place,
            size,
            others: names
                .filter(|name| *name != place && Some(*name) != size)
                .collect(),
        })
    }
}

pub(super) fn methods(context: &Context<'_>, generable: &Generable) -> Option<TokenStream> {
    let pagination = generable.operation.pagination.as_ref()?;
    let builder = &generable.builder;
    let arguments = Arguments::of(builder, pagination)?;
    let list = pagination
        .items
        .as_deref()
        .map(|pointer| pointer.trim_start_matches('/'));
    let list = context
        .types
        .list_in(&builder.success, &quote!(answer), list)?;
    let (name, item) = (&builder.name, &list.item);
    let paginate = paginate(generable, pagination, &arguments, &list);
    Some(quote! {
        impl<'a> #name<'a> {
            #paginate

            /// The pages of the list, fetched as they are asked for.
            pub fn pages(self) -> ::imperal_runtime::Pages<#item> {
                self.paginate().pages()
            }

            /// The items of all pages, one after the other, fetched as they are asked for.
            pub fn items(self) -> ::imperal_runtime::Items<#item> {
                self.paginate().items()
            }
        }

        impl<'a> ::imperal_runtime::private::Listed for #name<'a> {}

        impl<'a> ::imperal_runtime::Paginate for #name<'a> {
            type Item = #item;

            fn paginate(self) -> ::imperal_runtime::Paginator<#item> {
                #name::paginate(self)
            }
        }
    })
}

/// The method that the others are made of.
fn paginate(
    generable: &Generable,
    pagination: &Pagination,
    arguments: &Arguments<'_>,
    list: &List,
) -> TokenStream {
    let client = &generable.builder.client;
    let call = Required::of(generable).literal();
    let Arguments {
        place,
        size,
        others,
    } = arguments;
    let (item, expression) = (&list.item, &list.expression);
    let described = described(generable, pagination);
    let (start, set_place) = match pagination.style {
        PageStyle::Cursor => (
            quote!(start_at_cursor),
            quote!(__position.cursor().map(::std::borrow::ToOwned::to_owned)),
        ),
        PageStyle::Page | PageStyle::Offset => (
            quote!(start_at),
            quote!(::std::option::Option::Some(__position.index())),
        ),
    };
    // Names of our own begin with underscores, which those of arguments never do.
    let argument = quote!(::imperal_runtime::private::PageArgument);
    // Where a size is given as an argument it is that of every page.
    let own_size = size
        .map(|size| quote!(let __own_size: ::std::option::Option<i64> = #argument::given(&#size);));
    let also_size = size.map(|size| quote!(#size,));
    let with_size = size.map(|_| quote!(.page_size(__own_size)));
    let set_size = size.map(|size| quote!(let #size = #argument::set(&#size, __position.size());));
    let doc = doc(pagination);
    quote! {
        #[doc = #doc]
        pub fn paginate(self) -> ::imperal_runtime::Paginator<#item> {
            static PAGES: ::imperal_runtime::Pagination = #described;
            let __owner = self.#client.clone();
            let Self { #client: _, #(#others,)* #place, #also_size .. } = self;
            let __start = #argument::given(&#place);
            #own_size
            ::imperal_runtime::Paginator::new(&PAGES, move |__position| {
                let __owner = __owner.clone();
                #(let #others = #others.clone();)*
                let #place = #argument::set(&#place, #set_place);
                #set_size
                async move {
                    let #client = &__owner;
                    let answer = #call.send().await?;
                    ::imperal_runtime::private::fetched(answer, &PAGES, |answer| {
                        ::std::option::Option::Some(#expression)
                    })
                }
            })
            .#start(__start)
            #with_size
        }
    }
}

/// What the runtime has to know of the pages.
fn described(generable: &Generable, pagination: &Pagination) -> TokenStream {
    let id = &generable.operation.id;
    let first = pagination.first;
    let next = pagination.next.as_deref().unwrap_or_default();
    let mut described = match pagination.style {
        PageStyle::Page => quote!(::imperal_runtime::Pagination::by_page(#id, #first)),
        PageStyle::Offset => quote!(::imperal_runtime::Pagination::by_offset(#id)),
        PageStyle::Cursor => quote!(::imperal_runtime::Pagination::by_cursor(#id, #next)),
    };
    if let Some(default) = pagination.asked() {
        described.extend(quote!(.size(#default)));
    }
    if let Some(largest) = pagination.largest {
        described.extend(quote!(.largest(#largest)));
    }
    if let Some(more) = &pagination.more {
        described.extend(quote!(.more(#more)));
    }
    if let Some(total) = &pagination.total {
        described.extend(quote!(.total(#total)));
    }
    described
}

fn doc(pagination: &Pagination) -> String {
    let place = &pagination.position;
    let size = match (&pagination.size, pagination.asked()) {
        (Some(size), Some(asked)) => {
            format!(" A page has as many items as `{size}` says, {asked} where it is not set.")
        }
        _ => String::new(),
    };
    format!(
        "The list as a stream of pages or items, with something to be said first: how large the pages are, \
         how many are fetched ahead, where to go on. It begins with `{place}`, where that is set.{size}"
    )
}
