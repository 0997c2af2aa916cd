//! Events as the standard of the web describes them, wherever the network cuts them.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/events.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod events;

use events::{Part, Reply, Script, Tokens, event, listen};
use futures::StreamExt;
use imperal_runtime::{Event, Session};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Reads bodies, each over a connection of its own.
struct Reader {
    script: Script,
    session: Session,
    runtime: tokio::runtime::Runtime,
}

impl Reader {
    fn new() -> Self {
        let script = Script::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        Self {
            session: script.session(Tokens::default()),
            script,
            runtime: runtime.unwrap(),
        }
    }

    /// The events of a body that is cut into parts of these sizes.
    fn read(&self, body: &[u8], cuts: &[usize]) -> Vec<Event> {
        let mut parts = Vec::new();
        let mut rest = body;
        for cut in cuts {
            let (part, others) = rest.split_at(cut % (rest.len() + 1));
            parts.push(Part::Bytes(part.to_vec()));
            rest = others;
        }
        parts.push(Part::Bytes(rest.to_vec()));
        *self.script.replies.lock().unwrap() = [Reply::Stream(parts), Reply::Status(403)].into();
        let events: Vec<_> = self.runtime.block_on(listen(&self.session).collect());
        let (end, events) = events.split_last().unwrap();
        assert!(end.as_ref().unwrap_err().is_forbidden());
        events.iter().map(|event| event.clone().unwrap()).collect()
    }
}

/// What the standard says of each input.
fn standard() -> Vec<(&'static [u8], Vec<Event>)> {
    vec![
        (
            b"data: one\n\ndata:two\r\n\r\ndata: three\r\r",
            vec![
                event("message", "", "one"),
                event("message", "", "two"),
                event("message", "", "three"),
            ],
        ),
        (
            b"data: a\r\ndata: b\ndata: c\rdata\n\n",
            vec![event("message", "", "a\nb\nc\n")],
        ),
        (
            "\u{feff}data: bom\n\n\u{feff}data: no field\n\n".as_bytes(),
            vec![event("message", "", "bom")],
        ),
        (
            b": comment\n:\ndata: x\n: between\n\n:\n\n",
            vec![event("message", "", "x")],
        ),
        (
            b"event: add\ndata: 1\n\ndata: 2\n\n",
            vec![event("add", "", "1"), event("message", "", "2")],
        ),
        (
            b"event: nothing\n\ndata: 1\n\n",
            vec![event("message", "", "1")],
        ),
        (
            b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            vec![
                event("message", "1", "a"),
                event("message", "1", "b"),
                event("message", "", "c"),
            ],
        ),
        (
            b"id: 1\ndata: a\n\nid: 2\x003\ndata: b\n\n",
            vec![event("message", "1", "a"), event("message", "1", "b")],
        ),
        (
            b"data:  two blanks\ndata:\n\n",
            vec![event("message", "", " two blanks\n")],
        ),
        (
            b"data\n\ndata\ndata\n\ndata:\n",
            vec![event("message", "", ""), event("message", "", "\n")],
        ),
        (
            b"dat: x\ndata : y\nDATA: z\nunknown: 1\ndata: real\n\n",
            vec![event("message", "", "real")],
        ),
        (
            "data: \u{1f980} ünï\n\n".as_bytes(),
            vec![event("message", "", "\u{1f980} ünï")],
        ),
        (
            b"data: \xff\xc3\n\n",
            vec![event("message", "", "\u{fffd}\u{fffd}")],
        ),
        (
            b"data: whole\n\ndata: without an end\n",
            vec![event("message", "", "whole")],
        ),
        (
            b"retry: 12x\nretry: 500\ndata: x\n\n",
            vec![event("message", "", "x")],
        ),
        (b"", vec![]),
    ]
}

#[test]
fn events_are_read_by_the_standard() {
    let reader = Reader::new();
    for (body, events) in standard() {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(reader.read(body, &[]), events, "{shown:?}");
        // A byte at a time, inside of characters and between CR and LF.
        assert_eq!(reader.read(body, &vec![1; body.len()]), events, "{shown:?}");
    }
}

#[test]
fn where_the_network_cuts_makes_no_difference() {
    let reader = Reader::new();
    let cuts = prop::collection::vec(0..40_usize, 0..12);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    let outcome = runner.run(&cuts, |cuts| {
        for (body, events) in standard() {
            prop_assert_eq!(reader.read(body, &cuts), events);
        }
        Ok(())
    });
    outcome.unwrap();
}
