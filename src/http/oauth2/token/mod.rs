//! The token endpoint (oauth2.md section 7): a code or a refresh token becomes an access token and a refresh token.
//!
//! The grant's aggregate decides; its events are the outcome, refusals among them. The order of the checks before it is
//! that of oauth2.md section 7.1. Confidential clients authenticate on refresh too.

mod authorization_code;
mod refresh_token;
mod request;
mod response;

use axum::extract::State;
use chancery_aggregates::oauth2_grant::{
    Command, Error, Event, OAuth2Grant, Refusal, TokenRequest as RequestKind,
};
use chancery_ledger::{CommandContext, ExecuteError, Executed};
use chancery_projections::ProjectionName;
use chrono::{DateTime, Utc};

use crate::http::{Actor, ApiError, AppState};
use crate::policy::{self, PublicOperation};
use crate::secret::{NewApiKey, NewPrefixedSecret};

use super::client::ClientRequest;
use super::error::{ClientRefusal, OAuth2Error, OAuth2ErrorBody};
use request::{GrantType, TokenRequest};
use response::TokenResponse;

const OPERATION: &str = "Failed to exchange token";

/// Exchanges an authorization code or a refresh token.
#[utoipa::path(
    post,
    path = "/oauth2/tokens",
    operation_id = "exchange_oauth2_token",
    tag = "OAuth2",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = TokenResponse),
        (status = 400, description = "The request or the grant is refused.", body = OAuth2ErrorBody),
        ClientRefusal,
    ),
    security((), ("client_basic" = [])),
)]
pub async fn exchange(
    State(state): State<AppState>,
    request: ClientRequest,
) -> Result<TokenResponse, OAuth2Error> {
    let grant_type = GrantType::read(&request.form)?;
    let request = Request {
        state: &state,
        from: &request,
    };
    match grant_type {
        GrantType::AuthorizationCode => authorization_code::exchange(request).await,
        GrantType::RefreshToken => refresh_token::exchange(request).await,
    }
}

/// A token request whose client is known.
#[derive(Clone, Copy)]
struct Request<'a> {
    state: &'a AppState,
    from: &'a ClientRequest,
}

/// Tokens that become valid when the grant accepts them.
struct NewTokens {
    access_token: NewApiKey,
    refresh_token: NewPrefixedSecret,
    expires_in: i64,
    access_token_expires_at: DateTime<Utc>,
    refresh_token_expires_at: DateTime<Utc>,
}

impl Request<'_> {
    /// The context of the client's command.
    fn context(&self) -> CommandContext {
        let app = &self.from.client.app;
        let actor = Actor::oauth2_app(app.id, &*app.name, None);
        self.from.facts.command(self.state, &actor)
    }

    /// Draws tokens for the grant.
    fn new_tokens(&self, grant_id: &str, now: DateTime<Utc>) -> Result<NewTokens, OAuth2Error> {
        let lifetimes = self.state.lifetimes();
        let (expires_in, access_token_expires_at) =
            self.state.expiry(lifetimes.access_token, now)?;
        let (_, refresh_token_expires_at) = self.state.expiry(lifetimes.refresh_token, now)?;
        Ok(NewTokens {
            access_token: NewApiKey::generate(&self.state.randomness),
            refresh_token: NewPrefixedSecret::generate(grant_id, &self.state.randomness),
            expires_in,
            access_token_expires_at,
            refresh_token_expires_at,
        })
    }

    /// Carries out a command on the grant. `None`: a later grant of the user and app took its place, which is recorded.
    async fn execute(
        &self,
        grant_id: &str,
        kind: RequestKind,
        command: Command,
        context: &CommandContext,
    ) -> Result<Option<Executed<OAuth2Grant>>, ExecuteError<Error>> {
        let permit = policy::public(PublicOperation::TokenEndpoint);
        let ledger = self.state.commands(&permit);
        match ledger
            .execute::<OAuth2Grant>(grant_id, command, context)
            .await
        {
            Err(ExecuteError::KeyNotHeld { .. }) => {}
            outcome => return outcome.map(Some),
        }
        let refuse = Command::Refuse {
            request: kind,
            reason: Refusal::Superseded,
        };
        let context = self.context();
        ledger
            .execute::<OAuth2Grant>(grant_id, refuse, &context)
            .await?;
        Ok(None)
    }

    /// Waits until a revocation among the events shows: when a refusal ends the grant, its tokens are dead before the
    /// answer.
    async fn settle(&self, executed: &Executed<OAuth2Grant>) -> Result<(), OAuth2Error> {
        let is_revoked = |event: &Event| matches!(event, Event::GrantRevoked { .. });
        if executed.events.iter().any(is_revoked) {
            self.state
                .wait_for(ProjectionName::OAUTH2_GRANT, executed.position)
                .await?;
        }
        Ok(())
    }

    /// Refuses, and records it, when the user of a grant may not sign in. The user of a grant never changes.
    async fn user_may_sign_in(
        &self,
        grant_id: &str,
        kind: RequestKind,
    ) -> Result<bool, OAuth2Error> {
        let permit = policy::public(PublicOperation::TokenEndpoint);
        let ledger = self.state.commands(&permit);
        let (grant, _) = ledger
            .recall::<OAuth2Grant>(grant_id)
            .await
            .map_err(ApiError::from)?;
        let Some(grant) = grant.live() else {
            // Nobody's: the command on it will say so.
            return Ok(true);
        };
        let status = self
            .state
            .readers
            .user_status(grant.authorization.user_id)
            .await
            .map_err(ApiError::from)?;
        if status.is_some_and(|status| super::may_sign_in(&status)) {
            return Ok(true);
        }
        let refuse = Command::Refuse {
            request: kind,
            reason: Refusal::UserInactive,
        };
        let refused = ledger
            .execute::<OAuth2Grant>(grant_id, refuse, &self.context())
            .await;
        let executed = refused.map_err(fault)?;
        self.settle(&executed).await?;
        Ok(false)
    }

    /// Answers with accepted tokens once they work everywhere.
    async fn answer(
        &self,
        executed: &Executed<OAuth2Grant>,
        tokens: NewTokens,
    ) -> Result<TokenResponse, OAuth2Error> {
        self.state
            .wait_for(ProjectionName::OAUTH2_GRANT, executed.position)
            .await?;
        let grant = executed.state.live();
        let scope = grant.map(|grant| grant.authorization.scope.clone());
        Ok(TokenResponse {
            access_token: tokens.access_token.text,
            token_type: "Bearer",
            refresh_token: tokens.refresh_token.text,
            expires_in: tokens.expires_in,
            expiry: tokens.access_token_expires_at,
            scope: scope.filter(|scope| !scope.is_empty()),
        })
    }
}

/// The error of a command on a grant that was found before.
fn fault(error: ExecuteError<Error>) -> OAuth2Error {
    OAuth2Error::of_execute(error, OPERATION, |_| OAuth2Error::Internal(OPERATION))
}
