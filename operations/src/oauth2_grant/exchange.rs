//! A code becomes tokens (docs/contract/oauth2.md 7.2).

use chancery_aggregates::oauth2::pkce::CodeVerifier;
use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_grant::{
    Command, Exchange, ExchangeOutcome, ExchangeRefusal, TokenRequest as Kind,
};

use super::Grant;
use super::token_request::{Refused, TokenFailure, TokenRequest, Tokens};
use crate::oauth2_app::AuthenticatedClient;

/// A code, and what an app shows with it.
#[derive(Clone, Debug)]
pub struct CodeShown {
    /// The code.
    pub code: PrefixedSecret,
    /// The redirect URI of the authorization request, when that had one.
    pub redirect_uri: Option<String>,
    /// The PKCE verifier.
    pub code_verifier: Option<CodeVerifier>,
    /// The resource that the tokens are to be for.
    pub resource: Option<String>,
}

/// Exchanges a code for tokens. A refusal is recorded.
pub async fn exchange(
    client: &AuthenticatedClient,
    shown: CodeShown,
) -> Result<Tokens, TokenFailure> {
    let request = TokenRequest {
        from: client,
        grant: Grant::shown(&shown.code.prefix),
        kind: Kind::Exchange,
    };
    let leave = request.leave();
    let tokens = request.new_tokens(leave.now())?;
    let command = Command::Exchange(Exchange {
        presented_code: shown.code.hash,
        app_id: client.client.id,
        app_secret_id: client.secret_id,
        redirect_uri: shown.redirect_uri,
        code_verifier: shown.code_verifier,
        resource: shown.resource,
        hashed_secret: tokens.access_token.hash.clone(),
        hashed_refresh_token: tokens.refresh_token.hash.clone(),
        access_token_expires_at: tokens.access_token_expires_at,
        refresh_token_expires_at: tokens.refresh_token_expires_at,
        now: leave.now(),
    });
    let executed = request.execute(&leave, &command).await?;
    let executed = executed.ok_or(Refused::Code)?;
    match ExchangeOutcome::of(&executed.events) {
        ExchangeOutcome::Exchanged => Ok(tokens.give(&executed)),
        ExchangeOutcome::Refused(reason) => Err(refused(reason).into()),
        ExchangeOutcome::RefusedUnrecorded => Err(Refused::Code.into()),
    }
}

fn refused(reason: ExchangeRefusal) -> Refused {
    match reason {
        ExchangeRefusal::WrongCode
        | ExchangeRefusal::Expired
        | ExchangeRefusal::CodeReused
        | ExchangeRefusal::WrongClient
        | ExchangeRefusal::Superseded
        | ExchangeRefusal::Revoked
        | ExchangeRefusal::UserInactive => Refused::Code,
        ExchangeRefusal::WrongVerifier | ExchangeRefusal::MissingVerifier => Refused::Verifier,
        ExchangeRefusal::RedirectUriMismatch => Refused::RedirectUri,
        ExchangeRefusal::InvalidTarget => Refused::Target,
    }
}
