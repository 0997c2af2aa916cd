//! With the feature `schemars`, generated types say their own JSON Schema.
#![cfg(feature = "schemars")]

use imperal_auth_gateway::types::{LoginRequest, MarketplaceApps};

#[test]
fn generated_types_have_a_schema() {
    let schema = schemars::schema_for!(LoginRequest);
    let password = &schema.as_value()["$defs"]["Secret"];
    assert_eq!(password["format"], "password", "{schema:?}");
    let apps = schemars::schema_for!(MarketplaceApps);
    assert_eq!(apps.as_value()["anyOf"][0]["type"], "array", "{apps:?}");
}
