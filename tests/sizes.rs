//! What a service may do with the client across threads, and how much of its stack a call takes.

use futures::StreamExt;
use imperal::{
    Answer, ByteStream, CallOptions, Credentials, DeviceLogin, Error, EventStream, FileStore,
    Imperal, ImperalBuilder, Items, LiveEvents, MemoryStore, Method, Page, Pages, Paginator,
    RawRequest, RedisStore, ResumeToken, Secret, TokenVerifier, Upload, auth_gateway, registry,
};
use imperal_mock::{Cloud, DocumentServer};
use std::mem::{size_of, size_of_val};

const fn is_shared<T: Send + Sync + 'static>() {}

const fn is_sent<T: Send + 'static>() {}

/// What compiles here holds.
const _: () = {
    is_shared::<Imperal>();
    is_shared::<auth_gateway::Client>();
    is_shared::<registry::Client>();
    is_shared::<Error>();
    is_shared::<Answer<String>>();
    is_shared::<Credentials>();
    is_shared::<CallOptions>();
    is_shared::<Secret>();
    is_shared::<ResumeToken>();
    is_shared::<Page<String>>();
    is_shared::<MemoryStore>();
    is_shared::<FileStore>();
    is_shared::<RedisStore>();
    is_shared::<TokenVerifier>();
    is_shared::<RawRequest>();
    is_shared::<Cloud>();
    is_shared::<DocumentServer>();
    is_sent::<ImperalBuilder>();
    is_sent::<ByteStream>();
    is_sent::<DeviceLogin>();
    is_sent::<EventStream>();
    is_sent::<LiveEvents>();
    is_sent::<Items<String>>();
    is_sent::<Pages<String>>();
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

/// Futures are moved, and kept in the tasks of their callers: one that grows is noticed. The bounds are those of
/// a 64-bit system, with some room for another compiler.
#[test]
fn calls_take_little_of_the_stack() {
    let imperal = client();
    let gateway = imperal.gateway();
    let mut items = gateway.marketplace().list_apps().items();
    let mut pages = gateway.marketplace().list_apps().pages();
    let mut events = imperal.events();
    let speech = gateway
        .voice()
        .speech_to_text()
        .body_map(|form| form.file(Upload::new("sound")));
    let verifier = imperal.token_verifier();
    let raw = imperal.request(Method::GET, "/v1/newer");
    for (name, size, bound) in [
        ("Imperal", size_of::<Imperal>(), 8),
        ("Error", size_of::<Error>(), 64),
        ("me", sent(&gateway.auth().me().send()), 4096),
        (
            "list_apps",
            sent(&gateway.marketplace().list_apps().search("mail").send()),
            4096,
        ),
        ("speech_to_text", sent(&speech.send()), 4096),
        (
            "registry",
            sent(&imperal.registry().apps().list_apps().send()),
            4096,
        ),
        ("request", sent(&raw.send::<serde_json::Value>()), 4096),
        ("login", sent(&imperal.login()), 128),
        ("logout", sent(&imperal.logout()), 512),
        ("device_login", sent(&imperal.device_login()), 4096),
        ("verify", sent(&verifier.verify("token")), 1024),
        ("an item", sent(&items.next()), 16),
        ("a page", sent(&pages.next()), 16),
        ("an event", sent(&events.next()), 16),
    ] {
        println!("{name}: {size} bytes");
        assert!(size <= bound, "{name}: {size} bytes");
    }
}
