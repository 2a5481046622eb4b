//! A refresh token becomes the next tokens (docs/contract/oauth2.md 7.3). It is rotated.

use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_grant::{
    Command, Refresh, RefreshOutcome, RefreshRefusal, TokenRequest as Kind,
};

use super::Grant;
use super::token_request::{Refused, TokenFailure, TokenRequest, Tokens};
use crate::oauth2_app::AuthenticatedClient;

/// A refresh token, and what an app asks with it.
#[derive(Clone, Debug)]
pub struct RefreshTokenShown {
    /// The refresh token.
    pub refresh_token: PrefixedSecret,
    /// The resource that the tokens are to be for.
    pub resource: Option<String>,
}

/// Exchanges a refresh token for the next tokens. A refusal is recorded.
pub async fn refresh(
    client: &AuthenticatedClient,
    shown: RefreshTokenShown,
) -> Result<Tokens, TokenFailure> {
    let request = TokenRequest {
        from: client,
        grant: Grant::shown(&shown.refresh_token.prefix),
        kind: Kind::Refresh,
    };
    let leave = request.leave();
    let tokens = request.new_tokens(leave.now())?;
    let command = Command::Refresh(Refresh {
        presented_refresh_token: shown.refresh_token.hash,
        app_id: client.client.id,
        resource: shown.resource,
        hashed_secret: tokens.access_token.hash.clone(),
        hashed_refresh_token: tokens.refresh_token.hash.clone(),
        access_token_expires_at: tokens.access_token_expires_at,
        refresh_token_expires_at: tokens.refresh_token_expires_at,
        now: leave.now(),
    });
    let executed = request.execute(&leave, &command).await?;
    let executed = executed.ok_or(Refused::RefreshToken)?;
    match RefreshOutcome::of(&executed.events) {
        RefreshOutcome::Refreshed => Ok(tokens.give(&executed)),
        RefreshOutcome::Refused(RefreshRefusal::InvalidTarget) => Err(Refused::Target.into()),
        RefreshOutcome::Refused(
            RefreshRefusal::WrongToken
            | RefreshRefusal::Expired
            | RefreshRefusal::RefreshTokenReused
            | RefreshRefusal::WrongClient
            | RefreshRefusal::Superseded
            | RefreshRefusal::Revoked
            | RefreshRefusal::UserInactive,
        )
        | RefreshOutcome::RefusedUnrecorded => Err(Refused::RefreshToken.into()),
    }
}
