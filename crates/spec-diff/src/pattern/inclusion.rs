//! Whether one pattern's texts are all texts of another one: both run side by side over every text
//! there is, state by state.

use super::{Inclusion, Pattern};
use regex_automata::dfa::{Automaton, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use std::collections::{HashMap, VecDeque};
use std::sync::LazyLock;

/// Memory of one automaton; a pattern that needs more is not decided.
const SIZE_LIMIT: usize = 2 << 20;

/// Pairs of states that are looked at.
const STATE_LIMIT: usize = 40_000;

/// Keeps the search among texts: bytes that are no UTF-8 lead nowhere.
static TEXTS: LazyLock<Option<dense::DFA<Vec<u32>>>> = LazyLock::new(|| automaton(r"(?s)\A.*\z"));

type States = (At, At, At);

/// Where a search is: its state, and whether it has found a match, which nothing takes back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct At {
    state: StateID,
    found: bool,
}

pub(super) fn decide(one: &Pattern, other: &Pattern) -> Inclusion {
    // What looks ahead or back is not regular.
    if one.syntax.is_none() || other.syntax.is_none() {
        return Inclusion::Undecided;
    }
    let build = |pattern: &Pattern| automaton(pattern.search.as_str());
    let (Some(one), Some(other), Some(texts)) = (
        one.automaton.get_or_init(|| build(one)),
        other.automaton.get_or_init(|| build(other)),
        TEXTS.as_ref(),
    ) else {
        return Inclusion::Undecided;
    };
    search(one, other, texts).unwrap_or(Inclusion::Undecided)
}

fn automaton(pattern: &str) -> Option<dense::DFA<Vec<u32>>> {
    let configuration = dense::Config::new()
        .match_kind(MatchKind::All)
        .dfa_size_limit(Some(SIZE_LIMIT))
        .determinize_size_limit(Some(SIZE_LIMIT));
    dense::Builder::new()
        .configure(configuration)
        .build(pattern)
        .ok()
}

/// Goes through all pairs of states, shortest texts first. None if an automaton gives up.
fn search(
    one: &dense::DFA<Vec<u32>>,
    other: &dense::DFA<Vec<u32>>,
    texts: &dense::DFA<Vec<u32>>,
) -> Option<Inclusion> {
    let bytes = telling_bytes([one, other, texts]);
    let start = (start(one)?, start(other)?, start(texts)?);
    // How each pair was reached: the pair before it, and the byte.
    let mut reached: HashMap<States, Option<(States, u8)>> = HashMap::from([(start, None)]);
    let mut open = VecDeque::from([start]);
    while let Some(states) = open.pop_front() {
        let (in_one, in_other, in_texts) = states;
        if in_other.found {
            continue;
        }
        if ends(one, in_one)? && ends(texts, in_texts)? && !ends(other, in_other)? {
            return Some(Inclusion::No(spell(&reached, states)?));
        }
        for byte in &bytes {
            let next = (
                step(one, in_one, *byte)?,
                step(other, in_other, *byte)?,
                step(texts, in_texts, *byte)?,
            );
            let hopeless = |automaton: &dense::DFA<Vec<u32>>, at: At| {
                automaton.is_dead_state(at.state) && !at.found
            };
            if hopeless(one, next.0) || hopeless(texts, next.2) || reached.contains_key(&next) {
                continue;
            }
            if reached.len() >= STATE_LIMIT {
                return None;
            }
            reached.insert(next, Some((states, *byte)));
            open.push_back(next);
        }
    }
    Some(Inclusion::Yes)
}

/// One byte for each set of bytes that no automaton tells apart, readable ones where there are some.
fn telling_bytes(automata: [&dense::DFA<Vec<u32>>; 3]) -> Vec<u8> {
    let mut telling: HashMap<[u8; 3], u8> = HashMap::new();
    let readable = b"aA0".iter().copied().chain(b' '..=b'~').chain(0..=255);
    let mut bytes = Vec::new();
    for byte in readable {
        let classes = automata.map(|automaton| automaton.byte_classes().get(byte));
        telling.entry(classes).or_insert_with(|| {
            bytes.push(byte);
            byte
        });
    }
    bytes
}

fn start(automaton: &dense::DFA<Vec<u32>>) -> Option<At> {
    let configuration = start::Config::new().anchored(Anchored::No);
    let state = automaton.start_state(&configuration).ok()?;
    Some(At {
        state,
        found: automaton.is_match_state(state),
    })
}

fn step(automaton: &dense::DFA<Vec<u32>>, at: At, byte: u8) -> Option<At> {
    if at.found {
        return Some(at);
    }
    let state = automaton.next_state(at.state, byte);
    if automaton.is_quit_state(state) {
        return None;
    }
    Some(At {
        state,
        found: automaton.is_match_state(state),
    })
}

/// Whether a text that ends here matches.
fn ends(automaton: &dense::DFA<Vec<u32>>, at: At) -> Option<bool> {
    if at.found {
        return Some(true);
    }
    let state = automaton.next_eoi_state(at.state);
    if automaton.is_quit_state(state) {
        return None;
    }
    Some(automaton.is_match_state(state))
}

fn spell(reached: &HashMap<States, Option<(States, u8)>>, last: States) -> Option<String> {
    let mut bytes = Vec::new();
    let mut states = last;
    while let Some(Some((before, byte))) = reached.get(&states) {
        bytes.push(*byte);
        states = *before;
    }
    bytes.reverse();
    String::from_utf8(bytes).ok()
}
