//! Apps as the API shows them (docs/contract/oauth2.md 9.1).

use chancery_aggregates::name::Name;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2_app::{ClientType, OAuth2AppId, TokenEndpointAuthMethod};
use chancery_aggregates::text::FreeText;
use chancery_operations::Caller;
use chancery_operations::oauth2_app::Client;
use serde::Serialize;
use utoipa::ToSchema;

/// An OAuth2 app. Its id is its `client_id`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OAuth2ProviderApp {
    /// The app's id, which is its `client_id`.
    pub id: OAuth2AppId,
    /// The name; need not be unique.
    #[schema(value_type = String)]
    pub name: Name,
    /// Where users return to when a request names no redirect URI.
    #[schema(value_type = String)]
    pub callback_url: RedirectUri,
    /// URL or site path of a picture; may be empty.
    #[schema(value_type = String)]
    pub icon: FreeText,
    /// Further redirect URIs.
    #[schema(value_type = Vec<String>)]
    pub redirect_uris: Vec<RedirectUri>,
    /// `confidential` or `public`.
    #[schema(value_type = String)]
    pub client_type: ClientType,
    /// `client_secret_post`, `client_secret_basic` or `none`.
    #[schema(value_type = String)]
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// Whether every authorization needs a PKCE challenge.
    pub require_pkce: bool,
    /// Whether one user may hold several grants at once.
    pub allow_multiple_grants: bool,
    /// Where the app finds the server.
    pub endpoints: OAuth2AppEndpoints,
}

/// The protocol endpoints of an app: the same for every app.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OAuth2AppEndpoints {
    /// The authorization endpoint.
    pub authorization: String,
    /// The token endpoint.
    pub token: String,
    /// The revocation endpoint.
    pub token_revoke: String,
    /// Always empty: there is no device flow.
    pub device_authorization: &'static str,
}

impl OAuth2ProviderApp {
    /// An app, with the endpoints of the server that the caller asks.
    pub fn new(Client { id, thing: app, .. }: Client, caller: &Caller) -> Self {
        let settings = app.settings;
        let server = &caller.services().settings().access_url;
        Self {
            id,
            name: settings.name,
            callback_url: settings.callback_url,
            icon: settings.icon,
            redirect_uris: settings.redirect_uris,
            client_type: app.client_type,
            token_endpoint_auth_method: app.token_endpoint_auth_method,
            require_pkce: app.require_pkce,
            allow_multiple_grants: app.allow_multiple_grants,
            endpoints: OAuth2AppEndpoints {
                authorization: format!("{server}/oauth2/authorize"),
                token: format!("{server}/oauth2/tokens"),
                token_revoke: format!("{server}/oauth2/revoke"),
                device_authorization: "",
            },
        }
    }
}
