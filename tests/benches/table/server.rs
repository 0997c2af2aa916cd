//! The mocked cloud, over a server that checks nothing and always answers the same.

#[path = "../../../crates/mock/examples/support/connection.rs"]
mod connection;
#[path = "../../../crates/imperal/benches/support/plain_server.rs"]
pub(super) mod plain_server;

use crate::row;
use connection::Connection;
use imperal_mock::Cloud;

const REQUESTS: usize = 5_000;

/// `GET /v1/auth/me` on one connection: token, route and parameters are checked, and the exchange is kept.
pub(super) fn requests() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cloud = runtime.block_on(Cloud::start());
    let open = |url: &str| Connection::open(url.trim_start_matches("http://")).unwrap();
    let (mut mock, mut plain) = (open(cloud.gateway_url()), open(&plain_server::start()));
    let me = mock.login().unwrap();
    let ask = |connection: &mut Connection| {
        for _ in 0..REQUESTS {
            assert_eq!(connection.ask(&me).unwrap().0, 200);
        }
    };
    row(
        "a request to the mocked cloud",
        "one to a server that checks nothing",
        REQUESTS,
        || ask(&mut mock),
        || ask(&mut plain),
    );
    cloud.assert_conforms();
}
