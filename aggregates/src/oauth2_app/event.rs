use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::oauth2::secret_text::HashedSecret;

/// Whether a client can keep a secret (RFC 6749 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientType {
    /// It can, and authenticates with one.
    Confidential,
    /// It cannot.
    Public,
}

impl ClientType {
    /// The name on the wire and in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Public => "public",
        }
    }
}

/// How a client authenticates at the token endpoint (RFC 7591 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuthMethod {
    /// By HTTP Basic.
    ClientSecretBasic,
    /// By form parameters.
    ClientSecretPost,
    /// Not at all: a public client.
    None,
}

impl TokenEndpointAuthMethod {
    /// The name on the wire and in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
        }
    }
}

/// What happened to an OAuth2 app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The app was created.
    Oauth2AppCreated {
        /// The name.
        name: String,
        /// Where answers go when the request names no redirect URI.
        callback_url: String,
        /// The URL or path of an image; may be empty.
        icon: String,
        /// Further redirect URIs.
        redirect_uris: Vec<String>,
        /// Whether it can keep a secret.
        client_type: ClientType,
        /// How it authenticates.
        token_endpoint_auth_method: TokenEndpointAuthMethod,
        /// Whether authorization requests need a code challenge.
        require_pkce: bool,
        /// Whether a user may have several live grants for it.
        allow_multiple_grants: bool,
    },
    /// What may change was replaced.
    Oauth2AppUpdated {
        /// The name.
        name: String,
        /// Where answers go when the request names no redirect URI.
        callback_url: String,
        /// The URL or path of an image; may be empty.
        icon: String,
        /// Further redirect URIs.
        redirect_uris: Vec<String>,
    },
    /// The app was deleted for good.
    Oauth2AppDeleted {},
    /// A client secret was added.
    Oauth2AppSecretCreated {
        /// Its id.
        secret_id: Uuid,
        /// The part that finds it inside its app.
        secret_prefix: String,
        /// The hash of the secret part.
        hashed_secret: HashedSecret,
        /// The last 6 characters of the secret.
        display_secret: String,
        /// The time of creation.
        created_at: DateTime<Utc>,
    },
    /// A client secret was deleted.
    Oauth2AppSecretDeleted {
        /// Its id.
        secret_id: Uuid,
    },
}
