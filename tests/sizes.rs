//! What a service may do with the client across threads, and how much of its stack a call takes.

use imperal::{
    CallOptions, Credentials, Error, EventStream, FileStore, Imperal, LiveEvents, MemoryStore,
    Page, Paginator, RedisStore, ResumeToken, Secret, TokenVerifier, Upload, auth_gateway,
    registry,
};
use std::mem::{size_of, size_of_val};

const fn is_shared<T: Send + Sync + 'static>() {}

const fn is_sent<T: Send + 'static>() {}

/// What compiles here holds.
const _: () = {
    is_shared::<Imperal>();
    is_shared::<auth_gateway::Client>();
    is_shared::<registry::Client>();
    is_shared::<Error>();
    is_shared::<Credentials>();
    is_shared::<CallOptions>();
    is_shared::<Secret>();
    is_shared::<ResumeToken>();
    is_shared::<Page<String>>();
    is_shared::<MemoryStore>();
    is_shared::<FileStore>();
    is_shared::<RedisStore>();
    is_shared::<TokenVerifier>();
    is_sent::<EventStream>();
    is_sent::<LiveEvents>();
    is_sent::<Paginator<String>>();
    is_sent::<Upload>();
};

fn sent<F: Future + Send>(future: &F) -> usize {
    size_of_val(future)
}

fn client() -> Imperal {
    let builder = Imperal::builder().registry_url("http://127.0.0.1:1");
    let builder = builder.credentials(Credentials::registry_key("key"));
    builder
        .credentials(Credentials::bearer("token"))
        .build()
        .unwrap()
}

/// Futures are moved, and kept in the tasks of their callers: a call that grows is noticed.
#[test]
fn calls_take_little_of_the_stack() {
    assert!(size_of::<Imperal>() <= 64, "{}", size_of::<Imperal>());
    assert!(size_of::<Error>() <= 64, "{}", size_of::<Error>());
    let imperal = client();
    let gateway = imperal.gateway();
    let me = sent(&gateway.auth().me().send());
    let list = sent(&gateway.marketplace().list_apps().search("mail").send());
    let registry = sent(&imperal.registry().apps().list_apps().send());
    let login = sent(&imperal.login());
    let raw = sent(
        &imperal
            .request(imperal::Method::GET, "/v1/newer")
            .send::<serde_json::Value>(),
    );
    for (name, size) in [
        ("me", me),
        ("list_apps", list),
        ("registry", registry),
        ("login", login),
        ("request", raw),
    ] {
        println!("{name}: {size} bytes");
        assert!(size <= LARGEST, "{name}: {size} bytes");
    }
}

const LARGEST: usize = 4096;
