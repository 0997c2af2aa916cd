//! Generates the client from the document of the Auth Gateway.

fn main() {
    imperal_build_support::build_script(
        "specs/auth-gateway.json",
        "specs/overlays/auth-gateway.json",
    );
}
