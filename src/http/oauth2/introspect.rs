//! Token introspection (RFC 7662): a resource server, itself a confidential client, asks what a token is worth.

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chancery_aggregates::oauth2::secret_text::PresentedApiKey;
use chancery_projections::credential::Credential;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{ApiError, AppState, Json};

use super::client_authentication::PresentedClient;
use super::error::{OAuth2Error, OAuth2ErrorBody, uncached};
use super::parameters::{Parameter, Parameters};
use super::secret_use::SecretUse;
use super::{client, may_sign_in};

/// The form of an introspection request, for the API document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as parameters")]
pub struct IntrospectionRequest {
    /// An access token.
    #[schema(format = Password)]
    token: String,
    /// Ignored.
    token_type_hint: Option<String>,
    /// The asking app's id; optional with HTTP Basic.
    client_id: Option<String>,
    /// A secret of the asking app; not with HTTP Basic.
    #[schema(format = Password)]
    client_secret: Option<String>,
}

/// What a token is worth (RFC 7662 section 2.2). Of an inactive token nothing else is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Introspection {
    /// Whether it is an access token of this server that works now.
    pub active: bool,
    /// What an active token is.
    #[serde(flatten)]
    pub token: Option<ActiveToken>,
}

/// An access token that works.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveToken {
    /// The user's id.
    pub sub: Uuid,
    /// The user's name.
    pub username: String,
    /// The app that holds it.
    pub client_id: Uuid,
    /// The resource it is bound to (RFC 8707); absent for a token of this server's own API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// The issuer.
    pub iss: String,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// The scope that was granted; absent when none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Always `Bearer`.
    pub token_type: &'static str,
}

/// Tells an authenticated confidential client what an access token is worth. Refresh tokens, API keys and sessions are
/// never active here: they are nobody's to introspect.
#[utoipa::path(
    post,
    path = "/oauth2/introspect",
    operation_id = "introspect_oauth2_token",
    tag = "OAuth2",
    request_body(content = IntrospectionRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What it is worth.", body = Introspection),
        (status = 400, description = "The token is missing.", body = OAuth2ErrorBody),
        (status = 401, description = "The asking client is unknown or public, or its secret is wrong.", body = OAuth2ErrorBody),
        (status = 413, description = "The form is larger than 64 KiB.", body = OAuth2ErrorBody),
        (status = 429, description = "Too many requests.", body = OAuth2ErrorBody),
        (status = 503, description = "The server cannot answer now.", body = OAuth2ErrorBody),
    ),
    security(("client_basic" = []), ()),
)]
pub async fn introspect(
    State(state): State<AppState>,
    Extension(secret_use): Extension<SecretUse>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, OAuth2Error> {
    let query = Parameters::from_query(query.as_deref())?;
    let form = Parameters::from_form(&headers, body).await?;
    let presented = PresentedClient::read(&query, &form, &headers)?;
    let client = client::find(&state, presented.client_id).await?;
    let secret_id = client::authenticate(&state, &secret_use, &client, &presented.secret).await?;
    secret_id.ok_or(OAuth2Error::InvalidClient)?;
    let token = form
        .get(Parameter::Token)
        .ok_or(OAuth2Error::MissingToken)?;
    let token = active_token(&state, token).await?;
    Ok(uncached(Json(Introspection {
        active: token.is_some(),
        token,
    })))
}

async fn active_token(state: &AppState, token: &str) -> Result<Option<ActiveToken>, OAuth2Error> {
    let Ok(presented) = PresentedApiKey::parse(token) else {
        return Ok(None);
    };
    let credential = state
        .readers
        .credential(&presented.id)
        .await
        .map_err(ApiError::from)?;
    let now = state.clock.now();
    Ok(credential
        .filter(|credential| {
            crate::secret::equal(&credential.hashed_secret, presented.hash.as_str())
        })
        .filter(|credential| credential.expires_at > now && may_sign_in(&credential.user.status))
        .and_then(|credential| describe(&credential, state.access_url.as_str())))
}

/// The credential as RFC 7662 tells it; `None` for what is no access token.
fn describe(credential: &Credential, issuer: &str) -> Option<ActiveToken> {
    let grant = credential.oauth2.as_ref()?;
    Some(ActiveToken {
        sub: credential.user.id,
        username: credential.user.username.clone(),
        client_id: grant.app_id,
        aud: grant.audience.clone(),
        iss: issuer.to_owned(),
        exp: credential.expires_at.timestamp(),
        iat: credential.created_at.timestamp(),
        scope: Some(credential.scope.clone()).filter(|scope| !scope.is_empty()),
        token_type: "Bearer",
    })
}
