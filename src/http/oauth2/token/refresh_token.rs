//! `grant_type=refresh_token` (oauth2.md section 7.3). The refresh token is rotated.
//!
//! A `scope` is not looked at: RFC 6749 section 3.3 lets a server ignore it, and the answer names the scope in force.

use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_grant::{
    Command, Error, Refresh, RefreshOutcome, RefreshRefusal, TokenRequest as RequestKind,
};

use chancery_projections::{ProjectionName, oauth2_grant};

use crate::http::ApiError;

use super::super::error::OAuth2Error;
use super::super::parameters::Parameter;
use super::request::required;
use super::response::TokenResponse;
use super::{OPERATION, Request};

pub(super) async fn exchange(request: Request<'_>) -> Result<TokenResponse, OAuth2Error> {
    let Request { state, from } = request;
    let refresh_token = required(&from.form, Parameter::RefreshToken)?;
    from.authenticate(state).await?;
    let presented =
        PrefixedSecret::parse(refresh_token).map_err(|_| OAuth2Error::InvalidRefreshToken)?;
    if !request
        .user_may_sign_in(&presented.prefix, RequestKind::Refresh)
        .await?
        || !is_live(&request, &presented.prefix).await?
    {
        return Err(OAuth2Error::InvalidRefreshToken);
    }
    let context = request.context();
    let tokens = request.new_tokens(&presented.prefix, context.now)?;
    let command = Command::Refresh(Refresh {
        presented_refresh_token: presented.hash,
        app_id: from.client.app.id,
        resource: from.form.get(Parameter::Resource).map(str::to_owned),
        api_key_id: tokens.access_token.id.clone(),
        hashed_secret: tokens.access_token.hash.clone(),
        hashed_refresh_token: tokens.refresh_token.hash.clone(),
        access_token_expires_at: tokens.access_token_expires_at,
        refresh_token_expires_at: tokens.refresh_token_expires_at,
        now: context.now,
    });
    let executed = request
        .execute(&presented.prefix, RequestKind::Refresh, command, &context)
        .await
        .map_err(|error| OAuth2Error::of_execute(error, OPERATION, refused))?
        .ok_or(OAuth2Error::InvalidRefreshToken)?;
    request.settle(&executed).await?;
    match RefreshOutcome::of(&executed.events) {
        RefreshOutcome::Refreshed => request.answer(&executed, tokens).await,
        RefreshOutcome::Refused(RefreshRefusal::InvalidTarget) => Err(OAuth2Error::InvalidTarget),
        RefreshOutcome::Refused(
            RefreshRefusal::WrongToken
            | RefreshRefusal::Expired
            | RefreshRefusal::RefreshTokenReused
            | RefreshRefusal::WrongClient
            | RefreshRefusal::Superseded
            | RefreshRefusal::Revoked
            | RefreshRefusal::UserInactive,
        )
        | RefreshOutcome::RefusedUnrecorded => Err(OAuth2Error::InvalidRefreshToken),
    }
}

/// Whether the client secret that the grant was made with still exists: a grant's stream does not know of its end.
async fn is_live(request: &Request<'_>, grant_id: &str) -> Result<bool, OAuth2Error> {
    let state = request.state;
    state
        .wait_for(ProjectionName::OAUTH2_GRANT, state.ledger_head())
        .await?;
    let grant = oauth2_grant::find(state.projections.pool(), grant_id)
        .await
        .map_err(ApiError::from)?;
    Ok(grant.is_some())
}

fn refused(error: Error) -> OAuth2Error {
    match error {
        Error::NotFound => OAuth2Error::InvalidRefreshToken,
        Error::AlreadyIssued => OAuth2Error::Internal(OPERATION),
    }
}
