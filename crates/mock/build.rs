//! Generates typed expectations from the documents that the clients are generated from.

fn main() {
    #[cfg(feature = "client")]
    for (module, name, client) in [
        ("gateway", "auth-gateway", "imperal::auth_gateway"),
        ("registry", "registry", "imperal::registry"),
    ] {
        imperal_build_support::expectations_build_script(
            format!("specs/{name}.json"),
            format!("specs/overlays/{name}.json"),
            client,
            module,
        );
    }
}
