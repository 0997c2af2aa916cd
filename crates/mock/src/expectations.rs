//! What a test says that operations answer, on an `httpmock` server that is taken when the first is said.

mod expectation;
mod forward;
mod then;
mod when;

pub use expectation::Expectation;
pub(crate) use forward::Expected;
pub use then::{Raw, Then};
pub(crate) use when::When;

use crate::contract::success::Success;
use crate::contract::{Contract, Operation};
use crate::description::Description;
use httpmock::MockServer;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use then::Said;

/// The header by which requests of one service are told from those of the other.
const SERVICE: &str = "x-imperal-mock-service";

/// The header that names the operation of a request.
const OPERATION: &str = "x-imperal-mock-operation";

/// The header by which an answer names its expectation. One without it is the server's own, for a request that
/// nobody expects.
const NUMBER: &str = "x-imperal-mock-expectation";

/// All expectations of one cloud.
#[derive(Default)]
pub(crate) struct Expectations {
    /// A process has a limited number of them.
    server: OnceLock<MockServer>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The service and route of each operation that has one.
    routes: HashSet<(&'static str, &'static str)>,
    kinds: HashMap<usize, Kind>,
    /// How many there were so far.
    last: usize,
}

/// What becomes of the answer of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It has to be one that the document allows.
    Checked,
    /// It is given whatever the document says.
    Deliberate,
    /// There is none: calls are counted, and answered as ever.
    Counted,
}

impl Expectations {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all of them. Numbers go on, so that an answer that is under way is not taken for one of a newer
    /// expectation.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        *state = State {
            last: state.last,
            ..State::default()
        };
        drop(state);
        if let Some(server) = self.server.get() {
            server.reset();
        }
    }

    /// Whether the expectation with this number was not forgotten.
    fn has(&self, number: usize) -> bool {
        self.state().kinds.contains_key(&number)
    }

    fn forget(&self, number: usize) {
        self.state().kinds.remove(&number);
    }
}

/// The expectations of one service.
#[derive(Clone, Copy)]
pub(crate) struct ExpectationSet<'a> {
    expectations: &'a Expectations,
    service: &'static str,
    description: &'static Arc<Description>,
    seed: u64,
}

impl<'a> ExpectationSet<'a> {
    pub(crate) const fn new(
        expectations: &'a Expectations,
        service: &'static str,
        description: &'static Arc<Description>,
        seed: u64,
    ) -> Self {
        Self {
            expectations,
            service,
            description,
            seed,
        }
    }

    /// Adds one for the operation of a route.
    pub(crate) fn expect<T>(
        self,
        route: &'static str,
        set: impl FnOnce(When, Then<T>),
    ) -> Expectation<'a> {
        let contract: &'static Contract = &self.description.contract;
        let Some(operation) = contract.operation(route) else {
            // The client and the contract come from the same document.
            panic!("the document has no operation {route}");
        };
        let server = self.expectations.server.get_or_init(MockServer::start);
        let number = {
            let mut state = self.expectations.state();
            state.last += 1;
            state.last
        };
        let mock = server.mock(|when, then| {
            let when = when.header(SERVICE, self.service).header(OPERATION, route);
            let then = then.header(NUMBER, number.to_string());
            let said = Arc::<Mutex<Said>>::default();
            let place = Place {
                contract,
                operation,
                seed: self.seed,
            };
            set(
                When::new(when, operation),
                Then::new(then, number, place, Arc::clone(&said)),
            );
            let kind = then::kind(&said, place);
            let mut state = self.expectations.state();
            state.routes.insert((self.service, route));
            state.kinds.insert(number, kind);
        });
        Expectation::new(mock, self.expectations, number, route)
    }
}

impl std::fmt::Debug for ExpectationSet<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ExpectationSet")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// The operation that is meant, and what its answers are made and judged by.
#[derive(Clone, Copy)]
struct Place {
    contract: &'static Contract,
    operation: &'static Operation,
    seed: u64,
}

impl Place {
    fn success(self) -> Success<'static> {
        let success = self.contract.success(self.operation);
        success.unwrap_or_else(|| {
            panic!(
                "the document declares no success of {}",
                self.operation.route
            )
        })
    }
}
