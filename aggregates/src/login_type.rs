//! How a user, or a key of a user, signed in (core.md 3.5).

use serde::{Deserialize, Serialize};

/// The contract's login types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    OAuth2ProviderApp,
}

impl LoginType {
    /// The name on the wire and in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Github => "github",
            Self::Oidc => "oidc",
            Self::Token => "token",
            Self::None => "none",
            Self::OAuth2ProviderApp => "oauth2_provider_app",
        }
    }

    /// The login type of a name; `None` for any other text.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Password,
            Self::Github,
            Self::Oidc,
            Self::Token,
            Self::None,
            Self::OAuth2ProviderApp,
        ]
        .into_iter()
        .find(|login_type| login_type.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_name_is_the_serialised_name() {
        for login_type in [
            LoginType::Password,
            LoginType::Github,
            LoginType::Oidc,
            LoginType::Token,
            LoginType::None,
            LoginType::OAuth2ProviderApp,
        ] {
            assert_eq!(
                serde_json::to_value(login_type).unwrap(),
                login_type.as_str()
            );
            assert_eq!(LoginType::from_name(login_type.as_str()), Some(login_type));
        }
        assert_eq!(LoginType::from_name("Password"), None);
    }
}
