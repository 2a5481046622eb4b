//! What a client says of itself (RFC 7591 2): when it registers, when it changes its registration (RFC 7592), and in the document
//! that its id names (OAuth Client ID Metadata Document). One set of rules checks all three.
//!
//! Members that nobody here knows are ignored; `null`, empty texts and empty lists count as absent, because clients send them.

mod check;
mod error;
mod presented;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use error::InvalidClientMetadata;
pub use presented::PresentedMetadata;

use super::redirect_uri::RedirectUri;
use crate::name::Name;
use crate::oauth2_app::TokenEndpointAuthMethod;

/// A client's metadata, checked. In JSON it has RFC 7591's names; absent members are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientMetadata {
    /// The name for people.
    pub client_name: Name,
    /// Where answers may go: at least one.
    pub redirect_uris: Vec<RedirectUri>,
    /// How it authenticates at the token endpoint.
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub details: ClientDetails,
}

/// What only clients say of themselves that were not made by an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientDetails {
    /// What it may exchange for tokens: `authorization_code`, and perhaps `refresh_token`.
    pub grant_types: Vec<GrantType>,
    /// Always `code`.
    pub response_types: Vec<ResponseType>,
    /// The scope that it may ask for, space-separated; `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Where it runs, by its own account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_type: Option<ApplicationType>,
    /// A page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// What it does with data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// How to reach those who make it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// What the software is called, in every installation alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// The version of the software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
}

/// A grant type that this server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// Exchange of a code.
    AuthorizationCode,
    /// Refresh.
    RefreshToken,
}

/// A response type that this server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// A code.
    Code,
}

/// Where a client runs (OpenID Connect Registration 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a person's machine.
    Native,
    /// On a server.
    Web,
}

impl ClientMetadata {
    /// Whether the client has no secret.
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == TokenEndpointAuthMethod::None
    }

    /// Whether every answer stays on the person's machine, where any program may be asking in the client's name.
    pub fn is_loopback_only(&self) -> bool {
        self.redirect_uris.iter().all(RedirectUri::is_loopback)
    }
}
