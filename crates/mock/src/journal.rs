//! The exchanges so far, within bounds.

use crate::exchange::Exchange;
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many exchanges are kept: of more, the oldest go.
const KEPT: usize = 10_000;

/// How many exchanges with violations are kept for the report.
const REPORTED: usize = 1_000;

/// Clones share the exchanges.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    exchanges: VecDeque<Exchange>,
    violating: Vec<Exchange>,
    unreported: usize,
}

impl Journal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, exchange: Exchange) {
        let mut state = self.state();
        if !exchange.violations.is_empty() {
            if state.violating.len() < REPORTED {
                state.violating.push(exchange.clone());
            } else {
                state.unreported += 1;
            }
        }
        if state.exchanges.len() == KEPT {
            state.exchanges.pop_front();
        }
        state.exchanges.push_back(exchange);
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.state().exchanges.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        *self.state() = State::default();
    }

    /// The requests that went against the document, a line for each violation; none if none did.
    pub(crate) fn report(&self) -> Option<String> {
        let state = self.state();
        if state.violating.is_empty() {
            return None;
        }
        let count = state.violating.len() + state.unreported;
        let mut report = format!("{count} requests went against the document:\n");
        for exchange in &state.violating {
            let Exchange {
                service,
                method,
                path,
                status,
                ..
            } = exchange;
            let _ = writeln!(report, "{service}: {method} {path}, answered {status}");
            for violation in &exchange.violations {
                let _ = writeln!(report, "    {violation}");
            }
        }
        if state.unreported > 0 {
            let _ = writeln!(report, "and {} more", state.unreported);
        }
        Some(report)
    }
}
