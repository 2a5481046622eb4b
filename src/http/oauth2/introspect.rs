//! Token introspection (RFC 7662): a resource server, itself a confidential client, asks what a token is worth.

use axum::extract::State;
use axum::response::Response;
use chancery_aggregates::user::UserId;
use chancery_operations::oauth2_grant;
use serde::Serialize;
use utoipa::ToSchema;

use super::client::ClientRequest;
use super::error::{ClientRefusal, OAuth2Error, OAuth2ErrorBody, uncached};
use super::parameters::Parameter;
use crate::http::base::{AppState, Json};

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
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Introspection {
    /// Whether it is an access token of this server that works now.
    pub active: bool,
    /// The user's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<UserId>,
    /// The user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The client id of the app that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The resource it is bound to (RFC 8707); absent for a token of this server's own API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// The issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// When it expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// When it was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// The scope that was granted; absent when none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
}

/// Tells an authenticated confidential client what an access token is worth. Refresh tokens, API keys and sessions are
/// never active here: they are nobody's to introspect.
#[utoipa::path(
    post,
    path = "/oauth2/introspect",
    operation_id = "introspect_oauth2_token",
    request_body(content = IntrospectionRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What it is worth.", body = Introspection),
        (status = 400, description = "The token is missing.", body = OAuth2ErrorBody),
        ClientRefusal,
    ),
    security(("client_basic" = []), ()),
)]
pub async fn introspect(
    State(state): State<AppState>,
    request: ClientRequest,
) -> Result<Response, OAuth2Error> {
    let (client, form) = request.authenticate().await?;
    client.secret_id.ok_or(OAuth2Error::InvalidClient)?;
    let token = form.get(Parameter::Token);
    let token = token.ok_or(OAuth2Error::MissingToken)?;
    let worth = oauth2_grant::introspect(&client, token).await?;
    let introspection = worth.map(|worth| Introspection {
        active: true,
        sub: Some(worth.credential.user.id),
        username: Some(worth.credential.user.username),
        client_id: Some(worth.client_id),
        aud: worth.access.audience,
        iss: Some(state.access_url.as_str().to_owned()),
        exp: Some(worth.credential.expires_at.timestamp()),
        iat: Some(worth.credential.issued_at.timestamp()),
        scope: Some(worth.access.scope).filter(|scope| !scope.is_empty()),
        token_type: Some("Bearer"),
    });
    Ok(uncached(Json(introspection.unwrap_or_default())))
}
