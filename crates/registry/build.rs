//! Generates the client from the document of the Registry.

fn main() {
    imperal_build_support::build_script("specs/registry.json", "specs/overlays/registry.json");
}
