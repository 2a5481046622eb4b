//! Token revocation (RFC 7009, oauth2.md section 12).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chancery_aggregates::oauth2::secret_text::{PrefixedSecret, PresentedApiKey};
use chancery_aggregates::oauth2_grant::{Command, Error, OAuth2Grant, RevocationReason};
use chancery_projections::ProjectionName;
use chancery_projections::oauth2_app::Client;
use utoipa::ToSchema;

use crate::http::{Actor, ApiError, AppState};
use crate::policy::{self, PublicOperation};

use super::client::ClientRequest;
use super::error::{ClientRefusal, OAuth2Error, OAuth2ErrorBody, uncached};
use super::parameters::Parameter;

const OPERATION: &str = "Failed to revoke token";

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
    tag = "OAuth2",
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token does not work, or never did."),
        (status = 400, description = "The token is missing or has no token's form.", body = OAuth2ErrorBody),
        ClientRefusal,
    ),
    security((), ("client_basic" = [])),
)]
pub async fn revoke(
    State(state): State<AppState>,
    request: ClientRequest,
) -> Result<Response, OAuth2Error> {
    request.authenticate(&state).await?;
    let token = request
        .form
        .get(Parameter::Token)
        .ok_or(OAuth2Error::MissingToken)?;
    if let Some(grant_id) = grant_of(&state, &request.client, token).await? {
        end(&state, &request, &grant_id).await?;
    }
    Ok(uncached(StatusCode::OK))
}

/// The client's grant whose present token `token` is.
async fn grant_of(
    state: &AppState,
    client: &Client,
    token: &str,
) -> Result<Option<String>, OAuth2Error> {
    if token.starts_with(REFRESH_TOKEN_MARK) {
        let presented =
            PrefixedSecret::parse(token).map_err(|_| OAuth2Error::InvalidTokenFormat)?;
        let (grant, _) = state
            .ledger
            .load::<OAuth2Grant>(&presented.prefix)
            .await
            .map_err(ApiError::from)?;
        let is_present = grant.live().is_some_and(|grant| {
            let present = grant.generation.as_ref();
            grant.authorization.app_id == client.app.id
                && present.is_some_and(|present| present.hashed_refresh_token == presented.hash)
        });
        return Ok(is_present.then_some(presented.prefix));
    }
    let presented = PresentedApiKey::parse(token).map_err(|_| OAuth2Error::InvalidTokenFormat)?;
    let credential = state
        .readers
        .credential(&presented.id)
        .await
        .map_err(ApiError::from)?;
    Ok(credential
        .filter(|credential| {
            crate::secret::equal(&credential.hashed_secret, presented.hash.as_str())
        })
        .and_then(|credential| credential.oauth2.clone())
        .filter(|grant| grant.app_id == client.app.id)
        .map(|grant| grant.grant_id))
}

async fn end(state: &AppState, request: &ClientRequest, grant_id: &str) -> Result<(), OAuth2Error> {
    let permit = policy::public(PublicOperation::TokenEndpoint);
    let actor = Actor::oauth2_app(request.client.app.id, &*request.client.app.name, None);
    let command = Command::Revoke {
        reason: RevocationReason::TokenRevoked,
    };
    let executed = state
        .commands(&permit)
        .execute::<OAuth2Grant>(grant_id, command, &request.facts.command(state, &actor))
        .await
        .map_err(|error| {
            OAuth2Error::of_execute(error, OPERATION, |_: Error| {
                OAuth2Error::Internal(OPERATION)
            })
        })?;
    Ok(state
        .wait_for(ProjectionName::OAUTH2_GRANT, executed.position)
        .await?)
}
