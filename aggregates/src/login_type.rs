//! How a user, or a key of a user, signed in (docs/contract/core.md 3.5).

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The contract's login types.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LoginType {
    /// E-mail and password.
    Password,
    /// GitHub.
    Github,
    /// OpenID Connect.
    Oidc,
    /// An API token.
    Token,
    /// Cannot sign in.
    None,
    /// An access token issued to an OAuth2 app.
    #[serde(rename = "oauth2_provider_app")]
    #[strum(serialize = "oauth2_provider_app")]
    OAuth2ProviderApp,
}

chancery_noun::named!(LoginType);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_name_is_the_serialised_name() {
        for login_type in LoginType::VARIANTS.iter().copied() {
            assert_eq!(
                serde_json::to_value(login_type).unwrap(),
                login_type.as_str()
            );
            assert_eq!(login_type.as_str().parse(), Ok(login_type));
        }
        assert!("Password".parse::<LoginType>().is_err());
    }
}
