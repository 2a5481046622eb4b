//! Token revocation (RFC 7009, docs/contract/oauth2.md section 12).

use axum::http::StatusCode;
use axum::response::Response;
use chancery_aggregates::oauth2::secret_text::{PrefixedSecret, PresentedApiKey};
use chancery_operations::oauth2_grant::{self, RevokedToken};
use utoipa::ToSchema;

use super::client::ClientRequest;
use super::error::{ClientRefusal, OAuth2Error, OAuth2ErrorBody, uncached};
use super::parameters::Parameter;

/// How refresh tokens begin; access tokens have no such mark.
const REFRESH_TOKEN_MARK: &str = "coder_";

/// The form of a revocation request, for the API document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as parameters")]
pub struct RevocationRequest {
    /// An access token or a refresh token.
    #[schema(format = Password)]
    token: String,
    /// Ignored: tokens say themselves what they are.
    token_type_hint: Option<String>,
    /// The app's id; optional with HTTP Basic.
    client_id: Option<String>,
    /// A secret of the app; not with HTTP Basic, and not for a public app.
    #[schema(format = Password)]
    client_secret: Option<String>,
}

/// Ends a grant by one of its tokens: access and refresh token both die. What is no token of the client is answered in
/// the same way, so that nobody learns whether a token exists.
#[utoipa::path(
    post,
    path = "/oauth2/revoke",
    operation_id = "revoke_oauth2_token",
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token does not work, or never did."),
        (status = 400, description = "The token is missing or has no token's form.", body = OAuth2ErrorBody),
        ClientRefusal,
    ),
    security((), ("client_basic" = [])),
)]
pub async fn revoke(request: ClientRequest) -> Result<Response, OAuth2Error> {
    let (client, form) = request.authenticate().await?;
    let token = form.get(Parameter::Token);
    let token = parse(token.ok_or(OAuth2Error::MissingToken)?)?;
    oauth2_grant::revoke(&client, token).await?;
    Ok(uncached(StatusCode::OK))
}

fn parse(token: &str) -> Result<RevokedToken, OAuth2Error> {
    if token.starts_with(REFRESH_TOKEN_MARK) {
        let token = PrefixedSecret::parse(token).map(RevokedToken::Refresh);
        return token.map_err(|_| OAuth2Error::InvalidTokenFormat);
    }
    let token = PresentedApiKey::parse(token).map(RevokedToken::Access);
    token.map_err(|_| OAuth2Error::InvalidTokenFormat)
}
