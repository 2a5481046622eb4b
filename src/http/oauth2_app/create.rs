//! `POST /api/v2/oauth2-provider/apps`.

use axum::extract::State;
use axum::http::StatusCode;
use chancery_aggregates::oauth2_app::{ClientType, TokenEndpointAuthMethod};
use chancery_operations::oauth2_app::{self, NewOAuth2App, OAuth2AppForm};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::OAuth2ProviderApp;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, AppState, Json, SignedIn, WriteRefusal};

/// Body of POST apps. The contract's fields are `name`, `callback_url` and `icon`; the others are additions.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PostOAuth2ProviderAppRequest {
    /// 1 to 32 letters and digits in groups joined by hyphens.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Where users return to: an absolute http(s) URL; a public app may also have a scheme of its own.
    #[serde(default, deserialize_with = "null_as_default")]
    pub callback_url: String,
    /// URL or site path of a picture.
    #[serde(default, deserialize_with = "null_as_default")]
    pub icon: String,
    /// Further redirect URIs, matched exactly; http loopback addresses with any port.
    #[serde(default, deserialize_with = "null_as_default")]
    pub redirect_uris: Vec<String>,
    /// `confidential` or `public`. Default: `confidential`, unless the auth method is `none`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "confidential")]
    pub client_type: Option<ClientType>,
    /// `client_secret_post`, `client_secret_basic` or `none`. Default: `client_secret_post`, or `none` for a public app.
    /// Both secret methods are accepted from every confidential app.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "client_secret_post")]
    pub token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    /// Whether every authorization needs a PKCE challenge. Always so for a public app.
    #[serde(default, deserialize_with = "null_as_default")]
    pub require_pkce: bool,
    /// Whether one user may hold several grants at once. Default: a new grant ends the user's earlier one.
    #[serde(default, deserialize_with = "null_as_default")]
    pub allow_multiple_grants: bool,
}

/// Creates an app.
#[utoipa::path(
    post,
    path = "/api/v2/oauth2-provider/apps",
    tag = "OAuth2 apps",
    request_body = PostOAuth2ProviderAppRequest,
    responses((status = 201, description = "The app.", body = OAuth2ProviderApp), WriteRefusal)
)]
pub async fn create_oauth2_app(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    Json(request): Json<PostOAuth2ProviderAppRequest>,
) -> Result<(StatusCode, Json<OAuth2ProviderApp>), ApiError> {
    let app = oauth2_app::create(&caller, request.into()).await?;
    Ok((
        StatusCode::CREATED,
        Json(OAuth2ProviderApp::new(app, &state.access_url)),
    ))
}

impl From<PostOAuth2ProviderAppRequest> for NewOAuth2App {
    fn from(request: PostOAuth2ProviderAppRequest) -> Self {
        Self {
            form: OAuth2AppForm {
                name: request.name,
                callback_url: request.callback_url,
                icon: request.icon,
                redirect_uris: Some(request.redirect_uris),
            },
            client_type: request.client_type,
            token_endpoint_auth_method: request.token_endpoint_auth_method,
            require_pkce: request.require_pkce,
            allow_multiple_grants: request.allow_multiple_grants,
        }
    }
}
