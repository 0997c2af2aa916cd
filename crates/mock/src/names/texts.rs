//! Texts that look like those of the platform, by the names of their fields.

use super::Chance;
use crate::TENANT;
use serde_json::{Map, Value};

const GIVEN: [&str; 16] = [
    "Ada", "Amir", "Ben", "Carla", "Diego", "Emma", "Farah", "Grace", "Hugo", "Ines", "Jonas",
    "Kofi", "Lena", "Mei", "Noor", "Otto",
];

const FAMILY: [&str; 16] = [
    "Abbas", "Berg", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jensen",
    "Kaya", "Lopez", "Moreau", "Novak", "Okafor", "Rossi",
];

const FIRST: [&str; 16] = [
    "Amber", "Bright", "Calm", "Clear", "Copper", "Early", "Fair", "Golden", "Green", "Lucid",
    "North", "Open", "Quick", "Silver", "Steady", "Swift",
];

const SECOND: [&str; 16] = [
    "Anchor", "Bridge", "Canvas", "Compass", "Garden", "Harbor", "Lantern", "Ledger", "Meadow",
    "Mail", "Orbit", "Planner", "River", "Signal", "Studio", "Valley",
];

/// What the field `name` of thing `number` holds, in an object of this title.
pub(super) fn text(
    title: &str,
    name: &str,
    schema: &Map<String, Value>,
    number: u64,
    chance: &Chance,
) -> Option<String> {
    let format = schema
        .get("format")
        .or_else(|| schema.get("contentEncoding"));
    let format = format.and_then(Value::as_str);
    let text = match (format, name) {
        (Some("date-time"), _) => moment(number, chance),
        (Some("email"), _) | (None, "email") => email(number, chance),
        (Some("uri"), _) => format!("https://example.com/{number}"),
        (Some("binary" | "password") | None, _) => plain(title, name, number, chance),
        // Others are made by their format.
        (Some(_), _) => return None,
    };
    let longest = schema.get("maxLength").and_then(Value::as_u64);
    let longest = longest.and_then(|length| usize::try_from(length).ok());
    Some(text.chars().take(longest.unwrap_or(usize::MAX)).collect())
}

fn plain(title: &str, name: &str, number: u64, chance: &Chance) -> String {
    match name {
        "id" => id(title, number, chance),
        // The tenants themselves are several; everything else is in one.
        "tenant_id" if title.starts_with("Tenant") => format!("imp_t_{number:016}"),
        "tenant_id" => TENANT.to_owned(),
        "parent_tenant_id" => format!("imp_t_{:016}", 1),
        "app_id" | "extension_id" => format!("app-{number}"),
        "imperal_id" | "user_id" | "developer_id" | "owner_id" | "author" | "actor_id" => {
            format!("imp_u_{number:016}")
        }
        "key" => key("imp_live_", number, chance),
        "key_prefix" => key("imp_live_", number, chance)[..16].to_owned(),
        "api_key" => key("imp_reg_key_", number, chance),
        "prefix" => key("imp_reg_key_", number, chance)[..16].to_owned(),
        "payment_intent_id" => format!("pi_{}", chance.letters(24)),
        "payment_method_id" => format!("pm_{}", chance.letters(24)),
        "client_secret" => format!("pi_{}_secret_{}", chance.letters(24), chance.letters(12)),
        "publishable_key" => format!("pk_test_{}", chance.letters(24)),
        "commit_sha" => chance.digits(40),
        "trace_id" => chance.digits(32),
        "ip" | "ip_address" => format!("192.0.2.{}", 1 + chance.below(254)),
        "host" | "domain" => format!("{}.example.com", handle(number, chance)),
        "version" => format!("1.{}.{number}", chance.below(10)),
        "status" => "active".to_owned(),
        "currency" => "usd".to_owned(),
        "country" => chance
            .one_of(&["BR", "DE", "FR", "IN", "JP", "KE", "US"])
            .to_owned(),
        "brand" => chance.one_of(&["amex", "mastercard", "visa"]).to_owned(),
        "last4" => format!("{:04}", chance.below(10_000)),
        "day" => moment(number, chance)[..10].to_owned(),
        "period" => moment(number, chance)[..7].to_owned(),
        "first_name" => chance.one_of(&GIVEN).to_owned(),
        "last_name" => chance.one_of(&FAMILY).to_owned(),
        "full_name" => person(chance),
        "nickname" | "username" => handle(number, chance),
        "text" | "description" | "long_description" | "short_description" | "summary" => {
            let words = [chance.one_of(&FIRST), chance.one_of(&SECOND)];
            format!("About the {} {} number {number}.", words[0], words[1])
        }
        _ if name.ends_with("_at") || name == "timestamp" || name == "last_login" => {
            moment(number, chance)
        }
        _ if name.ends_with("_url") || name == "url" || name == "homepage" => {
            format!("https://example.com/{}", handle(number, chance))
        }
        _ if name.ends_with("name") || name == "title" || name == "company" => {
            let (first, second) = (chance.one_of(&FIRST), chance.one_of(&SECOND));
            format!("{first} {second} {number}")
        }
        _ if name.ends_with("_id") => {
            format!(
                "{}-{number}",
                name.trim_end_matches("_id").replace('_', "-")
            )
        }
        _ if name.is_empty() => format!("sample {number}"),
        _ => format!("{} {number}", name.replace('_', " ")),
    }
}

/// The id of a thing, by the title of its schema.
fn id(title: &str, number: u64, chance: &Chance) -> String {
    match title {
        _ if title.starts_with("Tenant") => format!("imp_t_{number:016}"),
        _ if title.starts_with("User") => {
            // The last part is the number: two users never have the same.
            let (first, second) = (chance.digits(8), chance.digits(3));
            format!("{first}-0000-4{second}-8000-{number:012x}")
        }
        _ if title.starts_with("PaymentMethod") => format!("pm_{}", chance.letters(24)),
        _ if title.starts_with("RegistryApp") => format!("app-{number}"),
        _ => {
            // `Plan` of `PlanResponse`.
            let end = title.char_indices().skip(1);
            let end = end.into_iter().find(|(_, letter)| letter.is_uppercase());
            let thing = &title[..end.map_or(title.len(), |(end, _)| end)];
            let thing = if thing.is_empty() { "id" } else { thing };
            format!("{}-{number}", thing.to_lowercase())
        }
    }
}

/// A key of the platform: this, and 32 letters and digits.
fn key(beginning: &str, number: u64, chance: &Chance) -> String {
    // The same for the key and for what is shown of it elsewhere.
    format!("{beginning}{}", chance.of_thing(number).letters(32))
}

/// A day of the first quarter: all moments of a thing are the same, and so in any order.
fn moment(number: u64, chance: &Chance) -> String {
    let chance = chance.of_thing(number);
    let (month, day) = (1 + chance.below(3), 1 + chance.below(28));
    format!("2026-{month:02}-{day:02}T09:00:00Z")
}

fn email(number: u64, chance: &Chance) -> String {
    let name = person(&chance.of_thing(number));
    let name = name.to_lowercase().replace(' ', ".");
    format!("{name}{number}@example.com")
}

fn person(chance: &Chance) -> String {
    format!("{} {}", chance.one_of(&GIVEN), chance.one_of(&FAMILY))
}

fn handle(number: u64, chance: &Chance) -> String {
    let (first, second) = (chance.one_of(&FIRST), chance.one_of(&SECOND));
    format!("{first}-{second}-{number}").to_lowercase()
}
