//! Source taken apart into words, each with what stands around it as far as that tells what it means.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// The words of a file.
pub(super) struct Source {
    pub(super) words: Vec<Word>,
    /// The names of all words, as [`plain`] makes them.
    known: BTreeSet<String>,
}

/// An identifier in a file.
pub(super) struct Word {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) before: Before,
    /// The name of the literal or pattern that it stands in as a field.
    pub(super) field_of: Option<String>,
    /// Whether a literal or pattern follows that names each of its fields.
    pub(super) is_complete: bool,
}

/// What stands before a word.
pub(super) enum Before {
    Dot,
    /// Two colons.
    Path,
    /// A keyword after which what follows is defined, not used.
    Definition,
    Other,
}

/// A part of a file that is compiled as a whole.
struct Part {
    first_line: usize,
    text: String,
}

/// The keywords before the name of something that is defined with braces.
const DEFINING: &[&str] = &["enum", "for", "impl", "mod", "struct", "trait", "union"];

impl Source {
    /// A file of Rust with the examples in its documentation. A part that does not lex has no words.
    pub(super) fn of_rust(text: &str) -> Self {
        let whole = Part {
            first_line: 1,
            text: text.to_owned(),
        };
        let lines = text.lines().map(|line| {
            let line = line.trim_start();
            let comment = line.strip_prefix("///").or(line.strip_prefix("//!"));
            comment.map(|comment| comment.strip_prefix(' ').unwrap_or(comment))
        });
        let mut parts = blocks(lines, true);
        parts.push(whole);
        Self::of(&parts)
    }

    /// The examples in a file of Markdown that say that they are Rust.
    pub(super) fn of_markdown(text: &str) -> Self {
        Self::of(&blocks(text.lines().map(Some), false))
    }

    fn of(parts: &[Part]) -> Self {
        let mut words = Vec::new();
        for part in parts {
            if let Ok(tokens) = part.text.parse::<TokenStream>() {
                let before = words.len();
                read(tokens, None, &mut words);
                for word in &mut words[before..] {
                    word.line += part.first_line - 1;
                }
            }
        }
        let known = words.iter().map(|word| plain(&word.name)).collect();
        Self { words, known }
    }

    /// Whether a name is anywhere in the file, in whatever style: `list_apps`, `ListApps` and `LIST_APPS` are
    /// one here.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.known.contains(&plain(name))
    }
}

/// A name without what makes the difference between styles of names.
fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// The fenced blocks of Rust among lines of Markdown; a `None`, where there is no Markdown, ends a block.
/// `unnamed` is whether a fence that does not name its language means Rust.
fn blocks<'a>(lines: impl Iterator<Item = Option<&'a str>>, unnamed: bool) -> Vec<Part> {
    let mut found = Vec::new();
    let mut open: Option<(bool, Part)> = None;
    for (index, line) in lines.enumerate() {
        let fence = line.and_then(|line| line.trim_start().strip_prefix("```"));
        match (line, fence, open.take()) {
            (Some(_), Some(info), None) => {
                let part = Part {
                    first_line: index + 2,
                    text: String::new(),
                };
                open = Some((is_rust(info, unnamed), part));
            }
            (Some(line), None, Some((counts, mut part))) => {
                // Lines that are not shown are compiled as well.
                let shown = line.strip_prefix("# ").unwrap_or(line);
                part.text.push_str(if shown == "#" { "" } else { shown });
                part.text.push('\n');
                open = Some((counts, part));
            }
            (_, _, Some((true, part))) => found.push(part),
            _ => {}
        }
    }
    found
}

/// Whether what stands behind a fence means Rust that is compiled.
fn is_rust(info: &str, unnamed: bool) -> bool {
    let words = info.split(|c: char| c == ',' || c.is_whitespace());
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() {
        return unnamed;
    }
    words.all(|word| matches!(word, "rust" | "no_run" | "should_panic"))
}

/// Reads tokens of one level. `literal` is the name before the braces that they stand in, if they do.
fn read(tokens: TokenStream, literal: Option<&str>, words: &mut Vec<Word>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    // Whether the next word is where the name of a field would be.
    let mut at_field = true;
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) => {
                let next = tokens.get(index + 1);
                words.push(Word {
                    name: ident.to_string(),
                    line: ident.span().start().line,
                    before: before(&tokens[..index]),
                    field_of: literal.filter(|_| at_field).map(str::to_owned),
                    is_complete: next.is_some_and(is_complete),
                });
                at_field = is_keyword(&ident.to_string()) && at_field;
            }
            TokenTree::Punct(punct) => at_field = punct.as_char() == ',',
            TokenTree::Literal(_) => at_field = false,
            TokenTree::Group(group) => {
                let owner = match index.checked_sub(1).map(|index| &tokens[index]) {
                    Some(TokenTree::Ident(owner)) if group.delimiter() == Delimiter::Brace => {
                        Some(owner.to_string())
                    }
                    _ => None,
                };
                read(group.stream(), owner.as_deref(), words);
                at_field = false;
            }
        }
    }
}

/// Words that may stand before the name of a field in a pattern.
fn is_keyword(word: &str) -> bool {
    matches!(word, "mut" | "ref")
}

fn before(tokens: &[TokenTree]) -> Before {
    match tokens {
        [.., first, second] if is(first, '.') && is(second, '.') => Before::Other,
        [.., last] if is(last, '.') => Before::Dot,
        [.., first, second] if is(first, ':') && is(second, ':') => Before::Path,
        [.., TokenTree::Ident(word)] if DEFINING.iter().any(|defining| word == defining) => {
            Before::Definition
        }
        _ => Before::Other,
    }
}

/// Whether a token is braces that name fields and leave none to `..`.
fn is_complete(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    // `..` stands where a field would.
    let rest = tokens.windows(2).enumerate().any(|(index, pair)| {
        let earlier = index.checked_sub(1).map(|index| &tokens[index]);
        earlier.is_none_or(|token| is(token, ',')) && is(&pair[0], '.') && is(&pair[1], '.')
    });
    group.delimiter() == Delimiter::Brace && !rest
}

fn is(token: &TokenTree, punctuation: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == punctuation)
}
