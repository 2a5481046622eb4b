use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ClientType, TokenEndpointAuthMethod};
use crate::name::Name;
use crate::oauth2::redirect_uri::RedirectUri;
use crate::oauth2::secret_text::HashedSecret;
use crate::text::FreeText;

/// What can be asked of an OAuth2 app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates the app.
    CreateOAuth2App(CreateOAuth2App),
    /// Replaces what may change. Nothing is revoked by it.
    UpdateOAuth2App {
        /// The name; need not be unique.
        name: Name,
        /// Where answers go when the request names no redirect URI.
        callback_url: RedirectUri,
        /// The URL or path of an image; may be empty.
        icon: FreeText,
        /// Further redirect URIs.
        redirect_uris: Vec<RedirectUri>,
    },
    /// Deletes the app for good, with its secrets, codes and tokens.
    DeleteOAuth2App,
    /// Adds a client secret.
    CreateOAuth2AppSecret {
        /// Its id.
        secret_id: Uuid,
        /// The part that finds it inside its app: 10 alphanumeric characters.
        secret_prefix: String,
        /// The hash of the secret part.
        hashed_secret: HashedSecret,
        /// The last 6 characters of the secret.
        display_secret: String,
        /// The time of creation.
        created_at: DateTime<Utc>,
    },
    /// Deletes a client secret, with the codes and tokens issued by it.
    DeleteOAuth2AppSecret {
        /// Its id.
        secret_id: Uuid,
    },
}

/// The contents of a new app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateOAuth2App {
    /// The name; need not be unique.
    pub name: Name,
    /// Where answers go when the request names no redirect URI.
    pub callback_url: RedirectUri,
    /// The URL or path of an image; may be empty.
    pub icon: FreeText,
    /// Further redirect URIs.
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// How it authenticates: `none` for a public client, and for that alone.
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// Whether authorization requests need a code challenge; always so for public clients.
    pub require_pkce: bool,
    /// Whether a user may have several live grants for it.
    pub allow_multiple_grants: bool,
}
