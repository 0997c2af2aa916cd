//! What the tests beside this file share.

/// The code in the guides and in the README of each package. The documentation tests compile all of it, and run what
/// can run by itself; `readme.rs` and `guides.rs` run the functions, which only a caller can run.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../build-support/README.md")]
    mod build_support {}
    #[doc = include_str!("../crates/auth-gateway/README.md")]
    mod auth_gateway {}
    #[doc = include_str!("../crates/imperal/README.md")]
    mod imperal {}
    #[doc = include_str!("../crates/mock/README.md")]
    mod mock {}
    #[doc = include_str!("../crates/registry/README.md")]
    mod registry {}
    #[doc = include_str!("../crates/runtime/README.md")]
    mod runtime {}
    #[doc = include_str!("../crates/spec-diff/README.md")]
    mod spec_diff {}
    #[doc = include_str!("../docs/events.md")]
    mod events {}
    #[doc = include_str!("../docs/mock-server.md")]
    mod mock_server {}
    #[doc = include_str!("../docs/pagination.md")]
    mod pagination {}
    #[doc = include_str!("../docs/sessions.md")]
    mod sessions {}
    #[doc = include_str!("../docs/testing.md")]
    mod testing {}
}

mod comparison;

pub use comparison::differences;

use imperal::{Credentials, Error, Imperal};
use imperal_build_support::{Document, Overlay};
use imperal_mock::Cloud;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use tokio::net::TcpSocket;

/// A client of the cloud that has these credentials and no others.
///
/// # Panics
///
/// If the client cannot be built.
#[must_use]
pub fn client_with(cloud: &Cloud, credentials: Credentials) -> Imperal {
    let builder = cloud.client_builder().credentials(credentials);
    builder.build().unwrap()
}

/// A socket that refuses every connection: it does not listen, and nobody else can take its port while it is bound.
///
/// # Panics
///
/// If the system has no port left.
#[must_use]
pub fn refusing_socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(any_port).unwrap();
    socket
}

/// The statuses that were answered to all requests for `path`, in their order.
#[must_use]
pub fn statuses(cloud: &Cloud, path: &str) -> Vec<u16> {
    let exchanges = cloud.exchanges();
    let asked = exchanges.iter().filter(|exchange| exchange.path == path);
    asked.map(|exchange| exchange.status).collect()
}

/// The email address of whoever is logged in: the smallest call that needs a login.
///
/// # Errors
///
/// The error of the call.
pub async fn email_of(imperal: &Imperal) -> Result<String, Error> {
    let me = imperal.gateway().auth().me().send().await?;
    Ok(me.into_inner().email)
}

/// Says that a test does nothing here, and why. It writes to standard error itself, since the test harness shows
/// nothing of what a passing test prints.
pub fn skipped(reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// The Python that `IMPERAL_TEST_PYTHON` names, which has `generated/fastapi/requirements.txt` installed (`.ci/run`
/// makes one). If the variable is not set, this says so and returns none: a test that needs it then does nothing.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("IMPERAL_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        skipped(
            "IMPERAL_TEST_PYTHON names no Python that has tests/generated/fastapi/requirements.txt",
        );
    }
    python
}

/// The document of a service, such as `auth-gateway`, with its overlay applied.
///
/// # Panics
///
/// If one of them cannot be read, or they do not go together.
#[must_use]
pub fn overlaid(service: &str) -> Document {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut document = Document::load(&specs.join(format!("{service}.json"))).unwrap();
    let overlay = Overlay::load(&specs.join(format!("overlays/{service}.json"))).unwrap();
    overlay.apply(&mut document).unwrap();
    document
}
