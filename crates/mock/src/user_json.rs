//! Users as JSON, for who adds and lists them from outside.

use crate::json_fields::Fields;
use crate::users::{Account, User};
use serde_json::{Value, json};

/// Reads `{"email": …, "password": …, "tenant_id": …, "role": …, "scopes": […]}`.
pub(crate) fn read(value: &Value) -> Result<User, String> {
    let fields = Fields::new("", value);
    let mut user = User::new(fields.text("email")?, fields.text("password")?);
    if let Some(tenant_id) = fields.text_if_given("tenant_id")? {
        user = user.tenant_id(tenant_id);
    }
    if let Some(role) = fields.text_if_given("role")? {
        user = user.role(role);
    }
    if let Some(scopes) = fields.texts_if_given("scopes")? {
        user = user.scopes(scopes);
    }
    Ok(user)
}

/// A user without the password.
pub(crate) fn write(account: &Account) -> Value {
    let user = &account.user;
    json!({
        "imperal_id": account.id, "email": user.email, "tenant_id": user.tenant_id,
        "role": user.role, "scopes": user.scopes,
    })
}
